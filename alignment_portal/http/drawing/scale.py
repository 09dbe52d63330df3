"""From numbers to places: a linear scale with round ticks, and numbers written for reading."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import floor, isfinite, log10

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def reading(value: float) -> str:
    """At most three significant digits after the sign, thousands set apart: 12,400; 8.4; 0.062."""
    if value == 0:
        return "0"
    digits = max(0, 2 - floor(log10(abs(value))))
    written = f"{value:,.{digits}f}"
    return (written.rstrip("0").rstrip(".") if "." in written else written).replace("-", "−")


def round_step(span: float, most: int) -> float:
    """The smallest round step that needs no more than `most` intervals for the span."""
    if span <= 0:
        return 1.0
    magnitude: float = 10.0 ** floor(log10(span / most))
    return next(step * magnitude for step in STEPS if step * magnitude * most >= span * (1 - 1e-9))


@dataclass(frozen=True)
class Scale:
    low: float
    high: float
    start: float
    end: float
    step: float

    @classmethod
    def around(cls, values: Iterable[float], start: float, end: float, most: int = 5) -> "Scale":
        """A scale whose ends are round and hold every value."""
        known = [value for value in values if isfinite(value)] or [0.0, 1.0]
        low, high = min(known), max(known)
        if low == high:
            low, high = low - (abs(low) or 1) * 0.1, high + (abs(high) or 1) * 0.1
        step = round_step(high - low, most)
        return cls(floor(low / step + 1e-9) * step, -floor(-high / step + 1e-9) * step, start, end, step)

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self) -> list[float]:
        return [
            self.low + index * self.step for index in range(round((self.high - self.low) / self.step) + 1)
        ]
