"""The record of the whole portal, in words, and as a file."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from alignment_portal import clock
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.audit.chain import head, moment_text, verify_chain
from alignment_portal.audit.selectors import HistoryFilter, history
from alignment_portal.audit.words import Line, in_words, known_actions
from alignment_portal.http.requests import actor_of
from alignment_portal.http.spreadsheets import CSV, csv_lines, safe_cell
from alignment_portal.pages.forms import HistoryForm

PAGE = 50
COLUMNS = (
    "seq",
    "at",
    "recorded_at",
    "actor",
    "roles",
    "via",
    "action",
    "initiative",
    "subject",
    "sentence",
    "reason",
    "hash",
)


@require_GET
def history_page(request: HttpRequest) -> HttpResponse:
    require(actor_of(request), Action.HISTORY_READ)
    form = HistoryForm(request.GET or None)
    wanted = wanted_from(form)
    rows = list(history(wanted)[: PAGE + 1])
    context = {
        "form": form,
        "lines": in_words(rows[:PAGE]),
        "actions": known_actions(),
        "older": _address(request, before=str(rows[PAGE - 1].seq)) if len(rows) > PAGE else "",
        "newest": _address(request, before="") if wanted.before else "",
        "export": f"export/?{urlencode(_kept(request))}",
        "head": head(),
        "chain": verify_chain() if "verify" in request.GET else None,
        "verify": _address(request, verify="1"),
    }
    return render(request, "pages/history.html", context)


@require_GET
def history_export(request: HttpRequest) -> StreamingHttpResponse:
    require(actor_of(request), Action.HISTORY_READ)
    wanted = replace(wanted_from(HistoryForm(request.GET or None)), before=None)
    name = f"history-{clock.now():%Y-%m-%d}.csv"
    return StreamingHttpResponse(
        csv_lines(_rows(wanted)),
        content_type=CSV,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def wanted_from(form: HistoryForm) -> HistoryFilter:
    """The filter in an address; what cannot be read there is shown at its field and left out."""
    form.is_valid()
    given: dict[str, Any] = getattr(form, "cleaned_data", {})
    since, until = given.get("since"), given.get("until")
    return HistoryFilter(
        actor=given.get("actor", ""),
        action=given.get("action", ""),
        initiative=given.get("initiative", ""),
        since=_midnight(since) if since else None,
        until=_midnight(until) + timedelta(days=1) if until else None,
        before=given.get("before"),
    )


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()), timezone.get_current_timezone())


def _kept(request: HttpRequest) -> dict[str, str]:
    return {
        name: str(value) for name, value in request.GET.items() if name not in {"before", "verify"} and value
    }


def _address(request: HttpRequest, **changed: str) -> str:
    return f"?{urlencode({name: value for name, value in {**_kept(request), **changed}.items() if value})}"


def _rows(wanted: HistoryFilter) -> Iterator[Sequence[str]]:
    yield COLUMNS
    before = None
    while rows := list(history(replace(wanted, before=before))[:1000]):
        for line in in_words(rows):
            yield [safe_cell(value) for value in _cells(line)]
        before = rows[-1].seq


def _cells(line: Line) -> Iterator[str]:
    for column in COLUMNS:
        value = getattr(line, column)
        yield moment_text(value.astimezone(UTC)) if isinstance(value, datetime) else str(value)
