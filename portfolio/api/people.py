"""Groups of people, change from elsewhere, and what moving a go-live would do, for programs."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal import clock
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.http.idempotency import idempotent
from alignment_portal.http.requests import actor_of
from alignment_portal.http.serializers import StrictSerializer
from alignment_portal.refusals import NotFound
from portfolio.api import shapes
from portfolio.models import OtherChange, PeopleGroup
from portfolio.selectors.causes import moves_that_help
from portfolio.selectors.change_load import Asked, registered_groups
from portfolio.services.people import record_group, record_other_change, withdraw_other_change

GROUP = ("code", "name", "headcount", "capacity_hours", "peak_months", "peak_share")
CHANGE = ("id", "group", "title", "hours_per_person", "starts_on", "ends_on", "withdrawn_at")


class GroupIn(StrictSerializer):
    """A group that is sent again is recorded anew."""

    code = serializers.RegexField(shapes.CODE, max_length=64)
    name = serializers.CharField(max_length=200)
    headcount = serializers.IntegerField(min_value=1, max_value=10_000_000)
    capacity_hours = serializers.FloatField(
        default=12.0, min_value=0.1, max_value=744, help_text="Hours of change a person can absorb a month"
    )
    peak_months = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=12), default=list, max_length=12
    )
    peak_share = serializers.FloatField(
        default=1.0, min_value=0.01, max_value=1, help_text="Share of the capacity left in the peak months"
    )


class GroupOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    headcount = serializers.IntegerField()
    capacity_hours = serializers.FloatField()
    peak_months = serializers.ListField(child=serializers.IntegerField())
    peak_share = serializers.FloatField()


class GroupList(serializers.Serializer[Any]):
    results = GroupOut(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class OtherChangeIn(StrictSerializer):
    group = serializers.CharField(max_length=64, help_text="Code of a registered group")
    title = serializers.CharField(max_length=200)
    hours_per_person = serializers.FloatField(min_value=0.1, max_value=10_000)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()


class OtherChangeOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    group = serializers.CharField()
    title = serializers.CharField()
    hours_per_person = serializers.FloatField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)


class OtherChangeList(serializers.Serializer[Any]):
    results = OtherChangeOut(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class LoadMoveOut(serializers.Serializer[Any]):
    group = serializers.CharField()
    initiative = serializers.CharField()
    months_later = serializers.IntegerField()
    before = serializers.FloatField(help_text="Highest share of capacity now")
    after = serializers.FloatField(help_text="Highest share of capacity after the move")


class LoadMoveList(serializers.Serializer[Any]):
    results = LoadMoveOut(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


def _all(rows: list[dict[str, Any]]) -> Response:
    return Response({"results": rows, "next": None, "previous": None})


def _body(row: PeopleGroup | OtherChange, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


@extend_schema(methods=["GET"], operation_id="groups_list", responses=GroupList)
@extend_schema(methods=["POST"], operation_id="groups_record", request=GroupIn, responses={201: GroupOut})
@api_view(["GET", "POST"])
def groups(request: Request) -> Response:
    """The register of groups of people, with what they can absorb."""
    require(actor_of(request), Action.PORTFOLIO_READ)
    if request.method == "POST":
        return _record(request)
    return _all([_body(row, GROUP) for row in registered_groups()])


@idempotent
def _record(request: Request) -> Response:
    by = actor_of(request)
    require(by, Action.PORTFOLIO_EDIT)
    row = record_group(by=by, **shapes.valid(GroupIn(data=request.data)))
    return Response(_body(row, GROUP), status=201)


@extend_schema(methods=["GET"], operation_id="other_changes_list", responses=OtherChangeList)
@extend_schema(
    methods=["POST"],
    operation_id="other_changes_record",
    request=OtherChangeIn,
    responses={201: OtherChangeOut},
)
@api_view(["GET", "POST"])
def other_changes(request: Request) -> Response:
    """Change that groups absorb beside AI, withdrawn ones left out."""
    require(actor_of(request), Action.PORTFOLIO_READ)
    if request.method == "POST":
        return _add(request)
    return _all([_body(row, CHANGE) for row in OtherChange.objects.filter(withdrawn_at=None)])


@idempotent
def _add(request: Request) -> Response:
    by = actor_of(request)
    require(by, Action.PORTFOLIO_EDIT)
    row = record_other_change(by=by, **shapes.valid(OtherChangeIn(data=request.data)))
    return Response(_body(row, CHANGE), status=201)


@extend_schema(operation_id="other_changes_withdraw", request=None, responses={200: OtherChangeOut})
@api_view(["POST"])
def withdrawal(request: Request, pk: int) -> Response:
    """Take one back; it no longer counts from now on."""
    return _withdraw(request, pk)


@idempotent
def _withdraw(request: Request, pk: int) -> Response:
    by = actor_of(request)
    require(by, Action.PORTFOLIO_EDIT)
    row = OtherChange.objects.filter(pk=pk).first()
    if row is None:
        raise NotFound("There is no such change.", code="other_change_not_found")
    return Response(_body(withdraw_other_change(by=by, change=row), CHANGE))


@extend_schema(operation_id="change_load_moves", responses=LoadMoveList)
@api_view(["GET"])
def moves(request: Request) -> Response:
    """For each group over its capacity, the one go-live whose move lowers its peak most."""
    by = actor_of(request)
    require(by, Action.PORTFOLIO_READ)
    names = ("group", "initiative", "months_later", "before", "after")
    found = moves_that_help(by, Asked(), clock.now().date())
    return _all([{name: getattr(move, name) for name in names} for move in found])
