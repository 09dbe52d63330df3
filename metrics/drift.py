"""Whether the mix a model sees has moved: population stability index with its sampling noise. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Band = Literal["steady", "amber", "red", "too_few"]

_FLOOR = 1e-4  # share given to an empty bin, so that its logarithm exists


class NotComputable(ValueError):
    """The histograms do not determine an index. `missing` names what is at fault; `sentence` says it to people."""

    def __init__(self, missing: tuple[str, ...], sentence: str) -> None:
        super().__init__(sentence)
        self.missing = missing
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Drift:
    """A population stability index and what may be said of it.

    `noise` is the value that chance alone exceeds once in a thousand comparisons; `parts` is each bin's share
    of the index, in the order given; `baseline_n` and `current_n` are cases. Band `too_few`: past a threshold,
    but within noise.
    """

    psi: float
    noise: float
    band: Band
    parts: tuple[float, ...]
    baseline_n: int
    current_n: int

    @property
    def sentence(self) -> str:
        found = f"The mix has moved by {self.psi:.3f} (population stability index, {self.current_n:,} cases"
        return {
            "steady": f"{found}): no more than agreed.",
            "amber": f"{found}): watch it, this is more than chance explains.",
            "red": f"{found}): the model now sees a different mix from the one it was approved on.",
            "too_few": f"{found}): too few cases to say, chance alone can reach {self.noise:.3f}.",
        }[self.band]


def population_stability_index(baseline: Sequence[float], current: Sequence[float]) -> float:
    """Sum over bins of (a - e) ln(a / e) on shares floored at 0.0001; counts in, same bins in the same order.

    Source: Siddiqi 2006, Credit Risk Scorecards; symmetric in its arguments and never negative.
    Raises NotComputable as `judge_drift` does.
    """
    return math.fsum(_parts(baseline, current))


def judge_drift(
    baseline: Sequence[float],
    current: Sequence[float],
    *,
    amber: float = 0.10,
    red: float = 0.25,
    confidence: float = 0.999,
) -> Drift:
    """The index and its band: a threshold counts only when the index also exceeds sampling noise.

    Noise is (1/N + 1/M) times the chi-square quantile with bins - 1 degrees of freedom (Yurdakul & Naranjo 2020,
    Journal of Risk Model Validation 14:4), bins empty in both histograms left out.
    Raises NotComputable for unequal or fewer than two bins, an empty histogram, negative or non-finite counts.
    """
    parts = _parts(baseline, current)
    psi = math.fsum(parts)
    filled = sum(e > 0 or a > 0 for e, a in zip(baseline, current, strict=True))
    noise = sampling_noise(sum(baseline), sum(current), filled, confidence=confidence)
    return Drift(
        psi, noise, band_of(psi, noise, amber, red), parts, round(sum(baseline)), round(sum(current))
    )


def sampling_noise(baseline_n: float, current_n: float, bins: int, *, confidence: float = 0.999) -> float:
    """The index that chance alone exceeds once in 1 / (1 - confidence) comparisons of so many cases in so many bins."""
    from scipy.stats import chi2  # noqa: PLC0415 — slow import

    return (1 / baseline_n + 1 / current_n) * float(chi2.ppf(confidence, max(1, bins - 1)))


def band_of(psi: float, noise: float, amber: float, red: float) -> Band:
    """The band of an index: a threshold counts only when the index also exceeds the noise."""
    if psi < amber:
        return "steady"
    if psi <= noise:
        return "too_few"
    return "red" if psi >= red else "amber"


def _parts(baseline: Sequence[float], current: Sequence[float]) -> tuple[float, ...]:
    if len(baseline) != len(current) or len(baseline) < 2:  # noqa: PLR2004 — one bin holds everything
        raise NotComputable(("bins",), "Both histograms need the same bins, at least two of them.")
    for name, counts in (("baseline", baseline), ("current", current)):
        if not all(math.isfinite(count) and count >= 0 for count in counts):
            raise NotComputable(
                (name,), f"The {name} histogram holds a count that is negative or not a number."
            )
        if sum(counts) <= 0:
            raise NotComputable((name,), f"The {name} histogram holds no cases.")
    expected, actual = sum(baseline), sum(current)
    pairs = [
        (max(_FLOOR, e / expected), max(_FLOOR, a / actual)) for e, a in zip(baseline, current, strict=True)
    ]
    return tuple((a - e) * math.log(a / e) for e, a in pairs)
