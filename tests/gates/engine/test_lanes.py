import msgspec
import pytest

from tests.gates.engine.builders import complete_facts, judge
from tests.gates.engine.cutting import cut

QUIET = [
    {"path": "dossier.initiative.scope.personal_data", "to": "none"},
    {"path": "dossier.initiative.scope.audience", "to": "internal"},
    {"path": "dossier.initiative.scope.people_affected", "to": 50},
]


def lane_of(archetype, *changes):
    verdict = judge(cut(complete_facts(archetype), [*QUIET, *changes]))
    return verdict.lane, verdict.lane_reason


def test_a_quiet_internal_forecast_takes_the_light_lane():
    assert lane_of("forecasting") == (
        "light",
        "Light lane, because it is internal, advisory, without customers' personal data, and affects few people.",
    )


RAISERS = [
    ("ml_decisioning", [], "enhanced", "Enhanced lane, because it is machine learning in decisions."),
    (
        "forecasting",
        [{"path": "dossier.operating_model.decision_rights[case].mode", "to": "binding"}],
        "enhanced",
        "Enhanced lane, because its output is binding.",
    ),
    (
        "forecasting",
        [{"path": "dossier.initiative.scope.personal_data", "to": "customers"}],
        "enhanced",
        "Enhanced lane, because it touches customers' personal data.",
    ),
    (
        "forecasting",
        [{"path": "dossier.initiative.scope.people_affected", "to": 51}],
        "standard",
        "Standard lane, because it affects 51 people.",
    ),
    (
        "forecasting",
        [{"path": "dossier.initiative.scope.people_affected", "drop": True}],
        "standard",
        "Standard lane, because the number of people it affects is not stated.",
    ),
    (
        "internal_copilot",
        [{"path": "dossier.initiative.scope.audience", "to": "customer"}],
        "standard",
        "Standard lane, because customers meet its output.",
    ),
]


@pytest.mark.parametrize(("archetype", "changes", "lane", "reason"), RAISERS)
def test_facts_raise_the_lane_and_are_named(archetype, changes, lane, reason):
    assert lane_of(archetype, *changes) == (lane, reason)


def test_people_may_raise_the_lane():
    lane, reason = lane_of("forecasting", {"path": "dossier.initiative.lane", "to": "enhanced"})
    assert (lane, reason.split(":")[0]) == ("enhanced", "Enhanced lane")


def test_people_may_not_lower_the_lane():
    assert lane_of("ml_decisioning", {"path": "dossier.initiative.lane", "to": "light"})[0] == "enhanced"


def test_the_light_lane_leaves_out_exactly_what_the_policy_says():
    verdict = judge(cut(complete_facts("forecasting"), QUIET))
    left_out = {f.code for f in verdict.findings if f.reason == "Not applicable: light lane."}
    assert left_out == {"GC-04", "WI-02", "IN-03", "RP-03", "ME-04", "ME-09", "ME-14", "CI-03"}


def test_a_rule_left_out_is_not_a_pass():
    verdict = judge(cut(complete_facts("forecasting"), QUIET))
    assert {f.outcome for f in verdict.findings if f.code == "GC-04"} == {"not_applicable"}


def test_suspenders_wait_for_the_first_live_deployment():
    planned = cut(complete_facts(), [{"path": "dossier.deployments[leeds].state", "to": "planned"}])
    outcomes = {f.outcome for f in judge(planned).findings if f.severity == "suspender"}
    assert outcomes == {"not_applicable"}


def test_a_pause_does_not_end_the_watch():
    paused = cut(complete_facts(), [{"path": "dossier.deployments[leeds].state", "to": "paused"}])
    outcomes = {f.outcome for f in judge(paused).findings if f.severity == "suspender"}
    assert outcomes == {"pass"}


def test_a_verdict_says_until_when_it_holds():
    verdict = judge(complete_facts())
    lapses = [f.lapses_at for f in verdict.findings if f.lapses_at and f.severity != "advisory"]
    assert verdict.valid_until == min(lapses)


def test_a_verdict_changes_when_its_time_is_over():
    facts = complete_facts()
    until = judge(facts).valid_until
    just_before = judge(facts, until - (until - until.replace(hour=0)) - until.resolution)
    assert (just_before.level, judge(facts, until).level != "scale_ready") == ("scale_ready", True)


def test_an_archetype_brings_its_own_rules():
    asked = {
        f.code
        for f in judge(complete_facts("internal_copilot")).findings
        if f.gate == "archetype" and f.outcome == "pass"
    }
    assert asked == {"AR-03", "AR-10"}


def test_nobody_is_known_and_still_every_failure_names_somebody():
    facts = msgspec.structs.replace(complete_facts(), people={})
    assert [f.code for f in judge(facts).failing() if not f.next_mover] == []
