"""The list as a file: the same rows and filters, cells that no spreadsheet calculates."""

import datetime as dt
import io
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.styles import Font

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.http.spreadsheets import CSV, csv_lines, safe_cell
from initiatives.web.table import FIELDS, Wanted, matching, ordered
from initiatives.web.words import gate_word, word

HEADS = (
    "Key", "Title", "Status", "Status since", "Verdict", "Judged at", "Reason", "First blocking gate",
    "Next mover", "Next deed", "Waiting since", "Horizon", "Kind of AI", "Owner", "Owner's e-mail", "Sponsor",
    "Cluster", "Changed at",
)  # fmt: skip
_WORDED = frozenset({"status", "judged_level", "archetype"})


def cells(row: Mapping[str, Any]) -> Iterator[str]:
    for name in FIELDS:
        value = row[name]
        if name == "judged_gate":
            value = gate_word(value) if value else ""
        elif name in _WORDED:
            value = word(value) if value else ""
        elif isinstance(value, dt.datetime):
            value = timezone.localtime(value).strftime("%Y-%m-%d %H:%M %Z")
        yield safe_cell("" if value is None else str(value))


def _rows(by: Actor, wanted: Wanted) -> Iterator[list[str]]:
    rows = ordered(matching(by, wanted), wanted.order).values(*FIELDS)
    for row in rows.iterator(chunk_size=1000):
        yield list(cells(row))


def as_csv(by: Actor, wanted: Wanted) -> StreamingHttpResponse:
    lines = csv_lines(chain([HEADS], _rows(by, wanted)))
    return StreamingHttpResponse(lines, content_type=CSV, headers=_disposition("csv"))


def as_xlsx(by: Actor, wanted: Wanted) -> HttpResponse:
    book = Workbook()
    sheet = book.active or book.create_sheet()
    sheet.title = "Initiatives"
    sheet.append(HEADS)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in _rows(by, wanted):
        sheet.append(row)
    sheet.freeze_panes = "C2"
    file = io.BytesIO()
    book.save(file)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return HttpResponse(file.getvalue(), content_type=kind, headers=_disposition("xlsx"))


def _disposition(ending: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="initiatives-{clock.now():%Y-%m-%d}.{ending}"'}
