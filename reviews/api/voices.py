"""Inside a review: participants, trade-offs, stances, conditions and commitments."""

from typing import Any

from django.db.models import Q
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal.http.etags import etag_of, require_match
from alignment_portal.http.idempotency import idempotent
from alignment_portal.http.pagination import paged
from alignment_portal.http.requests import actor_of
from alignment_portal.refusals import NotFound
from gates.selectors.agreement import gate_titles
from reviews.api import bodies, shapes
from reviews.models import Commitment, Review
from reviews.selectors.reviews import review_or_404, visible_stances
from reviews.selectors.standings import standing_of
from reviews.services.commitments import (
    ask_at_gate,
    ask_no_more,
    make_commitment,
    meet_commitment,
    settle_condition,
)
from reviews.services.participants import invite_participant, remove_participant
from reviews.services.stances import give_stance, reaffirm
from reviews.services.trade_offs import change_trade_off, propose_trade_off, withdraw_trade_off


def _found(request: Request, ref: str) -> Review:
    return review_or_404(actor_of(request), ref)


def _all(rows: list[dict[str, Any]]) -> Response:
    """What belongs to one review is short: one page holds it."""
    return Response({"results": rows, "next": None, "previous": None})


# --- participants -------------------------------------------------------------------------------------------


@extend_schema(methods=["GET"], operation_id="participants_list", responses=shapes.ParticipantOut(many=True))
@extend_schema(
    methods=["POST"],
    operation_id="participants_invite",
    request=shapes.SeatIn,
    responses={201: shapes.ParticipantOut},
)
@api_view(["GET", "POST"])
def participants(request: Request, ref: str) -> Response:
    """Who takes part and has answered; and inviting an executive in a role."""
    found = _found(request, ref)
    if request.method == "POST":
        return _invite(request, found)
    bodies.valid(shapes.PageQuery(data=request.query_params.dict()))
    return _all(bodies.participants_body(standing_of(found)))


@idempotent
def _invite(request: Request, found: Review) -> Response:
    given = bodies.valid(shapes.SeatIn(data=request.data))
    seat = invite_participant(by=actor_of(request), review=found, **given)
    return Response(bodies.seat_body(seat), status=201)


@extend_schema(operation_id="participants_remove", request=shapes.RemovalIn, responses={204: None})
@api_view(["POST"])
@idempotent
def removal(request: Request, ref: str) -> Response:
    """Take somebody off a running review; what they said stays in the record."""
    found = _found(request, ref)
    given = bodies.valid(shapes.RemovalIn(data=request.data))
    remove_participant(by=actor_of(request), review=found, **given)
    return Response(status=204)


# --- trade-offs ---------------------------------------------------------------------------------------------


@extend_schema(methods=["GET"], operation_id="trade_offs_list", responses=shapes.TradeOffOut(many=True))
@extend_schema(
    methods=["POST"],
    operation_id="trade_offs_propose",
    request=shapes.TradeOffIn,
    responses={201: shapes.TradeOffOut},
)
@api_view(["GET", "POST"])
def trade_offs(request: Request, ref: str) -> Response:
    """What is given up for what, withdrawn ones included; and proposing one."""
    found = _found(request, ref)
    if request.method == "POST":
        return _propose(request, found)
    bodies.valid(shapes.PageQuery(data=request.query_params.dict()))
    return _all([bodies.trade_off_body(row) for row in found.trade_offs.order_by("id")])


@idempotent
def _propose(request: Request, found: Review) -> Response:
    given = bodies.valid(shapes.TradeOffIn(data=request.data))
    row = propose_trade_off(by=actor_of(request), review=found, **given)
    headers = {
        "Location": reverse("api:reviews:trade-off", args=[found.ref, row.code]),
        "ETag": etag_of(row.version),
    }
    return Response(bodies.trade_off_body(row), status=201, headers=headers)


@extend_schema(methods=["GET"], operation_id="trade_offs_read", responses=shapes.TradeOffOut)
@extend_schema(
    methods=["PATCH"],
    operation_id="trade_offs_change",
    request=shapes.TradeOffChange,
    responses=shapes.TradeOffOut,
)
@api_view(["GET", "PATCH"])
def trade_off(request: Request, ref: str, code: str) -> Response:
    """One trade-off; it may be reworded until somebody has answered it."""
    found = _found(request, ref)
    row = found.trade_offs.filter(code=code).first()
    if row is None:
        raise NotFound(f"{found.ref} has no trade-off called {code}.")
    if request.method == "PATCH":
        require_match(request, row.version, body=bodies.trade_off_body(row))
        given = bodies.valid(shapes.TradeOffChange(data=request.data))
        row = change_trade_off(by=actor_of(request), review=found, code=code, changes=given)
    return Response(bodies.trade_off_body(row), headers={"ETag": etag_of(row.version)})


@extend_schema(
    operation_id="trade_offs_withdraw", request=shapes.ReasonIn, responses={200: shapes.TradeOffOut}
)
@api_view(["POST"])
@idempotent
def withdrawal(request: Request, ref: str, code: str) -> Response:
    """Withdraw a trade-off, for a reason; stances on it count no more."""
    found = _found(request, ref)
    given = bodies.valid(shapes.ReasonIn(data=request.data))
    row = withdraw_trade_off(by=actor_of(request), review=found, code=code, **given)
    return Response(bodies.trade_off_body(row))


# --- stances ------------------------------------------------------------------------------------------------


@extend_schema(methods=["GET"], operation_id="stances_list", responses=shapes.StanceList)
@extend_schema(
    methods=["POST"], operation_id="stances_give", request=shapes.StanceIn, responses={201: shapes.StanceOut}
)
@api_view(["GET", "POST"])
def stances(request: Request, ref: str) -> Response:
    """Your own stances, and others' once the seal is open to you; and giving one."""
    found = _found(request, ref)
    if request.method == "POST":
        return _give(request, found)
    bodies.valid(shapes.PageQuery(data=request.query_params.dict()))
    return _all([bodies.stance_body(row) for row in visible_stances(actor_of(request), found)])


@idempotent
def _give(request: Request, found: Review) -> Response:
    given = bodies.valid(shapes.StanceIn(data=request.data))
    stance = give_stance(by=actor_of(request), review=found, **given)
    return Response(bodies.stance_body(stance), status=201)


@extend_schema(operation_id="stances_reaffirm", request=shapes.NothingIn, responses={200: shapes.StanceList})
@api_view(["POST"])
@idempotent
def reaffirmation(request: Request, ref: str) -> Response:
    """Say of the package as it stands now what you said of the one before."""
    found = _found(request, ref)
    bodies.valid(shapes.NothingIn(data=request.data))
    return _all([bodies.stance_body(row) for row in reaffirm(by=actor_of(request), review=found)])


# --- conditions and commitments ------------------------------------------------------------------------------


@extend_schema(operation_id="conditions_settle", request=shapes.NoteIn, responses={204: None})
@api_view(["POST"])
@idempotent
def settlement(request: Request, ref: str, condition: str) -> Response:
    """Whoever set a condition says that it is met, and how."""
    found = _found(request, ref)
    given = bodies.valid(shapes.NoteIn(data=request.data))
    settle_condition(by=actor_of(request), review=found, condition=condition, **given)
    return Response(status=204)


@extend_schema(operation_id="conditions_ask", request=shapes.AtGateIn, responses={200: shapes.ConditionOut})
@api_view(["POST"])
@idempotent
def question(request: Request, ref: str, condition: str) -> Response:
    """Make a condition a question of a gate, which is not met before evidence for it is accepted."""
    found = _found(request, ref)
    given = bodies.valid(shapes.AtGateIn(data=request.data))
    asked = ask_at_gate(by=actor_of(request), review=found, condition=condition, gates=gate_titles(), **given)
    return Response(bodies.condition_body(asked))


@extend_schema(
    operation_id="conditions_take_back", request=shapes.ReasonIn, responses={200: shapes.ConditionOut}
)
@api_view(["POST"])
@idempotent
def taken_back(request: Request, ref: str, condition: str) -> Response:
    """Whoever set a condition takes it back from the gate that asks it, for a reason."""
    found = _found(request, ref)
    given = bodies.valid(shapes.ReasonIn(data=request.data))
    row = ask_no_more(by=actor_of(request), review=found, condition=condition, **given)
    return Response(bodies.condition_body(row))


def _commitments(request: Request, found: Review) -> Any:
    """Promises that answer nobody's condition, or one whose stance the reader may see."""
    related = ("owner", "made_by", "condition", "fulfilment")
    stances = visible_stances(actor_of(request), found).order_by().values("pk")
    shown = Q(condition__isnull=True) | Q(condition__stance__in=stances)
    return Commitment.objects.filter(shown, review=found).select_related(*related)


@extend_schema(methods=["GET"], operation_id="commitments_list", responses=shapes.CommitmentOut(many=True))
@extend_schema(
    methods=["POST"],
    operation_id="commitments_make",
    request=shapes.CommitmentIn,
    responses={201: shapes.CommitmentOut},
)
@api_view(["GET", "POST"])
def commitments(request: Request, ref: str) -> Response:
    """Who will do what by when; with `condition`, as the answer to somebody's condition."""
    found = _found(request, ref)
    if request.method == "POST":
        return _commit(request, found)
    bodies.valid(shapes.PageQuery(data=request.query_params.dict()))
    return paged(request, _commitments(request, found), bodies.commitment_body, ordering=("id",))


@idempotent
def _commit(request: Request, found: Review) -> Response:
    given = bodies.valid(shapes.CommitmentIn(data=request.data))
    made = make_commitment(by=actor_of(request), review=found, gates=gate_titles(), **given)
    return Response(bodies.commitment_body(made), status=201)


@extend_schema(operation_id="commitments_meet", request=shapes.NoteIn, responses={200: shapes.CommitmentOut})
@api_view(["POST"])
@idempotent
def fulfilment(request: Request, ref: str, commitment: str) -> Response:
    """Its owner says that a commitment was kept, and how."""
    found = _found(request, ref)
    given = bodies.valid(shapes.NoteIn(data=request.data))
    meet_commitment(by=actor_of(request), review=found, commitment=commitment, **given)
    return Response(bodies.commitment_body(_commitments(request, found).get(ref=commitment)))
