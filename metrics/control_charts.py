"""Whether a series still behaves as it did: XmR, p and Laney p' charts, EWMA, CUSUM and run rules.

Pure. Indexes are positions in the sequence given, from 0. Limits are frozen once computed: pass them back in.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

Rule = Literal["R1", "R2", "R3", "R4", "R5", "CUSUM"]
Direction = Literal["up", "down"]
Consequence = Literal["suspend", "investigate", "advisory", "display"]

MINIMUM_POINTS = 12  # phase 1 below which no limits are drawn
SETTLED_POINTS = 20  # phase 1 below which limits are called provisional
_D2 = 1.128  # SOURCE: mean range of two normal values in standard deviations (NIST/SEMATECH 6.3.2.2)
_D4 = 3.267  # SOURCE: upper limit of a moving range of two, in mean ranges (Wheeler 1993)
_XMR = 2.66  # SOURCE: 3 / 1.128 as printed by Wheeler 1993

# SOURCE: Western Electric, Statistical Quality Control Handbook (1956); R5 is Nelson's rule 3 (1984).
_ZONES: tuple[tuple[Rule, int, int, float], ...] = (("R1", 1, 1, 3.0), ("R2", 2, 3, 2.0), ("R3", 4, 5, 1.0))
_SAME_SIDE, _STEADY = 8, 6


class NotComputable(ValueError):
    """The readings do not determine a chart. `missing` names what is at fault; `sentence` says it to people."""

    def __init__(self, missing: tuple[str, ...], sentence: str) -> None:
        super().__init__(sentence)
        self.missing = missing
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Reading:
    """One period of a rate: `x` events among `n` cases."""

    n: int
    x: int


@dataclass(frozen=True, slots=True)
class RateLimits:
    """A Laney p' chart: mean share, how much more than binomial it varies (1 = p chart), and phase 1 length."""

    centre: float
    sigma_z: float
    points: int

    def sigma(self, n: int) -> float:
        """Standard deviation of a share of `n` cases."""
        return self.sigma_z * math.sqrt(self.centre * (1 - self.centre) / n)

    def bounds(self, n: int) -> tuple[float, float]:
        """Lower and upper control limit of a share of `n` cases, cut at 0 and 1."""
        reach = 3 * self.sigma(n)
        return max(0.0, self.centre - reach), min(1.0, self.centre + reach)


@dataclass(frozen=True, slots=True)
class ValueLimits:
    """An XmR chart in the unit of the values: mean, mean moving range, and phase 1 length."""

    centre: float
    mean_range: float
    points: int

    @property
    def sigma(self) -> float:
        return _XMR / 3 * self.mean_range

    @property
    def bounds(self) -> tuple[float, float]:
        """Natural process limits, mean -/+ 2.66 mean ranges (Wheeler 1993)."""
        return self.centre - _XMR * self.mean_range, self.centre + _XMR * self.mean_range

    @property
    def range_upper(self) -> float:
        return _D4 * self.mean_range


@dataclass(frozen=True, slots=True)
class Pattern:
    """A run rule completed at `index`."""

    rule: Rule
    index: int
    direction: Direction


@dataclass(frozen=True, slots=True)
class Signal:
    """A pattern in a watched series, what follows from it, and why in words."""

    rule: Rule
    index: int
    direction: Direction
    consequence: Consequence
    sentence: str


@dataclass(frozen=True, slots=True)
class Point:
    """One reading on its chart: value and limits in its own unit, z and the two sums in standard deviations."""

    index: int
    value: float
    lower: float
    upper: float
    z: float
    cusum_up: float
    cusum_down: float


@dataclass(frozen=True, slots=True)
class Watch:
    """A whole series on its chart; signals only after phase 1, in order of index."""

    centre: float
    is_provisional: bool
    points: tuple[Point, ...]
    signals: tuple[Signal, ...]

    def signals_at(self, index: int) -> tuple[Signal, ...]:
        return tuple(signal for signal in self.signals if signal.index == index)


@dataclass(frozen=True, slots=True)
class Cusum:
    """Tabular CUSUM: upper and lower sums, and the first index at which either exceeds the decision interval."""

    up: tuple[float, ...]
    down: tuple[float, ...]
    first_signal: int | None


@dataclass(frozen=True, slots=True)
class Ewma:
    """Exponentially weighted moving averages with their asymptotic limits and the indexes outside them."""

    averages: tuple[float, ...]
    lower: float
    upper: float
    outside: tuple[int, ...]


def p_chart_limits(readings: Sequence[Reading]) -> RateLimits:
    """Limits of a plain p chart, mean share -/+ 3 sqrt(pq/n) (Montgomery, ch. 7; NIST/SEMATECH 6.3.3.2).

    Raises NotComputable for no cases, impossible counts, or a share that never varies.
    """
    _check_readings(readings)
    centre = sum(r.x for r in readings) / max(1, sum(r.n for r in readings))
    _check_width(centre * (1 - centre))
    return RateLimits(centre, 1.0, len(readings))


def rate_limits(readings: Sequence[Reading], *, floor: float = 1.0) -> RateLimits:
    """Limits of a Laney p' chart from phase 1: sigma_z = mean |z[i] - z[i-1]| / 1.128, not below `floor`.

    Source: Laney 2002, Quality Engineering 14:531. Raises NotComputable under 12 readings.
    """
    _check_length(len(readings))
    plain = p_chart_limits(readings)
    z = [(r.x / r.n - plain.centre) / plain.sigma(r.n) for r in readings]
    return RateLimits(plain.centre, max(floor, _mean_range(z) / _D2), len(readings))


def value_limits(values: Sequence[float]) -> ValueLimits:
    """Limits of an XmR chart from phase 1. Raises NotComputable under two values, or when none differs."""
    _check_finite(values)
    if len(values) < 2:  # noqa: PLR2004 — a range takes two
        raise NotComputable(("readings",), "A moving range takes at least two readings.")
    spread = _mean_range(values)
    _check_width(spread)
    return ValueLimits(math.fsum(values) / len(values), spread, len(values))


def run_rules(z: Sequence[float]) -> tuple[Pattern, ...]:
    """Western Electric R1-R4 (one beyond 3; 2 of 3 beyond 2; 4 of 5 beyond 1; 8 on one side) and R5 (6 rising).

    `z` in standard deviations from the centre. A pattern counts at the point that completes it, which must itself
    lie in the zone; a point on the centre breaks R4, equal neighbours break R5. Runs may fall as well as rise.
    """
    _check_finite(z)
    upward = [Pattern(rule, i, "up") for i in range(len(z)) for rule in _completed(z, i)]
    mirrored = [-value for value in z]
    downward = [Pattern(rule, i, "down") for i in range(len(z)) for rule in _completed(mirrored, i)]
    return tuple(sorted(upward + downward, key=lambda p: (p.index, p.rule, p.direction)))


def _completed(z: Sequence[float], i: int) -> list[Rule]:
    """The rules that the upward run ending at `i` completes."""
    found: list[Rule] = []
    for rule, least, window, zone in _ZONES:
        recent = z[max(0, i - window + 1) : i + 1]
        if z[i] > zone and sum(value > zone for value in recent) >= least:
            found.append(rule)
    if i + 1 >= _SAME_SIDE and min(z[i + 1 - _SAME_SIDE : i + 1]) > 0:
        found.append("R4")
    steady = z[max(0, i + 1 - _STEADY) : i + 1]
    if len(steady) == _STEADY and all(a < b for a, b in pairwise(steady)):
        found.append("R5")
    return found


def cusum(values: Sequence[float], *, target: float = 0.0, k: float = 0.5, h: float = 4.0) -> Cusum:
    """Tabular CUSUM, S = max(0, S + x - target - k) and its mirror; a signal is S > h (NIST/SEMATECH 6.3.2.3).

    `k` and `h` are in the unit of the values: with standardised values 0.5 and 4 (or 5) standard deviations.
    """
    _check_finite(values)
    up, down, ups, downs = 0.0, 0.0, [], []
    for value in values:
        up, down = max(0.0, up + value - target - k), max(0.0, down + target - k - value)
        ups.append(up)
        downs.append(down)
    first = next((i for i, sums in enumerate(zip(ups, downs, strict=True)) if max(sums) > h), None)
    return Cusum(tuple(ups), tuple(downs), first)


def ewma(
    values: Sequence[float], *, target: float, sigma: float, weight: float = 0.3, width: float = 3.0
) -> Ewma:
    """EWMA from `target`, limits target -/+ width * sigma * sqrt(weight / (2 - weight)) (NIST/SEMATECH 6.3.2.4)."""
    _check_finite((*values, target, sigma))
    if sigma <= 0 or not 0 < weight <= 1:
        raise NotComputable(("sigma", "weight"), "An EWMA needs a spread above 0 and a weight of up to 1.")
    averages, current = [], target
    for value in values:
        current = weight * value + (1 - weight) * current
        averages.append(current)
    reach = width * sigma * math.sqrt(weight / (2 - weight))
    outside = tuple(i for i, average in enumerate(averages) if abs(average - target) > reach)
    return Ewma(tuple(averages), target - reach, target + reach, outside)


def watch_rate(
    readings: Sequence[Reading],
    *,
    phase_one: int = SETTLED_POINTS,
    limits: RateLimits | None = None,
    worse: Direction = "up",
    k: float = 0.5,
    h: float = 4.0,
    restarts: Sequence[int] = (),
) -> Watch:
    """Which signals a rate fires, on a Laney p' chart with run rules and CUSUM.

    The first `phase_one` readings give the limits unless frozen `limits` are passed; they complete no signal, but
    runs reach back into them, while the CUSUM starts after them. In the `worse` direction R1 and CUSUM suspend,
    in the other they advise. R2-R4 call for an investigation, R5 is shown.
    Raises NotComputable for impossible counts, no cases, or fewer than 12 phase 1 readings without limits.
    """
    _check_readings(readings)
    frozen = limits or rate_limits(readings[:phase_one])
    _check_width(frozen.centre * (1 - frozen.centre) * frozen.sigma_z)
    shares = [r.x / r.n for r in readings]
    z = [(share - frozen.centre) / frozen.sigma(r.n) for share, r in zip(shares, readings, strict=True)]
    texts = [f"{share:.1%} ({r.x:,} of {r.n:,})" for share, r in zip(shares, readings, strict=True)]
    bounds = [frozen.bounds(r.n) for r in readings]
    return _watch(_Chart(frozen, shares, z, bounds, texts, "{:.1%}", phase_one, worse, k, h, tuple(restarts)))


def watch_values(
    values: Sequence[float],
    *,
    phase_one: int = SETTLED_POINTS,
    limits: ValueLimits | None = None,
    worse: Direction = "up",
    k: float = 0.5,
    h: float = 4.0,
    restarts: Sequence[int] = (),
) -> Watch:
    """Which signals a continuous series fires, on an XmR chart with run rules and CUSUM; terms as `watch_rate`."""
    _check_finite(values)
    if limits is None:
        _check_length(min(phase_one, len(values)))
    frozen = limits or value_limits(values[:phase_one])
    _check_width(frozen.mean_range)
    z = [(value - frozen.centre) / frozen.sigma for value in values]
    texts = [f"{value:,.4g}" for value in values]
    bounds = [frozen.bounds] * len(values)
    return _watch(
        _Chart(frozen, values, z, bounds, texts, "{:,.4g}", phase_one, worse, k, h, tuple(restarts))
    )


@dataclass(frozen=True, slots=True)
class _Chart:
    limits: RateLimits | ValueLimits
    values: Sequence[float]
    z: Sequence[float]
    bounds: Sequence[tuple[float, float]]
    texts: Sequence[str]
    form: str
    phase_one: int
    worse: Direction
    k: float
    h: float
    restarts: tuple[int, ...]


def _watch(chart: _Chart) -> Watch:
    ups, downs = _sums(chart)
    patterns = [pattern for pattern in run_rules(chart.z) if pattern.index >= chart.phase_one]
    patterns += [Pattern("CUSUM", i, "up") for i, total in enumerate(ups) if total > chart.h]
    patterns += [Pattern("CUSUM", i, "down") for i, total in enumerate(downs) if total > chart.h]
    rows = zip(chart.values, chart.bounds, chart.z, ups, downs, strict=True)
    points = tuple(Point(i, x, *bounds, z, up, down) for i, (x, bounds, z, up, down) in enumerate(rows))
    signals = (
        Signal(p.rule, p.index, p.direction, _consequence(p, chart.worse), _words(p, chart, points[p.index]))
        for p in patterns
    )
    ordered = tuple(sorted(signals, key=lambda s: (s.index, s.rule, s.direction)))
    return Watch(chart.limits.centre, chart.limits.points < SETTLED_POINTS, points, ordered)


def _sums(chart: _Chart) -> tuple[list[float], list[float]]:
    """Both sums at every reading: none in phase 1, and begun anew where the chart restarts."""
    begin = min(chart.phase_one, len(chart.z))
    ups, downs = [0.0] * begin, [0.0] * begin
    cuts = sorted({begin, *(cut for cut in chart.restarts if begin < cut < len(chart.z)), len(chart.z)})
    for start, end in pairwise(cuts):
        sums = cusum(chart.z[start:end], k=chart.k, h=chart.h)
        ups += sums.up
        downs += sums.down
    return ups, downs


def _consequence(pattern: Pattern, worse: Direction) -> Consequence:
    if pattern.rule == "R5":
        return "display"
    if pattern.rule in {"R1", "CUSUM"}:
        return "suspend" if pattern.direction == worse else "advisory"
    return "investigate"


def _words(pattern: Pattern, chart: _Chart, point: Point) -> str:
    side = "above" if pattern.direction == "up" else "below"
    limit = chart.form.format(point.upper if side == "above" else point.lower)
    centre = chart.form.format(chart.limits.centre)
    total = point.cusum_up if pattern.direction == "up" else point.cusum_down
    return {
        "R1": f"{chart.texts[point.index]} lies {side} the control limit of {limit}.",
        "R2": f"Two of the last three readings lie more than two standard deviations {side} {centre}.",
        "R3": f"Four of the last five readings lie more than one standard deviation {side} {centre}.",
        "R4": f"Eight readings in a row lie {side} {centre}.",
        "R5": f"Six readings in a row have {'risen' if side == 'above' else 'fallen'}.",
        "CUSUM": f"Readings {side} {centre} have added up to {total:.1f} standard deviations; the limit is {chart.h:g}.",
    }[pattern.rule]


def _mean_range(values: Sequence[float]) -> float:
    return math.fsum(abs(b - a) for a, b in pairwise(values)) / (len(values) - 1)


def _check_width(spread: float) -> None:
    if not spread > 0:
        raise NotComputable(
            ("variation",), "The readings do not vary, so there is no width to draw limits from."
        )


def _check_length(points: int) -> None:
    if points < MINIMUM_POINTS:
        sentence = f"Limits take at least {MINIMUM_POINTS} readings; there are {points}."
        raise NotComputable(("phase_one",), sentence)


def _check_finite(values: Sequence[float]) -> None:
    for i, value in enumerate(values):
        if not math.isfinite(value):
            raise NotComputable((f"readings[{i}]",), f"Reading {i + 1} is not a finite number.")


def _check_readings(readings: Sequence[Reading]) -> None:
    for i, reading in enumerate(readings):
        if not (math.isfinite(reading.n) and math.isfinite(reading.x)) or reading.n <= 0:
            raise NotComputable((f"readings[{i}].n",), f"Reading {i + 1} has no cases to take a share of.")
        if not 0 <= reading.x <= reading.n:
            raise NotComputable((f"readings[{i}].x",), f"Reading {i + 1} counts {reading.x} of {reading.n}.")
