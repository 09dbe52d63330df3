"""Counts of events over an exposure: defects per thousand cases, complaints per week."""

from __future__ import annotations

import math
from dataclasses import dataclass

from metrics.estimation.inputs import Estimate, NotComputable, check_finite, critical_z


@dataclass(frozen=True, slots=True)
class Rate:
    """`events` over an `exposure` above 0 (cases, hours, weeks); the unit of the rate is events per exposure."""

    events: int
    exposure: float

    @property
    def value(self) -> float:
        return self.events / self.exposure


def difference_of_rates(changed: Rate, comparison: Rate, *, level: float = 0.95) -> Estimate:
    """Changed minus comparison, in events per exposure.

    Interval: each rate's score limits joined by the square root of their squared distances (MOVER; Li, Tang & Wong
    2014, Comput Stat 29:869; statsmodels 'mover'). Test: exact conditional binomial (Przyborowski & Wilenski 1940;
    R `poisson.test`). Raises NotComputable for no exposure, impossible counts, or no event in either group.
    """
    _check(changed, comparison)
    z = critical_z(level)
    value = changed.value - comparison.value
    low_a, high_a = _score_limits(changed, z)
    low_b, high_b = _score_limits(comparison, z)
    low = value - math.hypot(changed.value - low_a, high_b - comparison.value)
    high = value + math.hypot(high_a - changed.value, comparison.value - low_b)
    n = changed.events + comparison.events
    return Estimate(
        value, low, high, _exact_p(changed, comparison), n, "Poisson, exact conditional test", level
    )


def ratio_of_rates(changed: Rate, comparison: Rate, *, level: float = 0.95) -> Estimate:
    """Changed divided by comparison, with the exact interval of R `poisson.test` (Clopper-Pearson on the split).

    Raises NotComputable as `difference_of_rates` does, and when the comparison group has no event.
    """
    from scipy.stats import beta  # noqa: PLC0415 — slow import

    _check(changed, comparison)
    critical_z(level)
    if comparison.events == 0:
        raise NotComputable(("comparison",), "The comparison group has no event, so a ratio has no base.")
    x, n, tail = changed.events, changed.events + comparison.events, (1 - level) / 2
    low = float(beta.ppf(tail, x, n - x + 1)) if x else 0.0
    high = float(beta.ppf(1 - tail, x + 1, n - x))
    turn = comparison.exposure / changed.exposure
    value = changed.value / comparison.value
    p_value = _exact_p(changed, comparison)
    return Estimate(
        value, turn * low / (1 - low), turn * high / (1 - high), p_value, n, "exact rate ratio", level
    )


def _score_limits(rate: Rate, z: float) -> tuple[float, float]:
    centre, reach = rate.events + z * z / 2, z * math.sqrt(rate.events + z * z / 4)
    return (centre - reach) / rate.exposure, (centre + reach) / rate.exposure


def _exact_p(changed: Rate, comparison: Rate) -> float:
    from scipy.stats import binomtest  # noqa: PLC0415 — slow import

    total = changed.exposure + comparison.exposure
    return float(
        binomtest(changed.events, changed.events + comparison.events, changed.exposure / total).pvalue
    )


def _check(changed: Rate, comparison: Rate) -> None:
    for name, rate in (("changed", changed), ("comparison", comparison)):
        check_finite(**{f"{name}_events": rate.events, f"{name}_exposure": rate.exposure})
        if rate.exposure <= 0:
            raise NotComputable((name,), f"The {name} group needs an exposure above 0.")
        if rate.events < 0 or rate.events != int(rate.events):
            raise NotComputable((name,), f"The {name} group counts {rate.events:g} events, which cannot be.")
    if changed.events + comparison.events == 0:
        raise NotComputable(
            ("events",), "No event was counted in either group, so there is nothing to compare."
        )
