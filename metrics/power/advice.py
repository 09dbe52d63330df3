"""What a plan that cannot tell its claim falls short by, how long it would take, and what would mend it. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from metrics.power.plan import SERIES_METHODS, NotComputable, Plan, PlanPower, chance
from metrics.power.planning import effect_curve, plan_power


@dataclass(frozen=True, slots=True)
class Traffic:
    """How many cases of all groups together arrive in a week, and how many weeks are booked; None: not stated.

    `stated` says where the number comes from, to stand behind it, such as “the plan states”.
    """

    per_week: float | None = None
    weeks: float | None = None
    stated: str = "are stated"


@dataclass(frozen=True, slots=True)
class Advice:
    """A plan's power with the way to enough of it, and its chance of showing effects from small to large.

    `timing` says in a sentence when the cases needed will have arrived, or that nothing tells; empty where the
    number of cases does not decide.
    """

    power: PlanPower
    weeks_needed: float | None
    timing: str
    remedies: tuple[str, ...]
    curve: tuple[tuple[float, float], ...]


def advise(plan: Plan, traffic: Traffic, unit: str = "") -> Advice:
    """Raises NotComputable as `plan_power` does; `unit` is that of the measure, for the words."""
    power = plan_power(plan)
    weeks = weeks_needed(plan, power, traffic)
    remedies = () if power.is_enough else tuple(_remedies(plan, power, weeks, traffic, unit))
    return Advice(power, weeks, _timing(plan, power, weeks, traffic), remedies, effect_curve(plan, power.mde))


def weeks_needed(plan: Plan, power: PlanPower, traffic: Traffic) -> float | None:
    """Weeks until the cases needed have arrived at the stated traffic; None where cases do not decide.

    None also without a traffic: the cases booked over the weeks booked are the plan's own wish, and say nothing
    about how many will come.
    """
    if not _cases_decide(plan) or power.required_n is None or not traffic.per_week:
        return None
    return power.required_n * (1 + plan.ratio) / traffic.per_week


def _cases_decide(plan: Plan) -> bool:
    return plan.method not in SERIES_METHODS and plan.method != "stepped_wedge"


def _timing(plan: Plan, power: PlanPower, weeks: float | None, traffic: Traffic) -> str:
    if not _cases_decide(plan) or power.required_n is None:
        return ""
    if weeks is None:
        return (
            "No traffic is stated, so no weeks are given: say how many cases a period has, here or in the baseline "
            "with its days."
        )
    return f"The cases needed arrive in {_weeks(weeks)} at {_pace(traffic)}."


def _weeks(weeks: float) -> str:
    number = math.ceil(weeks)
    return "about one week" if number == 1 else f"about {number:,} weeks"


def _pace(traffic: Traffic) -> str:
    return f"the {_rounded(traffic.per_week or 0.0)} cases a week that {traffic.stated}"


def _rounded(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"  # noqa: PLR2004 — below ten a rounded number misleads


def _remedies(plan: Plan, power: PlanPower, weeks: float | None, traffic: Traffic, unit: str) -> list[str]:
    found = []
    if power.required_n is not None:
        time = ""
        if weeks is not None:
            booked = f", {math.ceil(traffic.weeks):g} are booked" if traffic.weeks else ""
            time = f": {_weeks(weeks)} at {_pace(traffic)}{booked}"
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
    return f": the same cases would then have a power of {chance(power)}"


def _amount(value: float, plan: Plan, unit: str) -> str:
    if plan.measure == "proportion":
        return f"{100 * value:.3g} percentage points"
    return f"{value:.3g} {unit}".strip()
