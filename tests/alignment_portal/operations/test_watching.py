"""What those who run the portal see of it: health, figures, logs, and the page of jobs."""

import json
import logging

import pytest
from celery.app.trace import info as celery_says
from django.conf import settings
from django.core.cache import caches
from django.test import Client

from alignment_portal import clock
from alignment_portal.accounts.calendar_feeds import open_feed
from alignment_portal.audit.guard import writes_allowed
from alignment_portal.audit.models import Entry
from alignment_portal.audit.triggers import remove_all
from alignment_portal.http.requests import TOLD_PATH
from alignment_portal.logs import CallersFaultFilter, JsonFormatter, RequestIdFilter, TextFormatter
from alignment_portal.management.commands.portal import web_command
from alignment_portal.operations import health, metrics
from alignment_portal.operations.jobs import STUCK_AFTER, queue_now
from alignment_portal.outbox.models import Event, Job
from alignment_portal.outbox.services import note_pulse
from tests.people import actor, api, browser, person

pytestmark = pytest.mark.django_db


def a_job(**fields):
    ended = {"finished_at": clock.wall()} if fields.get("state") in {"done", "failed", "cancelled"} else {}
    with writes_allowed():
        event = Event.objects.create(name="gates.evidence_changed", dispatched_at=clock.wall())
        return Job.objects.create(event=event, task="gates.tasks.evaluate", **ended, **fields)


def failed_job():
    return a_job(state="failed", error="There is no initiative AI-9999.", errors=3)


# --- health ------------------------------------------------------------------------------------------------


def test_a_sound_portal_is_ready_and_says_of_each_part_why():
    answer = Client().get("/readyz")
    parts = dict.fromkeys(["database", "migrations", "guards", "storage", "queue"], "ok")
    assert (answer.status_code, answer.json()) == (200, parts)


def test_a_portal_without_its_guards_is_not_ready():
    remove_all()
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["guards"][-18:]) == (503, "missing or changed")


def test_a_portal_that_cannot_keep_files_is_not_ready(settings, tmp_path):
    (tmp_path / "files").write_text("a file where the folder should be")
    settings.MEDIA_ROOT = tmp_path / "files"
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["storage"]) == (503, "cannot be written to")


def test_a_queue_that_is_down_is_said_and_takes_no_web_server_away(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["queue"]) == (
        200,
        "cannot be reached: jobs wait in the database",
    )


def test_a_cache_that_is_down_forgets_and_refuses_nobody(settings):
    down = {"BACKEND": "alignment_portal.http.cache.ForgetfulRedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": down}
    assert caches["default"].get("anything", "else") == "else"
    answer = api("executive").get("/api/v1/initiatives/")
    assert (answer.status_code, answer.headers["RateLimit-Limit"]) == (200, "600")


# --- figures -----------------------------------------------------------------------------------------------


def figures(**headers):
    return Client().get("/metrics", headers=headers)


def test_figures_tell_of_requests_by_route_of_jobs_and_of_verdicts():
    Client().get("/healthz")
    failed_job()
    note_pulse("backup", "7 rows")
    text = figures().content.decode()
    assert 'portal_request_seconds_count{method="GET",route="healthz",status="200"}' in text
    assert 'portal_jobs{state="failed"} 1.0' in text
    assert 'portal_part_up{part="database"} 1.0' in text
    assert 'portal_chore_timestamp_seconds{chore="backup"}' in text
    assert "AI-9999" not in text


def test_made_up_addresses_and_methods_make_up_no_series():
    Client().get("/there/is/nothing/here/")
    Client().generic("BREW", "/healthz")
    text = figures().content.decode()
    assert "nothing/here" not in text
    assert "BREW" not in text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 404),
        ({"authorization": "Bearer wrong"}, 404),
        ({"authorization": "Bearer a-long-secret"}, 200),
        ({"x-forwarded-for": "10.0.0.7"}, 404),
    ],
)
def test_figures_are_for_those_with_the_token(settings, headers, status):
    settings.METRICS_TOKEN, settings.METRICS_NETWORKS = "a-long-secret", []
    assert figures(**headers).status_code == status


def test_a_proxy_nobody_told_us_of_does_not_pass_for_this_machine():
    assert figures().status_code == 200
    assert figures(**{"x-forwarded-for": "203.0.113.9"}).status_code == 404


def test_several_processes_count_together(monkeypatch, tmp_path):
    monkeypatch.setenv(metrics.SHARED_FOLDER, str(tmp_path))
    assert b"portal_jobs" in metrics.exposition()


# --- logs --------------------------------------------------------------------------------------------------


def test_a_request_is_one_line_with_its_id_its_route_and_nobody_s_name(caplog):
    eleanor = person("executive")
    with caplog.at_level(logging.INFO, "alignment_portal.requests"):
        answer = browser("executive").get(
            "/initiatives/?q=secret", headers={"x-request-id": "trace-0000-1234"}
        )
    line = json.loads(JsonFormatter().format(caplog.records[-1]))
    assert answer.headers["X-Request-ID"] == "trace-0000-1234"
    assert (line["route"], line["status"], line["actor_id"]) == ("initiatives:list", 200, str(eleanor.pk))
    assert line["message"] == "GET /initiatives/ 200"
    assert "secret" not in str(line)
    assert eleanor.email not in str(line)


def test_the_key_of_a_calendar_stands_in_no_line(caplog):
    eleanor = person("executive")
    key = open_feed(by=actor("executive"), person=eleanor)
    with caplog.at_level(logging.INFO, "alignment_portal.requests"):
        assert Client().get(f"/calendar/{key}.ics").status_code == 200
    assert caplog.records[-1].getMessage() == "GET /calendar/<str:key>.ics 200"
    assert all(key not in record.getMessage() for record in caplog.records)
    # Whatever goes wrong with it, and whoever tells of that: the framework names the path of what it refuses.
    caplog.clear()
    with caplog.at_level(logging.INFO, "alignment_portal.requests"):
        Client().post(f"/calendar/{key}.ics")
        Client(enforce_csrf_checks=True).post(f"/calendar/{key}.ics")
        Client().get(f"/calendar/{key}")
        Client().get(f"/calendar/{key}.ics", headers={"host": "elsewhere.example.org"})
    asked = settings.LOGGING["formatters"]["text"]
    text = TextFormatter(asked["format"], style=asked["style"], defaults={"request_id": "-"})
    assert len(caplog.records) == 8
    assert all(
        key not in form.format(record) for form in (JsonFormatter(), text) for record in caplog.records
    )
    assert f"%({{{TOLD_PATH}}}e)s" in web_command("127.0.0.1", 8000)[-1]
    assert "%(h)s" not in web_command("127.0.0.1", 8000)[-1]


def test_every_line_about_a_refused_request_carries_its_id(caplog, client):
    client.get("/nothing/", headers={"x-request-id": "trace-0000-4040"})
    [record] = [record for record in caplog.records if record.name == "django.request"]
    assert json.loads(JsonFormatter().format(record))["request_id"] == "trace-0000-4040"
    assert RequestIdFilter().filter(record)
    assert record.request_id == "trace-0000-4040"


def test_nobody_writes_lines_of_their_own_into_the_log(client):
    answer = client.get("/nothing%0A%1B[2J%E2%80%A8GET%20/forged/")
    assert answer.wsgi_request.META[TOLD_PATH] == "/nothing%0A%1B[2J%E2%80%A8GET /forged/"


def test_a_line_that_a_job_writes_names_the_job(caplog):
    from structlog.contextvars import bound_contextvars  # noqa: PLC0415 — app ready

    with bound_contextvars(task="gates.tasks.evaluate", job_id=7), caplog.at_level(logging.INFO):
        logging.getLogger("gates").info("judged")
        line = json.loads(JsonFormatter().format(caplog.records[-1]))
    assert (line["task"], line["job_id"], line["message"]) == ("gates.tasks.evaluate", 7, "judged")


@pytest.mark.parametrize(("message", "number"), [("job-7", 7), ("0e8f4a1c-made-by-the-scheduler", None)])
def test_what_celery_says_of_a_message_names_the_job(caplog, message, number):
    with caplog.at_level(logging.INFO, "celery.app.trace"):
        celery_says("Task %(name)s[%(id)s] ended", {"id": message, "name": "gates.tasks.evaluate"})
    line = json.loads(JsonFormatter().format(caplog.records[-1]))
    assert (line["task"], line["job_id"], line["message_id"]) == ("gates.tasks.evaluate", number, message)
    assert line["message"] == f"Task gates.tasks.evaluate[{message}] ended"


# --- the page and its twin ---------------------------------------------------------------------------------


def test_a_wrong_host_name_is_one_warning_without_a_traceback(client, caplog, settings):
    settings.ALLOWED_HOSTS = ["portal.example.org"]
    assert client.get("/sign-in/", headers={"Host": "elsewhere.example.org"}).status_code == 400
    [record] = [record for record in caplog.records if record.name == "django.security.DisallowedHost"]
    assert CallersFaultFilter().filter(record)
    line = json.loads(JsonFormatter().format(record))
    assert (line["level"], "elsewhere.example.org" in line["message"]) == ("warning", True)
    assert not {"exception", "exc_info"} & set(line)


def test_an_administrator_sees_what_is_stuck_and_what_failed():
    old = a_job(opened_at=clock.wall() - 2 * STUCK_AFTER)
    failed_job()
    page = browser("administrator").get("/settings/operations/").content.decode()
    assert "There is no initiative AI-9999." in page
    assert "The scheduler has not been seen lately" in page
    note_pulse("alignment_portal.tasks.dispatch_due")
    page = browser("administrator").get("/settings/operations/").content.decode()
    assert "1 job is stuck" in page
    assert queue_now().oldest_seconds == pytest.approx(2 * STUCK_AFTER.total_seconds(), abs=60)
    assert old.state == "queued"


def test_the_page_asks_the_database_as_often_for_many_jobs_as_for_one(django_assert_max_num_queries):
    client = browser("administrator")
    counts = []
    for number in (1, 3):
        for _ in range(number):
            failed_job()
        with django_assert_max_num_queries(45) as asked:
            client.get("/settings/operations/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_failed_job_is_tried_again_and_the_record_says_by_whom():
    job = failed_job()
    answer = browser("administrator").post(f"/settings/operations/jobs/{job.pk}/retry/", follow=True)
    job.refresh_from_db()
    assert (job.state, job.error, job.errors) == ("queued", "", 0)
    assert f"Job {job.pk} is tried again." in answer.content.decode()
    entry = Entry.objects.order_by("-seq")[0]
    assert (entry.action, entry.actor_id) == ("operations.job.retry", person("administrator").pk)


def test_programs_read_retry_and_cancel_as_the_page_does():
    job = failed_job()
    client = api("administrator")
    found = client.get("/api/v1/operations/").json()
    assert (found["queue"]["failed"], found["health"]["database"], found["is_ready"]) == (1, "ok", True)
    assert [row["id"] for row in client.get("/api/v1/operations/jobs/").json()["results"]] == [job.pk]
    assert client.post(f"/api/v1/operations/jobs/{job.pk}/retry/").json()["state"] == "queued"
    assert client.post(f"/api/v1/operations/jobs/{job.pk}/cancel/").json()["state"] == "cancelled"
    assert client.post(f"/api/v1/operations/jobs/{job.pk}/cancel/").status_code == 200
    done = a_job(state="done")
    assert client.post(f"/api/v1/operations/jobs/{done.pk}/cancel/").status_code == 409
    assert client.post(f"/api/v1/operations/jobs/{done.pk}/retry/").status_code == 409


def test_nobody_else_sees_or_touches_the_jobs():
    job = failed_job()
    for who in ("executive", "auditor", "programme_manager"):
        assert browser(who).get("/settings/operations/").status_code == 403
        assert api(who).post(f"/api/v1/operations/jobs/{job.pk}/cancel/").status_code == 403
    assert actor("executive").user_id is not None
    assert health.is_ready(health.state())
