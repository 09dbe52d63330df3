"""Whether a planned comparison is able to tell: power, smallest detectable effect, cases needed.

Pure: no clock, no storage, no unseeded chance. `plan_power` is the entry.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import NormalDist

from metrics.power import formulae
from metrics.power.plan import (
    HORIZON_PERIODS,
    SERIES_METHODS,
    CurvePoint,
    Method,
    NotComputable,
    Plan,
    PlanPower,
    distance_to_detect,
    first_group,
    inflation_of,
    series_numbers,
    spread_of,
    wedge_spreads,
    whole,
)

_NORMAL = NormalDist()
_LONGEST_SEARCH = 520  # periods or clusters: ten years of weeks, beyond which no plan is worth proposing


@dataclass(frozen=True, slots=True)
class _Model:
    """A plan reduced to one function of (n, effect); n counts what `unit` says."""

    power_at: Callable[[float, float], float]
    effect: float
    widest_effect: float
    planned_n: float
    smallest_n: int
    largest_n: int
    unit: str
    basis: str


def plan_power(plan: Plan) -> PlanPower:
    """Power, smallest detectable effect (unsigned, unit of the measure) and n required of a plan.

    Raises NotComputable when a field is missing or impossible, never answers with a number then.
    """
    model = _model(plan)
    return PlanPower(
        power=min(1.0, max(0.0, model.power_at(model.planned_n, model.effect))),
        target_power=plan.target_power,
        mde=_smallest_effect(plan, model),
        planned_n=math.floor(model.planned_n + 1e-9),
        required_n=_required(plan, model),
        unit=model.unit,
        basis=model.basis,
    )


def required_n(plan: Plan) -> int | None:
    """The n a plan needs, whatever it has booked: cases per group, periods after launch, or clusters.

    None when no number up to ten years of weeks is enough. Raises NotComputable as `plan_power` does.
    """
    booked: dict[Method, Plan] = {
        "ab_test": replace(plan, n_per_arm=plan.n_per_arm or 1000.0),
        "matched_cohorts": replace(plan, n_per_arm=plan.n_per_arm or 1000.0),
        "stepped_wedge": replace(plan, clusters=plan.clusters or plan.steps),
    }
    periods = plan.periods_after or plan.horizon or HORIZON_PERIODS
    complete = booked.get(plan.method, replace(plan, periods_after=periods))
    return _required(complete, _model(complete))


def power_curve(plan: Plan, *, points: int = 20) -> tuple[CurvePoint, ...]:
    """Power at up to `points` even steps of n, from the smallest that can be judged to beyond plan and need."""
    model = _model(plan)
    end = math.ceil(1.25 * max(model.planned_n, _required(plan, model) or 0, model.smallest_n + points))
    steps = {model.smallest_n + round(i * (end - model.smallest_n) / (points - 1)) for i in range(points)}
    return tuple(CurvePoint(n, model.power_at(n, model.effect)) for n in sorted(steps))


def effect_curve(plan: Plan, mde: float | None, *, points: int = 25) -> tuple[tuple[float, float], ...]:
    """(effect, power) at the planned n, from none to twice the claim or the smallest effect the plan can show.

    With a margin the effect is the margin itself. Raises NotComputable as `plan_power` does.
    """
    model = _model(plan)
    sign, assumed = math.copysign(1.0, model.effect), (plan.effect or 0.0) if plan.margin is not None else 0.0
    widest = min(model.widest_effect, 1.5 * max(abs(model.effect), (mde or 0.0) - assumed))
    sizes = [widest * i / (points - 1) for i in range(1, points)]
    found = [(assumed + size, model.power_at(model.planned_n, sign * size)) for size in sizes]
    return tuple((size, min(1.0, max(0.0, power))) for size, power in found)


def _required(plan: Plan, model: _Model) -> int | None:
    """Smallest whole n that reaches the target, by doubling and halving."""

    def is_enough(n: int) -> bool:
        return model.power_at(n, model.effect) >= plan.target_power

    low, high = model.smallest_n - 1, model.smallest_n
    while not is_enough(high):
        if high >= model.largest_n:
            return None
        low, high = high, min(2 * high, model.largest_n)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high


def _smallest_effect(plan: Plan, model: _Model) -> float | None:
    from scipy.optimize import brentq  # noqa: PLC0415 — slow import

    sign = math.copysign(1.0, model.effect)

    def excess(size: float) -> float:
        return model.power_at(model.planned_n, sign * size) - plan.target_power

    high = min(model.widest_effect, abs(model.effect))
    while excess(high) < 0:
        if high >= model.widest_effect:
            return None
        high = min(2 * high, model.widest_effect)
    assumed = (plan.effect or 0.0) if plan.margin is not None else 0.0
    return assumed + float(brentq(excess, high * 1e-9, high, xtol=high * 1e-13))


def _model(plan: Plan) -> _Model:
    effect = distance_to_detect(plan)
    if plan.method in SERIES_METHODS:
        return _series_model(plan, effect)
    if plan.method == "stepped_wedge":
        return _wedge_model(plan, effect)
    return _groups_model(plan, effect)


def _groups_model(plan: Plan, effect: float) -> _Model:
    inflation = inflation_of(plan)
    n1 = first_group(plan)
    baseline, ratio, alpha = plan.baseline_value or 0.0, plan.ratio, plan.alpha
    of_events = plan.measure == "count" and plan.spread is None
    has_spread = plan.margin is not None or not (of_events or plan.measure == "proportion")
    spread = spread_of(plan) if has_spread else 0.0
    widest, basis = math.inf, "two-sample t test"
    if plan.margin is not None:
        basis = "non-inferiority, normal form"
    elif plan.measure == "proportion":
        widest, basis = (1 - baseline if effect > 0 else baseline), "two proportions, pooled null"
    elif of_events:
        widest, basis = (math.inf if effect > 0 else baseline), "two Poisson rates, pooled null"

    def power_at(n: float, size: float) -> float:
        effective = n / inflation
        if plan.margin is not None:
            return formulae.non_inferiority_power(size, spread**2, effective, alpha=alpha, ratio=ratio)
        if plan.measure == "proportion":
            return formulae.proportions_power(baseline, baseline + size, effective, alpha=alpha, ratio=ratio)
        if of_events:
            return formulae.rates_power(baseline, baseline + size, effective, alpha=alpha, ratio=ratio)
        return formulae.means_power(size / spread, effective, alpha=alpha, ratio=ratio)

    smallest = math.ceil(inflation * max(2.0, 2.0 / ratio))
    if n1 < smallest:
        raise NotComputable(
            ("n_per_arm",), f"At least {smallest} cases per group are needed to compute a power."
        )
    unit = "cases per group" if ratio == 1 else "cases in the comparison group"
    return _Model(power_at, effect, widest, n1, smallest, 10**12, unit, basis)


def _series_model(plan: Plan, effect: float) -> _Model:
    before, after, horizon, spread, phi = series_numbers(plan)

    def power_at(n: float, size: float) -> float:
        error = formulae.series_standard_error(
            before=before, after=int(n), horizon=horizon, spread=spread, autocorrelation=phi
        )
        return _NORMAL.cdf(abs(size) / error - formulae.z_of(plan.alpha))

    basis = "segmented regression, AR(1) errors, analytic"
    return _Model(power_at, effect, math.inf, after, 3, _LONGEST_SEARCH, "periods after launch", basis)


def _wedge_model(plan: Plan, effect: float) -> _Model:
    clusters = whole(plan.clusters, "clusters", 2)
    steps = whole(plan.steps, "steps", 2)
    sigma, tau = wedge_spreads(plan)

    def power_at(n: float, size: float) -> float:
        error = formulae.wedge_standard_error(clusters=int(n), steps=steps, sigma=sigma, tau=tau)
        return _NORMAL.cdf(abs(size) / error - formulae.z_of(plan.alpha))

    return _Model(
        power_at, effect, math.inf, clusters, 2, _LONGEST_SEARCH, "clusters", "Hussey and Hughes 2007"
    )


def simulate_series_power(plan: Plan, *, draws: int = 1000, seed: int = 20260615) -> float:
    """Share of simulated AR(1) series in which segmented regression with HAC errors finds the claimed step.

    The judged figure for a report; pages use `plan_power`, whose error is analytic. HAC intervals are too narrow on
    short series (Turner et al. 2021), so this share lies somewhat above the analytic power there.
    Raises NotComputable as `plan_power` does.
    """
    import numpy as np  # noqa: PLC0415 — slow import
    from statsmodels.regression.linear_model import OLS  # noqa: PLC0415 — slow import

    effect = distance_to_detect(plan)
    if plan.method not in SERIES_METHODS:
        raise NotComputable(("method",), "Only before/after and interrupted series plans are simulated.")
    before, after, horizon, spread, phi = series_numbers(plan)
    rows, contrast = formulae.series_design(before, after, horizon)
    x = np.array(rows)
    source = np.random.default_rng(seed)
    hits = 0
    for _ in range(draws):
        shocks = source.normal(size=len(rows))
        noise = np.empty(len(rows))
        noise[0] = shocks[0]
        for t in range(1, len(rows)):
            noise[t] = phi * noise[t - 1] + math.sqrt(1 - phi**2) * shocks[t]
        fit = OLS(spread * noise + effect * x[:, 2], x).fit(
            cov_type="HAC", cov_kwds={"maxlags": 4, "use_correction": True}
        )
        test = fit.t_test(np.array(contrast))
        hits += bool(test.pvalue < plan.alpha and test.effect[0] * effect > 0)
    return hits / draws
