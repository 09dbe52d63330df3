"""Whether a plan can tell its claim from noise, and whether an early reading can stand in for a late outcome."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from functools import lru_cache

import msgspec

from gates.engine import mending
from gates.engine.checking import Ledger, Outcome, check, deed
from gates.engine.checks.claims import guards_of
from gates.engine.checks.measurement import amount, at_metric, for_each_claim
from gates.engine.checks.plans import lack_plan, sound_plan
from gates.engine.facts import Facts
from gates.engine.policy import Params
from gates.engine.view import Case
from gates.engine.words import count, day, number, percent
from initiatives.dossier.metrics import Baseline, Comparison, LeadingIndicator, Method, Metric
from metrics.estimation import indicators, inputs
from metrics.power.plan import Measure, NotComputable, Plan, PlanPower, chance
from metrics.power.planning import plan_power

SERIES: tuple[Method, ...] = ("before_after", "interrupted_time_series")
GROUPS: tuple[Method, ...] = ("ab_test", "matched_cohorts")


# -- power ----------------------------------------------------------------------------------------------------


class PowerTerms(Params, frozen=True, kw_only=True):
    """What a plan must be able to detect, and at which error rate."""

    power: float
    alpha: float

    def faults(self) -> tuple[str, ...]:
        """Shares that are none."""
        sound = 0 < self.alpha < self.power < 1
        return () if sound else ("alpha and power must lie between 0 and 1, alpha below power",)


@lru_cache(maxsize=4096)
def _power(plan: Plan) -> PlanPower | str:
    """What a plan can tell, or why that cannot be computed; a pure function of the plan, kept because it is slow."""
    try:
        return plan_power(plan)
    except NotComputable as refusal:
        return refusal.sentence


def plan_of(claim: Metric, params: PowerTerms) -> Plan:
    """The claim's comparison in plain numbers."""
    plan, baseline = claim.comparison or Comparison(method="ab_test"), claim.baseline
    return Plan(
        method=plan.method,
        measure=plan.measure,
        baseline_value=baseline.value if baseline else None,
        spread=_spread(plan, baseline),
        effect=claim.target.effect if claim.target else None,
        alpha=params.alpha,
        target_power=params.power,
        n_per_arm=plan.sample_per_arm,
        ratio=plan.ratio or 1.0,
        cluster_size=plan.cluster_size,
        icc=plan.intracluster_correlation,
        periods_before=plan.periods_before,
        periods_after=plan.periods_after,
        autocorrelation=plan.autocorrelation,
        clusters=plan.clusters,
        steps=plan.steps,
        sd_cluster_period=plan.cluster_period_sd,
        tau=plan.cluster_effect_sd,
    )


def _spread(plan: Comparison, baseline: Baseline | None) -> float | None:
    """Spread of one case; for a series of one period's value, which many cases narrow."""
    if baseline is None:
        return None
    share = plan.measure == "proportion"
    if plan.method not in SERIES:
        return None if share else baseline.spread
    spread = baseline.spread
    if share and 0 <= baseline.value <= 1:
        spread = math.sqrt(baseline.value * (1 - baseline.value))
    elif plan.measure == "count" and spread is None and baseline.value > 0:
        spread = math.sqrt(baseline.value)  # of the events of one case, as Poisson's law has it
    return spread / math.sqrt(plan.cases_per_period) if spread is not None and plan.cases_per_period else None


def guard_plan(claim: Metric, guard: Metric, params: PowerTerms) -> Plan | None:
    """What the same cases can tell about harm to a counter-metric; None when its baseline or margin is not known."""
    plan, baseline, limits = claim.comparison, guard.baseline, guard.limits
    if (
        plan is None
        or baseline is None
        or limits is None
        or limits.margin is None
        or plan.method not in GROUPS
    ):
        return None
    share = bool(guard.numerator and guard.denominator) and 0 < baseline.value < 1
    return dataclasses.replace(
        plan_of(claim, params),
        measure="proportion" if share else _counted(guard),
        baseline_value=baseline.value,
        spread=None if share else baseline.spread,
        effect=None,
        margin=limits.margin,
    )


def _counted(guard: Metric) -> Measure:
    return "count" if guard.comparison is not None and guard.comparison.measure == "count" else "mean"


@check("measurement.plans_can_tell", PowerTerms)
def plans_can_tell(case: Case, params: PowerTerms) -> Outcome:
    """Each plan has the power to show its claim, and to show that its counter-metrics stay within their margins."""

    def line(claim: Metric, ledger: Ledger) -> None:
        if claim.comparison is None:
            lack_plan(case, claim, ledger)
            return
        _power_line(case, claim, claim.title, plan_of(claim, params), ledger)
        for guard in guards_of(case, claim):
            plan = guard_plan(claim, guard, params)
            if plan is not None:
                _power_line(case, claim, f"{guard.title}, guarding {claim.title}", plan, ledger, guard=guard)

    return for_each_claim(case, "a plan that can tell each claim from noise", line)


def _power_line(
    case: Case, claim: Metric, label: str, plan: Plan, ledger: Ledger, *, guard: Metric | None = None
) -> None:
    place = f"{case.view.metric_place(claim.code)}/comparison"
    needed = f"a power of {percent(plan.target_power)} at an error rate of {percent(plan.alpha)}"
    power = _power(plan)
    if isinstance(power, str):
        move = at_metric(f"State what the power of the plan for {claim.title} needs", claim)
        found = f"the power of the plan for {label} cannot be computed: {power[:1].lower()}{power[1:].rstrip('.')}"
        ledger.lack(label, found, move, needed=needed, place=place, unknown=True)
    elif power.is_enough:
        ledger.note(label, f"{label}: {_sentence(power, plan, guard)}", place=place, needed=needed)
    else:
        more = f"{number(power.required_n)} {power.unit}" if power.required_n else "a stronger design"
        move = at_metric(f"Plan {more} for {claim.title}, or change the claim", claim, days=3.0)
        ledger.lack(label, f"{label}: {_sentence(power, plan, guard)}", move, needed=needed, place=place)


def _sentence(power: PlanPower, plan: Plan, guard: Metric | None) -> str:
    """What the plan can tell, and what it would take."""
    what = (
        "showing the claimed effect"
        if plan.margin is None
        else f"ruling out harm beyond {amount(guard, plan.margin)}"
    )
    found = f"with {number(power.planned_n)} {power.unit} the chance of {what} is {chance(power.power)}"
    if power.is_enough or power.required_n is None:
        return found
    return f"{found}; {percent(power.target_power)} takes {number(power.required_n)}"


@plans_can_tell.mend
def mend_plans_can_tell(case: Case, params: PowerTerms) -> Facts:
    """Enlarge a plan of two groups; replace another plan by an A/B test that can tell."""
    facts = case.facts
    for claim in case.view.claims:
        if claim.comparison is None:
            facts = mending.with_metric(facts, claim.code, comparison=sound_plan(case))
            continue
        guards = (guard_plan(claim, guard, params) for guard in guards_of(case, claim))
        plans = [plan_of(claim, params), *(plan for plan in guards if plan is not None)]
        if all(not isinstance(p := _power(plan), str) and p.is_enough for plan in plans):
            continue
        size = {"sample_per_arm": 10**9, "ratio": claim.comparison.ratio or 1.0}
        larger = msgspec.structs.replace(claim.comparison, **size)
        if claim.comparison.method not in GROUPS:
            larger = msgspec.structs.replace(sound_plan(case), sample_per_arm=10**9)
        facts = mending.with_metric(facts, claim.code, comparison=larger)
    return facts


# -- outcomes that lag ----------------------------------------------------------------------------------------


class LagTerms(Params, frozen=True, kw_only=True):
    """From which lag on an early reading is needed, and how well it must predict."""

    lag_days: int
    vintages: int
    correlation: float
    confidence: float


@lru_cache(maxsize=1024)
def _prediction(
    pairs: tuple[tuple[float, float], ...], params: LagTerms
) -> indicators.LeadingIndicator | str:
    """How well the early number foretold the late one; kept because a pure function of the pairs is asked often."""
    try:
        return indicators.leading_indicator(
            [early for early, _late in pairs],
            [late for _early, late in pairs],
            least_vintages=params.vintages,
            least_r=params.correlation,
            level=params.confidence,
        )
    except inputs.NotComputable as refusal:
        return refusal.sentence


@check("measurement.late_outcomes_have_early_readings", LagTerms)
def late_outcomes_have_early_readings(case: Case, params: LagTerms) -> Outcome:
    """An outcome that shows late has an indicator shown to predict it, and a day on which the outcome is read."""
    ledger = Ledger()
    late = _late_outcomes(case, params)
    for code, (title, lag) in late.items():
        metrics = [m for m in case.dossier.metrics if m.node == code and m.layer == "outcome"]
        needed = f"an early reading with at least {params.vintages} vintages and a correlation of at least {params.correlation:g}"
        best = next((m for m in metrics if not _fault_of_leading(case, m, params)), None)
        if best is not None and best.leading is not None:
            read_on = best.leading.outcome_read_on
            leader = case.view.metrics[best.leading.metric].title
            found = f"{leader} foretells {best.title}, which is read on {day(read_on or case.today)}"
            ledger.note(title, found, place=case.view.metric_place(best.code))
            continue
        fault = _fault_of_leading(case, metrics[0], params) if metrics else "no metric reads it"
        place = f"measurement/#metric-{metrics[0].code}" if metrics else f"chain/#node-{code}"
        move = deed(
            f"Name an early reading that predicts “{title}” and the day it is read", role="owner", place=place
        )
        found = f"“{title}” shows only after {count(lag, 'day')}, and {fault}"
        ledger.lack(title, found, move, needed=needed, unknown=not (metrics and metrics[0].leading))
    if not late:
        ledger.note("Late outcomes", f"no outcome lags more than {count(params.lag_days, 'day')}")
    return ledger.settle()


def _late_outcomes(case: Case, params: LagTerms) -> dict[str, tuple[str, int]]:
    graph = case.view.graph
    if not any(link.lag_days for link in graph.links):
        return {}
    return {
        node.code: (node.title, graph.lag_days[node.code])
        for node in graph.of_kind("outcome")
        if node.code in graph.on_path and graph.lag_days[node.code] > params.lag_days
    }


def _fault_of_leading(case: Case, metric: Metric, params: LagTerms) -> str:
    leading = metric.leading
    if leading is None or leading.metric not in case.view.metrics:
        return f"{metric.title} has no early reading"
    if leading.outcome_read_on is None:
        return f"no day is set on which {metric.title} is read"
    if len(leading.vintages) < params.vintages:
        return f"the early reading of {metric.title} rests on {count(len(leading.vintages), 'vintage')}"
    found = _prediction(leading.vintages, params)
    if isinstance(found, str):
        return f"the early reading of {metric.title} cannot be judged: {found[:1].lower()}{found[1:].rstrip('.')}"
    if not found.qualifies:
        return f"the early reading of {metric.title} may correlate as little as {number(round(found.low, 2))}"
    return ""


@late_outcomes_have_early_readings.mend
def mend_late_outcomes_have_early_readings(case: Case, params: LagTerms) -> Facts:
    """Give each late outcome an indicator with a long and steady history."""
    facts = case.facts
    pairs = tuple((float(n), float(n) + 0.01 * (n % 2)) for n in range(1, params.vintages + 9))
    for code in _late_outcomes(case, params):
        metrics = [m for m in facts.dossier.metrics if m.node == code and m.layer == "outcome"]
        if metrics and not any(not _fault_of_leading(case, m, params) for m in metrics):
            leader = next(
                (m.code for m in facts.dossier.metrics if m.code != metrics[0].code), metrics[0].code
            )
            late = case.today + dt.timedelta(days=365)
            early = LeadingIndicator(metric=leader, vintages=pairs, outcome_read_on=late)
            facts = mending.with_metric(facts, metrics[0].code, leading=early)
        elif not metrics:
            outcome = mending.new_metric(facts, "late-outcome", layer="outcome", node=code)
            late = case.today + dt.timedelta(days=365)
            early = LeadingIndicator(metric=outcome.code, vintages=pairs, outcome_read_on=late)
            facts = mending.with_more_metrics(facts, msgspec.structs.replace(outcome, leading=early))
    return facts
