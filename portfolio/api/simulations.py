"""What-ifs for programs: ask, follow, read, stop."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal.accounts.permissions import Action, require
from alignment_portal.http.etags import etag_of, with_etag
from alignment_portal.http.idempotency import idempotent
from alignment_portal.http.pagination import paged
from alignment_portal.http.requests import actor_of
from alignment_portal.http.serializers import StrictSerializer
from alignment_portal.refusals import NotFound
from initiatives.models import Initiative
from portfolio.api import shapes
from portfolio.models import JobState, Simulation
from portfolio.selectors.scenarios import with_choice
from portfolio.services.choosing import choose_scenario
from portfolio.services.simulating import cancel_simulation, request_simulation


class LeversIn(StrictSerializer):
    """One scenario: what differs from starting everything today."""

    rule = serializers.ChoiceField(choices=["start_all", "capped", "register"], default="capped")
    cap = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=1000,
        help_text="Initiatives at once; needed by the rule `capped`, which holds when none is named",
    )
    skip_blocked = serializers.BooleanField(default=False)
    order = serializers.ListField(child=serializers.CharField(max_length=20), required=False, max_length=5000)
    people = serializers.DictField(
        child=serializers.IntegerField(min_value=0, max_value=1000),
        required=False,
        help_text="More people by function",
    )
    own = serializers.ListField(child=serializers.CharField(max_length=64), required=False)
    fund = serializers.ListField(child=serializers.CharField(max_length=64), required=False)
    deliver = serializers.ListField(child=serializers.CharField(max_length=64), required=False)
    drop = serializers.ListField(child=serializers.CharField(max_length=20), required=False)
    move = serializers.DictField(
        child=serializers.DateField(),
        required=False,
        help_text="The day before which an initiative is not begun",
    )
    launch = serializers.DictField(
        child=serializers.DateField(),
        required=False,
        help_text="The day on which an initiative should be ready, were nothing in its way",
    )
    switching_loss = serializers.FloatField(required=False, min_value=0, max_value=1)
    cv = serializers.FloatField(required=False, min_value=0, max_value=3)
    pickup_days = serializers.FloatField(required=False, min_value=0, max_value=1000)
    funding_days = serializers.FloatField(required=False, min_value=0, max_value=1000)


class SimulationIn(StrictSerializer):
    title = serializers.CharField(max_length=200)
    levers = LeversIn()
    runs = serializers.IntegerField(default=1000, min_value=1, max_value=10_000)
    seed = serializers.IntegerField(default=1, min_value=0, max_value=2**31 - 1)


class SimulationQuery(StrictSerializer):
    state = serializers.ChoiceField(choices=JobState.choices, required=False)
    cursor = serializers.CharField(required=False)
    limit = serializers.IntegerField(required=False, min_value=1)


class SimulationOut(serializers.Serializer[Any]):
    ref = serializers.CharField()
    title = serializers.CharField()
    state = serializers.CharField()
    percent = serializers.IntegerField()
    error = serializers.CharField()
    runs = serializers.IntegerField()
    seed = serializers.IntegerField()
    as_of = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    levers = serializers.DictField()
    result = serializers.DictField(
        allow_null=True, help_text="Times in work days from as_of; cost of delay in `currency`"
    )
    currency = serializers.CharField()
    in_pack = serializers.BooleanField(help_text="Whether the pack of the portfolio shows it")


class InPackIn(StrictSerializer):
    in_pack = serializers.BooleanField()


def body_of(row: Simulation, visible: set[str], *, whole: bool = True) -> dict[str, Any]:
    names = ("ref", "title", "state", "percent", "error", "runs", "seed", "as_of", "finished_at")
    body: dict[str, Any] = {name: getattr(row, name) for name in names}
    hidden = set(row.facts["initiatives"]) - visible
    body["levers"] = _without(row.levers, hidden)
    body["result"] = _without(row.result, hidden) if whole and row.result else None
    body["currency"] = row.facts["currency"]
    body["in_pack"] = bool(getattr(row, "in_pack", False))
    return body


def _without(value: Any, hidden: set[str]) -> Any:
    """The same without a trace of what the caller may not see."""
    if isinstance(value, dict):
        return {name: _without(item, hidden) for name, item in value.items() if name not in hidden}
    if isinstance(value, list):
        return [_without(item, hidden) for item in value if not (isinstance(item, str) and item in hidden)]
    return value


def _visible(request: Request) -> set[str]:
    return set(Initiative.objects.visible_to(actor_of(request)).values_list("key", flat=True))


@extend_schema(
    methods=["GET"],
    operation_id="simulations_list",
    parameters=[SimulationQuery],
    responses=SimulationOut(many=True),
)
@extend_schema(
    methods=["POST"], operation_id="simulations_ask", request=SimulationIn, responses={202: SimulationOut}
)
@api_view(["GET", "POST"])
def simulations(request: Request) -> Response:
    """Scenarios, the newest first; asking one starts a job and answers 202 with its address."""
    by = actor_of(request)
    require(by, Action.PORTFOLIO_READ)
    if request.method == "POST":
        return _ask(request)
    asked = shapes.valid(SimulationQuery(data=request.query_params.dict()))
    rows = with_choice(Simulation.objects.all())
    if "state" in asked:
        rows = rows.filter(state=asked["state"])
    visible = _visible(request)
    return paged(request, rows, lambda row: body_of(row, visible, whole=False), ordering="-id")


@idempotent
def _ask(request: Request) -> Response:
    by = actor_of(request)
    require(by, Action.SCENARIO_RUN)
    given = shapes.valid(SimulationIn(data=request.data))
    levers = {
        name: {key: str(day) for key, day in value.items()} if name in {"move", "launch"} else value
        for name, value in given["levers"].items()
    }
    row = request_simulation(
        by=by, title=given["title"], levers=levers, runs=given["runs"], seed=given["seed"]
    )
    place = reverse("api:portfolio:simulation", args=[row.ref])
    return Response(body_of(row, _visible(request)), status=202, headers={"Location": place})


def _found(ref: str) -> Simulation:
    row = with_choice(Simulation.objects.filter(ref=ref)).first()
    if row is None:
        raise NotFound(f"There is no what-if {ref}.", code="simulation_not_found")
    return row


@extend_schema(operation_id="simulations_read", responses=SimulationOut)
@api_view(["GET"])
@with_etag
def simulation(request: Request, ref: str) -> Response:
    """One scenario: how far it has come, and its answer."""
    require(actor_of(request), Action.PORTFOLIO_READ)
    row = _found(ref)
    body = body_of(row, _visible(request))
    tag = etag_of(f"{row.ref}-{row.state}-{row.attempts}-{row.percent}-{body['in_pack']}")
    return Response(body, headers={"ETag": tag})


@extend_schema(operation_id="simulations_in_pack", request=InPackIn, responses={200: SimulationOut})
@api_view(["PUT"])
def in_pack(request: Request, ref: str) -> Response:
    """Show it in the pack of the portfolio, at most four at once, or leave it out again."""
    by = actor_of(request)
    require(by, Action.PORTFOLIO_EDIT)
    row = _found(ref)
    shown = shapes.valid(InPackIn(data=request.data))["in_pack"]
    choose_scenario(by=by, simulation=row, shown=shown)
    return Response(body_of(_found(ref), _visible(request)))


@extend_schema(operation_id="simulations_cancel", request=None, responses={200: SimulationOut})
@api_view(["POST"])
def cancellation(request: Request, ref: str) -> Response:
    """Stop one that is not over."""
    return _cancel(request, ref)


@idempotent
def _cancel(request: Request, ref: str) -> Response:
    by = actor_of(request)
    require(by, Action.SCENARIO_RUN)
    return Response(body_of(cancel_simulation(by=by, simulation=_found(ref)), _visible(request)))
