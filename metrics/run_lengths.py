"""How long a control chart runs until it alarms, on average: published values check ours."""

from __future__ import annotations

from statistics import NormalDist


def shewhart_run_length(shift: float = 0.0, *, width: float = 3.0) -> float:
    """Average readings until one lies beyond `width` standard deviations, the mean having moved by `shift`."""
    normal = NormalDist()
    return 1 / (normal.cdf(-width - shift) + normal.cdf(shift - width))


def cusum_run_length(shift: float = 0.0, *, k: float = 0.5, h: float = 4.0, states: int = 400) -> float:
    """Average readings until a two-sided standardised CUSUM signals.

    Markov chain of Brook & Evans 1972 (Biometrika 59:539); sides joined by 1/ARL = 1/ARL+ + 1/ARL-.
    """
    upper, lower = (_one_sided_run_length(drift, h, states) for drift in (shift - k, -shift - k))
    return 1 / (1 / upper + 1 / lower)


def _one_sided_run_length(drift: float, h: float, states: int) -> float:
    import numpy as np  # noqa: PLC0415 — slow import

    normal = NormalDist(drift, 1)
    width = 2 * h / (2 * states - 1)
    below = [normal.cdf((j + 0.5) * width) for j in range(-states, states)]  # P(step <= (j + 1/2) width)
    moves = np.empty((states, states))
    for i in range(states):
        moves[i] = np.diff(np.array(below[states - i : 2 * states - i]), prepend=0.0)  # from state i to each
    return float(np.linalg.solve(np.eye(states) - moves, np.ones(states))[0])
