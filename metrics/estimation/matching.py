"""Matched cohorts: are the groups alike, what did pairs do, and how strong would hiding have to be."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from metrics.estimation.inputs import (
    Estimate,
    NotComputable,
    Share,
    Summary,
    check_finite,
    check_share,
    check_summary,
    critical_z,
)


@dataclass(frozen=True, slots=True)
class Covariate:
    """One matching variable before treatment, in both groups: both `Summary` or both `Share`."""

    name: str
    treated: Summary | Share
    comparison: Summary | Share


@dataclass(frozen=True, slots=True)
class CovariateBalance:
    """Standardised difference, and variance ratio for a measured covariate (None for a share)."""

    name: str
    difference: float
    variance_ratio: float | None
    is_balanced: bool


@dataclass(frozen=True, slots=True)
class Balance:
    """Every covariate and the share of treated cases that found a match."""

    covariates: tuple[CovariateBalance, ...]
    matched_share: float
    is_balanced: bool

    @property
    def unbalanced(self) -> tuple[str, ...]:
        return tuple(covariate.name for covariate in self.covariates if not covariate.is_balanced)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Counts of matched pairs by event in the treated and in the comparison member."""

    both: int
    treated_only: int
    comparison_only: int
    neither: int

    @property
    def total(self) -> int:
        return self.both + self.treated_only + self.comparison_only + self.neither


@dataclass(frozen=True, slots=True)
class EValue:
    """Risk ratio an unmeasured confounder would need with both group and outcome; for estimate and nearer limit."""

    estimate: float
    limit: float


def standardised_difference(treated: Summary | Share, comparison: Summary | Share) -> float:
    """(treated - comparison) / sqrt of the mean of both variances, without unit (Austin 2009, Stat Med 28:3083)."""
    gap = _level(treated, "treated") - _level(comparison, "comparison")
    spread = math.sqrt((_variance(treated) + _variance(comparison)) / 2)
    if spread == 0 and gap == 0:
        return 0.0
    if spread == 0:
        raise NotComputable(("sd",), "The groups differ but neither varies, so the difference has no scale.")
    return gap / spread


def variance_ratio(treated: Summary, comparison: Summary) -> float:
    """Variance in the treated group divided by that in the comparison group (Austin 2009; wanted within 0.5-2)."""
    check_summary(treated, "treated")
    check_summary(comparison, "comparison")
    if comparison.sd == 0:
        raise NotComputable(
            ("comparison",), "The comparison group does not vary, so a ratio of variances has no base."
        )
    return (treated.sd / comparison.sd) ** 2


def balance(
    covariates: Sequence[Covariate],
    *,
    matched: Share,
    largest_difference: float = 0.1,
    ratio_range: tuple[float, float] = (0.5, 2.0),
    least_matched: float = 0.8,
) -> Balance:
    """Whether matching made the groups comparable: |SMD| below 0.1, variance ratio 0.5-2, 80 % of treated matched.

    Limits are those of Austin 2009 and Rubin 2001; pass the policy's own. Raises NotComputable without covariates.
    """
    if not covariates:
        raise NotComputable(("covariates",), "Balance cannot be shown without a named covariate.")
    check_share(matched, "matched")
    rows = tuple(_judge(covariate, largest_difference, ratio_range) for covariate in covariates)
    is_balanced = matched.value >= least_matched and all(row.is_balanced for row in rows)
    return Balance(rows, matched.value, is_balanced)


def paired_difference(pairs: Pairs, *, level: float = 0.95) -> Estimate:
    """Treated minus comparison share over matched pairs: McNemar's exact test, Agresti-Min interval.

    Interval: Wald with half an observation added to each cell (Agresti & Min 2005, Stat Med 24:729), which holds its
    level on small counts. Test: exact binomial on discordant pairs (McNemar 1947; statsmodels mcnemar).
    """
    from statsmodels.stats.contingency_tables import mcnemar  # noqa: PLC0415 — slow import

    cells = (pairs.both, pairs.treated_only, pairs.comparison_only, pairs.neither)
    if min(cells) < 0 or pairs.total < 2:  # noqa: PLR2004 — one pair says nothing about spread
        raise NotComputable(("pairs",), "A paired comparison takes at least two pairs and no negative count.")
    b, c, n = pairs.treated_only + 0.5, pairs.comparison_only + 0.5, pairs.total + 2
    centre = (b - c) / n
    reach = critical_z(level) * math.sqrt(b + c - (b - c) ** 2 / n) / n
    value = (pairs.treated_only - pairs.comparison_only) / pairs.total
    table = [[pairs.both, pairs.treated_only], [pairs.comparison_only, pairs.neither]]
    p_value = float(mcnemar(table, exact=True).pvalue) if b + c > 1 else 1.0
    low, high = max(-1.0, min(value, centre - reach)), min(1.0, max(value, centre + reach))
    return Estimate(value, low, high, p_value, pairs.total, "McNemar exact, Agresti-Min", level)


def e_value(risk_ratio: float, low: float, high: float) -> EValue:
    """RR + sqrt(RR (RR - 1)) for the estimate and for the limit nearer 1; below 1 the ratio is inverted first.

    1 for the limit when the interval holds 1. Source: VanderWeele & Ding 2017 (Ann Intern Med 167:268).
    """
    check_finite(risk_ratio=risk_ratio, low=low, high=high)
    if not 0 < low <= risk_ratio <= high:
        raise NotComputable(
            ("risk_ratio",), "A risk ratio and its limits are above 0, with the ratio between them."
        )
    nearer = low if risk_ratio >= 1 else high
    holds_one = low <= 1 <= high
    return EValue(_e(risk_ratio), 1.0 if holds_one else _e(nearer))


def _e(ratio: float) -> float:
    above = ratio if ratio >= 1 else 1 / ratio
    return above + math.sqrt(above * (above - 1))


def _judge(covariate: Covariate, largest: float, ratio_range: tuple[float, float]) -> CovariateBalance:
    treated, comparison = covariate.treated, covariate.comparison
    difference = standardised_difference(treated, comparison)
    ratio = None
    if isinstance(treated, Summary) and isinstance(comparison, Summary) and (treated.sd or comparison.sd):
        ratio = variance_ratio(treated, comparison)
    within = ratio is None or ratio_range[0] <= ratio <= ratio_range[1]
    return CovariateBalance(covariate.name, difference, ratio, abs(difference) < largest and within)


def _level(group: Summary | Share, name: str) -> float:
    if isinstance(group, Share):
        check_share(group, name)
        return group.value
    check_summary(group, name)
    return group.mean


def _variance(group: Summary | Share) -> float:
    return group.value * (1 - group.value) if isinstance(group, Share) else group.sd**2
