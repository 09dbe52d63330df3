"""Groups that were randomised whole: agents, teams or branches, each judged as one."""

from __future__ import annotations

import math
from collections.abc import Sequence

from metrics.estimation.inputs import Estimate, NotComputable, Summary, check_finite, counted
from metrics.estimation.means import difference_of_means


def difference_of_clusters(
    changed: Sequence[float], comparison: Sequence[float], *, level: float = 0.95
) -> Estimate:
    """Changed minus comparison, each number the mean or share of one cluster, every cluster counting the same.

    Welch's test on the cluster means: what is alike within a cluster cannot pass for more evidence than there are
    clusters (Donner & Klar 2000, ch. 7; Hayes & Moulton 2017, ch. 10; R `t.test` on the means).
    Raises NotComputable under two clusters a side, or when no cluster differs from another.
    """
    sides = (("changed", changed), ("comparison", comparison))
    for name, values in sides:
        if len(values) < 2:  # noqa: PLR2004 — a spread takes two
            raise NotComputable(
                (name,), f"The {name} group has {counted(len(values), 'cluster')}; at least two are needed."
            )
        for value in values:
            check_finite(**{name: value})
    found = difference_of_means(summary_of(changed), summary_of(comparison), level=level)
    return Estimate(
        found.value, found.low, found.high, found.p_value, found.n, "Welch on cluster means", level
    )


def summary_of(values: Sequence[float]) -> Summary:
    """Mean and standard deviation (n - 1) of two values or more."""
    mean = math.fsum(values) / len(values)
    return Summary(
        mean, math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)), len(values)
    )


def combined(parts: Sequence[Summary]) -> Summary:
    """One summary of all the cases behind several: exact, as if every case had been seen (Chan et al. 1983)."""
    n = sum(part.n for part in parts)
    if n < 2:  # noqa: PLR2004 — a spread takes two
        raise NotComputable(
            ("sample_size",),
            f"There {'is' if n == 1 else 'are'} {counted(n, 'case')}; at least two are needed.",
        )
    mean = math.fsum(part.n * part.mean for part in parts) / n
    squares = math.fsum(
        (part.n - 1) * part.sd**2 + part.n * (part.mean - mean) ** 2 for part in parts if part.n
    )
    return Summary(mean, math.sqrt(max(0.0, squares) / (n - 1)), n)
