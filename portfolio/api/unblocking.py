"""What settling each shared dependency would free, for programs."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal.accounts.permissions import Action, require
from alignment_portal.http.requests import actor_of
from alignment_portal.http.serializers import StrictSerializer
from portfolio.api import shapes
from portfolio.selectors.unblocking import ORDERS, Awaited, waits_of


class UnblockingQuery(StrictSerializer):
    by = serializers.ChoiceField(
        choices=ORDERS, required=False, help_text="What counts within those that lack as much"
    )


class FreedValueOut(serializers.Serializer[Any]):
    low = serializers.FloatField()
    likely = serializers.FloatField()
    high = serializers.FloatField()


class UnblockingOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    title = serializers.CharField()
    registered = serializers.BooleanField(help_text="False where only dossiers name it")
    owner = serializers.EmailField(allow_null=True)
    funding = serializers.CharField()
    state = serializers.CharField()
    due_on = serializers.DateField(allow_null=True)
    unowned = serializers.BooleanField()
    unfunded = serializers.BooleanField()
    waiting = serializers.ListField(
        child=serializers.CharField(), help_text="Keys of the initiatives you may see that wait for it"
    )
    value = FreedValueOut(help_text="A year, as stated for those that wait")
    cost_of_delay = serializers.FloatField(help_text="A week, by the likely value")
    stated = serializers.IntegerField(help_text="How many of those that wait state a value in `currency`")
    currency = serializers.CharField()


class UnblockingList(serializers.Serializer[Any]):
    results = UnblockingOut(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


def _body(row: Awaited, currency: str) -> dict[str, Any]:
    names = (
        "code", "title", "registered", "owner", "funding", "state", "due_on", "unowned", "unfunded", "waiting"
    )  # fmt: skip
    freed = row.freed
    return {
        **{name: getattr(row, name) for name in names},
        "value": {"low": freed.low, "likely": freed.likely, "high": freed.high},
        "cost_of_delay": freed.cost_of_delay,
        "stated": freed.stated,
        "currency": currency,
    }


@extend_schema(operation_id="portfolio_unblocking", parameters=[UnblockingQuery], responses=UnblockingList)
@api_view(["GET"])
def unblocking(request: Request) -> Response:
    """Shared dependencies by what they would free: what nobody owns or funds first, what is settled last."""
    by = actor_of(request)
    require(by, Action.PORTFOLIO_READ)
    asked = shapes.valid(UnblockingQuery(data=request.query_params.dict()))
    waits = waits_of(by, by=asked.get("by", ORDERS[0]))
    results = [_body(row, waits.currency) for row in waits.rows]
    return Response({"results": results, "next": None, "previous": None})
