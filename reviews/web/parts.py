"""One of the three parts at a time: rated from 1 to 5, with the reader's own stance."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from alignment_portal.http.forms import add_refusal
from alignment_portal.refusals import Conflict, Invalid, NotFound, Refusal
from reviews.models import Part
from reviews.services.stances import give_stance
from reviews.web.answering import beside, onward, said
from reviews.web.forms import PartForm
from reviews.web.showing import PartPoint, Room, earlier_of
from reviews.web.visits import Visit, pack_about, status_of, visit


@require_http_methods(["GET", "POST"])
def part(request: HttpRequest, ref: str, part: str) -> HttpResponse:
    """Read what the part is about and answer it."""
    on = visit(request, ref)
    if part not in Part.values:
        raise NotFound(f"A review has no part called {part}.")
    given = Room(on).mine.get(Part(part).point)
    form = PartForm(request.POST or None, initial=said(given) if given else None)
    refusal: Refusal | None = None
    if form.is_valid():
        try:
            give_stance(by=on.by, review=on.review, part=part, **form.stance())
        except (Invalid, Conflict) as refused:
            refusal = refused
            add_refusal(form, refused)
        else:
            return onward(on)
    return render(request, "reviews/part.html", _shown(on, Part(part), form), status=status_of(form, refusal))


def _shown(on: Visit, part: Part, form: PartForm) -> dict[str, Any]:
    room = Room(on)
    here: PartPoint = next(point for point in room.parts if point.part == part)
    return {
        "crumbs": on.crumbs(),
        "review": on.review,
        "room": room,
        "pack": pack_about(on.review),
        "here": here,
        "count": len(room.parts),
        "previous": beside(room.parts, here.place, -1),
        "following": beside(room.parts, here.place, 1),
        "form": form if room.me and on.review.is_open and on.review.sent_at else None,
        "answered": here.mine is not None,
        "earlier": earlier_of(room, part.point),
        "subjects": on.initiatives,
    }
