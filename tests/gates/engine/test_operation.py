"""Limits of the rules about operation: graces, first readings, chance, and what an acknowledgement covers."""

import datetime as dt

import msgspec
import pytest

from gates.engine.checks.signals import working_day_after
from gates.engine.facts import Acknowledgement, Drift, Incident, Series
from tests.gates.engine.builders import NOW, TODAY, complete_facts, finding, readings
from tests.gates.engine.cutting import cut
from tests.gates.engine.dossiers import at

STEADY = [0.14, 0.15, 0.135, 0.145, 0.13, 0.15, 0.14, 0.138, 0.147, 0.142, 0.136, 0.149]


def outcome(facts, code, now=NOW):
    found = finding(facts, code, now)
    return found.outcome, found.reason


def with_overrides(values, **more):
    facts = complete_facts()
    kept = tuple(one for one in facts.series if one.metric != "override-rate")
    fresh = Series(metric="override-rate", readings=readings(values))
    return msgspec.structs.replace(facts, series=(*kept, fresh), **more)


def cause(period_end, rule="CO-05"):
    return Acknowledgement(
        rule=rule,
        metric="override-rate",
        by=at("olga.operations"),
        at=NOW,
        cause="Holidays",
        period_end=period_end,
    )


# -- first readings -------------------------------------------------------------------------------------------


def launched(day):
    return cut(
        complete_facts(),
        [
            {"path": "dossier.deployments[leeds].live_from", "to": day},
            {"path": "series[log-completeness]", "drop": True},
        ],
    )


@pytest.mark.parametrize(("day", "expected"), [("2026-06-01", "pass"), ("2026-05-31", "fail")])
def test_a_first_reading_may_take_two_intervals(day, expected):
    facts = launched(day)
    assert [finding(facts, code).outcome for code in ("CO-02", "CO-09")] == [expected, expected]


def test_the_end_of_that_time_is_when_the_pass_lapses():
    assert finding(launched("2026-06-01"), "CO-09").lapses_at == dt.datetime(2026, 6, 16, tzinfo=dt.UTC)


def test_a_metric_set_up_later_has_its_own_two_intervals():
    facts = cut(
        launched("2026-04-01"),
        [{"path": "dossier.metrics[log-completeness].limits.set_on", "to": "2026-06-10"}],
    )
    assert outcome(facts, "CO-09") == (
        "pass",
        "The first reading of Decision log completeness is due by 24 June 2026.",
    )


def test_a_limit_dated_ahead_buys_no_more_time_than_one_set_today():
    facts = cut(
        launched("2026-04-01"),
        [{"path": "dossier.metrics[log-completeness].limits.set_on", "to": "2027-01-01"}],
    )
    assert (
        outcome(facts, "CO-09")[1] == "The first reading of Decision log completeness is due by 29 June 2026."
    )


# -- silence --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days_on", "expected"), [(13, "pass"), (14, "fail")])
def test_two_intervals_without_a_reading_are_silence(days_on, expected):
    later = NOW + dt.timedelta(days=days_on)  # the last readings end the day before NOW
    assert finding(complete_facts(), "CO-02", later).outcome == expected


def test_a_share_that_stays_the_same_over_other_cases_is_no_stuck_feed():
    facts = complete_facts()
    full = tuple(
        msgspec.structs.replace(one, value=1.0, numerator=400 + n, denominator=400 + n, sample_size=400 + n)
        for n, one in enumerate(readings([1.0] * 6))
    )
    series = tuple(one for one in facts.series if one.metric != "log-completeness")
    changed = msgspec.structs.replace(
        facts, series=(*series, Series(metric="log-completeness", readings=full))
    )
    assert finding(changed, "CO-02").outcome == "pass"


def test_a_series_of_a_retired_place_is_not_listened_to():
    facts = complete_facts()
    old = Series(metric="exposure", deployment="york", readings=readings([0.2])[:1])
    assert finding(msgspec.structs.replace(facts, series=(*facts.series, old)), "CO-11").outcome == "pass"


# -- below the floor ------------------------------------------------------------------------------------------


def test_once_below_is_told_and_does_not_suspend_where_twice_is_asked():
    facts = complete_facts()
    kept = tuple(one for one in facts.series if one.metric != "reason-coverage")
    once = Series(metric="reason-coverage", readings=readings([0.97, 0.98, 0.9]))
    assert outcome(msgspec.structs.replace(facts, series=(*kept, once)), "CO-10") == (
        "pass",
        "Overrides with a reason was 90% in the week to 14 June 2026, once on the wrong side of its limit.",
    )


# -- drift ----------------------------------------------------------------------------------------------------


def with_psi(psi, actual, bins=10):
    drift = Drift(metric="stability", period_end=TODAY, psi=psi, n_expected=5000, n_actual=actual, bins=bins)
    return msgspec.structs.replace(complete_facts(), drift=(drift,))


def test_a_large_index_over_few_cases_is_chance():
    # SOURCE: DOMAIN, PSI against (1/N + 1/M) times the 99.9% quantile of chi-square with 9 degrees of freedom.
    assert outcome(with_psi(0.27, 100), "CO-04") == (
        "pass",
        "Population stability was 0.27 on 15 June 2026 over 100 cases, too few cases to say: chance alone can reach 0.284.",
    )


@pytest.mark.parametrize(("psi", "expected"), [(0.249, "pass"), (0.25, "fail")])
def test_the_threshold_itself_is_too_much(psi, expected):
    assert finding(with_psi(psi, 4000), "CO-04").outcome == expected


# -- special causes -------------------------------------------------------------------------------------------


def test_fewer_than_twelve_readings_draw_no_limits():
    items = finding(with_overrides(STEADY[:11]), "CO-05").items
    assert [item.found for item in items if item.label == "Share of proposals overridden"] == [
        "Share of proposals overridden has 11 readings of the 12 from which its control limits are drawn"
    ]


# A week 1.3 sigma above for four of five weeks: a run, and no spike.
RUN = [*STEADY, 0.15, 0.167, 0.166, 0.14, 0.167, 0.166]


def test_a_run_waits_five_working_days_for_its_cause():
    facts = with_overrides(RUN)
    due = TODAY + dt.timedelta(days=4)  # the last week ended on a Sunday; Friday is the fifth working day
    days = [finding(facts, "CO-05", NOW + dt.timedelta(days=n)).outcome for n in (0, 4, 5)]
    assert (working_day_after(TODAY - dt.timedelta(days=1), 5), days) == (due, ["pass", "pass", "fail"])


def test_a_run_lapses_when_its_cause_is_due():
    assert finding(with_overrides(RUN), "CO-05").lapses_at == dt.datetime(2026, 6, 20, tzinfo=dt.UTC)


SPIKE = [*STEADY, 0.3]


@pytest.mark.parametrize(
    ("acknowledged", "expected"),
    [
        ((), "fail"),
        ((cause(TODAY - dt.timedelta(days=1)),), "pass"),
        ((cause(TODAY - dt.timedelta(days=8)),), "fail"),
        (
            (cause(TODAY - dt.timedelta(days=1), rule="R1"),),
            "fail",
        ),  # the sum of deviations is still unexplained
    ],
)
def test_a_cause_settles_the_signals_up_to_its_reading(acknowledged, expected):
    facts = with_overrides(SPIKE, acknowledgements=acknowledged)
    assert finding(facts, "CO-05").outcome == expected


def test_a_rate_that_falls_far_is_told_and_does_not_suspend():
    found = finding(with_overrides([*STEADY, 0.02]), "CO-05")
    told = next(item.found for item in found.items if item.label == "Share of proposals overridden")
    assert (found.outcome, told.split(", ")) == (
        "pass",
        [
            "Share of proposals overridden fell to 1.9% in the week to 14 June 2026",
            "against 14.2% ± 3 sigma (limit 9.1%): see whether people still decide or only accept",
        ],
    )


# -- incidents, owners, evidence ------------------------------------------------------------------------------


def with_incident(archetype, severity, hours_ago, **more):
    incident = Incident(
        ref="IN-0007",
        severity=severity,
        title="It answered twice",
        opened_at=NOW - dt.timedelta(hours=hours_ago),
        **more,
    )
    return msgspec.structs.replace(complete_facts(archetype), incidents=(incident,))


@pytest.mark.parametrize(
    ("archetype", "severity", "hours", "expected"),
    [
        ("ml_decisioning", 2, 0, "fail"),
        ("internal_copilot", 1, 0, "fail"),
        ("internal_copilot", 2, 23, "pass"),
        ("internal_copilot", 2, 24, "fail"),
        ("internal_copilot", 3, 500, "pass"),
    ],
)
def test_an_incident_may_be_open_as_long_as_its_severity_allows(archetype, severity, hours, expected):
    facts = with_incident(archetype, severity, hours)
    inside = cut(facts, [{"path": "dossier.initiative.scope.audience", "to": "internal"}])
    assert finding(inside, "CO-07").outcome == expected


def test_a_closed_incident_suspends_nothing():
    assert finding(with_incident("ml_decisioning", 1, 9, closed_at=NOW), "CO-07").outcome == "pass"


@pytest.mark.parametrize(("left", "expected"), [("2026-06-10", "pass"), ("2026-06-09", "fail")])
def test_an_owner_who_left_is_replaced_within_five_days(left, expected):
    facts = cut(
        complete_facts(),
        [
            {"path": "people[moe.model@alder.example].active", "to": False},
            {"path": "people[moe.model@alder.example].inactive_since", "to": f"{left}T12:00:00Z"},
        ],
    )
    assert finding(facts, "CO-08").outcome == expected


@pytest.mark.parametrize(("observed", "expected"), [("2025-06-08", "pass"), ("2025-06-07", "fail")])
def test_evidence_that_ran_out_suspends_after_seven_days(observed, expected):
    facts = cut(complete_facts(), [{"path": "evidence[DR-01].observed_on", "to": observed}])
    assert [finding(facts, code).outcome for code in ("DR-01", "CO-01")] == ["fail", expected]


# -- scope ----------------------------------------------------------------------------------------------------


def in_scope(share, *, limit=None, categories=()):
    return cut(
        complete_facts(),
        [
            {"path": "dossier.deployments[leeds].volume_share", "to": share},
            {"path": "dossier.deployments[leeds].categories", "to": []},
            {"path": "dossier.initiative.scope.volume_share_limit", "to": limit},
            {"path": "dossier.initiative.scope.categories", "to": list(categories)},
        ],
    )


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (in_scope(0.1), "pass"),
        (in_scope(0.11), "fail"),
        (in_scope(0.3, limit=0.5), "fail"),  # more than the horizon allows, whatever was written
        (
            in_scope(0.3, limit=0.5, categories=["returns"]),
            "pass",
        ),  # one or two named categories bound it instead
        (in_scope(0.6, limit=0.5, categories=["returns"]), "fail"),
        (in_scope(0.3, limit=0.5, categories=["returns", "orders", "refunds"]), "fail"),
    ],
)
def test_the_volume_stays_inside_scope_and_horizon(facts, expected):
    assert finding(facts, "CO-12").outcome == expected


def test_nothing_is_asked_of_operation_before_anything_runs():
    facts = cut(complete_facts(), [{"path": "dossier.deployments[leeds].state", "to": "planned"}])
    codes = [f"CO-{n:02d}" for n in range(1, 13)]
    assert {finding(facts, code).outcome for code in codes} == {"not_applicable"}
