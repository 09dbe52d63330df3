"""Who takes part: inviting somebody, and taking somebody off."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from alignment_portal.refusals import NotFound
from reviews.services.participants import invite_participant, remove_participant
from reviews.web.forms import InviteForm, ReasonForm, executives
from reviews.web.visits import Ask, edit_visit


@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest, ref: str) -> HttpResponse:
    on = edit_visit(request, ref)
    form = InviteForm(
        request.POST or None, seats=executives(on.initiatives), required=on.review.required_roles
    )
    ask = Ask(
        title=_("Invite somebody"),
        submit=_("Invite"),
        done=_("They are invited."),
        help=_(
            "Executives take part. Whoever writes the dossier takes no stance on it, so is not in the list."
        ),
    )
    return ask.answer(on, form, lambda given: invite_participant(by=on.by, review=on.review, **given))


@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, ref: str, person: UUID) -> HttpResponse:
    on = edit_visit(request, ref)
    seat = on.review.participants.filter(user=person, left_at__isnull=True).select_related("user").first()
    if seat is None:
        raise NotFound(f"This person does not take part in {ref}.", code="not_invited")
    ask = Ask(
        title=_("Take %(name)s off this review?") % {"name": seat.user.name},
        submit=_("Take off"),
        done=_("%(name)s no longer takes part.") % {"name": seat.user.name},
        help=_("What they said stays in the record and counts no more."),
        danger=True,
    )

    def deed(given: dict[str, str]) -> None:
        remove_participant(by=on.by, review=on.review, email=seat.user.email, **given)

    return ask.answer(on, ReasonForm(request.POST or None), deed)
