"""Gates, endorsements and waivers over HTTP."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal.http.etags import with_etag
from alignment_portal.http.idempotency import idempotent
from alignment_portal.http.pagination import paged
from alignment_portal.http.requests import actor_of
from alignment_portal.refusals import Invalid, NotFound
from gates.api import shapes
from gates.api.verdicts import digest_tag
from gates.models import Endorsement, Waiver
from gates.selectors.evidence import endorsement_table, waiver_body, waiver_table
from gates.selectors.gates import GateState, QuestionState, gate_states
from gates.selectors.judging import judged_case
from gates.services.endorsements import endorse_gate, withdraw_endorsement
from gates.services.waivers import answer_waiver, request_waiver, withdraw_waiver
from initiatives.models import Initiative
from initiatives.selectors import initiative_or_404


@extend_schema(operation_id="gates_list", responses=shapes.GatesBody)
@api_view(["GET"])
@with_etag
def gates(request: Request, key: str) -> Response:
    """Every gate: its questions, what answers them, who stands behind it, and what an endorsement must name."""
    found = initiative_or_404(actor_of(request), key)
    case, verdict = judged_case(found.key)
    results = [_gate_body(state) for state in gate_states(case, verdict)]
    body = {"results": results, "next": None, "previous": None}
    return Response(body, headers={"ETag": digest_tag(body)})


def _gate_body(state: GateState) -> dict[str, Any]:
    return {
        "code": state.gate.code,
        "title": state.gate.title,
        "question": state.gate.question,
        "state": state.state,
        "endorsed": state.gate.endorsed,
        "reviewers": list(state.gate.reviewers),
        "seen": state.seen,
        "open_questions": state.n_open,
        "endorsements": [
            {
                "ref": given.endorsement.ref,
                "by": given.endorsement.by,
                "at": given.endorsement.at,
                "stands": given.stands,
            }
            for given in state.endorsements
        ],
        "questions": [_question_body(question) for question in state.questions],
    }


def _question_body(state: QuestionState) -> dict[str, Any]:
    asks = state.rule.asks
    return {
        "code": state.rule.code,
        "question": state.rule.question or state.rule.title,
        "outcome": state.finding.outcome,
        "reason": state.finding.reason,
        "remedy": state.finding.remedy,
        "kinds": list(asks.kinds) if asks else [],
        "fresh_days": asks.fresh_days if asks else None,
        "measures": [
            {"name": measure.name, "title": measure.title, "unit": measure.unit}
            for measure in (asks.measures if asks else ())
        ],
        "each": asks.each if asks else "once",
        "waivable": state.rule.waiver != "none",
        "evidence": [
            {
                "ref": offered.evidence.ref,
                "state": offered.evidence.state,
                "title": offered.evidence.title,
                "good_until": offered.good_until,
                "rests": offered.rests,
            }
            for offered in state.offered
        ],
    }


@extend_schema(
    methods=["GET"],
    operation_id="endorsements_list",
    parameters=[shapes.PageQuery],
    responses=shapes.EndorsementBody(many=True),
)
@extend_schema(
    methods=["POST"],
    operation_id="endorsements_give",
    request=shapes.EndorsementIn,
    responses={201: shapes.EndorsementBody},
)
@api_view(["GET", "POST"])
def endorsements(request: Request, key: str, code: str) -> Response:
    """Endorsements of one gate, newest first; POST endorses it on the evidence that `seen` names."""
    found = initiative_or_404(actor_of(request), key)
    if request.method == "POST":
        return _endorse(request, found, code)
    shapes.given(shapes.PageQuery, request.query_params.dict())
    rows = endorsement_table().filter(initiative=found, gate=code)
    return paged(request, rows, lambda row: shapes.EndorsementBody(row).data, ordering=("-id",))


@idempotent
def _endorse(request: Request, found: Initiative, code: str) -> Response:
    asked = shapes.given(shapes.EndorsementIn, request.data)
    given = endorse_gate(by=actor_of(request), initiative=found, gate=code, **asked)
    return Response(shapes.EndorsementBody(endorsement_table().get(pk=given.pk)).data, status=201)


@extend_schema(
    operation_id="endorsements_withdraw", request=shapes.GroundsIn, responses={201: shapes.EndorsementBody}
)
@api_view(["POST"])
@idempotent
def endorsement_withdrawal(request: Request, key: str, ref: str) -> Response:
    """Take one's own yes back. Both stay on record."""
    found = initiative_or_404(actor_of(request), key)
    given = Endorsement.objects.filter(initiative=found, ref=ref).first()
    if given is None:
        raise NotFound(f"{key} has no endorsement {ref}.", code="endorsement_not_found")
    asked = shapes.given(shapes.GroundsIn, request.data)
    withdraw_endorsement(by=actor_of(request), endorsement=given, **asked)
    return Response(shapes.EndorsementBody(endorsement_table().get(pk=given.pk)).data, status=201)


@extend_schema(
    methods=["GET"],
    operation_id="waivers_list",
    parameters=[shapes.PageQuery],
    responses=shapes.WaiverBody(many=True),
)
@extend_schema(
    methods=["POST"],
    operation_id="waivers_request",
    request=shapes.WaiverIn,
    responses={201: shapes.WaiverBody},
)
@api_view(["GET", "POST"])
def waivers(request: Request, key: str) -> Response:
    """Time-boxed exceptions, newest first; POST asks for one."""
    found = initiative_or_404(actor_of(request), key)
    if request.method == "POST":
        return _request(request, found)
    shapes.given(shapes.PageQuery, request.query_params.dict())
    return paged(request, waiver_table().filter(initiative=found), waiver_body, ordering=("-id",))


def _waiver(found: Initiative, ref: str) -> Waiver:
    row = waiver_table().filter(initiative=found, ref=ref).first()
    if row is None:
        raise NotFound(f"{found.key} has no waiver {ref}.", code="waiver_not_found")
    return row


@idempotent
def _request(request: Request, found: Initiative) -> Response:
    asked = shapes.given(shapes.WaiverIn, request.data)
    ref = asked.pop("renews", "")
    renews = Waiver.objects.filter(initiative=found, ref=ref).first() if ref else None
    if ref and renews is None:
        raise Invalid(f"{found.key} has no waiver {ref}.", pointer="/renews", code="waiver_not_found")
    waiver = request_waiver(by=actor_of(request), initiative=found, renews=renews, **asked)
    address = reverse("api:gates:waivers", args=[found.key])
    return Response(waiver_body(_waiver(found, waiver.ref)), status=201, headers={"Location": address})


@extend_schema(operation_id="waivers_answer", request=shapes.AnswerIn, responses={201: shapes.WaiverBody})
@api_view(["POST"])
@idempotent
def acceptance(request: Request, key: str, ref: str) -> Response:
    """An executive's yes, or with `accepted: false` their no, with a reason."""
    found = initiative_or_404(actor_of(request), key)
    waiver = _waiver(found, ref)
    asked = shapes.given(shapes.AnswerIn, request.data)
    answer_waiver(by=actor_of(request), waiver=waiver, **asked)
    return Response(waiver_body(_waiver(found, ref)), status=201)


@extend_schema(operation_id="waivers_withdraw", request=shapes.GroundsIn, responses={201: shapes.WaiverBody})
@api_view(["POST"])
@idempotent
def waiver_withdrawal(request: Request, key: str, ref: str) -> Response:
    """End a waiver before its time."""
    found = initiative_or_404(actor_of(request), key)
    waiver = _waiver(found, ref)
    asked = shapes.given(shapes.GroundsIn, request.data)
    withdraw_waiver(by=actor_of(request), waiver=waiver, **asked)
    return Response(waiver_body(_waiver(found, ref)), status=201)
