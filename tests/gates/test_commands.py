import io
import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from alignment_portal import clock
from gates.models import Evaluation
from tests.gates import policy
from tests.gates.scene import answered, saved

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_policy(db):
    policy.adopt()


def printed(*arguments):
    out = io.StringIO()
    call_command("evaluate", *arguments, stdout=out)
    return out.getvalue()


def test_json_has_exactly_the_promised_names():
    saved()
    (row,) = json.loads(printed("AI-0001", "--json"))
    assert list(row) == ["key", "status", "verdict", "fingerprint", "policy", "findings"]
    assert list(row["findings"][0]) == [
        "code",
        "gate",
        "severity",
        "outcome",
        "reason",
        "remedy",
        "next_mover",
        "link",
    ]
    assert (row["key"], row["status"], row["verdict"], row["policy"]) == (
        "AI-0001",
        "draft",
        "blocked",
        "9.1",
    )


def test_all_prints_every_initiative_in_order_of_key():
    for key in ("AI-0003", "AI-0001", "AI-0002"):
        saved(key)
    assert [row["key"] for row in json.loads(printed("--all", "--json"))] == ["AI-0001", "AI-0002", "AI-0003"]


def test_an_empty_portfolio_is_an_empty_list():
    assert json.loads(printed("--all", "--json")) == []


def test_a_past_moment_is_judged_on_what_was_known_then():
    initiative = saved()
    then = clock.now().isoformat()
    answered(initiative, "DR-01")
    outcomes = {
        moment: next(
            finding["outcome"]
            for finding in json.loads(printed("AI-0001", "--json", *moment))[0]["findings"]
            if finding["code"] == "DR-01"
        )
        for moment in ((), ("--at", then))
    }
    assert outcomes == {(): "pass", ("--at", then): "fail"}


def test_the_table_names_what_is_to_mend_and_who_is_next():
    saved()
    lines = printed("AI-0001").splitlines()
    assert lines[0].split() == ["AI-0001", "draft", "blocked", "5", "to", "mend"]
    assert any(line.strip().startswith("DR-01") for line in lines)


def test_judging_by_command_records_nothing():
    saved()
    printed("--all")
    assert Evaluation.objects.count() == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Name the initiatives"),
        (("AI-0001", "--all"), "Name the initiatives"),
        (("AI-9999",), "There is no initiative AI-9999."),
        (("AI-0001", "--at", "yesterday"), "is no time"),
        (("AI-0001", "--at", "2999-01-01"), "Nothing is known of the future"),
        (("AI-0001", "--at", "2020-01-01"), "There is no initiative AI-0001 at that time."),
    ],
)
def test_what_cannot_be_judged_is_said_in_one_sentence(arguments, words):
    saved()
    with pytest.raises(CommandError, match=words.replace(".", r"\.")):
        printed(*arguments)
