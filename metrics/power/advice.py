"""What a plan that cannot tell its claim falls short by, how long it would take, and what would mend it. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from metrics.power.plan import SERIES_METHODS, NotComputable, Plan, PlanPower
from metrics.power.planning import effect_curve, plan_power


@dataclass(frozen=True, slots=True)
class Traffic:
    """How many cases of all groups together arrive in a week, and how many weeks are booked; None: not stated."""

    per_week: float | None = None
    weeks: float | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """A plan's power with the way to enough of it, and its chance of showing effects from small to large."""

    power: PlanPower
    weeks_needed: float | None
    remedies: tuple[str, ...]
    curve: tuple[tuple[float, float], ...]


def advise(plan: Plan, traffic: Traffic, unit: str = "") -> Advice:
    """Raises NotComputable as `plan_power` does; `unit` is that of the measure, for the words."""
    power = plan_power(plan)
    weeks = weeks_needed(plan, power, traffic)
    remedies = () if power.is_enough else tuple(_remedies(plan, power, weeks, traffic, unit))
    return Advice(power, weeks, remedies, effect_curve(plan, power.mde))


def weeks_needed(plan: Plan, power: PlanPower, traffic: Traffic) -> float | None:
    """Weeks until the cases needed have arrived at the stated traffic; None where cases do not decide."""
    if plan.method in SERIES_METHODS or plan.method == "stepped_wedge" or power.required_n is None:
        return None
    per_week = traffic.per_week
    if per_week is None and traffic.weeks and power.planned_n:
        per_week = power.planned_n * (1 + plan.ratio) / traffic.weeks
    return power.required_n * (1 + plan.ratio) / per_week if per_week else None


def _remedies(plan: Plan, power: PlanPower, weeks: float | None, traffic: Traffic, unit: str) -> list[str]:
    found = []
    if power.required_n is not None:
        time = ""
        if weeks is not None:
            booked = f", {math.ceil(traffic.weeks):g} are booked" if traffic.weeks else ""
            time = f": about {math.ceil(weeks):,} weeks at the stated traffic{booked}"
        found.append(f"Plan {power.required_n:,} {power.unit}, {power.shortfall:,} more than now{time}.")
    if power.mde is not None and plan.margin is None:
        found.append(
            f"Or claim at least {_amount(power.mde, plan, unit)}, the smallest effect it can show as it stands."
        )
    elif power.mde is not None:
        found.append(
            f"Or agree a margin of {_amount(power.mde, plan, unit)}, the smallest it can hold as it stands."
        )
    if plan.ratio != 1 and plan.margin is None:
        found.append("Or make both groups the same size: the smaller one decides.")
    if plan.cluster_size is not None and plan.cluster_size > 1 and plan.method != "stepped_wedge":
        alone = _without_clusters(plan)
        found.append(f"Or randomise cases one by one in place of groups of {plan.cluster_size:g}{alone}.")
    if plan.method in SERIES_METHODS:
        found.append(
            "Or read more periods before launch, or more cases in each, so that each period varies less."
        )
    if plan.method == "stepped_wedge":
        found.append("Or measure more cases in each cluster and period, or change over in more steps.")
    if power.required_n is None:
        found.append("Or choose another method: an A/B test needs the fewest cases.")
    return found


def _without_clusters(plan: Plan) -> str:
    try:
        power = plan_power(replace(plan, cluster_size=None, icc=None)).power
    except NotComputable:
        return ""
    return f": the same cases would then have a power of {math.floor(100 * power)}%"


def _amount(value: float, plan: Plan, unit: str) -> str:
    if plan.measure == "proportion":
        return f"{100 * value:.3g} percentage points"
    return f"{value:.3g} {unit}".strip()
