from datetime import timedelta

import pytest

from alignment_portal import clock
from alignment_portal.refusals import Conflict, Forbidden, Invalid, NotFound
from gates.selectors.inbox import reinstatements_awaiting
from gates.services.evidence import withdraw_evidence
from gates.services.reinstatement import confirm_reinstatement, propose_reinstatement
from gates.services.status import move_status
from tests.gates import policy
from tests.gates.scene import LEARNING, answered, endorsed, judged, saved, standing_at
from tests.people import actor

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_policy(db):
    policy.adopt()


@pytest.fixture
def suspended():
    """Aligned once, suspended by the portal when its clearance was withdrawn, and cleared again since."""
    row = saved(**LEARNING)
    items = standing_at("aligned", row)
    withdraw_evidence(
        by=actor("programme_manager"), evidence=items["DR-01"], reason="It was for another case."
    )
    judged(row)
    answered(row, "DR-01")
    endorsed(row, "data_rights")
    return row


def proposed(row, to="aligned", who="programme_manager", *, gate="measurement", **changes):
    words = {"root_cause": "The memo was mixed up.", "remedy": "Counsel signed the right one.", **changes}
    return propose_reinstatement(by=actor(who), initiative=row, to=to, gate=gate, **words)


def confirmed(proposal, who="executive"):
    return confirm_reinstatement(by=actor(who), proposal=proposal, reason="The cause is gone.")


def code_of(kind, attempt):
    with pytest.raises(kind) as refused:
        attempt()
    return refused.value.code


def test_two_people_bring_it_back(suspended):
    proposal = proposed(suspended)
    assert reinstatements_awaiting(actor("executive")) == [proposal]
    move = confirmed(proposal)
    suspended.refresh_from_db()
    assert (suspended.status, move.reinstatement, move.by.email) == (
        "aligned",
        proposal,
        "eleanor@example.org",
    )
    assert reinstatements_awaiting(actor("executive")) == []


def test_a_plain_move_does_not_lift_a_suspension(suspended):
    attempt = lambda: move_status(by=actor("executive"), initiative=suspended, to="aligned", reason="Now.")  # noqa: E731 — one attempt
    assert code_of(Conflict, attempt) == "two_people_needed"


def test_the_portal_never_lifts_it_by_itself(suspended):
    judged(suspended)
    assert suspended.status == "suspended"


def test_only_the_gates_owner_proposes(suspended):
    assert code_of(Forbidden, lambda: proposed(suspended, who="executive")) == "not_gate_owner"
    assert code_of(Forbidden, lambda: proposed(suspended, who="auditor")) == "forbidden"
    assert (
        proposed(suspended, who="executive", gate="endorsement").gate == "endorsement"
    )  # its owner is the sponsor


def test_root_cause_and_remedy_are_written(suspended):
    for field in ("root_cause", "remedy"):
        assert code_of(Invalid, lambda field=field: proposed(suspended, **{field: " "})) == "required"


def test_the_gate_must_exist(suspended):
    assert code_of(NotFound, lambda: proposed(suspended, gate="moon")) == "gate_unknown"


def test_it_returns_to_where_it_was_or_lower(suspended):
    assert code_of(Conflict, lambda: proposed(suspended, "scale_ready")) == "move_not_allowed"
    assert confirmed(proposed(suspended, "learning_only")).to_status == "learning_only"


def test_who_proposed_does_not_confirm(suspended):
    proposal = proposed(suspended, who="executive", gate="endorsement")
    assert code_of(Forbidden, lambda: confirmed(proposal)) == "two_people_needed"
    assert confirmed(proposal, "risk_executive").to_status == "aligned"


@pytest.mark.parametrize("who", ["assurer", "contributor", "auditor", "administrator"])
def test_only_executives_confirm(suspended, who):
    proposal = proposed(suspended)
    assert code_of(Forbidden, lambda: confirmed(proposal, who)) == "forbidden"


def test_the_verdict_must_allow_it():
    row = saved(**LEARNING)
    standing_at("aligned", row)
    move_status(by=actor("executive"), initiative=row, to="suspended", reason="A complaint.")
    proposal = proposed(row)
    with clock.at_moment(clock.now() + timedelta(days=10)):
        assert proposal.pk
    policy.adopt("9.2", rules=(*policy.RULES, ("RP-01", "governance", "blocker", "none", 100)))
    assert code_of(Conflict, lambda: confirmed(proposal)) == "verdict_forbids"


def test_a_newer_proposal_replaces_an_older_one(suspended):
    older = proposed(suspended)
    newer = proposed(suspended, "learning_only")
    assert code_of(Conflict, lambda: confirmed(older)) == "proposal_replaced"
    assert confirmed(newer).to_status == "learning_only"


def test_a_proposal_lapses(suspended):
    proposal = proposed(suspended)
    with clock.at_moment(clock.now() + timedelta(days=15)):
        assert code_of(Conflict, lambda: confirmed(proposal)) == "proposal_lapsed"


def test_what_is_not_suspended_is_not_reinstated():
    row = saved(**LEARNING)
    standing_at("aligned", row)
    assert code_of(Conflict, lambda: proposed(row)) == "not_suspended"
