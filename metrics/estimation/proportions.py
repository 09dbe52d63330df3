"""Shares: one, two, and whether a guard stayed within its margin."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from metrics.estimation.inputs import (
    Estimate,
    NotComputable,
    Share,
    check_finite,
    check_share,
    critical_z,
    one_sided_p,
    two_sided_p,
)

_EDGE = 1e-9  # how close to -1 and 1 the score statistic is evaluated


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """Whether cases arrived in the groups in the ratio planned."""

    chi_square: float
    p_value: float
    is_mismatched: bool


@dataclass(frozen=True, slots=True)
class NonInferiority:
    """Worsening `estimate` (positive = worse) against `margin`; `p_value` is one-sided, shown at alpha / 2."""

    estimate: Estimate
    margin: float
    p_value: float
    is_shown: bool


def wilson_share(share: Share, *, level: float = 0.95) -> Estimate:
    """One share with Wilson's interval (Wilson 1927; statsmodels proportion_confint)."""
    from statsmodels.stats.proportion import proportion_confint  # noqa: PLC0415 — slow import

    check_share(share, "observed")
    critical_z(level)
    low, high = proportion_confint(share.events, share.total, alpha=1 - level, method="wilson")
    return Estimate(share.value, float(low), float(high), None, share.total, "Wilson", level)


def pooled_z(changed: Share, comparison: Share) -> float:
    """Standardised difference of two shares under equality; 0 when neither group varies.

    The statistic planned for in `metrics.power`, and what a CUSUM of weekly looks adds up.
    """
    check_share(changed, "changed")
    check_share(comparison, "comparison")
    pooled = (changed.events + comparison.events) / (changed.total + comparison.total)
    error = math.sqrt(pooled * (1 - pooled) * (1 / changed.total + 1 / comparison.total))
    return (changed.value - comparison.value) / error if error > 0 else 0.0


def difference_of_shares(changed: Share, comparison: Share, *, level: float = 0.95) -> Estimate:
    """Changed minus comparison, with Newcombe's hybrid score interval and the pooled two-sided test.

    Source: Newcombe 1998 (Stat Med 17:873, method 10; statsmodels 'newcomb'). Raises NotComputable for groups
    under two cases or impossible counts.
    """
    from statsmodels.stats.proportion import confint_proportions_2indep  # noqa: PLC0415 — slow import

    p_value = two_sided_p(pooled_z(changed, comparison))
    critical_z(level)
    low, high = confint_proportions_2indep(
        changed.events,
        changed.total,
        comparison.events,
        comparison.total,
        method="newcomb",
        compare="diff",
        alpha=1 - level,
    )
    value = changed.value - comparison.value
    n = changed.total + comparison.total
    return Estimate(
        value,
        max(-1.0, min(float(low), value)),
        min(1.0, max(float(high), value)),
        p_value,
        n,
        "Newcombe hybrid score",
        level,
    )


def miettinen_nurminen(changed: Share, comparison: Share, *, level: float = 0.95) -> Estimate:
    """Changed minus comparison with the score interval of Miettinen & Nurminen 1985 (Stat Med 4:213).

    Own constrained maximum likelihood and root search, because the library's 'score' interval departs from the
    published rows and fails on small tables.
    """
    return _score_interval(changed, comparison, level, is_corrected=True)


def mee(changed: Share, comparison: Share, *, level: float = 0.95) -> Estimate:
    """Changed minus comparison with Mee's score interval (Mee 1984, Biometrics 40:1175): no N / (N - 1)."""
    return _score_interval(changed, comparison, level, is_corrected=False)


def non_inferiority(
    changed: Share, comparison: Share, *, margin: float, more_is_worse: bool = True, level: float = 0.95
) -> NonInferiority:
    """Whether a guard worsened by less than `margin` (a share above 0), by the Miettinen-Nurminen score.

    The one-sided test at (1 - level) / 2 agrees with the upper limit of the interval lying below the margin.
    """
    check_finite(margin=margin)
    if not 0 < margin < 1:
        raise NotComputable(("margin",), "A margin on a share lies between 0 and 1.")
    worse, better = (changed, comparison) if more_is_worse else (_missed(changed), _missed(comparison))
    estimate = miettinen_nurminen(worse, better, level=level)
    p_value = one_sided_p(-_score(worse, better, is_corrected=True)(margin))
    return NonInferiority(estimate, margin, p_value, p_value < (1 - level) / 2)


def sample_ratio(observed: Sequence[int], planned: Sequence[float], *, alpha: float = 0.001) -> SampleRatio:
    """Chi-square test that cases fell into groups as planned; `planned` are weights, normalised here.

    Source: Fabijan et al. 2019 (KDD) for the check and its .001 threshold; scipy chisquare.
    """
    from scipy.stats import chisquare  # noqa: PLC0415 — slow import

    if len(observed) != len(planned) or len(observed) < 2:  # noqa: PLR2004 — a ratio takes two
        raise NotComputable(
            ("groups",), "A sample ratio needs at least two groups, each with its planned share."
        )
    if not all(math.isfinite(n) and n >= 0 for n in observed) or sum(observed) == 0:
        raise NotComputable(("observed",), "The groups hold no cases, or a count that cannot be.")
    if not all(math.isfinite(share) and share > 0 for share in planned):
        raise NotComputable(("planned",), "Each group needs a planned share above 0.")
    total = sum(observed)
    test = chisquare(observed, [total * share / sum(planned) for share in planned])
    return SampleRatio(float(test.statistic), float(test.pvalue), bool(test.pvalue < alpha))


def _missed(share: Share) -> Share:
    return Share(share.total - share.events, share.total)


def _score_interval(changed: Share, comparison: Share, level: float, *, is_corrected: bool) -> Estimate:
    check_share(changed, "changed")
    check_share(comparison, "comparison")
    z, value = critical_z(level), changed.value - comparison.value
    score = _score(changed, comparison, is_corrected=is_corrected)
    low = _crossing(score, z, -1 + _EDGE, value, fallback=-1.0)
    high = _crossing(score, -z, value, 1 - _EDGE, fallback=1.0)
    name = "Miettinen-Nurminen" if is_corrected else "Mee"
    n = changed.total + comparison.total
    return Estimate(value, low, high, two_sided_p(score(0.0)), n, name, level)


def _crossing(
    score: Callable[[float], float], target: float, left: float, right: float, fallback: float
) -> float:
    """Where the falling score statistic equals `target`; the end of the scale when it never does."""
    from scipy.optimize import brentq  # noqa: PLC0415 — slow import

    if left >= right or (score(left) - target) * (score(right) - target) > 0:
        return fallback
    return float(brentq(lambda gap: score(gap) - target, left, right, xtol=1e-13))


def _score(changed: Share, comparison: Share, *, is_corrected: bool) -> Callable[[float], float]:
    """The score statistic as a function of the difference supposed."""
    total = changed.total + comparison.total
    factor = total / (total - 1) if is_corrected else 1.0
    value = changed.value - comparison.value

    def statistic(gap: float) -> float:
        q = _constrained_share(changed, comparison, gap)
        p = min(1.0, max(0.0, q + gap))
        variance = factor * (p * (1 - p) / changed.total + q * (1 - q) / comparison.total)
        if variance <= 0:
            return 0.0 if value == gap else math.copysign(math.inf, value - gap)
        return (value - gap) / math.sqrt(variance)

    return statistic


def _constrained_share(changed: Share, comparison: Share, gap: float) -> float:
    """Most likely comparison share given that the changed share exceeds it by `gap`.

    Closed-form root of the cubic, Miettinen & Nurminen 1985, appendix 1.
    """
    total = changed.total + comparison.total
    events = changed.events + comparison.events
    l2 = (changed.total + 2 * comparison.total) * gap - total - events
    l1 = (comparison.total * gap - total - 2 * comparison.events) * gap + events
    l0 = comparison.events * gap * (1 - gap)
    centre = l2 / (3 * total)
    q = centre**3 - l1 * l2 / (6 * total**2) + l0 / (2 * total)
    p = math.copysign(math.sqrt(max(0.0, centre**2 - l1 / (3 * total))), q)
    angle = (math.pi + math.acos(min(1.0, max(-1.0, q / p**3)))) / 3 if p else 0.0
    return min(1.0, 1.0 - gap, max(0.0, -gap, 2 * p * math.cos(angle) - centre))
