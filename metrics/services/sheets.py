"""Readings as they stand in a spreadsheet: the columns, and from texts to the rows that record_observations takes."""

import re
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from alignment_portal.http.problems import faults_of
from alignment_portal.http.sheets import Column, SheetRow
from alignment_portal.refusals import Fault, Refusal

COLUMNS = (
    Column("initiative", "Initiative", help="Left out: the one whose page this is", example="AI-0007"),
    Column("metric", "Metric", required=True, help="Its code", example="override-rate"),
    Column("deployment", "Deployment", help="Its code, when the reading is of one place only"),
    Column("segment", "Segment", help="Such as treated or control"),
    Column("period_start", "Period start", required=True, example="2026-03-02"),
    Column("period_end", "Period end", required=True, example="2026-03-08"),
    Column("value", "Value", example="0.142"),
    Column("numerator", "Numerator", example="35"),
    Column("denominator", "Denominator", example="242"),
    Column("sample_size", "Sample size", example="242"),
    Column("spread", "Standard deviation", help="Between the cases, for a mean"),
    Column("expected", "Expected", help="For drift: cases by bin, apart by spaces"),
    Column("actual", "Actual", help="For drift: cases by bin, apart by spaces"),
    Column("source", "Source", example="case system"),
)
_PLACE = re.compile(r"/(\d+)(?:/(\w+))?.*")
_TEXTS = ("initiative", "metric", "deployment", "segment", "period_start", "period_end", "source")
_NUMBERS = ("value", "numerator", "denominator", "spread")


def rows_of(rows: Sequence[SheetRow], **given: str) -> list[dict[str, Any]]:
    """One reading per row. What is no number stays text, so that the fault names the cell; `given` fills empty cells."""
    return [{**given, **_row(row.values)} for row in rows]


def _row(values: dict[str, str]) -> dict[str, Any]:
    row: dict[str, Any] = {name: values[name] for name in _TEXTS if values.get(name)}
    row |= {name: _number(values[name]) for name in _NUMBERS if values.get(name)}
    if values.get("sample_size"):
        size = _number(values["sample_size"])
        row["sample_size"] = int(size) if isinstance(size, float) and size.is_integer() else size
    if values.get("expected") or values.get("actual"):
        row["histogram"] = {
            name: [_number(part) for part in values.get(name, "").split()] for name in ("expected", "actual")
        }
    return row


def _number(text: str) -> float | str:
    """A number as people type it; a percentage as the share it is."""
    plain = text.replace(" ", "").replace(" ", "")
    try:
        return float(plain[:-1]) / 100 if plain.endswith("%") else float(plain)
    except ValueError:
        return text


def faults_by_row(refusal: Refusal, rows: Sequence[SheetRow]) -> list[Fault]:
    """The faults with their columns and the numbers of the rows as the spreadsheet shows them."""
    heads = {column.name: column.head for column in COLUMNS}
    found = []
    for fault in faults_of(refusal) or (Fault("", refusal.sentence, refusal.code),):
        place = _PLACE.fullmatch(fault.pointer)
        if place is None:
            found.append(fault)
            continue
        number, name = rows[int(place[1])].number, heads.get(place[2] or "", "")
        where = f"{name}: " if name else ""
        words = _("Row %(n)d: %(fault)s") % {"n": number, "fault": f"{where}{fault.sentence}"}
        pointer = f"/rows/{number}/{place[2]}" if name else f"/rows/{number}"
        found.append(Fault(pointer, words, fault.code))
    return found
