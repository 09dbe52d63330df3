"""Concluding a review, saying again what still holds, letting it lapse."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from alignment_portal.accounts.permissions import Action, require
from reviews.services.conclusions import conclude_review
from reviews.services.locks import seat_of
from reviews.services.opening import lapse_review
from reviews.services.stances import reaffirm
from reviews.web.forms import ConclusionForm, NothingForm, ReasonForm
from reviews.web.showing import Room
from reviews.web.visits import Ask, edit_visit, visit
from reviews.web.words import with_names


@require_http_methods(["GET", "POST"])
def conclude(request: HttpRequest, ref: str) -> HttpResponse:
    """End it as aligned when nothing is missing, or openly as not aligned."""
    on = visit(request, ref)
    require(on.by, Action.REVIEW_CONCLUDE)
    room = Room(on)
    notes = [("warning", with_names(blocker.sentence, room.names)) for blocker in room.blockers]
    ask = Ask(
        title=_("Conclude the review"),
        submit=_("Conclude"),
        done=_("The review is concluded."),
        help=_("What was said and on which package is frozen, dissent in its own words.")
        if not notes
        else _("It cannot end as aligned while anything below is missing."),
        notes=notes,
    )
    form = ConclusionForm(request.POST or None)
    return ask.answer(on, form, lambda given: conclude_review(by=on.by, review=on.review, **given))


@require_http_methods(["GET", "POST"])
def reaffirm_page(request: HttpRequest, ref: str) -> HttpResponse:
    """Say of the package as it stands now what one said of the one before."""
    on = visit(request, ref)
    require(on.by, Action.REVIEW_STANCE)
    seat_of(on.by, on.review)
    names = [name.replace("_", " ").replace("initiative.", "") for name in Room(on).changed]
    ask = Ask(
        title=_("Do your stances still hold?"),
        submit=_("They still hold"),
        done=_("Your stances hold for the package as it stands now."),
        help=_(
            "Changed since you answered: %(names)s. Read it again; if your mind changed, answer anew instead."
        )
        % {"names": ", ".join(names)}
        if names
        else _("Nothing changed since you answered."),
    )
    form = NothingForm(request.POST if request.method == "POST" else None)
    return ask.answer(on, form, lambda given: reaffirm(by=on.by, review=on.review, **given))


@require_http_methods(["GET", "POST"])
def lapse(request: HttpRequest, ref: str) -> HttpResponse:
    on = edit_visit(request, ref)
    ask = Ask(
        title=_("Let this review lapse?"),
        submit=_("Let it lapse"),
        done=_("The review has lapsed."),
        help=_("What was agreed under it no longer holds. Opening a new one is the way on."),
        danger=True,
    )
    form = ReasonForm(request.POST or None)
    return ask.answer(on, form, lambda given: lapse_review(by=on.by, review=on.review, **given))
