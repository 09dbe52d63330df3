"""Reading a table that somebody made in a spreadsheet: CSV or XLSX, capped in size, as texts under known columns."""

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from alignment_portal.http.spreadsheets import ERRORS, text_of_cell
from alignment_portal.refusals import Fault, Invalid, TooLarge

MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 2_000
MOST_COLUMNS = 60
LAST_ROW = 50_000  # of a workbook, with the empty rows between
LONGEST_CELL = 8_000
MOST_PARTS = 200
MOST_UNPACKED = 60 * 1024 * 1024
_UNCALCULATED = "\x00formula"  # no cell can hold a NUL
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z0-9:]{1,30})"')
_FAR = re.compile(rb'r="[A-Z]{1,3}([0-9]{5,7})"[^>]*>\s*<(?:\w+:)?(?:v|is|f)[\s/>]')
_FORMULAS = re.compile(rb"<(?:\w+:)?f[\s/>]")
_ZIP = b"PK\x03\x04"
_DAMAGED = "This workbook is damaged or protected. Save it again as XLSX without a password, or as CSV."


@dataclass(frozen=True)
class Column:
    """One column of a table: the name we use, the words at its head, and whether each row must fill it."""

    name: str
    head: str
    required: bool = False
    help: str = ""
    example: str = ""


@dataclass(frozen=True)
class SheetRow:
    """One row as texts by column name; ``number`` is the row of the spreadsheet, whose head is row 1.

    ``faults`` is what reading found wrong, pointed to by column, or by nothing where the whole row is unsure. Whoever
    uses a row tells them beside what else is wrong with it, and keeps nothing.
    """

    number: int
    values: dict[str, str]
    faults: tuple[Fault, ...] = ()


def read_rows(file: BinaryIO, columns: Sequence[Column], *, most: int = MOST_ROWS) -> list[SheetRow]:
    """Return the filled rows of the first sheet.

    The first filled row holds the heads (or the names) of the columns, in any order and any case. Raises Invalid
    with every fault of the heads at once, and TooLarge above the caps; a row brings its own faults along.
    """
    raw = file.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise TooLarge(f"This file is larger than the {MOST_BYTES // 2**20} MB that an import may hold.")
    lines = _xlsx_lines(raw) if raw.startswith(_ZIP) else _csv_lines(raw)
    filled = ((number, cells) for number, cells in enumerate(lines, start=1) if any(cells))
    head = next(filled, None)
    if head is None:
        raise Invalid("This file is empty. The first row names the columns.", code="empty_file")
    places = _places([text_of_cell(text) for text in head[1]], columns)
    return list(_capped(filled, places, most))


def _capped(filled: Iterator[tuple[int, list[str]]], places: dict[int, str], most: int) -> Iterator[SheetRow]:
    for count, (number, cells) in enumerate(filled, start=1):
        if count > most:
            raise TooLarge(f"An import takes at most {most:,} rows. Send the rest in another file.")
        values = {name: text_of_cell(cells[at]) if at < len(cells) else "" for at, name in places.items()}
        long = next((name for name, text in values.items() if len(text) > LONGEST_CELL), None)
        if long is not None:
            sentence = f"Row {number}: “{long}” holds more than {LONGEST_CELL:,} characters."
            raise TooLarge(sentence, pointer=f"/rows/{number}/{long}")
        yield SheetRow(number, values, tuple(_lost(cells, places)))


def _lost(cells: Sequence[str], places: dict[int, str]) -> Iterator[Fault]:
    """What would be read as something else than whoever made the table sees there."""
    for at, text in enumerate(cells):
        name = places.get(at)
        if text and name is None:
            sentence = f"“{text[:40]}” stands in column {at + 1}, which has no head. Is a text with a comma not quoted?"
            yield Fault("", sentence, "no_head")
        elif text == _UNCALCULATED:
            sentence = "A formula has no value yet. Open the workbook in a spreadsheet and save it."
            yield Fault(f"/{name}", sentence, "not_calculated")
        elif text in ERRORS:
            sentence = f"The spreadsheet shows the error {text}. Mend it, or leave the cell empty."
            yield Fault(f"/{name}", sentence, "spreadsheet_error")


def empty_cells(row: SheetRow, columns: Sequence[Column]) -> list[Fault]:
    """What each row must fill and this one does not."""
    return [
        Fault(f"/{column.name}", f"“{column.head}” is empty.", "required")
        for column in columns
        if column.required and not row.values.get(column.name)
    ]


def column_of(fault: Fault) -> str:
    """The column that a fault of one row points to, or nothing."""
    return fault.pointer.partition("/")[2].partition("/")[0]


def faults_at(row: SheetRow, faults: Sequence[Fault]) -> list[Fault]:
    """Faults of one row with its number, as they are told of the whole table."""
    return [
        Fault(f"/rows/{row.number}{fault.pointer}", f"Row {row.number}: {fault.sentence}", fault.code)
        for fault in faults
    ]


def _places(head: Sequence[str], columns: Sequence[Column]) -> dict[int, str]:
    known = {_folded(word): column.name for column in columns for word in (column.name, column.head)}
    places: dict[int, str] = {}
    faults = []
    for at, text in enumerate(head):
        name = known.get(_folded(text))
        if not text:
            continue
        if name is None:
            expected = ", ".join(column.head for column in columns)
            sentence = f"There is no column “{text[:60]}”. Known are: {expected}."
            faults.append(Fault(f"/columns/{at}", sentence, "unknown_column"))
        elif name in places.values():
            faults.append(Fault(f"/columns/{at}", f"The column “{text[:60]}” stands twice.", "twice"))
        else:
            places[at] = name
    if len(head) > MOST_COLUMNS and head[MOST_COLUMNS]:
        faults = [Fault("/columns", f"A table has at most {MOST_COLUMNS} columns.", "too_many")]
    faults.extend(
        Fault("/columns", f"The column “{column.head}” is missing.", "missing_column")
        for column in columns
        if column.required and column.name not in places.values()
    )
    if faults:
        raise Invalid(faults[0].sentence, faults=faults, code="wrong_columns")
    return places


def _folded(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


# --- CSV ---------------------------------------------------------------------------------------------------


def _csv_lines(raw: bytes) -> Iterator[list[str]]:
    try:
        text = raw.decode("utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(
            "This is neither an XLSX workbook nor a CSV file in UTF-8. In Excel, save as “CSV UTF-8” or as XLSX.",
            code="not_a_table",
        ) from error
    if "\x00" in text:
        raise Invalid("This is not a text file. Send CSV in UTF-8 or an XLSX workbook.", code="not_a_table")
    first = text.lstrip().split("\n", 1)[0]
    delimiter = max((",", ";", "\t"), key=first.count)
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            yield [cell.strip() for cell in cells[: MOST_COLUMNS + 1]]
    except csv.Error as error:
        raise Invalid(f"The CSV cannot be read: {error}.", code="not_a_table") from error


# --- XLSX --------------------------------------------------------------------------------------------------


def _xlsx_lines(raw: bytes) -> Iterator[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            parts = archive.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
            raise TooLarge("This workbook would unpack to far more than a table holds.")
        shown = _first_sheet(raw, data_only=True)
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            xml = archive.read(shown._worksheet_path)  # noqa: SLF001 — which part was read is told nowhere else
        if any(int(found[1]) > LAST_ROW for found in _FAR.finditer(xml)):
            raise TooLarge(f"Something stands below row {LAST_ROW:,}. Move it up, or take it away.")
        if merged := _MERGED.search(xml):
            sentence = f"Cells are merged ({merged[1].decode()}), so that only the first of them holds anything. Take that back, and fill each."
            raise Invalid(sentence, code="merged_cells")
        rows = _rows_of(shown)
        if _FORMULAS.search(xml):
            written = _rows_of(_first_sheet(raw, data_only=False))
            rows = (_calculated(*both) for both in zip(rows, written, strict=True))
        yield from ([_told(cell).strip() for cell in cells] for cells in rows)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, IndexError, ValueError, OSError) as error:
        raise Invalid(_DAMAGED, code="not_a_table") from error


def _first_sheet(raw: bytes, *, data_only: bool) -> Any:
    book = load_workbook(io.BytesIO(raw), read_only=True, data_only=data_only, keep_links=False)
    return book.worksheets[0]


def _rows_of(sheet: Any) -> Iterator[tuple[object, ...]]:
    yield from sheet.iter_rows(values_only=True, max_row=LAST_ROW, max_col=MOST_COLUMNS + 1)


def _calculated(shown: tuple[object, ...], written: tuple[object, ...]) -> tuple[object, ...]:
    """What the formulas came to; those that no spreadsheet has calculated yet are marked."""
    pairs = zip(shown, written, strict=True)
    return tuple(_UNCALCULATED if value is None and text is not None else value for value, text in pairs)


def _told(value: object) -> str:
    """A cell as it would be typed: days in ISO form, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
