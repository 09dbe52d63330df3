"""Traces where somebody keeps them: spans of requests, jobs and statements, with the ids of the logs. Else nothing."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from celery.signals import task_prerun
from django.conf import settings as django_settings
from django.db import connections
from django.db.backends.signals import connection_created
from django.test import Client
from opentelemetry.instrumentation.celery import CeleryInstrumentor
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from alignment_portal import clock
from alignment_portal.accounts.calendar_feeds import open_feed
from alignment_portal.audit.guard import writes_allowed
from alignment_portal.operations import spans, tracing
from alignment_portal.outbox.jobs import message_id
from alignment_portal.outbox.models import Event, Job, JobState
from gates.tasks import evaluate
from tests import people
from tests.factories.metrics import initiative

# The client of Redis loads the names of the library by itself; these are the parts that do something.
PARTS = [
    "alignment_portal.operations.spans",
    "opentelemetry.exporter.otlp.proto.http.trace_exporter",
    "opentelemetry.instrumentation.celery",
    "opentelemetry.instrumentation.django",
    "opentelemetry.sdk.trace",
]
ROOT = Path(__file__).parents[3]


@pytest.fixture
def exported(settings):
    """What this process exports while it is traced, as long as a test lasts."""
    settings.MIDDLEWARE = list(django_settings.MIDDLEWARE)
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    statements = spans.instrument(provider)
    yield exporter.get_finished_spans
    DjangoInstrumentor().uninstrument()
    CeleryInstrumentor().uninstrument()
    task_prerun.disconnect(spans.name_job)
    connection_created.disconnect(statements.watch)
    for connection in connections.all(initialized_only=True):
        connection.execute_wrappers.remove(statements)


def of_kind(found, kind):
    return [span for span in found if span.kind.name == kind]


@pytest.mark.django_db
def test_a_request_and_its_statements_are_spans_of_one_trace_with_the_id_of_the_request(exported):
    token = people.token("executive")
    headers = {"authorization": f"Bearer {token}", "x-request-id": "a-story-to-follow"}
    answer = Client().get("/api/v1/initiatives/", headers=headers)
    assert (answer.status_code, answer.headers["X-Request-ID"]) == (200, "a-story-to-follow")
    (request,) = of_kind(exported(), "SERVER")
    statements = of_kind(exported(), "CLIENT")
    assert request.attributes["http.status_code"] == 200
    assert {span.attributes[spans.REQUEST] for span in (request, *statements)} == {"a-story-to-follow"}
    assert {span.context.trace_id for span in statements} == {request.context.trace_id}
    assert {span.parent.span_id for span in statements} == {request.context.span_id}
    texts = [span.attributes["db.query.text"] for span in statements]
    assert any("accounts_apitoken" in text for text in texts)
    assert any("initiatives_initiative" in text for text in texts)
    assert {span.name for span in statements} <= {"SELECT", "UPDATE", "SAVEPOINT", "RELEASE"}


@pytest.mark.django_db
def test_the_key_of_a_calendar_stands_in_no_span(exported):
    key = open_feed(by=people.actor("executive"), person=people.person("executive"))
    assert Client().get(f"/calendar/{key}.ics").status_code == 200
    (request,) = of_kind(exported(), "SERVER")
    assert "/calendar/<str:key>.ics" in request.attributes.values()
    assert key not in str(request.attributes)


@pytest.mark.django_db
def test_no_span_says_who_asked_or_with_what(exported):
    token = people.token("executive")
    Client().get("/api/v1/initiatives/?q=harbour", headers={"authorization": f"Bearer {token}"})
    said = " ".join(span.to_json() for span in exported())
    assert token not in said
    assert "eleanor" not in said.lower()


@pytest.mark.django_db
def test_a_job_and_its_statements_are_spans_with_the_number_of_the_job(exported):
    about = initiative()
    with writes_allowed():
        event = Event.objects.create(name="gates.evidence_changed", dispatched_at=clock.wall())
        job = Job.objects.create(event=event, task="gates.tasks.evaluate")
    evaluate.apply(kwargs={"key": about.key}, task_id=message_id(job)).get()
    job.refresh_from_db()
    assert job.state == JobState.DONE
    (run,) = of_kind(exported(), "CONSUMER")
    statements = [
        span for span in of_kind(exported(), "CLIENT") if span.context.trace_id == run.context.trace_id
    ]
    assert (run.name, run.attributes[spans.JOB]) == ("run/gates.tasks.evaluate", job.pk)
    assert any("gates_evaluation" in span.attributes["db.query.text"] for span in statements)
    assert {span.attributes[spans.JOB] for span in statements} == {job.pk}
    assert {span.attributes[spans.TASK] for span in statements} == {"gates.tasks.evaluate"}


@pytest.mark.django_db
def test_outside_of_requests_and_jobs_nothing_is_a_span(exported):
    people.everybody()
    assert exported() == ()


def loaded(tmp_path, **environment):
    """Which of the parts that trace a web server and a worker have loaded once they are up."""
    code = (
        "import sys, alignment_portal.wsgi, alignment_portal.celery as c; c.trace();"
        f"print(sorted(name for name in {PARTS} if name in sys.modules))"
    )
    made = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PORTAL_VAR": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return ast.literal_eval(made.stdout.strip())


def test_where_nobody_keeps_traces_nothing_of_it_is_loaded(tmp_path, settings):
    settings.TRACES_URL = ""
    assert tracing.start("portal-web") is False
    assert loaded(tmp_path, TRACES_URL="") == []


def test_where_somebody_keeps_traces_web_and_worker_send_them(tmp_path):
    told = loaded(tmp_path, TRACES_URL="http://127.0.0.1:1/v1/traces", OTEL_BSP_SCHEDULE_DELAY="600000")
    assert told == sorted(PARTS)
