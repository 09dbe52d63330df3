"""What a comparison plan says in plain numbers, what it must say, and the words for what it can tell."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from metrics.power.formulae import design_effect

Method = Literal["ab_test", "before_after", "interrupted_time_series", "matched_cohorts", "stepped_wedge"]
Measure = Literal["proportion", "mean", "count"]
SERIES_METHODS: tuple[Method, ...] = ("before_after", "interrupted_time_series")
_ROUNDING = 1e-12  # a share of exactly 0 or 1 may be missed by a float sum
HORIZON_PERIODS = 8  # a result is read at the eighth period after launch unless the plan says otherwise


class NotComputable(ValueError):
    """The inputs do not determine a number. `missing` names the fields at fault; `sentence` says it to people."""

    def __init__(self, missing: tuple[str, ...], sentence: str) -> None:
        super().__init__(sentence)
        self.missing = missing
        self.sentence = sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a comparison plan says in plain numbers.

    `effect` is the claimed absolute change, signed, in the unit of the measure (a share for a proportion, events
    per case for a count, which varies as Poisson's law says unless `spread` is stated).
    With `margin` set the plan shows non-inferiority of a guard: `effect` is then the true worsening assumed
    (0 by default) and must be smaller than `margin`. `spread` is the standard deviation of one case, or, for
    series, of one period's value around its trend. `n_per_arm` counts the comparison group and `ratio` is the
    changed group divided by it; `total` may be given in its place. `cluster_size` is cases per agent or team,
    in a stepped wedge cases per cluster and period. `sd_cluster_period` (of a cluster-period mean) and `tau`
    (between clusters) may replace spread, cluster size and icc in a stepped wedge.
    """

    method: Method
    measure: Measure
    baseline_value: float | None = None
    spread: float | None = None
    effect: float | None = None
    margin: float | None = None
    alpha: float = 0.05
    target_power: float = 0.8
    n_per_arm: float | None = None
    total: float | None = None
    ratio: float = 1.0
    cluster_size: float | None = None
    icc: float | None = None
    matching_inflation: float = 1.2
    periods_before: int | None = None
    periods_after: int | None = None
    horizon: int | None = None
    autocorrelation: float | None = None
    clusters: int | None = None
    steps: int | None = None
    sd_cluster_period: float | None = None
    tau: float | None = None


def chance(power: float) -> str:
    """A power as people read it, floored so that a target that was missed never reads as reached."""
    percent = math.floor(100 * power + _ROUNDING)
    if not percent:
        return "under 1%"
    return "over 99%" if 99 + _ROUNDING < 100 * power < 100 - _ROUNDING else f"{percent}%"


@dataclass(frozen=True, slots=True)
class PlanPower:
    """What a plan can tell. Counts are in `unit`; `mde` and `required_n` are None where no value will do."""

    power: float
    target_power: float
    mde: float | None
    planned_n: int
    required_n: int | None
    unit: str
    basis: str

    @property
    def is_enough(self) -> bool:
        return self.power >= self.target_power

    @property
    def shortfall(self) -> int | None:
        """Further cases, periods or clusters needed; 0 when the plan is enough, None when no number is."""
        if self.is_enough:
            return 0
        return None if self.required_n is None else max(0, self.required_n - self.planned_n)

    @property
    def sentence(self) -> str:
        opening = (
            f"With {self.planned_n:,} {self.unit} the chance of showing the effect is {chance(self.power)}"
        )
        if self.is_enough:
            return f"{opening}: enough."
        if self.required_n is None:
            return f"{opening}; {self.target_power:.0%} cannot be reached by adding {self.unit} alone."
        return f"{opening}; {self.target_power:.0%} needs {self.required_n:,}, {self.shortfall:,} more than planned."


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One point of a power curve: `n` in the unit of the plan."""

    n: int
    power: float


def number(value: float | None, field: str) -> float:
    """The value, or NotComputable when it is absent, NaN or infinite."""
    if value is None:
        raise NotComputable((field,), f"The plan does not say its {field.replace('_', ' ')}.")
    if not math.isfinite(value):
        raise NotComputable((field,), f"The plan's {field.replace('_', ' ')} is not a finite number.")
    return float(value)


def within(value: float | None, field: str, low: float, high: float, *, is_open: bool = True) -> float:
    """The value when it lies between the limits (exclusive unless `is_open` is false), else NotComputable."""
    found = number(value, field)
    if found < low or found > high or (is_open and found in {low, high}):
        limits = f"above {low:g}" if high == math.inf else f"between {low:g} and {high:g}"
        raise NotComputable(
            (field,), f"The plan's {field.replace('_', ' ')} must lie {limits}, not at {found:g}."
        )
    return found


def whole(value: float | None, field: str, least: int) -> int:
    """The value when it is a whole number of at least `least`, else NotComputable."""
    found = number(value, field)
    if found < least or found != int(found):
        name = field.replace("_", " ")
        raise NotComputable(
            (field,), f"The plan's {name} must be a whole number of at least {least}, not {found:g}."
        )
    return int(found)


def distance_to_detect(plan: Plan) -> float:
    """The distance the plan must detect: the effect, or with a margin what is left of it."""
    within(plan.alpha, "alpha", 0, 1)
    within(plan.target_power, "target_power", plan.alpha, 1)
    within(plan.ratio, "ratio", 0, math.inf)
    if plan.margin is not None:
        gap = within(plan.margin, "margin", 0, math.inf) - number(plan.effect or 0.0, "effect")
        if gap <= 0:
            raise NotComputable(("margin", "effect"), "The worsening assumed already uses up the margin.")
        return gap
    effect = number(plan.effect, "effect")
    if effect == 0:
        raise NotComputable(("effect",), "The plan claims no change, so there is nothing to detect.")
    if plan.measure == "proportion":
        baseline = within(plan.baseline_value, "baseline_value", 0, 1, is_open=False)
        if not -_ROUNDING <= baseline + effect <= 1 + _ROUNDING:
            raise NotComputable(("effect",), "The claimed change takes the share outside 0 to 1.")
        if {baseline, baseline + effect} == {0, 1}:
            raise NotComputable(
                ("effect",), "From none to all nothing varies, so there is no power to compute."
            )
    if plan.measure == "count" and within(plan.baseline_value, "baseline_value", 0, math.inf) + effect < 0:
        raise NotComputable(("effect",), "The claimed change takes the count below 0.")
    return effect


def spread_of(plan: Plan) -> float:
    """Standard deviation as the plan gives it; else that of one case: sqrt(p * (1 - p)) of a share, sqrt(rate) of a count."""
    if plan.measure == "proportion" and plan.spread is None:
        share = within(plan.baseline_value, "baseline_value", 0, 1)
        return math.sqrt(share * (1 - share))
    if plan.measure == "count" and plan.spread is None:
        return math.sqrt(within(plan.baseline_value, "baseline_value", 0, math.inf))
    return within(plan.spread, "spread", 0, math.inf)


def inflation_of(plan: Plan) -> float:
    """Factor on the sample size for randomised groups and for matching."""
    factor = 1.0
    if plan.cluster_size is not None or plan.icc is not None:
        size = within(plan.cluster_size, "cluster_size", 1, math.inf, is_open=False)
        factor = design_effect(size, within(plan.icc, "icc", 0, 1, is_open=False))
    if plan.method == "matched_cohorts":
        factor *= within(plan.matching_inflation, "matching_inflation", 1, math.inf, is_open=False)
    return factor


def first_group(plan: Plan) -> float:
    """Cases in the comparison group, from `n_per_arm` or `total`."""
    if plan.n_per_arm is None and plan.total is not None:
        return within(plan.total, "total", 0, math.inf) / (1 + plan.ratio)
    return within(plan.n_per_arm, "n_per_arm", 0, math.inf)


def series_numbers(plan: Plan) -> tuple[int, int, int, float, float]:
    """Periods before, after, horizon, spread of one period's value, and lag-one correlation."""
    before = whole(plan.periods_before, "periods_before", 3)
    after = whole(plan.periods_after, "periods_after", 3)
    horizon = whole(plan.horizon or min(HORIZON_PERIODS, after), "horizon", 1)
    phi = within(plan.autocorrelation, "autocorrelation", -1, 1)
    if plan.measure != "mean" and plan.spread is None:
        return before, after, horizon, spread_of(plan) / math.sqrt(first_group(plan) / after), phi
    return before, after, horizon, spread_of(plan), phi


def wedge_spreads(plan: Plan) -> tuple[float, float]:
    """SD of a cluster-period mean and SD between clusters, given as such or through spread, ICC and cluster size."""
    if plan.sd_cluster_period is not None or plan.tau is not None:
        sigma = within(plan.sd_cluster_period, "sd_cluster_period", 0, math.inf)
        return sigma, within(number(plan.tau, "tau"), "tau", 0, math.inf, is_open=False)
    spread = spread_of(plan)
    icc = within(plan.icc, "icc", 0, 1)
    size = within(plan.cluster_size, "cluster_size", 1, math.inf, is_open=False)
    return spread * math.sqrt((1 - icc) / size), spread * math.sqrt(icc)
