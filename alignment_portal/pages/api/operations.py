"""Operations, for programs."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal.accounts.permissions import Action, require
from alignment_portal.http.idempotency import idempotent
from alignment_portal.http.pagination import paged
from alignment_portal.http.requests import actor_of
from alignment_portal.operations.jobs import cancel_job, jobs_to_show, retry_job
from alignment_portal.operations.overview import overview
from alignment_portal.outbox.models import Job, JobState


class QueueOut(serializers.Serializer[Any]):
    queued = serializers.IntegerField()
    running = serializers.IntegerField()
    stuck = serializers.IntegerField()
    failed = serializers.IntegerField()
    untold = serializers.IntegerField()
    oldest_seconds = serializers.FloatField()
    packs_waiting = serializers.IntegerField()
    packs_building = serializers.IntegerField()
    packs_failed = serializers.IntegerField()


class ChoreOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    words = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)
    result = serializers.CharField(allow_blank=True)
    is_late = serializers.BooleanField()


class OperationsOut(serializers.Serializer[Any]):
    is_ready = serializers.BooleanField()
    health = serializers.DictField(child=serializers.CharField())
    queue = QueueOut()
    chores = ChoreOut(many=True)
    guards = serializers.IntegerField()
    versions = serializers.DictField(child=serializers.CharField())


class JobOut(serializers.ModelSerializer[Job]):
    event = serializers.CharField(source="event.name")

    class Meta:
        model = Job
        fields = (
            "id",
            "task",
            "event",
            "state",
            "opened_at",
            "next_at",
            "started_at",
            "finished_at",
            "sends",
            "errors",
            "losses",
            "error",
        )


@extend_schema(operation_id="operations_read", responses=OperationsOut)
@api_view(["GET"])
def operations(request: Request) -> Response:
    """The queue, the chores, the parts the portal stands on, and the versions that run."""
    require(actor_of(request), Action.OPERATIONS_MANAGE)
    found = overview()
    return Response(OperationsOut({**asdict(found), "queue": asdict(found.queue)}).data)


@extend_schema(
    operation_id="operations_jobs",
    responses=JobOut(many=True),
    parameters=[OpenApiParameter("state", str, enum=[*JobState.values])],
)
@api_view(["GET"])
def job_list(request: Request) -> Response:
    """Jobs that are not done, the newest first; `state` asks for one state, done ones included."""
    require(actor_of(request), Action.OPERATIONS_MANAGE)
    state = request.query_params.get("state", "")
    rows = Job.objects.filter(state=state).select_related("event") if state else jobs_to_show()
    return paged(request, rows, _body, ordering=("-id",))


def _body(job: Job) -> Mapping[str, Any]:
    return JobOut(job).data


@extend_schema(operation_id="operations_job_retry", request=None, responses=JobOut)
@api_view(["POST"])
@idempotent
def retry(request: Request, job_id: int) -> Response:
    """Try a job again that failed or was cancelled, or send one at once that waits."""
    by = actor_of(request)
    require(by, Action.OPERATIONS_MANAGE)
    return Response(_body(retry_job(by=by, job=get_object_or_404(Job, pk=job_id))))


@extend_schema(operation_id="operations_job_cancel", request=None, responses=JobOut)
@api_view(["POST"])
@idempotent
def cancel(request: Request, job_id: int) -> Response:
    """Give up a job that waits or runs."""
    by = actor_of(request)
    require(by, Action.OPERATIONS_MANAGE)
    return Response(_body(cancel_job(by=by, job=get_object_or_404(Job, pk=job_id))))
