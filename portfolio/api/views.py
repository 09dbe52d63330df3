"""The portfolio for programs: what waits for what, which queue is full, who absorbs the change."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal.accounts.permissions import Action, require
from alignment_portal.http.etags import etag_of, require_match, with_etag
from alignment_portal.http.idempotency import idempotent
from alignment_portal.http.requests import actor_of
from alignment_portal.refusals import NotFound
from portfolio.api import shapes
from portfolio.models import Bottleneck, SharedDependency
from portfolio.selectors import register as selectors
from portfolio.selectors.causes import load_table
from portfolio.selectors.change_load import Asked
from portfolio.selectors.overview import summary as summary_of
from portfolio.services import register as services


def _readable(request: Request) -> None:
    require(actor_of(request), Action.PORTFOLIO_READ)


def _all(rows: list[dict[str, Any]]) -> Response:
    """A register is short: one page holds it."""
    return Response({"results": rows, "next": None, "previous": None})


@extend_schema(methods=["GET"], operation_id="dependencies_list", responses=shapes.DependencyList)
@extend_schema(
    methods=["POST"],
    operation_id="dependencies_register",
    request=shapes.DependencyIn,
    responses={201: shapes.DependencyOut},
)
@api_view(["GET", "POST"])
def dependencies(request: Request) -> Response:
    """What several initiatives wait for, the most waited for first."""
    if request.method == "POST":
        return _register_dependency(request)
    _readable(request)
    shapes.valid(shapes.NoQuery(data=request.query_params.dict()))
    return _all(selectors.dependency_table(actor_of(request)))


@idempotent
def _register_dependency(request: Request) -> Response:
    by = actor_of(request)
    require(by, Action.PORTFOLIO_EDIT)
    found = services.register_dependency(by=by, **shapes.valid(shapes.DependencyIn(data=request.data)))
    headers = {
        "Location": reverse("api:portfolio:dependency", args=[found.code]),
        "ETag": etag_of(found.version),
    }
    return Response(selectors.dependency_row(by, found), status=201, headers=headers)


@extend_schema(methods=["GET"], operation_id="dependencies_read", responses=shapes.DependencyOut)
@extend_schema(
    methods=["PATCH"],
    operation_id="dependencies_change",
    request=shapes.DependencyChange,
    responses=shapes.DependencyOut,
)
@api_view(["GET", "PATCH"])
@with_etag
def dependency(request: Request, code: str) -> Response:
    """One shared dependency: owner, funding, state."""
    _readable(request)
    by = actor_of(request)
    found = SharedDependency.objects.select_related("owner").filter(code=code).first()
    if found is None:
        raise NotFound(f"There is no shared dependency “{code}”.", code="dependency_not_found")
    if request.method == "PATCH":
        require(by, Action.PORTFOLIO_EDIT)
        require_match(request, found.version, body=selectors.dependency_row(by, found))
        changes = shapes.valid(shapes.DependencyChange(data=request.data))
        found = services.change_dependency(by=by, dependency=found, changes=changes)
    return Response(selectors.dependency_row(by, found))


@extend_schema(methods=["GET"], operation_id="bottlenecks_list", responses=shapes.BottleneckList)
@extend_schema(
    methods=["POST"],
    operation_id="bottlenecks_register",
    request=shapes.BottleneckIn,
    responses={201: shapes.BottleneckOut},
)
@api_view(["GET", "POST"])
def bottlenecks(request: Request) -> Response:
    """Shared functions, their cap and what is in flight, the fullest first."""
    if request.method == "POST":
        return _register_bottleneck(request)
    _readable(request)
    shapes.valid(shapes.NoQuery(data=request.query_params.dict()))
    return _all(selectors.bottleneck_table())


@idempotent
def _register_bottleneck(request: Request) -> Response:
    by = actor_of(request)
    require(by, Action.PORTFOLIO_EDIT)
    found = services.register_bottleneck(by=by, **shapes.valid(shapes.BottleneckIn(data=request.data)))
    headers = {
        "Location": reverse("api:portfolio:bottleneck", args=[found.code]),
        "ETag": etag_of(found.version),
    }
    return Response(selectors.bottleneck_row(found), status=201, headers=headers)


@extend_schema(methods=["GET"], operation_id="bottlenecks_read", responses=shapes.BottleneckOut)
@extend_schema(
    methods=["PATCH"],
    operation_id="bottlenecks_change",
    request=shapes.BottleneckChange,
    responses=shapes.BottleneckOut,
)
@api_view(["GET", "PATCH"])
@with_etag
def bottleneck(request: Request, code: str) -> Response:
    """One shared function and its cap on work in flight."""
    _readable(request)
    by = actor_of(request)
    found = Bottleneck.objects.filter(code=code).first()
    if found is None:
        raise NotFound(f"There is no bottleneck “{code}”.", code="bottleneck_not_found")
    if request.method == "PATCH":
        require(by, Action.PORTFOLIO_EDIT)
        require_match(request, found.version, body=selectors.bottleneck_row(found))
        changes = shapes.valid(shapes.BottleneckChange(data=request.data))
        found = services.change_bottleneck(by=by, bottleneck=found, changes=changes)
    return Response(selectors.bottleneck_row(found))


@extend_schema(operation_id="portfolio_summary", responses=shapes.SummaryOut)
@api_view(["GET"])
def summary(request: Request) -> Response:
    """The portfolio in one answer, over the initiatives you may see."""
    _readable(request)
    shapes.valid(shapes.NoQuery(data=request.query_params.dict()))
    return Response(summary_of(actor_of(request)))


@extend_schema(operation_id="portfolio_change_load", parameters=[shapes.AtQuery], responses=shapes.LoadList)
@api_view(["GET"])
def change_load(request: Request) -> Response:
    """Hours of change per person, group and month, against what people can absorb."""
    _readable(request)
    asked = shapes.valid(shapes.AtQuery(data=request.query_params.dict()))
    return _all(load_table(actor_of(request), Asked(asked.get("at"))))
