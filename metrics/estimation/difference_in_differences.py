"""Clusters that changed over in an order nobody drew by lot: difference in differences, and its pre-trend test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from metrics.estimation.inputs import Estimate, NotComputable, check_finite, critical_z
from metrics.estimation.staggered import ClusterReading

_ROUNDING = 1e-24  # squares this small beside the values are what float arithmetic leaves


@dataclass(frozen=True, slots=True)
class RolloutResult:
    """Effect of the change in the unit of the values, and whether early and late clusters ran alike before it."""

    effect: Estimate
    pre_trend: Estimate

    def runs_parallel(self, *, alpha: float = 0.05) -> bool:
        """Whether the pre-trend test finds no difference; a small series may hide one."""
        return self.pre_trend.p_value is not None and self.pre_trend.p_value >= alpha


def rollout_effect(
    readings: Sequence[ClusterReading], *, least_pre_periods: int = 3, level: float = 0.95
) -> RolloutResult:
    """Value ~ cluster + period + treated by least squares (two-way fixed effects; Angrist & Pischke 2009, ch. 5).

    `pre_trend` is fitted on unchanged readings alone: extra slope per period for each period a cluster changes
    later, nought when the groups run parallel. Assumes the effect does not vary with time since the change.
    Raises NotComputable under `least_pre_periods` periods without change, or when the design is not determined.
    """
    for reading in readings:
        check_finite(value=reading.value)
    critical_z(level)
    treated = [reading.period for reading in readings if reading.is_treated]
    first = min(treated, default=None)
    before = {reading.period for reading in readings if first is None or reading.period < first}
    if first is None or len(before) < least_pre_periods:
        raise NotComputable(
            ("periods",),
            f"A change-over in chosen order takes at least {least_pre_periods} periods before the first change; "
            f"there are {len(before)}.",
        )
    effect = _fit(readings, lambda reading: float(reading.is_treated), "difference in differences", level)
    starts = _starts(readings)
    unchanged = [reading for reading in readings if not reading.is_treated]
    trend = _fit(
        unchanged, lambda r: float(starts[r.cluster] * r.period), "pre-trend by order of change", level
    )
    return RolloutResult(effect, trend)


def _starts(readings: Sequence[ClusterReading]) -> dict[str, int]:
    """First changed period of each cluster; one past the last period for a cluster that never changed."""
    never = max(reading.period for reading in readings) + 1
    starts = dict.fromkeys((reading.cluster for reading in readings), never)
    for reading in readings:
        if reading.is_treated:
            starts[reading.cluster] = min(starts[reading.cluster], reading.period)
    return starts


def _fit(
    readings: Sequence[ClusterReading],
    regressor: Callable[[ClusterReading], float],
    method: str,
    level: float,
) -> Estimate:
    import numpy as np  # noqa: PLC0415 — slow import
    from statsmodels.regression.linear_model import OLS  # noqa: PLC0415 — slow import

    ordered = sorted(readings, key=lambda r: (r.cluster, r.period, r.is_treated, r.value))
    clusters, periods = sorted({r.cluster for r in ordered}), sorted({r.period for r in ordered})
    rows = [
        [float(r.cluster == c) for c in clusters]
        + [float(r.period == p) for p in periods[1:]]
        + [regressor(r)]
        for r in ordered
    ]
    design, values = np.array(rows), np.array([r.value for r in ordered])
    if len(rows) <= design.shape[1] or np.linalg.matrix_rank(design) < design.shape[1]:
        raise NotComputable(
            ("clusters",), "The clusters and periods leave nothing to compare the change with."
        )
    fit = OLS(values, design).fit()
    if fit.ssr <= _ROUNDING * float(values @ values):
        raise NotComputable(
            ("variation",), "The readings follow the model exactly, so there is no error to judge by."
        )
    low, high = fit.conf_int(alpha=1 - level)[-1]
    return Estimate(
        float(fit.params[-1]), float(low), float(high), float(fit.pvalues[-1]), len(ordered), method, level
    )
