"""A model that was launched although nothing was aligned: which rules fail, week by week, on the figures of the story.

Accuracy stays green throughout. What people do with the output does not.
"""

import datetime as dt
from functools import cache
from typing import NamedTuple

import msgspec
import pytest

from gates.engine.facts import Acknowledgement, Drift, Person, Reading, Series
from metrics.control_charts import Reading as Counted
from metrics.control_charts import rate_limits
from tests.gates.engine.builders import complete_facts, finding
from tests.gates.engine.dossiers import at

# Twelve pilot weeks: 2,907 decisions, 414 of them overridden.
PILOT_DECISIONS = (242, 243, 242, 243, 242, 242, 242, 242, 242, 243, 242, 242)
PILOT_OVERRIDES = (38, 36, 31, 32, 31, 35, 38, 31, 36, 35, 32, 39)
LAUNCH = dt.date(2026, 3, 2)


class Week(NamedTuple):
    """What was recorded by its Friday."""

    friday: dt.date
    overrides: int
    decisions: int
    log: float
    reasons: float
    viewed: float
    psi: float
    model: float = 0.94  # what the model itself reports: green, week after week


WEEKS = (
    Week(dt.date(2026, 3, 6), 71, 420, 0.97, 0.88, 0.80, 0.04),
    Week(dt.date(2026, 3, 13), 96, 430, 0.97, 0.86, 0.71, 0.05),
    Week(dt.date(2026, 3, 20), 131, 425, 0.96, 0.84, 0.52, 0.07),
    Week(dt.date(2026, 3, 27), 161, 426, 0.96, 0.82, 0.45, 0.11),
    Week(dt.date(2026, 4, 3), 172, 425, 0.95, 0.80, 0.41, 0.12),
)


def reading(friday, value, *, of=None):
    monday = friday - dt.timedelta(days=4)
    counts = {} if of is None else {"numerator": value, "denominator": of}
    return Reading(
        period_start=monday, period_end=friday, value=value if of is None else value / of, **counts
    )


def pilot_weeks():
    return [LAUNCH - dt.timedelta(days=3 + 7 * back) for back in reversed(range(len(PILOT_DECISIONS)))]


def overrides_until(friday):
    pilot = [
        reading(end, x, of=n)
        for end, x, n in zip(pilot_weeks(), PILOT_OVERRIDES, PILOT_DECISIONS, strict=True)
    ]
    return (*pilot, *(reading(w.friday, w.overrides, of=w.decisions) for w in WEEKS if w.friday <= friday))


def shares_until(friday, field, in_pilot):
    live = (reading(week.friday, getattr(week, field)) for week in WEEKS if week.friday <= friday)
    return (reading(pilot_weeks()[-1], in_pilot), *live)


@cache
def facts_on(friday):
    """The story as it was known on the evening of a Friday."""
    facts = complete_facts("ml_decisioning")
    week = next(week for week in WEEKS if week.friday == friday)
    metrics = tuple(one for one in facts.dossier.metrics if one.code != "escalation-rate")
    places = tuple(msgspec.structs.replace(place, live_from=LAUNCH) for place in facts.dossier.deployments)
    recorded = {
        "override-rate": overrides_until(friday),
        # Reasons and log fields were optional, in the pilot too.
        "log-completeness": shares_until(friday, "log", 0.99),
        "reason-coverage": shares_until(friday, "reasons", 0.90),
        "exposure": shares_until(friday, "viewed", 0.85),
        "coverage": shares_until(friday, "model", 0.94),
        "evaluation": shares_until(friday, "model", 0.94),
    }
    drift = Drift(
        metric="stability", period_end=friday, psi=week.psi, n_expected=2907, n_actual=week.decisions, bins=10
    )
    return msgspec.structs.replace(
        facts,
        dossier=msgspec.structs.replace(facts.dossier, deployments=places, metrics=metrics),
        series=tuple(Series(metric=metric, readings=rows) for metric, rows in recorded.items()),
        drift=(drift,),
    )


def evening(friday):
    return dt.datetime.combine(friday, dt.time(18), dt.UTC)


def told(code, friday, facts=None):
    return finding(facts or facts_on(friday), code, evening(friday))


FAILING = {
    dt.date(2026, 3, 6): ["CO-09", "CO-10"],
    dt.date(2026, 3, 13): ["CO-05", "CO-09", "CO-10"],
    dt.date(2026, 3, 20): ["CO-05", "CO-09", "CO-10", "CO-11"],
    dt.date(2026, 3, 27): ["CO-05", "CO-09", "CO-10", "CO-11"],
    dt.date(2026, 4, 3): ["CO-05", "CO-09", "CO-10", "CO-11"],
}


@pytest.mark.parametrize(("friday", "expected"), FAILING.items())
def test_the_rules_fail_in_the_weeks_of_the_story(friday, expected):
    watched = ("CO-03", "CO-04", "CO-05", "CO-09", "CO-10", "CO-11", "CO-12")
    assert [code for code in watched if told(code, friday).is_failing] == expected


def test_the_pilot_is_the_one_of_the_story():
    readings = [Counted(n=n, x=x) for n, x in zip(PILOT_DECISIONS, PILOT_OVERRIDES, strict=True)]
    limits = rate_limits(readings, floor=0.0)
    figures = (sum(PILOT_DECISIONS), sum(PILOT_OVERRIDES), round(limits.centre, 6), round(limits.sigma_z, 3))
    assert figures == (2907, 414, 0.142415, 0.574)


def test_the_override_spike_is_called_on_the_second_friday():
    assert told("CO-05", dt.date(2026, 3, 13)).reason == (
        "Share of proposals overridden reached 22.3% in the week to 13 March 2026, against 14.2% ± 3 sigma "
        "(limit 19.3%); readings of Share of proposals overridden above 14.2% add up to 5.4 sigma in the week "
        "to 13 March 2026 (limit 4) (needed: a cause, written down)."
    )


def test_more_signals_follow_week_by_week():
    kinds = {
        friday: len([item for item in told("CO-05", friday).items if not item.ok or "due by" in item.found])
        for friday in FAILING
    }
    # The spike and the sum; two of three a week later; four of five a week after that.
    assert list(kinds.values()) == [0, 2, 3, 4, 4]


def test_a_run_becomes_a_failure_when_nobody_explains_it_within_five_working_days():
    friday = dt.date(2026, 3, 27)
    reasons = [item.found for item in told("CO-05", friday).items]
    assert [found.split(";")[-1].strip() for found in reasons if "due by" in found] == [
        "its cause is due by 3 April 2026",
        "its cause is due by 3 April 2026",
    ]


def test_what_is_missing_in_the_log_is_told_in_the_first_week():
    assert told("CO-09", dt.date(2026, 3, 6)).reason == (
        "Decision log completeness was 97% in the week to 6 March 2026 (needed: at least 98%)."
    )


def test_drift_is_amber_and_stops_nothing():
    found = told("CO-04", dt.date(2026, 3, 27))
    assert (found.outcome, found.reason) == (
        "pass",
        "Population stability was 0.11 on 27 March 2026 over 426 cases, amber: above 0.1, watch it.",
    )


def test_a_cause_written_down_settles_what_was_seen_until_then():
    friday = dt.date(2026, 3, 13)
    cause = Acknowledgement(
        rule="CO-05",
        metric="override-rate",
        by=at("olga.operations"),
        at=evening(friday),
        cause="A second team started without training",
        period_end=friday,
    )
    settled = msgspec.structs.replace(facts_on(friday), acknowledgements=(cause,))
    later = msgspec.structs.replace(facts_on(dt.date(2026, 3, 20)), acknowledgements=(cause,))
    assert (told("CO-05", friday, settled).outcome, told("CO-05", dt.date(2026, 3, 20), later).outcome) == (
        "pass",
        "fail",
    )


def test_nobody_answers_when_the_model_drifts():
    friday = dt.date(2026, 3, 27)
    facts = facts_on(friday)
    gone = msgspec.structs.replace(
        facts.people[at("tim.technology")], active=False, inactive_since=evening(dt.date(2026, 3, 16))
    )
    left: dict[str, Person] = {**facts.people, gone.email: gone}
    found = told("CO-08", friday, msgspec.structs.replace(facts, people=left))
    assert (found.outcome, found.reason) == (
        "fail",
        "Tim Technology, who owns on call and platform, has not been active since 16 March 2026 (needed: somebody else within 5 days).",
    )


def test_the_work_that_was_to_be_saved_is_more_work():
    shifts = (("look-ups", -9.0, 420.0), ("explaining", 14.0, 170.0), ("exceptions", 18.0, 81.18))
    facts = facts_on(dt.date(2026, 4, 3))
    first = facts.dossier.change_impact.workload_shifts[0]
    measured = tuple(
        msgspec.structs.replace(
            first, code=code, step=code, minutes_per_case=minutes, cases_per_week=cases, exposed_share=1.0
        )
        for code, minutes, cases in shifts
    )
    impact = msgspec.structs.replace(facts.dossier.change_impact, workload_shifts=measured)
    dossier = msgspec.structs.replace(facts.dossier, change_impact=impact)
    found = told("CI-02", dt.date(2026, 4, 3), msgspec.structs.replace(facts, dossier=dossier))
    assert found.reason == (
        "Handling time claims saved time, and the net saves none: −63 h/week claimed, +64.02 h/week added, "
        "net +1.02 h/week, most of the saving reappears elsewhere (101.6%) (Clerks +1.02)."
    )
