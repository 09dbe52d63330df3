"""Signs that a number is being served in place of the purpose behind it."""

from __future__ import annotations

from metrics.estimation.inputs import NotComputable, Share, check_finite, check_share


def is_moved_with_harm(
    moved: float,
    *,
    claimed: float,
    counter_signals_up: bool,
    counter_p: float | None,
    least_part: float = 0.5,
    alpha: float = 0.025,
) -> bool:
    """Whether a primary has moved at least half its claim while a counter-metric worsens, on a rolling window.

    `moved` is positive = better, in the unit of `claimed`; `counter_signals_up` is an upward R1 on its chart,
    `counter_p` its one-sided p-value against baseline, None where it was not tested.
    """
    check_finite(moved=moved, claimed=claimed)
    if claimed <= 0:
        raise NotComputable(("claimed",), "A claim needs a size above 0.")
    worsens = counter_signals_up or (counter_p is not None and counter_p < alpha)
    return moved >= least_part * claimed and worsens


def is_cherry_picked(
    before: Share, now: Share, *, more_is_better: bool = True, largest_fall: float = 0.10
) -> bool:
    """Whether the share improved while the cases counted fell by more than a tenth: hard cases may be left out."""
    check_share(before, "before")
    check_share(now, "now")
    improved = now.value > before.value if more_is_better else now.value < before.value
    return improved and now.total < (1 - largest_fall) * before.total


def is_heaped(inside: int, expected: float, *, factor: float = 2.0) -> bool:
    """Whether at least twice the cases expected lie just inside a target. `expected` is a count above 0."""
    check_finite(inside=inside, expected=expected)
    if expected <= 0 or inside < 0:
        raise NotComputable(("expected",), "Heaping is judged against an expected count above 0.")
    return inside >= factor * expected
