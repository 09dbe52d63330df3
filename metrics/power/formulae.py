"""Power and sample size, one closed form per design, each with its source."""

from __future__ import annotations

import math
from statistics import NormalDist

_NORMAL = NormalDist()


def z_of(alpha: float) -> float:
    """Two-sided critical value of the standard normal."""
    return _NORMAL.inv_cdf(1 - alpha / 2)


def design_effect(cluster_size: float, icc: float) -> float:
    """Factor on the sample size when groups are randomised: 1 + (m - 1) * ICC (Kish 1965; Donner & Klar 2000)."""
    return 1 + (cluster_size - 1) * icc


# -- two proportions -----------------------------------------------------------------------------------------


def _proportion_errors(p1: float, p2: float, ratio: float) -> tuple[float, float]:
    """Standard errors times sqrt(n1): under equality (pooled) and under the claimed difference."""
    pooled = (p1 + ratio * p2) / (1 + ratio)
    return (
        math.sqrt(max(0.0, pooled * (1 - pooled)) * (1 + 1 / ratio)),
        math.sqrt(max(0.0, p1 * (1 - p1) + p2 * (1 - p2) / ratio)),
    )


def proportions_required_n(
    p1: float, p2: float, *, alpha: float = 0.05, power: float = 0.8, ratio: float = 1.0
) -> float:
    """Cases in the first group, unrounded; the second takes `ratio` times as many.

    Pooled-null closed form (Fleiss, Levin & Paik 2003, ch. 4; R `power.prop.test`). Shares strictly inside 0-1.
    """
    null, claimed = _proportion_errors(p1, p2, ratio)
    return float(((z_of(alpha) * null + _NORMAL.inv_cdf(power) * claimed) / (p1 - p2)) ** 2)


def proportions_power(p1: float, p2: float, n1: float, *, alpha: float = 0.05, ratio: float = 1.0) -> float:
    """Power of the pooled two-sided test, far tail not counted (as R `power.prop.test`, strict = FALSE)."""
    null, claimed = _proportion_errors(p1, p2, ratio)
    excess = abs(p1 - p2) * math.sqrt(n1) - z_of(alpha) * null
    if claimed == 0:  # from none to all: nothing varies, the test decides or it does not
        return float(excess > 0)
    return _NORMAL.cdf(excess / claimed)


# -- two rates of events -------------------------------------------------------------------------------------


def rates_power(rate1: float, rate2: float, n1: float, *, alpha: float = 0.05, ratio: float = 1.0) -> float:
    """Power of the two-sided score test of two Poisson rates, far tail not counted; rates are events per case.

    Variance pooled under equality, and of the claimed rates under the claim (Zhu 2017, Stat Biopharm Res 9:107;
    statsmodels `power_poisson_diff_2indep`, method_var "score"). `n1` cases in the first group, `ratio` times as
    many in the second.
    """
    pooled = (rate1 + ratio * rate2) / (1 + ratio)
    null, claimed = math.sqrt(pooled * (1 + 1 / ratio)), math.sqrt(rate1 + rate2 / ratio)
    return _NORMAL.cdf((abs(rate1 - rate2) * math.sqrt(n1) - z_of(alpha) * null) / claimed)


# -- two means -----------------------------------------------------------------------------------------------


def means_power(effect_size: float, n1: float, *, alpha: float = 0.05, ratio: float = 1.0) -> float:
    """Power of the two-sided two-sample t test; `effect_size` in standard deviations.

    As statsmodels `TTestIndPower`, from the same functions of scipy called directly: a plan is searched in many steps.
    """
    from scipy.special import nctdtr, stdtrit  # noqa: PLC0415 — slow import

    freedom = n1 * (1 + ratio) - 2
    shift = abs(effect_size) * math.sqrt(1 / (1 / n1 + 1 / (n1 * ratio)))
    critical = -float(stdtrit(freedom, alpha / 2))
    near, far = float(nctdtr(freedom, shift, critical)), float(nctdtr(freedom, shift, -critical))
    if math.isnan(near):
        return _far_t_power(shift, freedom, critical)
    return 1 - near + (0.0 if math.isnan(far) else far)


def _far_t_power(shift: float, freedom: float, critical: float) -> float:
    """Where the noncentral t underflows (shift beyond about 37 standard errors) only the spread estimate still varies."""
    from scipy.special import chdtr  # noqa: PLC0415 — slow import

    return float(chdtr(freedom, freedom * (shift / critical) ** 2))


def means_required_n(
    effect_size: float, *, alpha: float = 0.05, power: float = 0.8, ratio: float = 1.0
) -> float:
    """Cases in the first group, unrounded, for the two-sided t test."""
    from scipy.optimize import brentq  # noqa: PLC0415 — slow import

    large = (1 + 1 / ratio) * ((z_of(alpha) + _NORMAL.inv_cdf(power)) / effect_size) ** 2
    smallest = max(2.0, 2.0 / ratio)
    if means_power(effect_size, smallest, alpha=alpha, ratio=ratio) >= power:
        return smallest

    def excess(n1: float) -> float:
        return means_power(effect_size, n1, alpha=alpha, ratio=ratio) - power

    return float(brentq(excess, smallest, 2 * large + 50, xtol=1e-9))


# -- non-inferiority of a guard ------------------------------------------------------------------------------


def non_inferiority_power(
    gap: float, variance: float, n1: float, *, alpha: float = 0.05, ratio: float = 1.0
) -> float:
    """Power to show a worsening smaller than the margin, one-sided at alpha / 2.

    `gap` = margin minus the worsening assumed; `variance` of one case: p * (1 - p) or SD squared, both groups alike.
    Normal form of Julious 2004 (Stat Med 23:1921): n = (z_a + z_b)^2 * variance * (1 + 1 / ratio) / gap^2.
    """
    return _NORMAL.cdf(gap / math.sqrt(variance * (1 + 1 / ratio) / n1) - z_of(alpha))


# -- series: before/after is read as an interrupted time series ----------------------------------------------


def series_design(before: int, after: int, horizon: int) -> tuple[list[list[float]], list[float]]:
    """Rows (1, t, launched, periods since launch) and the contrast b2 + b3 * horizon of segmented regression."""
    rows = [[1.0, float(t), float(t >= before), float(max(0, t - before + 1))] for t in range(before + after)]
    return rows, [0.0, 0.0, 1.0, float(horizon)]


def series_standard_error(
    *, before: int, after: int, horizon: int, spread: float, autocorrelation: float
) -> float:
    """Standard error of the segmented-regression effect b2 + b3 * horizon when errors follow an AR(1).

    Exact for least squares: L'(X'X)^-1 X'OX (X'X)^-1 L, O = spread^2 * phi^|i-j| (Wagner 2002 for the model;
    Zhang, Wagner & Ross-Degnan 2011 for power of such designs). `spread` is the marginal SD of one period.
    """
    import numpy as np  # noqa: PLC0415 — slow import

    rows, contrast = series_design(before, after, horizon)
    x = np.array(rows)
    steps = np.arange(len(rows))
    noise = spread**2 * autocorrelation ** np.abs(steps[:, None] - steps[None, :])
    weights = x @ np.linalg.solve(x.T @ x, np.array(contrast))
    return math.sqrt(float(weights @ noise @ weights))


# -- stepped wedge -------------------------------------------------------------------------------------------


def wedge_standard_error(*, clusters: int, steps: int, sigma: float, tau: float) -> float:
    """Standard error of the effect in a stepped wedge with one baseline period and `steps` crossings.

    Hussey & Hughes 2007 (Contemp Clin Trials 28:182, eq. 7): var = I s2 (s2 + T t2) /
    ((I U - W) s2 + (U^2 + I T U - T W - I V) t2); `sigma` = SD of a cluster-period mean, `tau` = SD between clusters.
    Clusters are spread over the steps as evenly as possible, earlier steps taking the remainder.
    """
    crossing = [1 + c * steps // clusters for c in range(clusters)]
    periods = steps + 1
    treated = [[t >= start for t in range(periods)] for start in crossing]
    u = sum(map(sum, treated))
    w = sum(sum(row[t] for row in treated) ** 2 for t in range(periods))
    v = sum(sum(row) ** 2 for row in treated)
    s2, t2 = sigma**2, tau**2
    between = u * u + clusters * periods * u - periods * w - clusters * v
    return math.sqrt(clusters * s2 * (s2 + periods * t2) / ((clusters * u - w) * s2 + between * t2))
