"""Home: what waits for the reader, the longest waiting first, and what changed since they were last here."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby, islice
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, may
from alignment_portal.audit.selectors import HistoryFilter, history
from alignment_portal.audit.words import Line, in_words
from alignment_portal.http.requests import actor_of
from alignment_portal.pages.turns import lists_of, turns_of
from alignment_portal.pages.welcome import welcome_for
from alignment_portal.refusals import NotFound
from initiatives.models import Initiative

CHANGES = 20
A_PAGE = 50
LOOKED_AT = 5  # times as many entries are read: what is the same is told once
FIRST_VISIT = timedelta(days=14)  # how far back a first visit looks


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    by = actor_of(request)
    since: datetime | None = getattr(request.user, "visited_before_at", None)
    turns = turns_of(by, since)
    context = {
        "turns": turns,
        "waiting": sum(turn.count for turn in turns if turn.is_mine),
        "welcome": welcome_for(by),
        "since": since,
        "changes": list(_changes(by, since)),
        "may_read_history": may(by, Action.HISTORY_READ),
    }
    return render(request, "pages/home.html", context)


@require_GET
def waiting(request: HttpRequest, code: str) -> HttpResponse:
    """The whole of one list, a page at a time."""
    since: datetime | None = getattr(request.user, "visited_before_at", None)
    found = next((one for one in lists_of(actor_of(request), since) if one.code == code), None)
    if found is None:
        raise NotFound(f"There is no list “{code}”.", code="list_not_found")
    page = Paginator(range(len(found)), A_PAGE).get_page(request.GET.get("page"))
    begin = (page.number - 1) * A_PAGE
    context = {
        "title": found.title,
        "moves": found[begin : begin + A_PAGE],
        "crumbs": [{"label": _("Home"), "url": "/"}],
        "page": {
            "previous": f"?page={page.previous_page_number()}" if page.has_previous() else "",
            "next": f"?page={page.next_page_number()}" if page.has_next() else "",
            "total": page.paginator.count,
        },
    }
    return render(request, "pages/waiting.html", context)


def _changes(by: Actor, since: datetime | None) -> Iterator[Line]:
    """What others did, newest first: everything for who reads the whole record, else one's own initiatives."""
    rows = history(HistoryFilter(since=since or clock.now() - FIRST_VISIT)).exclude(actor_id=by.user_id)
    if not may(by, Action.HISTORY_READ):
        mine: Any = Initiative.objects.visible_to(by).values("key")
        rows = rows.filter(initiative_key__in=mine)
    yield from islice(_told_once(in_words(list(rows[: LOOKED_AT * CHANGES]))), CHANGES)


def _told_once(lines: Iterable[Line]) -> Iterator[Line]:
    """The same sentence several times in a row on one day is told once, with how often."""
    for _key, same in groupby(lines, key=lambda line: (line.sentence, line.initiative, line.at.date())):
        first, *more = same
        if more:
            words = _("%(sentence)s, %(times)d times") % {
                "sentence": first.sentence,
                "times": 1 + len(more),
            }
            first = replace(first, sentence=words)
        yield first
