"""Signals over HTTP: what a rule about operation has against a metric, and the cause somebody wrote down."""

from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal import clock
from alignment_portal.http.idempotency import idempotent
from alignment_portal.http.pagination import CursorPage
from alignment_portal.http.requests import actor_of
from gates.api import shapes
from gates.engine.view import View
from gates.selectors.facts import Case, load_cases
from gates.selectors.signals import Signal, signals_of
from initiatives.models import Deployment, Initiative
from initiatives.selectors import initiative_or_404
from metrics.services.signals import acknowledge_signal


@extend_schema(
    operation_id="signals_list", parameters=[shapes.SignalQuery], responses=shapes.SignalBody(many=True)
)
@api_view(["GET"])
def signals(request: Request) -> Response:
    """Signals that are not closed, of everything you may see that runs; a page counts initiatives."""
    by = actor_of(request)
    asked = shapes.given(shapes.SignalQuery, request.query_params.dict())
    running = Deployment.objects.filter(initiative=OuterRef("pk")).exclude(state="planned")
    rows = Initiative.objects.visible_to(by).filter(Exists(running))
    if "initiative" in asked:
        rows = rows.filter(pk=initiative_or_404(by, asked["initiative"]).pk)
    paginator = CursorPage()
    paginator.ordering = ("key",)
    page: list[Any] = paginator.paginate_queryset(rows, request) or []
    cases = load_cases([row.key for row in page])
    found = [
        signal_body(key, signal)
        for key, case in cases.items()
        for signal in _signals(case)
        if asked.get("state") in {None, signal.state}
    ]
    return paginator.get_paginated_response(found)


def _signals(case: Case) -> list[Signal]:
    return signals_of(View(case.policy, case.facts, clock.now()))


def signal_body(key: str, signal: Signal) -> dict[str, Any]:
    return {
        "initiative": key,
        "metric": signal.metric,
        "rule": signal.rule,
        "title": signal.title,
        "sentence": signal.sentence,
        "period_end": signal.period_end,
        "suspends": signal.stops,
        "state": signal.state,
        "due": signal.due,
        "cause": signal.cause,
        "acknowledged_by": signal.by,
    }


@extend_schema(
    operation_id="signals_acknowledge",
    request=shapes.AcknowledgementIn,
    responses={201: shapes.AcknowledgementBody},
)
@api_view(["POST"])
@idempotent
def acknowledgements(request: Request, key: str) -> Response:
    """Write down the cause of a signal; what was read until its period is explained by it."""
    found = initiative_or_404(actor_of(request), key)
    given = shapes.given(shapes.AcknowledgementIn, request.data)
    row = acknowledge_signal(by=actor_of(request), initiative=found, **given)
    body = {**given, "initiative": found.key, "at": row.at, "by": row.by.email}
    return Response(body, status=201, headers={"Location": reverse("api:gates:signals")})
