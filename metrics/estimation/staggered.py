"""Stepped wedge: clusters that change over one after another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from metrics.estimation.inputs import Estimate, NotComputable, check_finite, critical_z, two_sided_p

Matrix = Any  # a NumPy array; NumPy is not imported until something is fitted

_ROUNDING = 1e-12
_GRID = 200
_MOST_CLUSTERS = 100  # each is left out once
_LEAST_CLUSTERS = 3  # below which no cluster can be left out


@dataclass(frozen=True, slots=True)
class ClusterReading:
    """One case, or one mean, of a cluster in a period."""

    cluster: str
    period: int
    is_treated: bool
    value: float


@dataclass(frozen=True, slots=True)
class StaggeredResult:
    """Effect of the change in the unit of the values, and its range when any one cluster is left out."""

    effect: Estimate
    lowest_without_one: float
    highest_without_one: float
    clusters: int
    periods: int


def staggered_effect(readings: Sequence[ClusterReading], *, level: float = 0.95) -> StaggeredResult:
    """Mixed model: value ~ period + treated, with a random level per cluster (Hussey & Hughes 2007), by REML.

    The order of readings does not matter. Raises NotComputable under three clusters or two periods, when every
    period has only treated or only untreated clusters, or when nothing varies.
    """
    _check(readings)
    whole = _fit(readings, level)
    clusters = sorted({reading.cluster for reading in readings})
    without = [_fit([r for r in readings if r.cluster != cluster], level).value for cluster in clusters]
    periods = len({reading.period for reading in readings})
    return StaggeredResult(whole, min(without), max(without), len(clusters), periods)


def _fit(readings: Sequence[ClusterReading], level: float) -> Estimate:
    import numpy as np  # noqa: PLC0415 — slow import

    ordered = sorted(readings, key=lambda r: (r.cluster, r.period, r.is_treated, r.value))
    periods = sorted({reading.period for reading in ordered})
    design = np.array([[float(r.period == p) for p in periods] + [float(r.is_treated)] for r in ordered])
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise NotComputable(
            ("steps",), "No period holds both changed and unchanged clusters once one is left out."
        )
    if len(ordered) <= design.shape[1]:
        raise NotComputable(("readings",), "There are too few readings to judge an error by.")
    members = [
        [i for i, r in enumerate(ordered) if r.cluster == c] for c in sorted({r.cluster for r in ordered})
    ]
    value, error = _reml(design, np.array([r.value for r in ordered]), members)
    z = critical_z(level)
    return Estimate(
        value,
        value - z * error,
        value + z * error,
        two_sided_p(value / error),
        len(ordered),
        "stepped wedge, mixed model",
        level,
    )


def _reml(design: Matrix, values: Matrix, members: Sequence[Sequence[int]]) -> tuple[float, float]:
    """Last coefficient and its standard error under a random level per cluster.

    The likelihood is profiled over one number, the cluster variance in residual variances, and searched on a grid
    first: the library's optimisers stop early, or on the wrong side, when clusters hardly differ.
    """
    import numpy as np  # noqa: PLC0415 — slow import
    from scipy.optimize import minimize_scalar  # noqa: PLC0415 — slow import

    sizes = np.array([len(rows) for rows in members])
    sums_x = np.array([design[rows].sum(axis=0) for rows in members])
    sums_y = np.array([values[rows].sum() for rows in members])
    gram, cross, total = design.T @ design, design.T @ values, float(values @ values)

    def solve(share: float) -> tuple[float, float, float]:
        """Criterion, coefficient and standard error when clusters hold `share` of the variance."""
        odds = share / (1 - share)
        weights = odds / (1 + sizes * odds)  # inverse of 1 + odds * J is 1 - weight * J
        inner = gram - sums_x.T @ (weights[:, None] * sums_x)
        target = cross - sums_x.T @ (weights * sums_y)
        beta = np.linalg.solve(inner, target)
        squares = float(total - weights @ sums_y**2 - beta @ target)
        freedom = len(values) - design.shape[1]
        if squares <= _ROUNDING * total:
            raise NotComputable(
                ("variation",), "The readings follow the model exactly, so there is no error to judge by."
            )
        criterion = freedom * math.log(squares) + float(
            np.log1p(sizes * odds).sum() + np.linalg.slogdet(inner)[1]
        )
        spread = squares / freedom * np.linalg.inv(inner)[-1, -1]
        return criterion, float(beta[-1]), math.sqrt(float(spread))

    grid = [i / _GRID for i in range(_GRID)]
    best = min(range(_GRID), key=lambda i: solve(grid[i])[0])
    around = (grid[max(0, best - 1)], grid[min(_GRID - 1, best + 1)])
    found = minimize_scalar(
        lambda share: solve(share)[0], bounds=around, method="bounded", options={"xatol": 1e-10}
    )
    at = found.x if found.fun < solve(grid[best])[0] else grid[best]
    return solve(float(at))[1:]


def _check(readings: Sequence[ClusterReading]) -> None:
    for reading in readings:
        check_finite(value=reading.value)
    if len({reading.cluster for reading in readings}) < _LEAST_CLUSTERS:
        raise NotComputable(("clusters",), f"A stepped wedge takes at least {_LEAST_CLUSTERS} clusters.")
    if len({reading.cluster for reading in readings}) > _MOST_CLUSTERS:
        raise NotComputable(
            ("clusters",),
            f"A stepped wedge takes at most {_MOST_CLUSTERS} clusters; put small ones together.",
        )
    if len({reading.period for reading in readings}) < 2:  # noqa: PLR2004 — a step takes two
        raise NotComputable(("periods",), "A stepped wedge takes at least two periods.")
    if len({reading.value for reading in readings}) == 1:
        raise NotComputable(("variation",), "Every reading is the same, so there is no error to judge by.")
