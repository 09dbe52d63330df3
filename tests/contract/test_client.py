"""The typed client that is generated from the description, used against a portal that really listens."""

import datetime as dt
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from alignment_portal.dispatch import run_due
from tests.journeys import story
from tests.journeys.test_rest_journey import World

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "alignment_portal_client"
TITLE = "Hardship requests, second desk"
pytestmark = [pytest.mark.slow, pytest.mark.sqlite]


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    """The client as `make client` makes it; a call that cannot be generated is a failure."""
    folder = tmp_path_factory.mktemp("client") / "made"
    command = [sys.executable, ROOT / "tools" / "client.py", folder]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    return folder


class Program:
    """A program that knows the portal by the generated client only."""

    def __init__(self, opened):
        self.opened = opened

    def call(self, name, *place, **more):
        return part(f"api.{name}").sync_detailed(*place, client=self.opened, **more)

    def dossier(self, name, *place, **more):
        return self.call(f"initiatives.{name}", story.KEY, *place, **more)


def part(name):
    return importlib.import_module(f"{PACKAGE}.{name}")


def model(name, kind):
    return getattr(part(f"models.{name}"), kind)


@pytest.fixture
def program(generated, live_server, monkeypatch):
    """The portal as the programme manager's token opens it."""
    monkeypatch.syspath_prepend(generated)
    world = World()
    world.open_everybody()
    token = world.token("pam.manager")
    with part("client").AuthenticatedClient(base_url=live_server.url, token=token) as opened:
        yield Program(opened)
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


def test_every_call_of_the_description_is_in_the_client(generated, document):
    described = {
        call["operationId"]
        for path in document["paths"].values()
        for call in path.values()
        if isinstance(call, dict)
    }
    assert {file.stem for file in generated.glob(f"{PACKAGE}/api/*/[a-z]*.py")} == described
    assert (generated / PACKAGE / "py.typed").exists()


@pytest.mark.django_db(transaction=True)
def test_a_program_works_through_typed_models_alone(program):
    today = dt.datetime.now(dt.UTC).date()
    saves_a_dossier_and_changes_it(program, today)
    reads_the_list_and_the_verdict(program)
    sends_readings(program, today)
    is_refused_with_a_problem(program)


def saves_a_dossier_and_changes_it(program, today):
    body = model("dossier", "Dossier").from_dict(story.package(today))
    first = program.dossier("dossier_save", body=body, if_none_match="*")
    run_due()
    assert (first.status_code, first.parsed.key, first.parsed.created) == (201, story.KEY, True)
    read = program.dossier("dossier_read")
    again = program.dossier("dossier_save", body=read.parsed, if_match=read.headers["ETag"])
    assert (again.status_code, again.parsed.changed) == (200, False)
    read.parsed.initiative.title = TITLE
    changed = program.dossier("dossier_save", body=read.parsed, if_match=read.headers["ETag"])
    assert (changed.status_code, changed.parsed.version, changed.parsed.changed) == (200, 2, True)


def reads_the_list_and_the_verdict(program):
    listed = program.call("initiatives.initiatives_list").parsed
    assert [(row.key, row.title) for row in listed.results] == [(story.KEY, TITLE)]
    verdict = program.dossier("verdict_read").parsed
    failing = {found.code for found in verdict.findings if found.outcome == "fail"}
    assert verdict.verdict == "blocked"
    assert {"DR-01", "EX-01", "CO-02", "G0-01"} <= failing


def sends_readings(program, today):
    end = today - dt.timedelta(days=1)
    row = model("reading_in_request", "ReadingInRequest")(
        initiative=story.KEY,
        metric="handling-time",
        period_start=end - dt.timedelta(days=6),
        period_end=end,
        value=11.2,
        sample_size=420,
    )
    body = model("readings_in_request", "ReadingsInRequest")(observations=[row])
    told = program.call("observations.observations_record", body=body)
    assert (told.status_code, told.parsed.received, told.parsed.added) == (201, 1, 1)
    series = program.dossier("metrics_series", "handling-time").parsed
    assert [(point["period_end"], point["value"]) for point in series.readings] == [(str(end), 11.2)]


def is_refused_with_a_problem(program):
    problem = model("problem", "Problem")
    to = model("to_enum", "ToEnum").ALIGNED
    body = model("status_in_request", "StatusInRequest")(to=to, reason="It looks good.")
    refused = program.dossier("status_move", body=body)
    assert (refused.status_code, type(refused.parsed)) == (409, problem)
    unknown = program.call("initiatives.verdict_read", "NONE-0001")
    assert (unknown.status_code, type(unknown.parsed)) == (404, problem)
