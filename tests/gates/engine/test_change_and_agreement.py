"""The net workload on published figures, required roles by lane, and promises in time."""

import msgspec
import pytest

from gates.engine.checks.workload import net_workload, signed
from gates.engine.facts import Condition
from initiatives.dossier.change import WorkloadShift
from tests.gates.engine.builders import TODAY, complete_facts, finding
from tests.gates.engine.cutting import cut
from tests.gates.engine.dossiers import at

CHANGE = "dossier.change_impact."


def with_shifts(*shifts):
    facts = complete_facts()
    rows = tuple(
        WorkloadShift(
            code=f"s{n}", group=group, step=f"Step {n}", minutes_per_case=minutes, cases_per_week=cases
        )
        for n, (group, minutes, cases) in enumerate(shifts)
    )
    impact = msgspec.structs.replace(facts.dossier.change_impact, workload_shifts=rows)
    return msgspec.structs.replace(facts.dossier, change_impact=impact)


def test_the_net_is_what_is_saved_and_what_is_added():
    net = net_workload(with_shifts(("clerks", -9, 420), ("clerks", 14, 170), ("managers", 18, 81)))
    assert (net.claimed, round(net.added, 2), round(net.total, 2), round(net.leakage, 3)) == (
        -63.0,
        63.97,
        0.97,
        1.015,
    )


def test_the_net_is_told_by_group():
    net = net_workload(with_shifts(("clerks", -9, 420), ("clerks", 14, 170), ("managers", 18, 81)))
    assert {group: signed(hours) for group, hours in net.by_group.items()} == {
        "clerks": "−23.33",
        "managers": "+24.3",
    }


def test_nothing_leaks_where_nothing_is_saved():
    assert net_workload(with_shifts(("clerks", 5, 60))).leakage is None


def test_work_that_does_not_change_needs_a_reason_and_no_claim_of_time():
    changes = [
        {"path": CHANGE + "workload_shifts", "to": []},
        {"path": CHANGE + "assessments[workload].extent", "to": "none"},
        {"path": "dossier.metrics[handling-time].target"},
    ]
    assert finding(cut(complete_facts(), changes), "CI-02").outcome == "pass"


def test_work_that_does_not_change_saves_no_time():
    changes = [
        {"path": CHANGE + "workload_shifts", "to": []},
        {"path": CHANGE + "assessments[workload].extent", "to": "none"},
    ]
    assert finding(cut(complete_facts(), changes), "CI-02").outcome == "fail"


def test_more_work_is_confirmed_where_no_time_is_claimed():
    changes = [
        {"path": CHANGE + "workload_shifts[reasons].minutes_per_case", "to": 12},
        {"path": "dossier.metrics[handling-time].target"},
    ]
    assert finding(cut(complete_facts(), changes), "CI-02").outcome == "pass"


def test_a_leader_of_the_front_line_may_confirm_what_they_own():
    changes = [
        {"path": CHANGE + "workload_shifts[*].confirmed_by", "to": at("pam.manager")},
        {"path": CHANGE + "groups[clerks].lead", "to": at("pam.manager")},
    ]
    assert finding(cut(complete_facts(), changes), "CI-02").outcome == "pass"


def test_accountable_and_deciding_apart_is_no_fault_where_escalation_is_written():
    changes = [{"path": "dossier.operating_model.decision_rights[case].accountable", "to": "Head of cases"}]
    assert finding(cut(complete_facts(), changes), "CI-01").outcome == "pass"


def test_a_budget_of_nothing_is_enough_with_a_note_on_whose_time_it_is():
    changes = [
        {"path": CHANGE + "obligations[audit].budget", "to": 0},
        {"path": CHANGE + "obligations[audit].funded_until"},
        {"path": CHANGE + "obligations[audit].note", "to": "Part of the internal auditor's plan"},
    ]
    assert finding(cut(complete_facts(), changes), "CI-04").outcome == "pass"


@pytest.mark.parametrize(("until", "expected"), [("2026-06-15", "pass"), ("2026-06-14", "fail")])
def test_money_lasts_through_its_last_day(until, expected):
    changed = cut(complete_facts(), [{"path": CHANGE + "obligations[audit].funded_until", "to": until}])
    assert finding(changed, "CI-04").outcome == expected


# -- agreement ------------------------------------------------------------------------------------------------

LIGHT = [
    {"path": "dossier.initiative.scope.audience", "to": "internal"},
    {"path": "dossier.initiative.scope.personal_data", "to": "none"},
    {"path": "dossier.initiative.scope.people_affected", "to": 24},
]
WITHOUT_TECHNOLOGY = [
    {"path": "review.participants[ed.technology@alder.example]", "drop": True},
    {"path": "review.stances[ed.technology@alder.example]", "drop": True},
]


@pytest.mark.parametrize(("lane", "expected"), [(LIGHT, ["pass", "pass"]), ([], ["fail", "fail"])])
def test_the_light_lane_asks_business_and_risk_only(lane, expected):
    facts = cut(complete_facts("internal_copilot"), [*lane, *WITHOUT_TECHNOLOGY])
    assert [finding(facts, code).outcome for code in ("EX-01", "EX-02")] == expected


def test_three_of_four_are_enough():
    facts = complete_facts()
    review = facts.review
    wider = {**review.participants, at("eva.risk"): "risk_legal"}
    present = review.present - {at("ella.legal")} | {at("eva.risk")}
    changed = msgspec.structs.replace(review, participants=wider, present=present)
    assert finding(msgspec.structs.replace(facts, review=changed), "EX-01").outcome == "pass"


def test_a_disagreement_that_was_settled_blocks_nothing():
    stance = "review.stances[ella.legal@alder.example]"
    changes = [{"path": f"{stance}.answer", "to": "disagree"}, {"path": f"{stance}.resolved", "to": True}]
    assert finding(cut(complete_facts(), changes), "EX-05").outcome == "pass"


def test_a_disagreement_of_a_role_that_is_not_required_is_kept_and_blocks_nothing():
    stance = "review.stances[ella.legal@alder.example]"
    changes = [{"path": f"{stance}.answer", "to": "disagree"}, {"path": f"{stance}.role", "to": "finance"}]
    assert finding(cut(complete_facts(), changes), "EX-05").outcome == "pass"


def test_a_promise_in_time_holds_until_its_day_is_over():
    facts = complete_facts()
    promise = Condition(
        ref="CN-0001", text="Refresh the report", by=at("ella.legal"), owner=at("rita.risk"), due_on=TODAY
    )
    review = msgspec.structs.replace(facts.review, conditions=(promise,))
    found = finding(msgspec.structs.replace(facts, review=review), "EX-05")
    assert (found.outcome, found.lapses_at.date().isoformat()) == ("pass", "2026-06-16")


# -- portfolio ------------------------------------------------------------------------------------------------


def test_a_load_that_lies_in_the_past_is_no_reason_to_wait():
    changes = [
        {"path": "group_loads[clerks]", "to": {"group": "clerks", "month": "2026-05-01", "share": 1.4}}
    ]
    assert finding(cut(complete_facts(), changes), "PF-03").outcome == "pass"


@pytest.mark.parametrize(
    ("share", "words"), [(0.79, "."), (0.8, ", which is high."), (1.0, ", which is high.")]
)
def test_a_high_load_is_told(share, words):
    found = finding(cut(complete_facts(), [{"path": "group_loads[clerks].share", "to": share}]), "PF-03")
    assert (found.outcome, found.reason.split("June 2026")[1]) == ("pass", words)


@pytest.mark.parametrize(
    ("day", "deed"),
    [
        ("2026-06-29", "Move a go-live of Clerks out of June 2026: stop until then"),
        ("2026-05-04", "Relieve Clerks in June 2026, or give them more capacity"),
        (None, "Relieve Clerks in June 2026, or give them more capacity"),
    ],
)
def test_only_a_launch_that_lies_ahead_is_asked_to_move(day, deed):
    changes = [
        {"path": "group_loads[clerks].share", "to": 1.3},
        {"path": "dossier.change_impact.groups[clerks].go_live_on", "to": day},
    ]
    found = finding(cut(complete_facts(), changes), "PF-03")
    assert [move.deed for move in found.moves] == [deed]


def test_what_needs_nothing_shared_waits_for_nothing():
    changes = [{"path": "dossier.dependencies", "to": []}, {"path": "dossier.bottleneck_demand", "to": []}]
    facts = cut(complete_facts(), changes)
    assert [finding(facts, code).reason for code in ("PF-01", "PF-02")] == [
        "It needs no shared function.",
        "It waits for nothing that it shares with others.",
    ]


def test_funded_and_in_progress_is_as_good_as_delivered():
    changes = [
        {"path": "dependencies[decision-log].state", "to": "in_progress"},
        {"path": "dependencies[decision-log].funding", "to": "funded"},
    ]
    assert finding(cut(complete_facts(), changes), "PF-02").outcome == "pass"
