"""Before and after, read as an interrupted time series."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from metrics.estimation.inputs import Estimate, NotComputable, Summary, check_finite, counted
from metrics.estimation.means import difference_of_means

_ROUNDING = 1e-24  # squares this small beside the values are what float arithmetic leaves
_LEAST = 3  # periods on each side below which the four coefficients are not determined


@dataclass(frozen=True, slots=True)
class SeriesResult:
    """Segmented regression of one series, in its unit.

    `effect` is measured minus continued trend at period `horizon` after launch (the first is 1), `level` the jump
    carried back to the last period before launch, `slope` the change of trend per period, `lag_one` the residual
    autocorrelation, and `naive` mean after minus mean before, for contrast only.
    """

    effect: Estimate
    level: Estimate
    slope: Estimate
    naive: Estimate
    lag_one: float
    horizon: int
    periods_before: int
    periods_after: int

    def is_credible(self, *, largest_lag_one: float = 0.5) -> bool:
        """Whether residual autocorrelation stays small enough for the interval to be believed (Turner et al. 2021)."""
        return abs(self.lag_one) <= largest_lag_one


def interrupted_series(
    values: Sequence[float],
    *,
    launch: int,
    ramp: int = 0,
    horizon: int | None = None,
    maxlags: int = 4,
    level: float = 0.95,
) -> SeriesResult:
    """Regress y = b0 + b1 t + b2 launched + b3 periods since launch, with HAC errors; effect b2 + b3 * horizon.

    `launch` is the position of the first period after launch; the first `ramp` periods from there are left out.
    `horizon` is 8, or the last period when there are fewer; what lies beyond the last period would be a guess. Tests use the normal, so intervals on short series are
    somewhat too narrow. Source: Wagner et al. 2002 (J Clin Pharm Ther 27:299); Newey & West 1987; statsmodels OLS.
    Raises NotComputable under three periods on a side, for a horizon, launch or ramp beyond the series, or when nothing
    is left over to judge the error by.
    """
    import numpy as np  # noqa: PLC0415 — slow import
    from statsmodels.regression.linear_model import OLS  # noqa: PLC0415 — slow import

    before, after = _sides(values, launch, ramp)
    observed = len(values) - launch
    if horizon is not None and horizon > observed:
        raise NotComputable(
            ("horizon",),
            f"The effect is asked for at period {horizon:,} after launch, and {counted(observed, 'period')} after launch "
            f"were observed: choose a horizon of at most {observed:,}.",
        )
    kept = [t for t in range(len(values)) if not launch <= t < launch + ramp]
    rows = [[1.0, t, t >= launch, max(0, t - launch + 1)] for t in kept]
    y = np.array([values[t] for t in kept], dtype=float)
    fit = OLS(y, np.array(rows, dtype=float)).fit(
        cov_type="HAC", cov_kwds={"maxlags": maxlags, "use_correction": True}
    )
    residuals = [float(r) for r in fit.resid]
    unexplained = math.fsum(r * r for r in residuals)
    if unexplained <= _ROUNDING * math.fsum(values[t] ** 2 for t in kept):
        raise NotComputable(
            ("variation",), "The series follows its trend exactly, so there is no error to judge by."
        )
    read_at = horizon or min(8, observed)
    effect, step, slope = (
        _contrast(fit, weights, len(kept), level)
        for weights in ((0, 0, 1, read_at), (0, 0, 1, 0), (0, 0, 0, 1))
    )
    lag_one = math.fsum(a * b for a, b in pairwise(residuals)) / unexplained
    naive = difference_of_means(_summary(values[launch + ramp :]), _summary(values[:launch]), level=level)
    return SeriesResult(effect, step, slope, naive, lag_one, read_at, before, after)


def _sides(values: Sequence[float], launch: int, ramp: int) -> tuple[int, int]:
    for value in values:
        check_finite(value=value)
    before, after = launch, len(values) - launch - ramp
    if launch > len(values):
        raise NotComputable(
            ("launch",),
            f"The launch is at position {launch:,}, and the series has {counted(len(values), 'value')}.",
        )
    if ramp and after < 0:
        raise NotComputable(
            ("ramp",),
            f"The ramp leaves out {counted(ramp, 'period')}, and the series has {len(values) - launch:,} after launch.",
        )
    if launch < 0 or ramp < 0 or before < _LEAST or after < _LEAST:
        apart = " apart from the ramp" if ramp else ""
        raise NotComputable(
            ("periods",),
            f"A series takes at least {_LEAST} periods on each side of launch{apart}; there are {before} before and "
            f"{after} after it.",
        )
    return before, after


def _contrast(fit: Any, weights: Sequence[float], n: int, level: float) -> Estimate:
    test = fit.t_test(list(weights))
    low, high = test.conf_int(alpha=1 - level)[0]
    return Estimate(
        float(test.effect[0]),
        float(low),
        float(high),
        float(test.pvalue),
        n,
        "segmented regression, HAC",
        level,
    )


def _summary(values: Sequence[float]) -> Summary:
    mean = math.fsum(values) / len(values)
    spread = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))
    return Summary(mean, spread, len(values))
