"""What initiatives are hoped to bring and to cost, for programs. No verdict looks at it."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal.accounts.permissions import Action, require
from alignment_portal.http.etags import etag_of, require_match, with_etag
from alignment_portal.http.pagination import paged
from alignment_portal.http.requests import actor_of
from alignment_portal.http.serializers import StrictSerializer
from alignment_portal.refusals import NotFound
from initiatives.models import Initiative
from initiatives.selectors import initiative_or_404, require_on
from portfolio.api import shapes
from portfolio.models import Worth
from portfolio.models.worth import MOST
from portfolio.selectors.worths import statements_of, worths_visible_to
from portfolio.services.worths import NAMES, state_worth


class ValueRangeIn(StrictSerializer):
    low = serializers.FloatField(min_value=-MOST, max_value=MOST)
    likely = serializers.FloatField(min_value=-MOST, max_value=MOST)
    high = serializers.FloatField(min_value=-MOST, max_value=MOST)


class CostRangeIn(StrictSerializer):
    low = serializers.FloatField(min_value=0, max_value=MOST)
    likely = serializers.FloatField(min_value=0, max_value=MOST)
    high = serializers.FloatField(min_value=0, max_value=MOST)


class WorthIn(StrictSerializer):
    """A statement: ranges, whoever stands behind them, and what they rest on."""

    value = ValueRangeIn(help_text="A year, at full scale")
    cost = CostRangeIn(help_text="Of getting there")
    currency = serializers.RegexField(r"^[A-Z]{3}\Z", default="EUR")
    owner = serializers.EmailField()
    basis = serializers.CharField(max_length=4000)


class MoneyRangeOut(serializers.Serializer[Any]):
    low = serializers.FloatField()
    likely = serializers.FloatField()
    high = serializers.FloatField()


class WorthOut(serializers.Serializer[Any]):
    initiative = serializers.CharField()
    version = serializers.IntegerField(help_text="Which statement about this initiative it is")
    value = MoneyRangeOut()
    cost = MoneyRangeOut()
    currency = serializers.CharField()
    owner = serializers.EmailField()
    basis = serializers.CharField()
    recorded_at = serializers.DateTimeField()


class WorthPage(StrictSerializer):
    cursor = serializers.CharField(required=False)
    limit = serializers.IntegerField(required=False, min_value=1)


def body_of(row: Worth) -> dict[str, Any]:
    ranges = {part: {name: getattr(row, f"{part}_{name}") for name in NAMES} for part in ("value", "cost")}
    return {
        "initiative": row.initiative.key,
        "version": row.number,
        **ranges,
        "currency": row.currency,
        "owner": row.owner.email,
        "basis": row.basis,
        "recorded_at": row.recorded_at,
    }


@extend_schema(operation_id="worths_list", parameters=[WorthPage], responses=WorthOut(many=True))
@api_view(["GET"])
def worths(request: Request) -> Response:
    """The last statement about each initiative you may see; those without one are left out."""
    by = actor_of(request)
    require(by, Action.PORTFOLIO_READ)
    shapes.valid(WorthPage(data=request.query_params.dict()))
    return paged(request, worths_visible_to(by), body_of, ordering=("-id",))


@extend_schema(methods=["GET"], operation_id="worth_read", responses=WorthOut)
@extend_schema(
    methods=["PUT"], operation_id="worth_state", request=WorthIn, responses={200: WorthOut, 201: WorthOut}
)
@api_view(["GET", "PUT"])
@with_etag
def worth(request: Request, key: str) -> Response:
    """What one initiative is hoped to bring a year and to cost. Every statement stays; PUT adds the next."""
    found = initiative_or_404(actor_of(request), key)
    last = statements_of(found).first()
    if request.method == "PUT":
        return _state(request, found, last)
    if last is None:
        raise NotFound(f"Nobody stated yet what {key} is hoped to bring.", code="worth_not_found")
    return Response(body_of(last))


def _state(request: Request, found: Initiative, last: Worth | None) -> Response:
    by = actor_of(request)
    require_on(by, Action.WORTH_STATE, found)
    if last is not None:
        require_match(request, last.number, body=body_of(last))
    given = shapes.valid(WorthIn(data=request.data))
    row = state_worth(
        by=by,
        initiative=found,
        value=[given["value"][name] for name in NAMES],
        cost=[given["cost"][name] for name in NAMES],
        currency=given["currency"],
        owner=given["owner"],
        basis=given["basis"],
        expected=last.number if last else 0,
    )
    headers = {"ETag": etag_of(row.number), "Location": reverse("api:portfolio:worth", args=[found.key])}
    return Response(body_of(row), status=200 if last else 201, headers=headers)


@extend_schema(operation_id="worth_statements", parameters=[WorthPage], responses=WorthOut(many=True))
@api_view(["GET"])
def statements(request: Request, key: str) -> Response:
    """Everything that was stated about one initiative, the last first."""
    found = initiative_or_404(actor_of(request), key)
    shapes.valid(WorthPage(data=request.query_params.dict()))
    return paged(request, statements_of(found), body_of, ordering=("-number",))
