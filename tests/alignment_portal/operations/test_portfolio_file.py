"""The portfolio leaves as one file, and comes into an empty portal as the same portfolio, byte for byte."""

import datetime as dt
import hashlib
import json
import re

import msgspec
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from alignment_portal import clock, demo
from alignment_portal.accounts.actors import SYSTEM
from alignment_portal.accounts.models import User
from alignment_portal.accounts.services import deactivate_person, open_service_account
from alignment_portal.audit import triggers
from alignment_portal.audit.chain import verify_chain
from alignment_portal.audit.guard import writes_allowed
from alignment_portal.audit.models import Entry
from alignment_portal.operations.backing_up import make_backup
from alignment_portal.operations.portfolio_file import read
from alignment_portal.operations.portfolio_files import bring_files
from alignment_portal.operations.portfolio_loading import load_portfolio
from alignment_portal.operations.portfolio_rows import APPS, LEFT_OUT, portfolio_bytes, tables
from alignment_portal.refusals import Conflict, Invalid
from gates.engine import evaluate
from gates.models import Blob, Endorsement, Evaluation, Evidence, EvidenceReview, PolicyVersion, StatusMove
from gates.selectors.facts import load_cases
from gates.selectors.files import blob_name, open_blob
from gates.selectors.judging import judge_many
from initiatives.models import Initiative, PartRow
from initiatives.services.dossiers import save_dossier
from portfolio.models import Bottleneck, Closure, PeopleGroup, SharedDependency
from portfolio.services.closures import keep_closure
from portfolio.services.people import record_group, record_other_change
from portfolio.services.worths import state_worth
from tests.conftest import begin_the_record_anew
from tests.factories.accounts import RoleGrantFactory, UserFactory
from tests.factories.gates import EvidenceFactory
from tests.factories.initiatives import PEOPLE, full_document, small_document
from tests.factories.portfolio import bottleneck, dependency
from tests.gates import policy, scene
from tests.people import CAST, actor, everybody, person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def filled():
    """A portal in which every part of the file holds something."""
    everybody()
    for email in PEOPLE:
        if not User.objects.filter(email=email).exists():
            UserFactory(email=email)
    pool = bottleneck(fresh_days=90, price_per_person=90_000)
    dependency(owner="eleanor@example.org", duration_days=40, price=1e5, note="-2 and “more”")
    keep_closure(
        by=actor("executive"),
        bottleneck=pool,
        starts_on=dt.date(2026, 12, 24),
        ends_on=dt.date(2027, 1, 1),
        reason="Closed for the year.",
    )
    record_group(by=actor("executive"), code="agents", name="Agents", headcount=140, peak_months=[12, 11])
    record_other_change(
        by=actor("executive"),
        group="agents",
        title="New till",
        hours_per_person=3,
        starts_on=dt.date(2026, 5, 1),
        ends_on=dt.date(2026, 7, 1),
    )
    save_dossier(by=actor("programme_manager"), document=full_document())
    save_dossier(by=actor("programme_manager"), document=small_document("AI-0002", title="Zweites “Ümläut”"))
    state_worth(
        by=actor("programme_manager"),
        initiative=Initiative.objects.get(key="AI-0001"),
        value=(1, 2, 3),
        cost=(0, 1, 2),
        owner="priya@example.org",
        basis="Last year.",
    )
    open_service_account(by=actor("administrator"), email="etl@example.org", name="Nightly load")
    deactivate_person(by=actor("administrator"), person=person("contributor"), reason="Left.")


def take_everything_away():
    """As a new portal is: every row goes, and the tables and their guards stay."""
    with writes_allowed():
        triggers.remove_all()
        call_command("flush", interactive=False, verbosity=0)
    begin_the_record_anew()


def decide():
    """Decisions beside the dossiers: evidence, reviews of it, an endorsement, a waiver, a status, a stance."""
    policy.adopt()
    about = scene.saved(**scene.LEARNING)
    scene.standing_at("scale_ready", about)
    return about


def loaded(body):
    return load_portfolio(by=SYSTEM, file=read(body), fingerprint="f" * 64)


def test_out_and_into_an_empty_portal_and_out_again_gives_the_same_bytes(filled, tmp_path):
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    call_command("export_portfolio", first)
    take_everything_away()
    assert not User.objects.exists()
    call_command("import_portfolio", first)
    call_command("export_portfolio", second)
    assert first.read_bytes() == second.read_bytes()
    assert first.stat().st_mode & 0o077 == 0
    assert not User.objects.get(email="callum@example.org").is_active
    assert verify_chain().ok
    assert triggers.faults() == []


def test_what_was_decided_comes_with_its_times_and_authors_and_goes_on_from_there(tmp_path):
    about = decide()
    file = tmp_path / "portfolio.json"
    call_command("export_portfolio", file)
    before = {
        model: rows_of(model) for model in (Evidence, EvidenceReview, Endorsement, StatusMove, Evaluation)
    }
    verdict = judge_many()[about.key]
    newest = Evidence.objects.order_by("-pk").first()
    take_everything_away()
    call_command("import_portfolio", file)
    assert {model: rows_of(model) for model in before} == before
    assert all(before.values())
    again = Initiative.objects.get()
    assert (again.status, again.key) == ("scale_ready", about.key)
    assert same(judge_many()[about.key]) == same(verdict)
    # The guards hold, and numbers go on.
    with pytest.raises(IntegrityError), writes_allowed():
        Evidence.objects.update(title="Something else")
    offered = scene.offered(again, kind="document")
    assert offered.pk > newest.pk
    assert int(offered.ref.partition("-")[2]) > int(newest.ref.partition("-")[2])


def same(verdict):
    return msgspec.structs.replace(verdict, judged_at=None, valid_until=None)


def rows_of(model):
    """Every row in plain values; people by e-mail, as they have another id."""
    emails = dict(User.objects.values_list("pk", "email"))
    columns = [
        (field.name, field.attname, field.related_model is User) for field in model._meta.concrete_fields
    ]
    return [
        {name: emails.get(getattr(row, at)) if named else getattr(row, at) for name, at, named in columns}
        for row in model.objects.order_by("pk")
    ]


def test_the_record_says_which_file_came_in_and_the_other_one_which_went_out(filled, tmp_path):
    file = tmp_path / "portfolio.json"
    call_command("export_portfolio", file)
    fingerprint = hashlib.sha256(file.read_bytes()).hexdigest()
    out = Entry.objects.get(action="operations.portfolio.export")
    assert json.loads(out.payload)["fingerprint"] == fingerprint
    take_everything_away()
    call_command("import_portfolio", file)
    (came,) = Entry.objects.all()
    told = json.loads(came.payload)
    assert (came.action, told["fingerprint"], told["initiatives"]) == (
        "operations.portfolio.import",
        fingerprint,
        2,
    )
    assert told["after"]["initiatives.dossierversion"] == 2


def test_the_file_holds_everybody_and_no_secret(filled):
    body = portfolio_bytes()
    people = json.loads(body)["tables"]["accounts.user"]
    assert {row[0] for row in people["rows"]} == set(User.objects.values_list("email", flat=True))
    assert people["columns"][0] == "email"
    assert person("executive").password.encode() not in body
    assert str(person("executive").pk).encode() not in body
    assert portfolio_bytes() == body


def test_every_table_of_the_portfolio_is_in_the_file_or_left_out_on_purpose():
    everything = {model._meta.label_lower for app in APPS for model in apps.get_app_config(app).get_models()}
    parts = {model._meta.label_lower for model in PartRow.__subclasses__()}
    assert everything - set(tables()) - parts == set(LEFT_OUT)


def test_a_dry_run_says_what_would_come_in_and_keeps_nothing(filled, tmp_path, capsys):
    file = tmp_path / "portfolio.json"
    call_command("export_portfolio", file)
    take_everything_away()
    call_command("import_portfolio", file, dry_run=True)
    assert "2 dossierversion" in capsys.readouterr().out
    assert not User.objects.exists()
    assert not Initiative.objects.exists()
    assert triggers.faults() == []


def test_a_portal_that_holds_something_takes_no_portfolio(filled, tmp_path):
    file = tmp_path / "portfolio.json"
    call_command("export_portfolio", file)
    before = portfolio_bytes()
    with pytest.raises(CommandError, match=r"already\. A portfolio comes"):
        call_command("import_portfolio", file)
    assert portfolio_bytes() == before


def test_a_policy_that_people_adopted_here_is_not_written_over(filled):
    body = portfolio_bytes()
    take_everything_away()
    with writes_allowed():
        PolicyVersion.objects.create(
            version="house", sha256="0" * 64, text="x", proposed_by=person("administrator")
        )
    with pytest.raises(Conflict, match="a policy of its own"):
        loaded(body)


def test_the_first_administrator_keeps_their_role_and_becomes_who_the_file_says(filled):
    body = portfolio_bytes()
    take_everything_away()
    somebody = person("administrator")
    with writes_allowed():
        User.objects.filter(pk=somebody.pk).update(name="First", title="")
    loaded(body)
    somebody.refresh_from_db()
    assert (somebody.name, somebody.title) == ("Adaeze Obi", "Portal administrator")
    assert [grant.role for grant in somebody.grants.filter(revoked_at__isnull=True)] == ["administrator"]
    before, after = json.loads(body)["tables"], json.loads(portfolio_bytes())["tables"]
    # Since when they administer here is another day than there.
    assert {label for label in before if before[label] != after[label]} == {"accounts.rolegrant"}


def test_a_role_that_cannot_be_held_beside_one_held_here_is_refused(filled):
    body = portfolio_bytes()
    take_everything_away()
    RoleGrantFactory(user=UserFactory(email="eleanor@example.org"), role="administrator")
    with pytest.raises(Invalid) as refused:
        loaded(body)
    assert [fault.sentence for fault in refused.value.faults] == [
        "eleanor@example.org holds administrator here and cannot be executive as well."
    ]
    assert not Initiative.objects.exists()


def changed(body, label, column, value, row=0):
    told = json.loads(body)
    part = told["tables"][label]
    at = part["columns"].index(column)
    part["rows"][row][at] = value(part["rows"][row][at]) if callable(value) else value
    return json.dumps(told).encode()


def refused_for(body):
    with pytest.raises(Invalid) as refused:
        loaded(body)
    assert not Initiative.objects.exists()
    assert triggers.faults() == []
    return [(fault.pointer, fault.sentence) for fault in refused.value.faults]


def test_a_value_that_cannot_be_is_told_with_its_place_and_nothing_stands(filled):
    body = portfolio_bytes()
    take_everything_away()
    at = json.loads(body)["tables"]["initiatives.dossierversion"]["columns"].index
    spoilt = changed(body, "initiatives.dossierversion", "recorded_at", "yesterday")
    spoilt = changed(spoilt, "initiatives.dossierversion", "recorded_by", "nobody@example.org", row=1)
    spoilt = changed(spoilt, "initiatives.dossierversion", "document", None, row=1)
    found = refused_for(spoilt)
    here = "/tables/initiatives.dossierversion/rows"
    assert {pointer for pointer, _ in found} == {
        f"{here}/0/{at('recorded_at')}",
        f"{here}/1/{at('recorded_by')}",
        f"{here}/1/{at('document')}",
    }


@pytest.mark.parametrize(
    ("label", "column", "value", "said"),
    [
        ("initiatives.dossierversion", "document", "{}", "cannot be read"),
        (
            "initiatives.dossierversion",
            "document",
            lambda text: text.replace("H1", "H2"),
            "hash that is told",
        ),
        ("initiatives.initiative", "fingerprint", "0" * 64, "not what its current version says"),
        ("initiatives.initiative", "status", "suspended", "do not lead to the status suspended"),
        ("initiatives.initiative", "version", 2, "do not count from 1 to 2"),
        ("gates.policyversion", "text", "code = 1", "hash that is told"),
        ("gates.policyversion", "is_current", False, "Exactly one policy is in force"),
        ("initiatives.initiative", "title", "Credit\x00limits", "holds a NUL character"),
        ("initiatives.dossierversion", "recorded_at", "2099-01-01T00:00:00Z", "lies in the future"),
        ("initiatives.initiative", "created_at", "2026-01-01T00:00:00", "says no time zone"),
        ("initiatives.initiative", "created_at", "yesterday", "invalid format"),
    ],
)
def test_what_was_tampered_with_does_not_come_in(filled, label, column, value, said):
    body = portfolio_bytes()
    take_everything_away()
    found = refused_for(changed(body, label, column, value))
    assert any(said in sentence for _, sentence in found)


def test_evidence_leads_nowhere_but_to_an_address_of_the_web():
    with writes_allowed():
        EvidenceFactory(form="link", link="https://documents.example.org/1")
    body = portfolio_bytes()
    take_everything_away()
    found = refused_for(changed(body, "gates.evidence", "link", "javascript:alert(1)"))
    assert [said for _, said in found if "its link is no address" in said]


@pytest.mark.parametrize(
    ("label", "column", "value", "said"),
    [
        ("gates.evidencereview", "by", "submitter", "the file contradicts itself|submitted themselves"),
        ("gates.endorsement", "by", "submitter", "submitted themselves"),
        ("gates.statusmove", "to_status", "retired", "do not lead|does not allow"),
        ("gates.statusmove", "evaluation_id", None, "no verdict that is good enough"),
        ("gates.findingset", "body", "[]", "hash that is told"),
        ("gates.evaluation", "level", "blocked", "no verdict that is good enough"),
    ],
)
def test_a_decision_that_was_tampered_with_does_not_come_in(label, column, value, said):
    decide()
    body = portfolio_bytes()
    told = json.loads(body)["tables"]
    evidence = told["gates.evidence"]
    submitter = evidence["rows"][0][evidence["columns"].index("submitted_by")]
    take_everything_away()
    for row in reversed(range(len(told[label]["rows"]))):
        body = changed(body, label, column, submitter if value == "submitter" else value, row=row)
    with pytest.raises(Invalid) as refused:
        loaded(body)
    sentences = [refused.value.sentence, *(fault.sentence for fault in refused.value.faults)]
    assert any(re.search(said, sentence) for sentence in sentences)
    assert not Initiative.objects.exists()


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        (
            lambda told: told["tables"].update({"gates.bribes": {"columns": [], "rows": []}}),
            "/tables/gates.bribes",
        ),
        (
            lambda told: told["tables"]["gates.waiver"]["columns"].append("bribe"),
            "/tables/gates.waiver/columns",
        ),
        (
            lambda told: told["tables"]["gates.waiver"]["columns"].append("ref"),
            "/tables/gates.waiver/columns",
        ),
        (lambda told: told["tables"]["portfolio.worth"]["rows"][0].pop(), "/tables/portfolio.worth/rows/0"),
    ],
)
def test_what_no_table_here_holds_is_refused_by_name(filled, change, pointer):
    told = json.loads(portfolio_bytes())
    change(told)
    take_everything_away()
    assert [found for found, _ in refused_for(json.dumps(told).encode())] == [pointer]


def test_a_column_that_came_later_may_be_missing(filled):
    told = json.loads(portfolio_bytes())
    people = told["tables"]["accounts.user"]
    at = people["columns"].index("external_id")
    del people["columns"][at]
    for row in people["rows"]:
        del row[at]
    del told["tables"]["reviews.mailedinvitation"]
    take_everything_away()
    loaded(json.dumps(told).encode())
    assert set(User.objects.values_list("external_id", flat=True)) == {""}


def test_stored_files_come_out_of_a_backup_and_are_counted(tmp_path, settings, capsys):
    settings.MEDIA_ROOT = tmp_path / "here"
    about = scene.saved()
    item = scene.offered(about, form="file", file=scene.upload())
    make_backup(tmp_path / "backup")
    file = tmp_path / "portfolio.json"
    call_command("export_portfolio", file)
    take_everything_away()
    settings.MEDIA_ROOT = tmp_path / "there"
    call_command("import_portfolio", file)
    assert "0 stored files are here, 1 are missing" in capsys.readouterr().out
    assert bring_files(tmp_path / "backup") == (1, 0)
    with open_blob(Blob.objects.get(sha256=item.blob_id)) as stored:
        assert stored.read() == scene.CSV
    (tmp_path / "there" / blob_name(item.blob_id)).unlink()
    kept = tmp_path / "backup" / "files" / blob_name(item.blob_id)
    kept.chmod(0o600)
    kept.write_bytes(b"something else")
    assert bring_files(tmp_path / "backup") == (0, 1)


@pytest.mark.slow
def test_the_illustrative_portfolio_is_the_same_on_the_other_side(tmp_path):
    demo.load(clock.wall().date(), lambda _line: None)
    now = clock.wall()
    before = {key: evaluate(case.policy, case.facts, now) for key, case in load_cases().items()}
    body = portfolio_bytes()
    counts = {label: len(part["rows"]) for label, part in json.loads(body)["tables"].items()}
    for label in (
        "gates.evidence",
        "gates.endorsement",
        "gates.waiver",
        "reviews.stance",
        "metrics.observation",
    ):
        assert counts[label] > 0
    take_everything_away()
    loaded(body)
    assert portfolio_bytes() == body
    after = {key: evaluate(case.policy, case.facts, now) for key, case in load_cases().items()}
    assert after == before
    assert len(after) == 9
    assert verify_chain().ok
    assert triggers.faults() == []


# --- the first form --------------------------------------------------------------------------------------------


def first_form():
    """A file as it was written before decisions were in it."""
    roles = {part.email: [{"role": part.role, "function": ""}] for part in CAST.values()}
    emails = sorted({*roles, *PEOPLE})
    return {
        "format": "portfolio/1",
        "people": [
            {
                "email": email,
                "name": email.partition("@")[0],
                "function": "risk",
                "active": email != "callum@example.org",
                "roles": roles.get(email, []),
            }
            for email in emails
        ],
        "clusters": [],
        "groups": [
            {"code": "agents", "name": "Agents", "headcount": 140, "capacity_hours": 12.0, "peak_months": [12],
             "peak_share": 0.5}
        ],
        "other_changes": [],
        "bottlenecks": [
            {"code": "legal", "title": "Legal", "people": 2, "cap": 3, "hours_per_week": 40.0, "fresh_days": None,
             "price_per_person": None,
             "closures": [{"starts_on": "2026-12-24", "ends_on": "2027-01-01", "reason": "Closed."}]}
        ],
        "dependencies": [
            {"code": "decision-log", "title": "Decision log", "kind": "platform", "owner": "eleanor@example.org",
             "funding": "unfunded", "state": "open", "due_on": None, "duration_days": None, "price": None, "note": ""}
        ],
        "dossiers": [full_document(), small_document("AI-0002")],
        "worths": [
            {"initiative": "AI-0001", "value": [1, 2, 3], "cost": [0, 1, 2], "currency": "EUR",
             "owner": "priya@example.org", "basis": "Last year."}
        ],
    }  # fmt: skip


def test_a_file_of_the_first_form_still_comes_in(tmp_path, capsys):
    file = tmp_path / "portfolio.json"
    file.write_text(json.dumps(first_form()))
    call_command("import_portfolio", file)
    assert "2 dossiers, 1 worths came in" in capsys.readouterr().out
    assert sorted(Initiative.objects.values_list("key", flat=True)) == ["AI-0001", "AI-0002"]
    assert (Bottleneck.objects.count(), SharedDependency.objects.count()) == (1, 1)
    assert (PeopleGroup.objects.count(), Closure.objects.count()) == (1, 1)
    assert not User.objects.get(email="callum@example.org").is_active
    assert verify_chain().ok


def test_every_fault_of_the_first_form_is_told_with_its_place_and_nothing_stands(tmp_path, capsys):
    told = first_form()
    told["dossiers"][0]["initiative"]["horizon"] = "H9"
    told["dossiers"][1]["initiative"]["owner"] = "nobody@example.org"
    file = tmp_path / "portfolio.json"
    file.write_text(json.dumps(told))
    with pytest.raises(CommandError, match="Nothing was imported"):
        call_command("import_portfolio", file)
    err = capsys.readouterr().err
    assert "/dossiers/0/initiative/horizon" in err
    assert "/dossiers/1/initiative/owner" in err
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": "portfolio/1"}', '{"format": "portfolio/2"}', "not json"]
)
def test_anything_else_is_refused(text):
    with pytest.raises(Invalid, match="This is not a portfolio file"):
        read(text.encode())


@pytest.mark.parametrize("form", ["portfolio/9", "person-data/1"])
def test_another_form_is_named(form):
    with pytest.raises(Invalid, match=form):
        read(json.dumps({"format": form}).encode())
