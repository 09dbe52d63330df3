"""Reviews: those that wait for the reader first, then all they may see."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from alignment_portal import clock
from alignment_portal.accounts.permissions import Action, may
from alignment_portal.http.requests import actor_of
from initiatives.selectors import initiative_or_404
from reviews.models import Review
from reviews.selectors.reviews import stances_owed_by, visible_reviews
from reviews.selectors.standings import standings
from reviews.services.locks import is_own

PAGE = 50
SHOWS = {"": gettext_lazy("All"), "running": gettext_lazy("Running"), "ended": gettext_lazy("Ended")}


def _rows(reviews: list[Review]) -> list[dict[str, Any]]:
    """Ten queries, however many reviews."""
    moment = clock.now()
    found = standings(reviews, moment)
    return [
        {
            "review": review,
            "state": found[review.pk].state,
            "outcome": found[review.pk].outcome,
            "answered": len(found[review.pk].present()),
            "invited": len(found[review.pk].seats),
        }
        for review in reviews
    ]


@require_GET
def reviews(request: HttpRequest) -> HttpResponse:
    by = actor_of(request)
    show = request.GET.get("show", "")
    show = show if show in SHOWS else ""
    before = request.GET.get("before", "")
    rows = visible_reviews(by)
    running = {"concluded_at__isnull": True, "lapsed_at__isnull": True}
    if show:
        rows = rows.filter(**running) if show == "running" else rows.exclude(**running)
    if before.isdecimal() and len(before) < 15:  # noqa: PLR2004 — more digits are no row
        rows = rows.filter(pk__lt=int(before))
    page = list(rows.order_by("-pk")[: PAGE + 1])
    older = f"?show={show}&before={page[PAGE - 1].pk}" if len(page) > PAGE else ""
    context = {
        "owed": _rows(stances_owed_by(by)),
        "may_open": may(by, Action.REVIEW_OPEN),
        "rows": _rows(page[:PAGE]),
        "older": older,
        "newest": f"?show={show}" if before else "",
        "views": [
            {"label": str(label), "url": f"?show={name}" if name else "/reviews/", "current": name == show}
            for name, label in SHOWS.items()
        ],
    }
    return render(request, "reviews/list.html", context)


@require_GET
def for_initiative(request: HttpRequest, key: str) -> HttpResponse:
    """The reviews of one initiative, and of its cluster."""
    by = actor_of(request)
    initiative = initiative_or_404(by, key)
    rows = visible_reviews(by)
    about = rows.filter(initiative=initiative)
    if initiative.cluster_id is not None:
        about = about | rows.filter(cluster=initiative.cluster_id)
    context = {
        "crumbs": [
            {"label": _("Initiatives"), "url": "/initiatives/"},
            {"label": key, "url": f"/initiatives/{key}/"},
            {"label": _("Alignment"), "url": f"/initiatives/{key}/alignment/"},
        ],
        "initiative": initiative,
        "rows": _rows(list(about.order_by("-pk")[:PAGE])),
        "may_open": may(by, Action.REVIEW_OPEN, own=is_own(by, [initiative])),
    }
    return render(request, "reviews/for_initiative.html", context)
