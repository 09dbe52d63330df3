"""Readings as they stand in a spreadsheet: the columns, and from texts to the rows that record_observations takes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from alignment_portal.accounts.actors import Actor
from alignment_portal.http.problems import faults_of
from alignment_portal.http.sheets import Column, SheetRow, column_of, empty_cells, faults_at
from alignment_portal.refusals import Fault, Invalid, Refusal
from metrics.services.observations import Recorded, record_observations

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
UNREAD = "?"  # no number, no day, no code
_PLACE = re.compile(r"/(\d+)(?:/(\w+))?.*")
_TEXTS = ("initiative", "metric", "deployment", "segment", "period_start", "period_end", "source")
_NUMBERS = ("value", "numerator", "denominator", "spread")


def record_table(
    *, by: Actor, rows: Sequence[SheetRow], columns: Sequence[Column] = COLUMNS, initiative: str = ""
) -> Recorded:
    """Record the rows of a table, all or nothing; `initiative` is what they are about that name none.

    Raises Invalid with every fault of every row: of its cells, of its shape and of its meaning.
    """
    given = {"initiative": initiative} if initiative else {}
    empty = {row.number: empty_cells(row, columns) for row in rows}
    faults = [fault for row in rows for fault in faults_at(row, [*row.faults, *empty[row.number]])]
    with transaction.atomic():
        try:
            done = record_observations(by=by, rows=rows_of([_sound(row) for row in rows], **given))
        except Invalid as refusal:
            faults += _not_told(faults_by_row(refusal, rows), rows, empty)
        if faults:
            sentence = "Nothing was changed: rows of the file are wrong."
            raise Invalid(sentence, faults=sorted(faults, key=_row_number), code="rows_wrong")
    return done


def require_whole(rows: Sequence[SheetRow]) -> Sequence[SheetRow]:
    """The rows, or Invalid with what reading found wrong in their cells."""
    faults = [fault for row in rows for fault in faults_at(row, row.faults)]
    if faults:
        raise Invalid(faults[0].sentence, faults=faults, code="rows_wrong")
    return rows


def _sound(row: SheetRow) -> SheetRow:
    """With a word that nothing means in each cell that could not be read, for the others to be judged beside."""
    unread = {column_of(fault) for fault in row.faults}
    return replace(
        row, values={name: UNREAD if name in unread else text for name, text in row.values.items()}
    )


def _not_told(
    found: Sequence[Fault], rows: Sequence[SheetRow], empty: Mapping[int, Sequence[Fault]]
) -> list[Fault]:
    """What the cells of a row have not said of it already."""
    told = {
        row.number: {column_of(fault) for fault in [*row.faults, *empty[row.number]]}
        for row in rows
        if row.faults or empty[row.number]
    }
    return [fault for fault in found if not _is_told(fault, told)]


def _is_told(fault: Fault, told: Mapping[int, set[str]]) -> bool:
    number, name = _row_number(fault), fault.pointer.split("/")[-1]
    columns = told.get(number, set())
    if not columns:
        return False
    if "" in columns:
        return True  # its cells may stand under the wrong heads
    if fault.pointer == f"/rows/{number}":
        return fault.code == "shape"  # what is missing, or a histogram of such cells
    return name in columns or (name == "metric" and "initiative" in columns)


def _row_number(fault: Fault) -> int:
    parts = fault.pointer.split("/")
    return int(parts[2]) if fault.pointer.startswith("/rows/") else 0


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
