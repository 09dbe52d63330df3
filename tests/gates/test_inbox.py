from datetime import timedelta

import pytest

from alignment_portal import clock
from alignment_portal.accounts.actors import SYSTEM
from alignment_portal.accounts.roles import Role
from alignment_portal.accounts.services import grant_role
from gates.selectors.gates import gate_state, gate_states
from gates.selectors.inbox import (
    evidence_awaiting_review,
    gates_awaiting_endorsement,
    next_moves_for,
    reinstatements_awaiting,
    waivers_awaiting_answer,
)
from gates.selectors.judging import explained
from gates.selectors.policies import policy_of
from gates.selectors.policy_change import rule_changes, verdict_changes
from gates.services.policies import propose_policy
from gates.services.waivers import request_waiver
from tests.gates import policy
from tests.gates.scene import LEARNING, answered, endorsed, judged, offered, saved, submitted
from tests.people import actor, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_policy(db):
    policy.adopt()


@pytest.fixture
def initiative():
    row = saved(**LEARNING)
    submitted(row)
    return row


def refs(rows):
    return [row.ref for row in rows]


def test_reviewers_see_what_waits_for_their_function(initiative):
    first = offered(initiative, kind="document")
    offered(initiative, question="GC-01", kind="document")
    answered(initiative, "ME-01")
    newer = offered(initiative, supersedes=first, kind="document")
    assert refs(evidence_awaiting_review(actor("legal_assurer"))) == [newer.ref]
    assert refs(evidence_awaiting_review(actor("data_assurer"))) == ["EV-0002", newer.ref]
    assert refs(evidence_awaiting_review(actor("change_assurer"))) == []
    assert refs(evidence_awaiting_review(actor("executive"))) == []


def test_executives_see_gates_that_wait_for_them(initiative):
    answered(initiative, "DR-01")
    judged(initiative)
    waiting = gates_awaiting_endorsement(actor("risk_executive"))
    assert [(row.initiative.key, row.gate) for row in waiting] == [("AI-0001", "data_rights")]
    assert gates_awaiting_endorsement(actor("assurer")) == []
    endorsed(initiative, "data_rights")
    judged(initiative)
    assert gates_awaiting_endorsement(actor("risk_executive")) == []


def test_waivers_wait_for_executives_who_are_independent(initiative):
    request_waiver(
        by=actor("programme_manager"),
        initiative=initiative,
        rule="ME-01",
        reason="The sample is small.",
        compensating_control="Shown as learning.",
        until=clock.now().date() + timedelta(days=20),
    )
    assert refs(waivers_awaiting_answer(actor("risk_executive"))) == ["WV-0001"]
    assert refs(waivers_awaiting_answer(actor("executive"))) == []  # she sponsors it
    assert refs(waivers_awaiting_answer(actor("assurer"))) == []


def test_a_waiver_waits_for_whoever_submitted_evidence_of_another_question_only(initiative):
    for rule in ("ME-01", "DR-01"):
        request_waiver(
            by=actor("programme_manager"),
            initiative=initiative,
            rule=rule,
            reason="The sample is small.",
            compensating_control="Shown as learning.",
            until=clock.now().date() + timedelta(days=20),
        )
    grant_role(by=SYSTEM, person=person("contributor"), role=Role.EXECUTIVE, function="risk")
    assert refs(waivers_awaiting_answer(actor("contributor"))) == ["WV-0001", "WV-0002"]
    offered(initiative, "contributor", question="ME-01", kind="document")
    assert refs(waivers_awaiting_answer(actor("contributor"))) == ["WV-0002"]


def test_everybody_sees_their_own_next_moves(initiative):
    judged(initiative)
    assert {notice.initiative.key for notice in next_moves_for(actor("programme_manager"))} == {"AI-0001"}
    assert list(next_moves_for(actor("other_manager"))) == []
    assert reinstatements_awaiting(actor("executive")) == []


def test_a_gate_goes_from_open_to_answered_to_passed(initiative):
    def state():
        case, verdict, _ = explained("AI-0001")
        return gate_state(case, verdict, "data_rights")

    assert (state().state, state().n_open) == ("open", 1)
    item = answered(initiative, "DR-01")
    assert state().state == "answered"
    (question,) = state().questions
    assert [(one.evidence.ref, one.rests) for one in question.offered] == [(item.ref, True)]
    assert question.offered[0].good_until == item.observed_on + timedelta(days=365)
    seen = state().seen
    assert endorsed(initiative, "data_rights").seen == seen
    assert state().state == "passed"


def test_gates_come_in_the_order_of_the_policy(initiative):
    case, verdict, _ = explained("AI-0001")
    assert [state.gate.code for state in gate_states(case, verdict)] == [row[0] for row in policy.GATES]


def test_what_a_proposed_policy_would_change_is_shown_before(initiative):
    answered(initiative, "DR-01")
    stricter = (*policy.RULES, ("RP-01", "governance", "blocker", "none", 100))
    proposed = propose_policy(
        by=actor("administrator"), text=policy.text("9.3", rules=stricter), reason="Stricter."
    )
    changes = rule_changes(policy_of(policy.current()), policy_of(proposed))
    assert [(change.code, change.kind) for change in changes] == [("RP-01", "added")]
    (change,) = verdict_changes(actor("administrator"), proposed)
    assert (change.key, change.newly_failing, change.no_longer_failing) == ("AI-0001", ("RP-01",), ())
