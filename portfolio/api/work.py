"""Work in the queues for programs: what waits, what is in flight, and moving it."""

import hashlib
from typing import Any

import orjson
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal import clock
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.http.etags import etag_of, with_etag
from alignment_portal.http.idempotency import idempotent
from alignment_portal.http.pagination import paged
from alignment_portal.http.requests import actor_of
from alignment_portal.refusals import NotFound
from portfolio.api import shapes, work_shapes
from portfolio.models import Bottleneck, WorkItem
from portfolio.selectors.flow import flow_of, visible_work, work_body
from portfolio.services.closures import keep_closure, remove_closure
from portfolio.services.work import except_from_cap, move_work

AGES = ("age_days", "in_work_days")


@extend_schema(
    operation_id="work_list", parameters=[work_shapes.WorkQuery], responses=work_shapes.WorkOut(many=True)
)
@api_view(["GET"])
def items(request: Request) -> Response:
    """What dossiers ask of shared functions: queued, started, blocked, done or withdrawn."""
    by = actor_of(request)
    require(by, Action.PORTFOLIO_READ)
    asked = shapes.valid(work_shapes.WorkQuery(data=request.query_params.dict()))
    names = {"bottleneck": "bottleneck__code", "state": "state", "initiative": "initiative__key"}
    rows = visible_work(by).filter(**{names[name]: asked[name] for name in names if name in asked})
    response = paged(request, rows, work_body, ordering=("id",))
    response["ETag"] = _tag_of(response.data)
    return response


def _tag_of(page: Any) -> str:
    """Ages grow by the moment and the tag by the day, so that whoever holds it sees them at most a day old."""
    aged = [
        {**row, **{name: row[name] if row[name] is None else int(row[name]) for name in AGES}}
        for row in page["results"]
    ]
    shown = orjson.dumps({**page, "results": aged}, option=orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC)
    return f'W/"{hashlib.sha256(shown).hexdigest()[:32]}"'


def _item(request: Request, pk: int) -> WorkItem:
    by = actor_of(request)
    require(by, Action.PORTFOLIO_READ)
    found = visible_work(by).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such piece of work that you may see.", code="work_not_found")
    return found


@extend_schema(operation_id="work_read", responses=work_shapes.WorkOut)
@api_view(["GET"])
@with_etag
def item(request: Request, pk: int) -> Response:
    """One piece of work in the queue of a shared function."""
    return Response(work_body(_item(request, pk)))


@extend_schema(operation_id="work_move", request=work_shapes.MoveIn, responses={201: work_shapes.WorkOut})
@api_view(["POST"])
def moves(request: Request, pk: int) -> Response:
    """Start it (only under the cap: 409 `cap_reached`), block it, finish it or put it back."""
    return _moved(request, pk)


@idempotent
def _moved(request: Request, pk: int) -> Response:
    by = actor_of(request)
    require(by, Action.WORK_MOVE)
    given = shapes.valid(work_shapes.MoveIn(data=request.data))
    found = _item(request, pk)
    move_work(by=by, item=found, to=given["to"], reason=given["reason"], expected=given.get("version"))
    return _answer(request, pk)


@extend_schema(
    operation_id="work_except", request=work_shapes.ExceptionIn, responses={201: work_shapes.WorkOut}
)
@api_view(["POST"])
def exceptions(request: Request, pk: int) -> Response:
    """An executive lets it go above the cap, with a reason and an end."""
    return _excepted(request, pk)


@idempotent
def _excepted(request: Request, pk: int) -> Response:
    by = actor_of(request)
    require(by, Action.CAP_EXCEPT)
    given = shapes.valid(work_shapes.ExceptionIn(data=request.data))
    except_from_cap(by=by, item=_item(request, pk), reason=given["reason"], until=given["until"])
    return _answer(request, pk)


def _answer(request: Request, pk: int) -> Response:
    found = _item(request, pk)
    headers = {"Location": reverse("api:portfolio:work", args=[pk]), "ETag": etag_of(found.version)}
    return Response(work_body(found), status=201, headers=headers)


def _bottleneck(code: str) -> Bottleneck:
    found = Bottleneck.objects.filter(code=code).first()
    if found is None:
        raise NotFound(f"There is no bottleneck “{code}”.", code="bottleneck_not_found")
    return found


@extend_schema(operation_id="bottlenecks_flow", responses=work_shapes.FlowOut)
@api_view(["GET"])
def flow(request: Request, code: str) -> Response:
    """Throughput, lead time and cumulative flow of one function over the last 26 weeks."""
    require(actor_of(request), Action.PORTFOLIO_READ)
    shapes.valid(shapes.NoQuery(data=request.query_params.dict()))
    found = flow_of(_bottleneck(code), clock.now())
    names = ("done", "per_week", "lead_days", "wait_days", "work_days")
    body: dict[str, Any] = {name: getattr(found, name) for name in names}
    law = found.little
    body["little"] = {"number": law.number, "rate_per_day": law.rate, "days": law.time}
    body["weeks"] = [
        {"ends_on": week.ends_on, "queued": week.queued, "started": week.started, "done": week.done}
        for week in found.weeks
    ]
    return Response(body)


@extend_schema(methods=["GET"], operation_id="closures_list", responses=work_shapes.ClosureList)
@extend_schema(
    methods=["POST"],
    operation_id="closures_record",
    request=work_shapes.ClosureIn,
    responses={201: work_shapes.ClosureOut},
)
@api_view(["GET", "POST"])
def closures(request: Request, code: str) -> Response:
    """Days on which nobody of a function works."""
    require(actor_of(request), Action.PORTFOLIO_READ)
    if request.method == "POST":
        return _closed(request, code)
    rows = _bottleneck(code).closures.values("id", "starts_on", "ends_on", "reason")
    return Response({"results": list(rows), "next": None, "previous": None})


@idempotent
def _closed(request: Request, code: str) -> Response:
    by = actor_of(request)
    require(by, Action.PORTFOLIO_EDIT)
    given = shapes.valid(work_shapes.ClosureIn(data=request.data))
    kept = keep_closure(by=by, bottleneck=_bottleneck(code), **given)
    names = ("id", "starts_on", "ends_on", "reason")
    return Response({name: getattr(kept, name) for name in names}, status=201)


@extend_schema(operation_id="closures_remove", responses={204: None})
@api_view(["DELETE"])
def closure(request: Request, code: str, pk: int) -> Response:
    """Take closed days out of the calendar; the record keeps that they were there."""
    by = actor_of(request)
    require(by, Action.PORTFOLIO_EDIT)
    remove_closure(by=by, bottleneck=_bottleneck(code), closure=pk)
    return Response(status=204)
