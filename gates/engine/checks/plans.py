"""Comparison plans: what each method must say, and how long it must last."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any

import msgspec

from gates.engine import mending
from gates.engine.checking import Ledger, Outcome, check
from gates.engine.checks.measurement import ANALYST, at_metric, for_each_claim
from gates.engine.facts import Facts
from gates.engine.policy import Params
from gates.engine.verdict import NextMove
from gates.engine.view import Case
from gates.engine.words import count, day, listing
from initiatives.dossier.metrics import Comparison, Method, Metric
from initiatives.dossier.operating_model import Responsibility

METHODS: dict[Method, str] = {
    "ab_test": "A/B test",
    "before_after": "before/after comparison",
    "interrupted_time_series": "interrupted time series",
    "matched_cohorts": "matched cohorts",
    "stepped_wedge": "stepped wedge",
}


# -- comparison plan ------------------------------------------------------------------------------------------


class PlanFields(Params, frozen=True, kw_only=True):
    """Which fields a plan needs, in common and by method, and who may not analyse."""

    common: tuple[str, ...]
    ab_test: tuple[str, ...]
    before_after: tuple[str, ...]
    interrupted_time_series: tuple[str, ...]
    matched_cohorts: tuple[str, ...]
    stepped_wedge: tuple[str, ...]
    not_analysed_by: tuple[Responsibility, ...] = ()

    def faults(self) -> tuple[str, ...]:
        """Fields that a comparison plan does not have."""
        asked = {field for method in ("common", *METHODS) for field in getattr(self, method)}
        unknown = sorted(asked - set(Comparison.__struct_fields__))
        return (f"a comparison plan has no field {listing(unknown)}",) if unknown else ()

    def of(self, method: Method) -> tuple[str, ...]:
        """All fields the method needs."""
        asked: tuple[str, ...] = getattr(self, method)
        return self.common + asked


@lru_cache(maxsize=1)
def _questions() -> dict[str, str]:
    """What each field of a plan asks, for a sentence."""
    schema = msgspec.json.schema(Comparison)["$defs"]["Comparison"]["properties"]
    return {name: str(given.get("title", name)).rstrip("?").lower() for name, given in schema.items()}


def _plan_move(claim: Metric) -> NextMove:
    return at_metric(
        f"Write the comparison plan for {claim.title}", claim, key=f"plan:{claim.code}", days=3.0
    )


def lack_plan(case: Case, claim: Metric, ledger: Ledger) -> None:
    """Say that the claim has no plan."""
    place = f"{case.view.metric_place(claim.code)}/comparison"
    found = f"{claim.title} has no comparison plan"
    ledger.lack(claim.title, found, _plan_move(claim), place=place, unknown=True)


@check("measurement.plans_are_whole", PlanFields)
def plans_are_whole(case: Case, params: PlanFields) -> Outcome:
    """Each claimed metric has a comparison plan with what its method needs, frozen before the first data."""

    def line(claim: Metric, ledger: Ledger) -> None:
        place, plan = f"{case.view.metric_place(claim.code)}/comparison", claim.comparison
        if plan is None:
            lack_plan(case, claim, ledger)
            return
        missing = missing_in_plan(plan, params)
        if missing:
            words = [f"“{_questions()[field]}”" for field in missing]
            move = at_metric(f"Complete the plan for {claim.title}: {listing(words)}", claim)
            found = f"the {METHODS[plan.method]} for {claim.title} does not answer {listing(words)}"
            ledger.lack(claim.title, found, move, place=place, unknown=True)
        elif fault := _fault_of_plan(case, plan, params):
            move = at_metric(f"Put the plan for {claim.title} right", claim)
            ledger.lack(
                claim.title, f"the {METHODS[plan.method]} for {claim.title} {fault}", move, place=place
            )
        else:
            ledger.note(claim.title, f"{claim.title} is compared by {METHODS[plan.method]}", place=place)

    return for_each_claim(case, "a comparison plan for each claimed metric", line)


def missing_in_plan(plan: Comparison, params: PlanFields) -> list[str]:
    """Fields the method needs that are empty; zero and no are answers."""
    asked = [*params.of(plan.method)]
    if "order_seed" in asked and not plan.random_order:
        asked.remove("order_seed")
    if (plan.cluster_size is None) != (plan.intracluster_correlation is None):
        asked += ["cluster_size", "intracluster_correlation"]
    return [field for field in asked if getattr(plan, field) in {None, "", ()}]


def _fault_of_plan(case: Case, plan: Comparison, params: PlanFields) -> str:
    if plan.start_on and plan.end_on and plan.end_on < plan.start_on:
        return f"ends on {day(plan.end_on)}, before it starts"
    if plan.frozen_on and plan.start_on and plan.frozen_on > plan.start_on:
        return f"was frozen on {day(plan.frozen_on)}, after its first data on {day(plan.start_on)}"
    builders = {case.view.owner_of(one) for one in params.not_analysed_by}
    if plan.analysed_by in builders:
        return f"is analysed by {case.view.name(plan.analysed_by)}, who builds it"
    return ""


@plans_are_whole.mend
def mend_plans_are_whole(case: Case, params: PlanFields) -> Facts:
    """Write or complete each plan."""
    facts = mending.with_a_claim(case.facts)
    for claim in facts.dossier.metrics:
        if claim.target is None:
            continue
        if claim.comparison is None:
            facts = mending.with_metric(facts, claim.code, comparison=sound_plan(case))
            continue
        plan = _filled(case, claim.comparison, missing_in_plan(claim.comparison, params))
        if _fault_of_plan(case, plan, params):
            start = plan.start_on or case.today
            end = max(start, plan.end_on or start)
            plan = msgspec.structs.replace(plan, frozen_on=start, analysed_by=ANALYST, end_on=end)
        facts = mending.with_metric(facts, claim.code, comparison=plan)
    return facts


def sound_plan(case: Case) -> Comparison:
    """An A/B test that has everything and can tell."""
    plan = Comparison(method="ab_test", measure="mean", sample_per_arm=10**8)
    start = case.today
    dates = {"start_on": start, "end_on": start + dt.timedelta(days=41), "frozen_on": start}
    text = dict.fromkeys(
        ("unit_of_analysis", "population", "exclusions", "unit_of_randomisation", "assignment_log"),
        mending.STAND_IN,
    )
    return msgspec.structs.replace(
        plan, **dates, **text, analysed_by=ANALYST, ratio=1.0, intention_to_treat=mending.STAND_IN
    )


_NUMBERS: dict[str, Any] = {
    "ratio": 1.0,
    "sample_per_arm": 10**8,
    "cluster_size": 1.0,
    "intracluster_correlation": 0.0,
    "period_days": 7,
    "periods_before": 24,
    "periods_after": 24,
    "cases_per_period": 10**8,
    "autocorrelation": 0.0,
    "ramp_periods": 0,
    "caliper": 0.2,
    "history_weeks": 12,
    "clusters": 24,
    "steps": 6,
    "random_order": True,
    "cluster_period_sd": 0.001,
    "cluster_effect_sd": 0.001,
    "analysed_by": ANALYST,
    "matching_variables": (mending.STAND_IN,),
}


def _filled(case: Case, plan: Comparison, fields: list[str]) -> Comparison:
    start = plan.start_on or plan.frozen_on or case.today
    days = {
        "start_on": start,
        "end_on": max(start, plan.start_on or start) + dt.timedelta(days=180),
        "frozen_on": start,
        "launch_on": start,
    }
    values = {field: days.get(field, _NUMBERS.get(field, mending.STAND_IN)) for field in fields}
    return msgspec.structs.replace(plan, **values)


# -- length ---------------------------------------------------------------------------------------------------


class Minimum(Params, frozen=True, kw_only=True):
    """How much of time or steps each method needs."""

    ab_test_days: int
    series_periods_before: int
    series_periods_after: int
    wedge_steps: int
    wedge_clusters: int
    matched_history_weeks: int


@check("measurement.plans_last_long_enough", Minimum)
def plans_last_long_enough(case: Case, params: Minimum) -> Outcome:
    """Each plan lasts as long as its method needs."""

    def line(claim: Metric, ledger: Ledger) -> None:
        if claim.comparison is None:
            lack_plan(case, claim, ledger)
            return
        place = f"{case.view.metric_place(claim.code)}/comparison"
        label, needs = claim.title, minimum_of(claim.comparison, params)
        for words, found, least in needs:
            if found is not None and found >= least:
                ledger.note(label, f"{label}: {count(found, *words)}", place=place)
                continue
            planned = "the length is not stated" if found is None else f"{count(found, *words)} are planned"
            text = f"{METHODS[claim.comparison.method]} for {label}: {planned}"
            move = at_metric(f"Plan at least {count(least, *words)} for {label}", claim)
            ledger.lack(
                label,
                text,
                move,
                needed=f"at least {count(least, *words)}",
                place=place,
                unknown=found is None,
            )

    return for_each_claim(case, "the minimum length of each method", line)


Need = tuple[tuple[str, str], int | None, int]


def minimum_of(plan: Comparison, params: Minimum) -> tuple[Need, ...]:
    """What is counted, what is planned, and the least."""
    if plan.method == "ab_test":
        known = plan.start_on is not None and plan.end_on is not None
        days = (plan.end_on - plan.start_on).days + 1 if known and plan.start_on and plan.end_on else None
        return ((("day", "days"), days, params.ab_test_days),)
    if plan.method == "matched_cohorts":
        return ((("week of history", "weeks of history"), plan.history_weeks, params.matched_history_weeks),)
    if plan.method == "stepped_wedge":
        return (
            (("step", "steps"), plan.steps, params.wedge_steps),
            (("cluster", "clusters"), plan.clusters, params.wedge_clusters),
        )
    return (
        (("period before", "periods before"), plan.periods_before, params.series_periods_before),
        (("period after", "periods after"), plan.periods_after, params.series_periods_after),
    )


@plans_last_long_enough.mend
def mend_plans_last_long_enough(case: Case, params: Minimum) -> Facts:
    """Lengthen each plan to its minimum."""
    facts = case.facts
    for claim in case.view.claims:
        plan = claim.comparison
        if plan is None:
            facts = mending.with_metric(facts, claim.code, comparison=sound_plan(case))
            continue
        start = plan.start_on or case.today
        least: dict[str, Any] = {
            "history_weeks": max(plan.history_weeks or 0, params.matched_history_weeks),
            "steps": max(plan.steps or 0, params.wedge_steps),
            "clusters": max(plan.clusters or 0, params.wedge_clusters),
            "periods_before": max(plan.periods_before or 0, params.series_periods_before),
            "periods_after": max(plan.periods_after or 0, params.series_periods_after),
            "start_on": start,
            "end_on": max(plan.end_on or start, start + dt.timedelta(days=params.ab_test_days - 1)),
        }
        facts = mending.with_metric(facts, claim.code, comparison=msgspec.structs.replace(plan, **least))
    return facts
