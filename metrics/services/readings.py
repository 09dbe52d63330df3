"""What one reading must look like, and every fault in a call, with its pointer. No database here."""

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from alignment_portal.refusals import Fault, Invalid, TooLarge
from alignment_portal.shapes import shape_fault
from metrics.drift import NotComputable, population_stability_index

MOST_ROWS = 10_000
LARGEST = 1e15
EARLIEST = dt.date(1900, 1, 1)
Name = Annotated[str, Meta(max_length=64)]
Number = Annotated[float, Meta(ge=-LARGEST, le=LARGEST)]


class Histogram(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Cases by bin, as expected and as found, in the same bins."""

    expected: Annotated[tuple[Number, ...], Meta(max_length=1000)]
    actual: Annotated[tuple[Number, ...], Meta(max_length=1000)]


class Reading(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One value of one metric in one period; both days included."""

    initiative: Annotated[str, Meta(max_length=40)]
    metric: Name
    period_start: dt.date
    period_end: dt.date
    value: Number | None = None
    numerator: Number | None = None
    denominator: Number | None = None
    sample_size: Annotated[int, Meta(ge=0, le=1_000_000_000)] | None = None
    spread: Annotated[float, Meta(ge=0, le=LARGEST)] | None = None
    histogram: Histogram | None = None
    segment: Name = ""
    deployment: Name = ""
    source: Annotated[str, Meta(max_length=200)] = ""

    @property
    def number(self) -> float | None:
        """The value, or numerator over denominator."""
        if self.value is None and self.numerator is not None and self.denominator:
            return self.numerator / self.denominator
        return self.value


class Known(msgspec.Struct, frozen=True):
    """What must be known of a metric to check a reading of it."""

    id: int
    is_share: bool
    deployments: frozenset[str]


def parse_readings(rows: Any, prefix: str = "") -> tuple[list[Reading], list[Fault]]:
    """Shape only. Good rows are parsed in one go; only when that fails each is looked at by itself."""
    if not isinstance(rows, Sequence) or isinstance(rows, str | bytes):
        raise Invalid("Send a list of readings.", pointer=prefix, code="not_a_list")
    if not rows:
        raise Invalid("Send at least one reading.", pointer=prefix, code="empty")
    if len(rows) > MOST_ROWS:
        raise TooLarge(f"Send at most {MOST_ROWS:,} readings in one call; there were {len(rows):,}.")
    try:
        return msgspec.convert(rows, list[Reading]), []
    except msgspec.ValidationError:
        return [], [
            fault for place, row in enumerate(rows) for fault in _shape_fault(row, f"{prefix}/{place}")
        ]


def _shape_fault(row: Any, pointer: str) -> Iterator[Fault]:
    try:
        msgspec.convert(row, Reading)
    except msgspec.ValidationError as error:
        yield shape_fault(error, pointer)


def find_faults(
    readings: Iterable[Reading], known: Mapping[tuple[str, str], Known], today: dt.date, prefix: str = ""
) -> Iterator[Fault]:
    """Every fault of meaning in every row."""
    for place, reading in enumerate(readings):
        pointer = f"{prefix}/{place}"
        metric = known.get((reading.initiative, reading.metric))
        if metric is None:
            sentence = f"There is no metric {reading.metric} in {reading.initiative} that you may record for."
            yield Fault(f"{pointer}/metric", sentence, "unknown_metric")
        elif reading.deployment and reading.deployment not in metric.deployments:
            sentence = f"{reading.initiative} has no deployment {reading.deployment}."
            yield Fault(f"{pointer}/deployment", sentence, "unknown_deployment")
        yield from _period_faults(reading, today, pointer)
        yield from _number_faults(reading, pointer, is_share=metric is not None and metric.is_share)
    yield from _contradictions(readings, prefix)


def _period_faults(reading: Reading, today: dt.date, pointer: str) -> Iterator[Fault]:
    if reading.period_end < reading.period_start:
        yield Fault(f"{pointer}/period_end", "The period ends before it begins.", "order")
    elif reading.period_start < EARLIEST:
        yield Fault(f"{pointer}/period_start", f"No period begins before {EARLIEST.year}.", "range")
    elif reading.period_end > today:
        yield Fault(f"{pointer}/period_end", "The period is not over yet.", "future")


def _number_faults(reading: Reading, pointer: str, *, is_share: bool) -> Iterator[Fault]:
    numbers = (reading.value, reading.numerator, reading.denominator, reading.spread)
    if any(number is not None and not math.isfinite(number) for number in numbers):
        yield Fault(f"{pointer}/value", "A reading is a number, neither infinite nor NaN.", "not_a_number")
        return
    if reading.histogram is not None:
        yield from _histogram_faults(reading, pointer)
    elif reading.value is None and reading.numerator is None:
        yield Fault(
            f"{pointer}/value", "Send a value, a numerator and denominator, or a histogram.", "required"
        )
    if (reading.numerator is None) != (reading.denominator is None):
        yield Fault(f"{pointer}/denominator", "A numerator and a denominator come together.", "required")
    if reading.denominator is not None and reading.denominator <= 0:
        yield Fault(f"{pointer}/denominator", "A denominator is above 0.", "not_positive")
    if reading.numerator is not None and reading.numerator < 0:
        yield Fault(f"{pointer}/numerator", "A numerator is not negative.", "negative")
    if is_share and reading.value is not None and not 0 <= reading.value <= 1:
        yield Fault(f"{pointer}/value", "A share lies between 0 and 1.", "out_of_range")
    if is_share and (reading.numerator or 0) > (reading.denominator or math.inf):
        yield Fault(
            f"{pointer}/numerator", "A share cannot count more cases than there are.", "over_denominator"
        )


def _histogram_faults(reading: Reading, pointer: str) -> Iterator[Fault]:
    if reading.histogram is None:
        return
    if reading.value is not None or reading.numerator is not None or reading.segment:
        yield Fault(f"{pointer}/histogram", "A histogram comes alone, without value or segment.", "unwanted")
    try:
        population_stability_index(reading.histogram.expected, reading.histogram.actual)
    except NotComputable as refusal:
        yield Fault(f"{pointer}/histogram", refusal.sentence, "not_computable")


def _contradictions(readings: Iterable[Reading], prefix: str) -> Iterator[Fault]:
    seen: dict[tuple[Any, ...], Reading] = {}
    for place, reading in enumerate(readings):
        first = seen.setdefault(place_of(reading), reading)
        if first != reading:
            sentence = "This call gives the same metric and period twice, with different values."
            yield Fault(f"{prefix}/{place}", sentence, "contradiction")


def place_of(reading: Reading) -> tuple[Any, ...]:
    """What a reading is a reading of: a second value for it is a revision."""
    return (
        reading.initiative,
        reading.metric,
        reading.histogram is not None,
        reading.deployment,
        reading.segment,
        reading.period_start,
        reading.period_end,
    )
