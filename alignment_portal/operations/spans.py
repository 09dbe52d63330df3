"""Spans of requests, jobs and statements, each with the id by which the logs speak of it. Loaded only to trace."""

from collections.abc import Callable
from typing import Any

import structlog
from celery.signals import task_prerun
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.http import HttpRequest, HttpResponse
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.instrumentation.celery import CeleryInstrumentor
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.sdk.trace import Span, SpanProcessor, TracerProvider
from opentelemetry.trace import SpanKind, Tracer

from alignment_portal.http.requests import told_path
from alignment_portal.logs import request_id
from alignment_portal.message_ids import number_in

REQUEST, JOB, TASK = "portal.request_id", "portal.job_id", "portal.task"
# Behind the middleware that gives every request its id, and before all others.
PLACE = 1
# Where the library writes the path of a request, by its older and its newer conventions.
ADDRESSES = ("http.url", "http.target", "url.path", "url.full")


class Ids(SpanProcessor):
    """What every span says of the request or job it belongs to; never who asked, or for what."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        if found := request_id.get():
            span.set_attribute(REQUEST, found)
        job = structlog.contextvars.get_contextvars()
        for name, key in ((JOB, "job_id"), (TASK, "task")):
            if job.get(key) is not None:
                span.set_attribute(name, job[key])


def name_job(task_id: str | None = None, **_: object) -> None:
    """The span of a job begins before the job knows its number."""
    number = number_in(task_id)
    if number is not None:
        trace.get_current_span().set_attribute(JOB, number)


class Statements:
    """A span for each statement inside a request or job: its text with places for the values, never the values."""

    def __init__(self, tracer: Tracer) -> None:
        self.tracer = tracer

    def __call__(
        self,
        execute: Callable[..., Any],
        sql: str,
        params: object,
        many: bool,  # noqa: FBT001 — Django's own form of a wrapper
        context: Any,
    ) -> Any:
        if not trace.get_current_span().is_recording():
            return execute(sql, params, many, context)
        words = sql.split(maxsplit=1)
        with self.tracer.start_as_current_span(
            words[0].upper() if words else "SQL", kind=SpanKind.CLIENT
        ) as span:
            span.set_attribute("db.system.name", context["connection"].vendor)
            span.set_attribute("db.query.text", sql)
            return execute(sql, params, many, context)

    def watch(self, *, connection: BaseDatabaseWrapper, **_: object) -> None:
        if self not in connection.execute_wrappers:
            connection.execute_wrappers.append(self)


def keep_keys(span: Span, request: HttpRequest, response: HttpResponse) -> None:
    """The address of a calendar is its key: no span tells it."""
    told = told_path(request)
    if told != request.path and span.is_recording():
        span.set_attributes({name: told for name in ADDRESSES if name in (span.attributes or {})})


def instrument(provider: TracerProvider) -> Statements:
    """Trace what this process does from now on; before the middleware is loaded."""
    provider.add_span_processor(Ids())
    DjangoInstrumentor().instrument(
        tracer_provider=provider, middleware_position=PLACE, response_hook=keep_keys
    )
    CeleryInstrumentor().instrument(tracer_provider=provider)  # type: ignore[no-untyped-call]  # publishes no types here
    task_prerun.connect(name_job, weak=False)
    statements = Statements(provider.get_tracer("alignment_portal"))
    connection_created.connect(statements.watch, weak=False)
    for connection in connections.all(initialized_only=True):
        statements.watch(connection=connection)
    return statements
