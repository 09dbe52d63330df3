from datetime import timedelta

import pytest

from alignment_portal import clock
from alignment_portal.audit.models import Entry
from alignment_portal.refusals import Conflict, Forbidden, Invalid
from gates.models import Evaluation, Notice, StatusMove
from gates.services.completeness import PARTS, missing_parts
from gates.services.evidence import withdraw_evidence
from gates.services.status import move_status, reaffirm_status
from initiatives.dossier.parsing import parse
from tests.factories.gates import EvidenceFactory
from tests.factories.initiatives import full_document
from tests.gates import policy
from tests.gates.scene import (
    LEARNING,
    NEEDED,
    answered,
    brought_to,
    judged,
    saved,
    standing_at,
    submitted,
)
from tests.people import actor, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_policy(db):
    policy.adopt()


@pytest.fixture
def initiative():
    row = saved(**LEARNING)
    submitted(row)
    row.refresh_from_db()
    return row


def move(initiative, to, who="executive", reason="The package carries it."):
    return move_status(by=actor(who), initiative=initiative, to=to, reason=reason)


def refusal(initiative, to, who="executive", kind=Conflict):
    with pytest.raises(kind) as refused:
        move(initiative, to, who)
    return refused.value


# --- the table of moves ------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["learning_only", "aligned"])
def test_an_executive_moves_it_as_far_as_the_verdict_carries(initiative, level):
    brought_to(level, initiative)
    made = move(initiative, level)
    initiative.refresh_from_db()
    assert (initiative.status, initiative.status_since) == (level, made.at)
    assert (made.number, made.evaluation.level, made.by.email) == (2, level, "eleanor@example.org")
    entry = Entry.objects.filter(action="gates.status.move").first()
    assert (entry.initiative_key, entry.actor_id) == ("AI-0001", person("executive").pk)


def test_scale_ready_follows_aligned():
    row = saved(**LEARNING)
    standing_at("scale_ready", row)
    moves = StatusMove.objects.filter(initiative=row).order_by("number").values_list("to_status", flat=True)
    assert list(moves) == ["in_review", "aligned", "scale_ready"]


def test_the_status_it_already_has_is_a_success_that_does_nothing(initiative):
    assert move(initiative, "in_review") is None
    assert StatusMove.objects.count() == 1


def test_a_verdict_that_forbids_it_answers_with_the_findings(initiative):
    brought_to("learning_only", initiative)
    refused = refusal(initiative, "aligned")
    assert refused.code == "verdict_forbids"
    assert [blocker["code"] for blocker in refused.blockers] == ["ME-01", "ME-12"]
    assert set(refused.blockers[0]) == {"code", "gate", "severity", "reason", "remedy", "next_mover", "link"}
    initiative.refresh_from_db()
    assert initiative.status == "in_review"


@pytest.mark.parametrize(
    ("to", "code"),
    [("scale_ready", "move_not_allowed"), ("suspended", "move_not_allowed"), ("moon", "status_unknown")],
)
def test_what_the_table_does_not_know_is_refused(initiative, to, code):
    brought_to("scale_ready", initiative)
    assert refusal(initiative, to).code == code


@pytest.mark.parametrize("who", ["programme_manager", "contributor", "assurer", "auditor", "administrator"])
@pytest.mark.parametrize("to", ["aligned", "retired"])
def test_nobody_but_executives_moves_it(initiative, who, to):
    brought_to("aligned", initiative)
    assert refusal(initiative, to, who, Forbidden).code == "forbidden"


def test_an_executive_who_submitted_evidence_does_not_decide(initiative):
    brought_to("aligned", initiative)
    EvidenceFactory(initiative=initiative, submitted_by=person("risk_executive"))
    assert refusal(initiative, "aligned", "risk_executive", Forbidden).code == "own_evidence"


def test_a_move_needs_a_reason(initiative):
    brought_to("aligned", initiative)
    with pytest.raises(Invalid):
        move(initiative, "aligned", reason=" ")


def test_retired_is_final(initiative):
    move(initiative, "retired", reason="Replaced by another.")
    for to in ("draft", "in_review", "aligned"):
        assert refusal(initiative, to).code == "move_not_allowed"


def test_an_author_takes_it_back_to_draft(initiative):
    move(initiative, "draft", "programme_manager", "The scope changes.")
    initiative.refresh_from_db()
    assert initiative.status == "draft"


# --- submitting --------------------------------------------------------------------------------------------


def test_an_incomplete_dossier_is_not_submitted():
    row = saved()
    refused = refusal(row, "in_review", "programme_manager")
    assert refused.code == "dossier_incomplete"
    assert [blocker["pointer"] for blocker in refused.blockers] == [
        pointer for pointer, _, _ in PARTS if pointer != "/initiative/sponsor"
    ]


def test_a_complete_dossier_is_submitted():
    document = full_document()
    document["initiative"] |= {"summary": "Drafts answers.", "decision_sought": "Agree to H1."}
    document["initiative"]["scope"]["description"] = "Returns only."
    assert missing_parts(parse(document)) == ()


# --- learning only -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "pointers"),
    [
        ({}, ["/initiative/learning_question", "/initiative/learning_ends_on"]),
        ({**LEARNING, "learning_ends_on": "2020-01-01"}, ["/initiative/learning_ends_on"]),
        (
            {**LEARNING, "learning_ends_on": (clock.now().date() + timedelta(weeks=13)).isoformat()},
            ["/initiative/learning_ends_on"],
        ),
    ],
)
def test_learning_only_needs_a_question_and_an_end_within_twelve_weeks(terms, pointers):
    row = saved(**terms)
    brought_to("learning_only", row)
    submitted(row)
    refused = refusal(row, "learning_only")
    assert refused.code == "learning_terms"
    assert [blocker["pointer"] for blocker in refused.blockers] == pointers


# --- what the portal does itself ---------------------------------------------------------------------------


def after_losing(status, question):
    row = saved(**LEARNING)
    items = standing_at(status, row)
    withdraw_evidence(by=actor("programme_manager"), evidence=items[question], reason="It was wrong.")
    judged(row)
    return row


@pytest.mark.parametrize("status", ["learning_only", "aligned", "scale_ready"])
def test_losing_a_blocker_suspends_at_once(status):
    row = after_losing(status, "DR-01")
    last = StatusMove.objects.filter(initiative=row).first()
    assert (row.status, last.by, last.evaluation.level) == ("suspended", None, "blocked")
    assert "DR-01" in last.reason


@pytest.mark.parametrize(
    ("status", "question", "left"),
    [
        ("scale_ready", "ME-12", "aligned"),
        ("scale_ready", "ME-01", "learning_only"),
        ("aligned", "ME-01", "learning_only"),
        ("aligned", "CO-01", "aligned"),
    ],
)
def test_losing_less_steps_down_to_what_is_still_carried(status, question, left):
    assert after_losing(status, question).status == left


def test_an_expired_item_suspends_by_itself():
    row = saved(**LEARNING)
    standing_at("aligned", row)
    with clock.at_moment(clock.now() + timedelta(days=200)):
        judged(row)
    assert row.status == "suspended"


def test_the_owner_and_sponsor_hear_of_a_suspension():
    row = after_losing("aligned", "DR-01")
    told = Notice.objects.filter(initiative=row, kind="status", key="move:3").values_list(
        "recipient__email", flat=True
    )
    assert sorted(told) == ["callum@example.org", "eleanor@example.org", "priya@example.org"]


def test_only_the_portal_makes_its_own_moves():
    row = saved(**LEARNING)
    standing_at("scale_ready", row)
    assert refusal(row, "learning_only", kind=Forbidden).code == "system_only"


def test_an_executive_suspends_with_a_reason():
    row = saved(**LEARNING)
    standing_at("aligned", row)
    move(row, "suspended", reason="A complaint is being looked into.")
    row.refresh_from_db()
    assert (row.status, row.verdict_evaluation_id) == ("suspended", None)


# --- under another policy ----------------------------------------------------------------------------------


def test_a_status_stays_under_the_policy_it_was_decided_under():
    row = saved(**LEARNING)
    standing_at("aligned", row)
    stricter = (*policy.RULES, ("RP-01", "governance", "blocker", "none", 100))
    policy.adopt("9.2", rules=stricter)
    judged(row)
    assert (row.status, Evaluation.objects.first().policy.version) == ("aligned", "9.1")
    with pytest.raises(Conflict) as refused:
        reaffirm_status(by=actor("executive"), initiative=row, reason="Still sound.")
    assert refused.value.code == "verdict_forbids"


def test_reaffirming_lets_it_rest_on_the_policy_in_force():
    row = saved(**LEARNING)
    standing_at("aligned", row)
    policy.adopt("9.2", fresh_days=300)
    made = reaffirm_status(by=actor("executive"), initiative=row, reason="Still sound.")
    row.refresh_from_db()
    assert (made.from_status, made.to_status, made.evaluation.policy.version) == ("aligned", "aligned", "9.2")
    assert row.verdict_evaluation_id == made.evaluation_id
    assert reaffirm_status(by=actor("executive"), initiative=row, reason="Still sound.") is None


def test_rising_is_judged_under_the_policy_in_force():
    row = saved(**LEARNING)
    standing_at("aligned", row)
    answered(row, "ME-12")
    policy.adopt("9.2", rules=(*policy.RULES, ("ME-14", "measurement", "readiness", "none", 100)))
    refused = refusal(row, "scale_ready")
    assert [blocker["code"] for blocker in refused.blockers] == ["ME-14"]


def test_every_level_of_the_small_policy_can_be_reached():
    for number, level in enumerate(NEEDED, start=1):
        row = saved(f"AI-000{number}", **LEARNING)
        brought_to(level, row)
        assert judged(row).level == level
