"""Readings in, series and results out, for programs."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from alignment_portal.http.etags import etag_of, with_etag
from alignment_portal.http.idempotency import idempotent
from alignment_portal.http.pagination import paged
from alignment_portal.http.requests import actor_of
from alignment_portal.refusals import Invalid, NotFound, Unprocessable
from initiatives.selectors import initiative_or_404
from metrics.api import shapes
from metrics.models import Metric
from metrics.selectors import (
    SeriesRow,
    chart_of,
    latest_result,
    metric_or_404,
    metrics_of,
    series_for,
)
from metrics.services.experiments import experiment_figures, pointer_in_experiment
from metrics.services.observations import record_observations
from metrics.services.results import record_result


@extend_schema(
    operation_id="observations_record", request=shapes.ReadingsIn, responses={201: shapes.RecordedOut}
)
@api_view(["POST"])
@idempotent
def observations(request: Request) -> Response:
    """Up to 10,000 readings, all or nothing. The same again changes nothing; another value is a revision."""
    rows, prefix = _rows(request.data)
    done = record_observations(by=actor_of(request), rows=rows, prefix=prefix)
    return Response(asdict(done), status=201)


def _rows(sent: Any) -> tuple[Any, str]:
    """The list itself, or an object that holds it and nothing else."""
    if not isinstance(sent, Mapping):
        return sent, ""
    unknown = [name for name in sent if name != "observations"]
    if unknown or "observations" not in sent:
        name = unknown[0] if unknown else "observations"
        raise Invalid("Send {“observations”: […]} and nothing beside it.", pointer=f"/{name}", code="unknown")
    return sent["observations"], "/observations"


@extend_schema(operation_id="metrics_list", responses=shapes.MetricOut(many=True))
@api_view(["GET"])
def metric_list(request: Request, key: str) -> Response:
    """The metrics of the dossier with baseline, plan and guards."""
    found = initiative_or_404(actor_of(request), key)
    shapes.valid(shapes.PageQuery(data=request.query_params.dict()))
    return paged(request, metrics_of(found), shapes.metric_body, ordering=("position", "pk"))


@extend_schema(operation_id="metrics_series", parameters=[shapes.SeriesQuery], responses=shapes.SeriesOut)
@api_view(["GET"])
@with_etag
def series(request: Request, key: str, code: str) -> Response:
    """The last 60 readings, each as last revised, with control limits once there are twelve."""
    found = initiative_or_404(actor_of(request), key)
    metric = metric_or_404(found, code)
    asked = shapes.valid(shapes.SeriesQuery(data=request.query_params.dict()))
    row = _series(metric, asked)
    return _tagged(shapes.series_body(metric, row, chart_of(metric, row)))


def _series(metric: Metric, asked: Mapping[str, Any]) -> SeriesRow:
    key, deployment = metric.initiative.key, asked["deployment"] or None
    rows = series_for([key], asked.get("at"), segment=asked["segment"]).get(key, ())
    wanted = (row for row in rows if (row.metric, row.deployment) == (metric.code, deployment))
    return next(wanted, SeriesRow(metric=metric.code, readings=(), deployment=deployment))


def _tagged(body: dict[str, Any]) -> Response:
    digest = hashlib.sha256(json.dumps(body, cls=JSONEncoder).encode()).hexdigest()
    return Response(body, headers={"ETag": etag_of(digest)})


@extend_schema(methods=["GET"], operation_id="metrics_result", responses=shapes.ResultOut)
@extend_schema(
    methods=["POST"],
    operation_id="metrics_result_record",
    request=shapes.ResultIn,
    responses={201: shapes.ResultOut},
)
@api_view(["GET", "POST"])
@with_etag
def result(request: Request, key: str, code: str) -> Response:
    """The latest computed result; or a new one from summary figures."""
    found = initiative_or_404(actor_of(request), key)
    metric = metric_or_404(found, code)
    if request.method == "POST":
        return _record(request, metric)
    latest = latest_result(metric)
    if latest is None:
        raise NotFound(f"No result of {metric.title} has been recorded yet.", code="no_result")
    return Response(shapes.result_body(latest), headers={"ETag": etag_of(latest.pk)})


@extend_schema(
    operation_id="metrics_experiment_record", request=shapes.ExperimentIn, responses={201: shapes.ResultOut}
)
@api_view(["POST"])
def experiment(request: Request, key: str, code: str) -> Response:
    """A new result from what an experiment platform shows: variations with users, mean and deviation, or conversions."""
    metric = metric_or_404(initiative_or_404(actor_of(request), key), code)
    try:
        return _record(request, metric, experiment_figures)
    except Invalid as refusal:
        faults = [replace(one, pointer=pointer_in_experiment(one.pointer)) for one in refusal.faults]
        raise Invalid(refusal.sentence, faults=faults, code=refusal.code) from refusal
    except Unprocessable as refusal:
        pointer = pointer_in_experiment(refusal.pointer)
        raise Unprocessable(refusal.sentence, code=refusal.code, pointer=pointer) from refusal


@idempotent
def _record(request: Request, metric: Metric, read: Callable[[Any], Any] = lambda sent: sent) -> Response:
    figures = read(request.data)
    found = record_result(
        by=actor_of(request), initiative=metric.initiative, metric=metric.code, figures=figures
    )
    headers = {
        "Location": reverse("api:metrics:result", args=[metric.initiative.key, metric.code]),
        "ETag": etag_of(found.pk),
    }
    return Response(shapes.result_body(found), status=201, headers=headers)
