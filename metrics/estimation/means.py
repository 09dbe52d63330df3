"""Means, times and several claims at once; whether an effect lasts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from metrics.estimation.inputs import (
    Estimate,
    NotComputable,
    Summary,
    check_finite,
    check_summary,
    counted,
    critical_z,
    two_sided_p,
)


@dataclass(frozen=True, slots=True)
class PeriodEffect:
    """The effect measured in one period alone, with its standard error, in one unit."""

    value: float
    standard_error: float


@dataclass(frozen=True, slots=True)
class Novelty:
    """The effect in the first and the last third of the periods, and whether the two differ."""

    first: Estimate
    last: Estimate
    is_fading: bool
    is_growing: bool


def difference_of_means(changed: Summary, comparison: Summary, *, level: float = 0.95) -> Estimate:
    """Changed minus comparison with Welch's interval and test (Welch 1947; scipy ttest_ind_from_stats).

    Raises NotComputable for groups under two cases, or when neither group varies.
    """
    from scipy.stats import t, ttest_ind_from_stats  # noqa: PLC0415 — slow import

    check_summary(changed, "changed")
    check_summary(comparison, "comparison")
    critical_z(level)
    a, b = changed.sd**2 / changed.n, comparison.sd**2 / comparison.n
    if a + b == 0:
        raise NotComputable(("sd",), "Neither group varies, so there is no error to judge the difference by.")
    freedom = (a + b) ** 2 / (a**2 / (changed.n - 1) + b**2 / (comparison.n - 1))
    test = ttest_ind_from_stats(
        changed.mean, changed.sd, changed.n, comparison.mean, comparison.sd, comparison.n, equal_var=False
    )
    value, reach = changed.mean - comparison.mean, float(t.ppf((1 + level) / 2, freedom)) * math.sqrt(a + b)
    n = changed.n + comparison.n
    return Estimate(value, value - reach, value + reach, float(test.pvalue), n, "Welch", level)


def paired_means(differences: Summary, *, level: float = 0.95) -> Estimate:
    """Mean of the differences within pairs with Student's interval and test (R `t.test(paired = TRUE)`).

    `differences` summarises changed minus comparison, pair by pair. Raises NotComputable under two pairs, or when
    every pair differs by the same.
    """
    from scipy.stats import t  # noqa: PLC0415 — slow import

    if differences.n < 2:  # noqa: PLR2004 — a spread takes two
        sentence = f"The comparison has {counted(differences.n, 'pair')}; at least two are needed."
        raise NotComputable(("n",), sentence)
    check_summary(differences, "pairs")
    critical_z(level)
    if differences.sd == 0:
        raise NotComputable(("sd",), "Every pair differs by the same, so there is no error to judge by.")
    freedom = differences.n - 1
    error = differences.sd / math.sqrt(differences.n)
    reach = float(t.ppf((1 + level) / 2, freedom)) * error
    p_value = float(2 * t.sf(abs(differences.mean) / error, freedom))
    value = differences.mean
    return Estimate(value, value - reach, value + reach, p_value, differences.n, "paired t test", level)


def ratio_of_geometric_means(changed: Summary, comparison: Summary, *, level: float = 0.95) -> Estimate:
    """Changed divided by comparison for skewed data; both summaries are of natural logarithms."""
    logs = difference_of_means(changed, comparison, level=level)
    value, low, high = (math.exp(limit) for limit in (logs.value, logs.low, logs.high))
    return Estimate(value, low, high, logs.p_value, logs.n, "ratio of geometric means, Welch", level)


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """P-values adjusted for several primary metrics, in the order given (Holm 1979, Scand J Stat 6:65)."""
    if not all(0 <= p <= 1 for p in p_values):
        raise NotComputable(("p_values",), "A p-value lies between 0 and 1.")
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, i in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[i]))
        adjusted[i] = highest
    return tuple(adjusted)


def novelty(effects: Sequence[PeriodEffect], *, level: float = 0.95) -> Novelty:
    """Whether an effect fades or still grows: mean of the first third of periods against the last third.

    It fades when the last third is closer to nought (or beyond it) than chance explains at `level`, and grows when
    it is further away. Normal test on independent periods. Raises NotComputable under three periods.
    """
    third = len(effects) // 3
    if third == 0:
        raise NotComputable(("periods",), "Telling whether an effect lasts takes at least three periods.")
    for effect in effects:
        check_finite(effect=effect.value, standard_error=effect.standard_error)
        if effect.standard_error <= 0:
            raise NotComputable(("standard_error",), "Each period's effect needs a standard error above 0.")
    first, last = (_mean_effect(part, level) for part in (effects[:third], effects[-third:]))
    z = critical_z(level)
    error = math.hypot(first.high - first.value, last.high - last.value) / z
    towards_nought = (first.value - last.value) * (1 if first.value >= 0 else -1)
    return Novelty(first, last, towards_nought > z * error, towards_nought < -z * error)


def _mean_effect(effects: Sequence[PeriodEffect], level: float) -> Estimate:
    value = math.fsum(effect.value for effect in effects) / len(effects)
    error = math.sqrt(math.fsum(effect.standard_error**2 for effect in effects)) / len(effects)
    reach = critical_z(level) * error
    return Estimate(
        value,
        value - reach,
        value + reach,
        two_sided_p(value / error),
        len(effects),
        "mean of periods",
        level,
    )
