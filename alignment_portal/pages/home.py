"""Home: what changed since the last visit."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from alignment_portal.accounts.permissions import Action, may
from alignment_portal.audit.selectors import HistoryFilter, history
from alignment_portal.audit.words import in_words
from alignment_portal.http.requests import actor_of

SHOWN = 20


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    since = getattr(request.user, "visited_before_at", None)
    sees = may(actor_of(request), Action.HISTORY_READ)
    rows = list(history(HistoryFilter(since=since))[:SHOWN]) if sees else []
    return render(request, "home.html", {"since": since, "changes": in_words(rows)})
