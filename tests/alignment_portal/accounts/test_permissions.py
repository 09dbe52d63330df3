"""The one table, read the other way round: what each role may."""

import pytest

from alignment_portal.accounts.actors import SYSTEM, Actor
from alignment_portal.accounts.permissions import (
    PEOPLE_ONLY,
    PERMISSIONS,
    SCOPES,
    Action,
    may,
    require,
    sees_everything,
    who_may,
)
from alignment_portal.accounts.roles import Role, Scope
from alignment_portal.refusals import Forbidden


def act(role, functions=(), scopes=None):
    return Actor(None, "a@example.org", "A", frozenset({role}), frozenset(functions), scopes)


def everything(role, **facts):
    return {action.value for action in Action if may(act(role, {"risk"}), action, **facts)}


READS = {"initiative.read", "initiative.read_restricted", "pack.read", "portfolio.read"}
ALWAYS = {"token.manage_own"}


def test_an_auditor_reads_everything_and_changes_nothing():
    facts = {"own": True, "function": "risk", "invited": True}
    assert everything("auditor", **facts) == READS | ALWAYS | {"history.read"}


def test_an_administrator_runs_the_portal_and_takes_no_decision_in_it():
    facts = {"own": True, "function": "risk", "invited": True}
    managed = {
        "people.manage",
        "people.provision",
        "policy.manage",
        "token.manage",
        "webhook.manage",
        "operations.manage",
        "portfolio.edit",
        "scenario.run",
        "work.move",
        "history.read",
    }
    assert everything("administrator", **facts) == READS | ALWAYS | managed


def test_a_programme_manager_without_a_tie_only_begins_things():
    assert everything("programme_manager") == ALWAYS | {"initiative.create", "portfolio.read", "scenario.run"}


def test_a_programme_manager_never_reviews_endorses_or_decides():
    decisions = {"evidence.review", "gate.endorse", "waiver.accept", "status.move", "review.stance"}
    assert everything("programme_manager", own=True, function="risk", invited=True) & decisions == set()


def test_a_contributor_helps_where_invited():
    helped = {
        "initiative.read",
        "pack.read",
        "evidence.submit",
        "evidence.withdraw",
        "incident.record",
        "observation.record",
    }
    assert everything("contributor") == ALWAYS
    assert everything("contributor", invited=True) == ALWAYS | helped


def test_an_assurer_reviews_for_the_own_function_only():
    assert may(act("assurer", {"risk"}), Action.EVIDENCE_REVIEW, function="risk")
    assert not may(act("assurer", {"risk"}), Action.EVIDENCE_REVIEW, function="legal")
    assert not may(act("assurer"), Action.EVIDENCE_REVIEW, function="")


def test_an_executive_decides():
    decisions = {
        "gate.endorse",
        "waiver.accept",
        "status.move",
        "status.suspend",
        "status.retire",
        "review.stance",
    }
    assert decisions - everything("executive") == set()
    assert not may(act("executive"), Action.EVIDENCE_REVIEW, function="risk")


def test_the_portal_itself_never_judges():
    assert {action for action in Action if not may(SYSTEM, action)} == PEOPLE_ONLY


def test_a_token_needs_the_scope_as_well_as_the_role():
    assert may(act("executive", scopes=frozenset({"endorse"})), Action.GATE_ENDORSE)
    assert not may(act("executive", scopes=frozenset({"read", "write"})), Action.GATE_ENDORSE)
    assert not may(act("auditor", scopes=frozenset(Scope.values)), Action.GATE_ENDORSE)


def test_every_action_is_in_both_tables():
    assert set(PERMISSIONS) == set(Action) == set(SCOPES)


@pytest.mark.parametrize("role", Role.values)
def test_who_sees_every_initiative(role):
    assert sees_everything(act(role)) is (role not in {"programme_manager", "contributor"})


def test_a_refusal_names_who_may():
    with pytest.raises(Forbidden) as refusal:
        require(act("auditor"), Action.INCIDENT_RECORD)
    assert refusal.value.sentence.endswith("an invited contributor, an assurer or an executive may do this.")
    assert refusal.value.next_mover == "programme_manager"


def test_a_refusal_names_the_missing_scope():
    with pytest.raises(Forbidden, match="lacks the scope “endorse”") as refusal:
        require(act("executive", scopes=frozenset({"read"})), Action.GATE_ENDORSE)
    assert refusal.value.code == "scope_missing"


def test_one_role_reads_without_a_list():
    assert who_may(Action.GATE_ENDORSE) == "an executive"
