"""Leading indicators: does an early number foretell the late one, and what does it foretell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from metrics.estimation.inputs import NotComputable, check_finite, critical_z

_LEAST = 4  # vintages below which Fisher's interval does not exist


@dataclass(frozen=True, slots=True)
class LeadingIndicator:
    """Correlation of an early number with the late one over past vintages, with its interval."""

    r: float
    low: float
    high: float
    vintages: int
    qualifies: bool


@dataclass(frozen=True, slots=True)
class Prediction:
    """The late number foretold for one new vintage, with the interval a single new value falls into."""

    value: float
    low: float
    high: float
    level: float


def leading_indicator(
    early: Sequence[float],
    late: Sequence[float],
    *,
    least_vintages: int = 12,
    least_r: float = 0.7,
    level: float = 0.95,
) -> LeadingIndicator:
    """Pearson's r with Fisher's interval; it qualifies with enough vintages and a lower limit of at least 0.7.

    A screen, not a proof that the early number can stand in for the late one. Source: Fisher 1921; scipy pearsonr.
    Raises NotComputable under four vintages, or when either series does not vary.
    """
    from scipy.stats import pearsonr  # noqa: PLC0415 — slow import

    _check(early, late)
    critical_z(level)
    test = pearsonr(early, late)
    r = float(test.statistic)
    if abs(r) > 1 - 1e-12:
        return LeadingIndicator(r, r, r, len(early), len(early) >= least_vintages and r >= least_r)
    interval = test.confidence_interval(level)
    qualifies = len(early) >= least_vintages and interval.low >= least_r
    return LeadingIndicator(r, float(interval.low), float(interval.high), len(early), bool(qualifies))


def predict_outcome(
    early: Sequence[float], late: Sequence[float], *, new: float, level: float = 0.95
) -> Prediction:
    """Late number for a vintage whose early number is `new`: least squares, t prediction interval (statsmodels OLS)."""
    import numpy as np  # noqa: PLC0415 — slow import
    from statsmodels.regression.linear_model import OLS  # noqa: PLC0415 — slow import

    _check(early, late)
    check_finite(new=new)
    critical_z(level)
    fit = OLS(np.array(late, dtype=float), np.array([[1.0, x] for x in early])).fit()
    answer = fit.get_prediction(np.array([[1.0, new]]))
    low, high = answer.conf_int(obs=True, alpha=1 - level)[0]
    return Prediction(float(answer.predicted_mean[0]), float(low), float(high), level)


def _check(early: Sequence[float], late: Sequence[float]) -> None:
    if len(early) != len(late) or len(early) < _LEAST:
        raise NotComputable(("vintages",), f"At least {_LEAST} vintages with both numbers are needed.")
    for x, y in zip(early, late, strict=True):
        check_finite(early=x, late=y)
    for name, values in (("early", early), ("late", late)):
        if math.isclose(min(values), max(values), rel_tol=1e-12):
            raise NotComputable((name,), f"The {name} number is the same in every vintage.")
