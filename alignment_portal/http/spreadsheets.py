"""Tables as files: cells that a spreadsheet shows and does not calculate."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from django.http import HttpResponse
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from alignment_portal import clock

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
# Before the first head: by this mark Excel on Windows knows UTF-8 and shows names as they are written. RFC 3629, 6.
BOM = "\ufeff"
# A spreadsheet takes a cell that begins with one of these for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
# What a spreadsheet shows where it could not calculate.
ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"})


def safe_cell(text: str) -> str:
    """Nothing that is calculated, and no control character, which no workbook can hold."""
    text = ILLEGAL_CHARACTERS_RE.sub("\ufffd", text)
    return f"'{text}" if _would_be_misread(text) else text


def text_of_cell(text: str) -> str:
    """What `safe_cell` made this cell from; any other text as it stands."""
    return text[1:] if text.startswith("'") and _would_be_misread(text[1:]) else text


def _would_be_misread(text: str) -> bool:
    """Also behind apostrophes of its own, so that ours is told from them on the way back."""
    bare = text.lstrip("'")
    return bare.startswith(FORMULA) or bare in ERRORS


def table_file(
    ending: str, *, name: str, heads: Sequence[str], rows: Iterable[Sequence[object]]
) -> HttpResponse:
    """A table to take away as ``csv`` or ``xlsx``; numbers stay numbers, and texts are made safe."""
    told = ([_cell(value) for value in row] for row in rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}-{clock.now():%Y-%m-%d}.{ending}"'}
    if ending == "xlsx":
        return HttpResponse(_workbook(name, heads, told), content_type=XLSX, headers=headers)
    return HttpResponse("".join(csv_lines([heads, *told])), content_type=CSV, headers=headers)


class _Echo:
    def write(self, text: str) -> str:
        return text


def csv_lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The text of a CSV file for spreadsheets, a line at a time."""
    yield BOM
    writer = csv.writer(_Echo())
    yield from map(writer.writerow, rows)


def _cell(value: object) -> str | float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    return safe_cell("" if value is None else str(value))


def _workbook(title: str, heads: Sequence[str], rows: Iterable[list[str | float]]) -> bytes:
    book = Workbook()
    sheet = book.active or book.create_sheet()
    sheet.title = title[:31]
    sheet.append(list(heads))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in rows:
        sheet.append(row)
    sheet.freeze_panes = "B2"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
