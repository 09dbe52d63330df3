"""Around the meeting: where opinions part, what changed since, deputies, the invitation, and signing what was concluded."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal.http.etags import with_etag
from alignment_portal.http.idempotency import idempotent
from alignment_portal.http.requests import actor_of
from alignment_portal.refusals import Conflict
from reviews.api import bodies, shapes
from reviews.selectors.changes import field_changes
from reviews.selectors.divergence import agenda_of, map_of
from reviews.selectors.invitation import has_dates, invitation_to
from reviews.selectors.proposals import proposals_for
from reviews.selectors.reviews import review_or_404
from reviews.selectors.signatures import signatures_of
from reviews.selectors.standings import standing_of
from reviews.services.deputies import name_deputy, withdraw_deputy
from reviews.services.signing import sign_conclusion


@extend_schema(operation_id="reviews_divergence", responses=shapes.DivergenceMap)
@api_view(["GET"])
@with_etag
def divergence(request: Request, ref: str) -> Response:
    """Participants by points, and what to discuss first. What is sealed to you shows only who is silent."""
    by = actor_of(request)
    found = review_or_404(by, ref)
    standing = standing_of(found)
    body = bodies.divergence_body(
        found, standing, by.email, agenda_of(standing, by.email), map_of(found, standing, by.email)
    )
    return Response(body, headers={"ETag": bodies.tag_of_body(body)})


@extend_schema(operation_id="reviews_changes", responses=shapes.ChangeList)
@api_view(["GET"])
def changes(request: Request, ref: str) -> Response:
    """What changed in the package since anybody answered, field by field, and who answered before it did."""
    found = review_or_404(actor_of(request), ref)
    rows = [bodies.change_body(change) for change in field_changes(found)]
    return Response({"results": rows, "next": None, "previous": None})


@extend_schema(operation_id="reviews_proposals", responses=shapes.ProposalList)
@api_view(["GET"])
def proposals(request: Request, ref: str) -> Response:
    """Trade-offs that the package implies and that nobody has recorded: take one over by proposing it as a trade-off."""
    found = review_or_404(actor_of(request), ref)
    rows: list[dict[str, Any]] = [bodies.proposal_body(one) for one in proposals_for(found)]
    return Response({"results": rows, "next": None, "previous": None})


@extend_schema(operation_id="reviews_invitation", responses={(200, "text/calendar"): OpenApiTypes.BINARY})
@api_view(["GET"])
def invitation(request: Request, ref: str) -> HttpResponse:
    """The end of the pre-read and the meeting as a calendar file."""
    found = review_or_404(actor_of(request), ref)
    if not has_dates(found):
        raise Conflict(f"{found.ref} has neither a deadline nor a meeting yet.", code="no_dates")
    headers = {"Content-Disposition": f'attachment; filename="{found.ref}.ics"'}
    return HttpResponse(invitation_to(found), content_type="text/calendar; charset=utf-8", headers=headers)


@extend_schema(operation_id="deputies_name", request=shapes.DeputyIn, responses={200: shapes.ParticipantOut})
@api_view(["POST"])
@idempotent
def deputy(request: Request, ref: str) -> Response:
    """Let somebody answer in your place, for a reason; every stance they give is recorded as theirs for you."""
    found = review_or_404(actor_of(request), ref)
    given = bodies.valid(shapes.DeputyIn(data=request.data))
    name_deputy(by=actor_of(request), review=found, **given)
    return Response(_seat(request, ref))


@extend_schema(
    operation_id="deputies_withdraw", request=shapes.NothingIn, responses={200: shapes.ParticipantOut}
)
@api_view(["POST"])
@idempotent
def no_deputy(request: Request, ref: str) -> Response:
    """Answer for yourself again."""
    found = review_or_404(actor_of(request), ref)
    bodies.valid(shapes.NothingIn(data=request.data))
    withdraw_deputy(by=actor_of(request), review=found)
    return Response(_seat(request, ref))


def _seat(request: Request, ref: str) -> dict[str, Any]:
    by = actor_of(request)
    rows = bodies.participants_body(standing_of(review_or_404(by, ref)))
    return next(row for row in rows if row["email"] == by.email)


@extend_schema(operation_id="reviews_sign", request=shapes.NothingIn, responses={200: shapes.SignatureOut})
@api_view(["POST"])
@idempotent
def signature(request: Request, ref: str) -> Response:
    """Sign what was concluded: your name, the time and the fingerprint of all it says."""
    by = actor_of(request)
    found = review_or_404(by, ref)
    bodies.valid(shapes.NothingIn(data=request.data))
    sign_conclusion(by=by, review=found)
    signed = next(row for row in signatures_of(found) if row.email == by.email)
    return Response(bodies.signature_body(signed))
