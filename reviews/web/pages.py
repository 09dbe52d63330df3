"""The page of a review: where it stands, who has answered, on what, and what came of it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from alignment_portal.accounts.permissions import Action, may
from reviews.models import Part
from reviews.web.opinions import drawn_of
from reviews.web.showing import Room
from reviews.web.visits import Visit, pack_about, visit
from reviews.web.words import role_word


@require_GET
def review(request: HttpRequest, ref: str) -> HttpResponse:
    on = visit(request, ref)
    room = Room(on)
    ended = getattr(on.review, "conclusion", None)
    context = {
        "crumbs": [{"label": label, "url": url} for label, url in _way_here(on)],
        "review": on.review,
        "room": room,
        "state": room.standing.state,
        "ended": ended,
        "dissent": [
            {
                **said,
                "name": room.named(said["person"]),
                "part": next((str(part.label) for part in Part if part.point == said["trade_off"]), ""),
                "about": next((point for point in room.points if point.row.code == said["trade_off"]), None),
            }
            for said in (ended.dissent if ended else ())
        ],
        "subjects": on.initiatives,
        "roles": ", ".join(role_word(role) for role in sorted(on.review.required_roles)),
        "quorum": round(on.review.quorum * 100),
        "may_edit": on.may_edit and on.review.is_open,
        "may_lapse": on.may_edit and on.review.lapsed_at is None,
        "may_conclude": may(on.by, Action.REVIEW_CONCLUDE)
        and on.review.is_open
        and on.review.sent_at is not None,
        "next": room.owed[0] if room.owed else None,
        "drawn": drawn_of(room),
        "pack": pack_about(on.review),
        "may_have_deputy": room.me is not None and not room.is_deputy and on.review.is_open,
    }
    return render(request, "reviews/review.html", context)


def _way_here(on: Visit) -> list[tuple[str, str]]:
    steps = [(_("Reviews"), "/reviews/")]
    if on.review.initiative is not None:
        key = on.review.initiative.key
        steps.append((key, f"/initiatives/{key}/alignment/"))
    return steps
