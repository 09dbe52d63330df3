"""Around the meeting: the invitation, deputies, the map on the wall, live, and signing what was concluded."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from alignment_portal.accounts.permissions import Action, require
from alignment_portal.http.etags import etag_of
from alignment_portal.refusals import Conflict
from initiatives.dossier.canonical import digest
from reviews.selectors.invitation import has_dates, invitation_to
from reviews.services.deputies import name_deputy, withdraw_deputy
from reviews.services.locks import seat_of
from reviews.services.signing import sign_conclusion
from reviews.web.forms import DeputyForm, NothingForm, executives
from reviews.web.opinions import drawn_of
from reviews.web.showing import Room
from reviews.web.visits import Ask, visit


@require_GET
def invitation(request: HttpRequest, ref: str) -> HttpResponse:
    """The end of the pre-read and the meeting as a calendar file."""
    on = visit(request, ref)
    if not has_dates(on.review):
        raise Conflict(f"{ref} has neither a deadline nor a meeting yet.", code="no_dates")
    headers = {"Content-Disposition": f'attachment; filename="{on.review.ref}.ics"'}
    return HttpResponse(
        invitation_to(on.review), content_type="text/calendar; charset=utf-8", headers=headers
    )


@require_GET
def projector(request: HttpRequest, ref: str) -> HttpResponse:
    """The map for the wall of the meeting room, as far as whoever opens it may see it; it keeps itself current."""
    on = visit(request, ref)
    context = {"review": on.review, "room": Room(on), "drawn": drawn_of(Room(on))}
    return render(request, "reviews/projector.html", context)


@require_GET
def live(request: HttpRequest, ref: str) -> HttpResponse:
    """What the projector shows, asked for again every few seconds; 304 while nothing of it changed."""
    on = visit(request, ref)
    room = Room(on)
    body = render_to_string(
        "reviews/live.html", {"review": on.review, "room": room, "drawn": drawn_of(room)}, request
    )
    tag = etag_of(digest(body)[:32])
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers={"ETag": tag})
    return HttpResponse(body, headers={"ETag": tag, "Cache-Control": "private, no-cache"})


@require_http_methods(["GET", "POST"])
def deputy(request: HttpRequest, ref: str) -> HttpResponse:
    """Name whoever answers in one's place."""
    on = visit(request, ref)
    require(on.by, Action.REVIEW_STANCE)
    seat_of(on.by, on.review)
    taken = set(on.review.participants.values_list("user__email", flat=True))
    seats = [seat for seat in executives(on.initiatives) if seat[0] not in taken]
    ask = Ask(
        title=_("Name a deputy"),
        submit=_("Name them"),
        done=_("Your deputy answers in your place now."),
        help=_(
            "Your deputy answers for your seat until you take it back. Every stance says who gave it and for whom."
        ),
    )
    form = DeputyForm(request.POST or None, seats=seats)
    return ask.answer(on, form, lambda given: name_deputy(by=on.by, review=on.review, **given))


@require_http_methods(["GET", "POST"])
def no_deputy(request: HttpRequest, ref: str) -> HttpResponse:
    """Answer for oneself again."""
    on = visit(request, ref)
    require(on.by, Action.REVIEW_STANCE)
    seat_of(on.by, on.review)
    ask = Ask(
        title=_("Answer for yourself again?"),
        submit=_("I answer myself"),
        done=_("You answer for yourself again."),
        help=_("What your deputy said stands until you change it."),
    )
    form = NothingForm(request.POST if request.method == "POST" else None)
    return ask.answer(on, form, lambda given: withdraw_deputy(by=on.by, review=on.review, **given))


@require_http_methods(["GET", "POST"])
def sign(request: HttpRequest, ref: str) -> HttpResponse:
    """Put one's name to what was concluded; who signed in a while ago is asked first whether it is they."""
    on = visit(request, ref)
    require(on.by, Action.REVIEW_SIGN)
    ask = Ask(
        title=_("Sign the conclusion"),
        submit=_("Sign"),
        done=_("You signed the conclusion."),
        help=_("Your name, the time and the fingerprint of everything that was concluded are kept for good."),
    )
    form = NothingForm(request.POST if request.method == "POST" else None)
    return ask.answer(on, form, lambda given: sign_conclusion(by=on.by, review=on.review, **given))
