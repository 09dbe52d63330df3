"""What one reading must look like, and every fault in a call, with its pointer. No database here."""

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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


_FIELDS = msgspec.structs.fields(Reading)
REQUIRED = tuple(one.name for one in _FIELDS if one.required)
# Each field as a struct of its own, so that what is wrong with one hides no other.
FIELDS: Mapping[str, type[msgspec.Struct]] = {
    one.name: msgspec.defstruct("Field", [(one.name, one.type)]) for one in _FIELDS
}
# What is sound whatever stands in the other fields; a field that is not here may be left out.
STAND_INS: Mapping[str, Any] = {
    "initiative": "",
    "metric": "",
    "value": 0,
    "numerator": 0,
    "denominator": LARGEST,
    "histogram": {"expected": [1, 1], "actual": [1, 1]},
}


class Known(msgspec.Struct, frozen=True):
    """What must be known of a metric to check a reading of it."""

    id: int
    is_share: bool
    deployments: frozenset[str]


@dataclass(frozen=True)
class Parsed:
    """Readings by their place in the call, what is wrong in their shape, and in which fields of which reading.

    In a field that is wrong stands what makes nothing else wrong: such readings are there to be judged, not recorded.
    """

    readings: Mapping[int, Reading]
    faults: Sequence[Fault] = ()
    wrong: Mapping[int, frozenset[str]] = field(default_factory=dict)


def parse_readings(rows: Any, prefix: str = "") -> Parsed:
    """Shape only. Good rows are parsed in one go; only when that fails each field is looked at by itself."""
    if not isinstance(rows, Sequence) or isinstance(rows, str | bytes):
        raise Invalid("Send a list of readings.", pointer=prefix, code="not_a_list")
    if not rows:
        raise Invalid("Send at least one reading.", pointer=prefix, code="empty")
    if len(rows) > MOST_ROWS:
        raise TooLarge(f"Send at most {MOST_ROWS:,} readings in one call; there were {len(rows):,}.")
    try:
        return Parsed(dict(enumerate(msgspec.convert(rows, list[Reading]))))
    except msgspec.ValidationError:
        return _apart(rows, prefix)


def _apart(rows: Sequence[Any], prefix: str) -> Parsed:
    readings, faults, wrong = {}, [], {}
    for place, row in enumerate(rows):
        pointer = f"{prefix}/{place}"
        if not isinstance(row, Mapping):
            faults += _refused(row, Reading, pointer)
            continue
        fields = {name: value for name, value in row.items() if name in FIELDS}
        faults += [
            Fault(pointer, f"There is no field “{name}” here.", "shape") for name in row if name not in FIELDS
        ]
        of_fields = {
            name: _refused({name: value}, FIELDS[name], pointer) for name, value in fields.items()
        }  # fmt: skip
        missing = [name for name in REQUIRED if name not in fields]
        faults += [Fault(pointer, f"“{name}” is missing.", "shape") for name in missing]
        faults += [fault for found in of_fields.values() for fault in found]
        wrong[place] = frozenset({*missing, *(name for name, found in of_fields.items() if found)})
        sound = {name: value for name, value in fields.items() if name not in wrong[place]}
        readings[place] = msgspec.convert(_filled(sound, wrong[place]), Reading)
    return Parsed(readings, faults, wrong)


def _refused(value: Any, kind: type[msgspec.Struct], pointer: str) -> list[Fault]:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        return [shape_fault(error, pointer)]
    return []


def _filled(sound: dict[str, Any], wrong: frozenset[str]) -> dict[str, Any]:
    """With something in each field that is wrong, so that the others can be judged."""
    day = sound.get("period_end") or sound.get("period_start") or EARLIEST
    stand_ins = {**STAND_INS, "period_start": day, "period_end": day}
    return {**sound, **{name: stand_ins[name] for name in wrong if name in stand_ins}}


def find_faults(
    parsed: Parsed, known: Mapping[tuple[str, str], Known], today: dt.date, prefix: str = ""
) -> Iterator[Fault]:
    """Every fault of meaning in every row, but for those that come of a field whose shape is wrong."""
    for place, reading in parsed.readings.items():
        pointer = f"{prefix}/{place}"
        wrong = parsed.wrong.get(place, frozenset())
        # Whether there is such a metric is asked of an initiative.
        unsure = {f"{pointer}/{name}" for name in (wrong | {"metric"} if "initiative" in wrong else wrong)}
        for fault in _row_faults(reading, known, today, pointer):
            if fault.pointer not in unsure:
                yield fault
    sound = {place: reading for place, reading in parsed.readings.items() if not parsed.wrong.get(place)}
    yield from _contradictions(sound, prefix)


def _row_faults(
    reading: Reading, known: Mapping[tuple[str, str], Known], today: dt.date, pointer: str
) -> Iterator[Fault]:
    metric = known.get((reading.initiative, reading.metric))
    if metric is None:
        sentence = f"There is no metric {reading.metric} in {reading.initiative} that you may record for."
        yield Fault(f"{pointer}/metric", sentence, "unknown_metric")
    elif reading.deployment and reading.deployment not in metric.deployments:
        sentence = f"{reading.initiative} has no deployment {reading.deployment}."
        yield Fault(f"{pointer}/deployment", sentence, "unknown_deployment")
    yield from _period_faults(reading, today, pointer)
    yield from _number_faults(reading, pointer, is_share=metric is not None and metric.is_share)


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


def _contradictions(readings: Mapping[int, Reading], prefix: str) -> Iterator[Fault]:
    seen: dict[tuple[Any, ...], Reading] = {}
    for place, reading in readings.items():
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
