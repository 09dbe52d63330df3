"""The verdict, the status it carries, and lifting a suspension, for programs."""

import hashlib
from typing import Any

import orjson
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal.http.etags import etag_of, require_match, with_etag
from alignment_portal.http.idempotency import idempotent
from alignment_portal.http.pagination import paged
from alignment_portal.http.requests import actor_of
from alignment_portal.refusals import NotFound
from gates.api import shapes
from gates.models import Reinstatement, StatusMove
from gates.selectors.bodies import explained_body, moment_of
from gates.selectors.judging import explained
from gates.services.reinstatement import confirm_reinstatement, propose_reinstatement
from gates.services.status import move_status
from initiatives.models import Initiative
from initiatives.selectors import initiative_or_404


def digest_tag(body: Any) -> str:
    return etag_of(hashlib.sha256(orjson.dumps(body)).hexdigest()[:32])


@extend_schema(operation_id="verdict_read", parameters=[shapes.AtQuery], responses=shapes.VerdictBody)
@api_view(["GET"])
@with_etag
def verdict(request: Request, key: str) -> Response:
    """The verdict and every finding, judged afresh; with `at`, as it would have been judged then."""
    found = initiative_or_404(actor_of(request), key)
    asked = shapes.given(shapes.AtQuery, request.query_params.dict())
    at = moment_of(asked["at"]) if "at" in asked else None
    body = explained_body(*explained(found.key, at))
    # The moment of judging is no part of what was judged.
    tag = digest_tag({name: value for name, value in body.items() if name != "judged_at"})
    return Response(body, headers={"ETag": tag})


@extend_schema(methods=["GET"], operation_id="status_read", responses=shapes.StatusBody)
@extend_schema(
    methods=["POST"], operation_id="status_move", request=shapes.StatusIn, responses=shapes.StatusBody
)
@api_view(["GET", "POST"])
@with_etag
def status(request: Request, key: str) -> Response:
    """Where the initiative is; POST moves it, and answers 409 with the findings when the verdict forbids it."""
    found = initiative_or_404(actor_of(request), key)
    if request.method == "POST":
        return _move(request, found)
    return _status(found, moved=False)


def _status(found: Initiative, *, moved: bool) -> Response:
    body = {"key": found.key, "status": found.status, "status_since": found.status_since, "moved": moved}
    return Response(body, headers={"ETag": _status_tag(found)})


def _status_tag(found: Initiative) -> str:
    return etag_of(f"{found.status}-{int(found.status_since.timestamp() * 1_000_000)}")


@idempotent
def _move(request: Request, found: Initiative) -> Response:
    if "If-Match" in request.headers:
        require_match(request, _status_tag(found).strip('"'), body={"status": found.status})
    asked = shapes.given(shapes.StatusIn, request.data)
    move = move_status(by=actor_of(request), initiative=found, **asked)
    found.refresh_from_db(fields=["status", "status_since"])
    return _status(found, moved=move is not None)


@extend_schema(operation_id="moves_list", parameters=[shapes.PageQuery], responses=shapes.MoveOut(many=True))
@api_view(["GET"])
def moves(request: Request, key: str) -> Response:
    """Every move of status, newest first, with its reason and the verdict it rests on."""
    found = initiative_or_404(actor_of(request), key)
    shapes.given(shapes.PageQuery, request.query_params.dict())
    rows = StatusMove.objects.filter(initiative=found).select_related("by")
    return paged(request, rows, lambda row: shapes.MoveOut(row).data, ordering=("-id",))


@extend_schema(
    methods=["GET"],
    operation_id="reinstatements_list",
    parameters=[shapes.PageQuery],
    responses=shapes.ProposalBody(many=True),
)
@extend_schema(
    methods=["POST"],
    operation_id="reinstatements_propose",
    request=shapes.ProposalIn,
    responses={201: shapes.ProposalBody},
)
@api_view(["GET", "POST"])
def reinstatements(request: Request, key: str) -> Response:
    """Proposals to lift a suspension; the owner of a gate proposes with the root cause."""
    found = initiative_or_404(actor_of(request), key)
    if request.method == "POST":
        return _propose(request, found)
    shapes.given(shapes.PageQuery, request.query_params.dict())
    rows = Reinstatement.objects.filter(initiative=found).select_related("proposed_by", "move")
    return paged(request, rows, lambda row: shapes.ProposalBody(row).data, ordering=("-id",))


@idempotent
def _propose(request: Request, found: Initiative) -> Response:
    asked = shapes.given(shapes.ProposalIn, request.data)
    proposal = propose_reinstatement(by=actor_of(request), initiative=found, **asked)
    address = reverse("api:gates:reinstatements", args=[found.key])
    return Response(shapes.ProposalBody(proposal).data, status=201, headers={"Location": address})


@extend_schema(
    operation_id="reinstatements_confirm", request=shapes.GroundsIn, responses={200: shapes.StatusBody}
)
@api_view(["POST"])
@idempotent
def confirmation(request: Request, key: str, proposal_id: int) -> Response:
    """The second person's yes, by an executive who did not propose it."""
    found = initiative_or_404(actor_of(request), key)
    proposal = Reinstatement.objects.filter(initiative=found, pk=proposal_id).first()
    if proposal is None:
        raise NotFound(f"{key} has no such proposal.", code="proposal_not_found")
    asked = shapes.given(shapes.GroundsIn, request.data)
    confirm_reinstatement(by=actor_of(request), proposal=proposal, **asked)
    found.refresh_from_db(fields=["status", "status_since"])
    return _status(found, moved=True)
