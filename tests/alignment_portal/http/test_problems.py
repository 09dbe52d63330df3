"""What goes wrong is said in one form: RFC 9457 to programs, a page to people."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, OperationalError, connection
from django.test import Client

from alignment_portal import clock
from alignment_portal.accounts.calendar_feeds import open_feed
from alignment_portal.http.problems import problem_of, refusal_behind, refusal_response, rest_faults
from alignment_portal.http.throttling import CallerThrottle
from alignment_portal.logs import request_id
from alignment_portal.refusals import Conflict, Fault, Invalid, NotFound
from tests import people
from tests.factories.metrics import initiative


def test_a_refusal_as_a_problem_document():
    refusal = Conflict(
        "The verdict forbids it.",
        code="verdict",
        next_mover="executive",
        blockers=[{"code": "OC", "reason": "x"}],
    )
    assert problem_of(refusal, "/api/v1/x/") == {
        "type": "urn:alignment-portal:problem:verdict",
        "title": "Conflict",
        "status": 409,
        "detail": "The verdict forbids it.",
        "code": "verdict",
        "instance": "/api/v1/x/",
        "blockers": [{"code": "OC", "reason": "x"}],
        "next_mover": "executive",
    }


def test_every_fault_has_its_pointer():
    refusal = Invalid("Two things.", faults=[Fault("/a/0", "One."), Fault("/b", "Two.", "taken")])
    assert problem_of(refusal)["errors"] == [
        {"pointer": "/a/0", "detail": "One.", "code": "invalid"},
        {"pointer": "/b", "detail": "Two.", "code": "taken"},
    ]


def test_nested_errors_of_the_framework_become_pointers():
    detail = {"a": [{}, {"b/c": ["Wrong."]}], "non_field_errors": ["Also."]}
    assert list(rest_faults(detail)) == [Fault("/a/1/b~1c", "Wrong."), Fault("", "Also.")]


def test_a_guards_refusal_is_put_into_words():
    refusal = refusal_behind(IntegrityError("guard_audit_entry_update"))
    assert refusal is not None
    assert (refusal.code, refusal.sentence) == (
        "audit_guarded",
        "The audit record only grows: nothing in it can be changed, removed or put out of order.",
    )


def test_a_fault_of_ours_is_no_refusal():
    assert refusal_behind(ValueError("x")) is None
    assert isinstance(refusal_behind(NotFound("x")), NotFound)
    assert request_id.get() == ""


@pytest.mark.django_db
def test_unknown_and_wrong_fields_are_refused_together():
    answer = people.api("administrator").post("/api/v1/people/", {"email": "x", "nmae": "Ann"})
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert sorted((error["pointer"], error["code"]) for error in answer.json()["errors"]) == [
        ("/email", "invalid"),
        ("/name", "required"),
        ("/nmae", "unknown"),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [("{", "application/json", 400), ("<a/>", "application/xml", 415), ("[]", "application/json", 400)],
)
def test_a_body_that_cannot_be_read_is_refused(body, content_type, status):
    client = people.api("administrator")
    answer = client.generic("POST", "/api/v1/people/", body, content_type=content_type)
    assert (answer.status_code, answer.json()["status"]) == (status, status)


@pytest.mark.django_db
def test_an_address_that_is_not_there_is_a_problem_document():
    answer = people.api("executive").get("/api/v1/nowhere/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.django_db
def test_without_a_token_the_api_says_how_to_get_in():
    answer = people.api().get("/api/v1/people/")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="alignment portal"'


@pytest.mark.django_db
def test_a_token_that_is_not_known_is_refused():
    client = people.api()
    client.credentials(HTTP_AUTHORIZATION="Bearer ap_00000000_none")
    assert client.get("/api/v1/people/").json()["code"] == "authentication_failed"


@pytest.mark.django_db
def test_a_token_in_the_address_is_not_looked_at():
    assert people.api().get(f"/api/v1/?token={people.token('executive')}").status_code == 401


@pytest.mark.django_db
def test_a_token_without_read_does_not_read():
    answer = people.api("executive", "write").get("/api/v1/history/")
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


@pytest.mark.django_db
def test_a_session_needs_the_csrf_token_to_change_anything():
    client = people.browser("administrator")
    client.handler.enforce_csrf_checks = True
    answer = client.post("/api/v1/people/", {}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


@pytest.mark.django_db
def test_a_refusal_on_a_page_is_a_page():
    answer = people.browser("executive").get("/settings/people/")
    assert answer.status_code == 403
    assert "Only an administrator may do this." in answer.content.decode()


@pytest.mark.django_db
def test_the_headers_of_every_answer(client):
    headers = client.get("/sign-in/").headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert (headers["X-Frame-Options"], headers["X-Content-Type-Options"]) == ("DENY", "nosniff")
    assert len(headers["X-Request-ID"]) == 32


@pytest.mark.django_db
def test_a_callers_request_id_is_kept_when_it_is_harmless(client):
    assert (
        client.get("/healthz", headers={"X-Request-ID": "abc-12345"}).headers["X-Request-ID"] == "abc-12345"
    )
    assert (
        client.get("/healthz", headers={"X-Request-ID": "a\tb<c>d~e"}).headers["X-Request-ID"] != "a\tb<c>d~e"
    )


@pytest.mark.django_db
def test_too_many_requests_are_slowed_down(settings):
    settings.API_RATE = 2
    client = people.api("executive")
    answers = [client.get("/api/v1/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert int(answers[2].headers["Retry-After"]) > 0


@pytest.fixture
def at(monkeypatch):
    """Sets the clock by which calls are counted."""

    def is_now(seconds):
        monkeypatch.setattr(CallerThrottle, "timer", staticmethod(lambda: 1_800_000_000 + seconds))

    is_now(0)
    return is_now


@pytest.mark.django_db
@pytest.mark.parametrize("moment", [0.001, 0.999, 17, 17.5, 59.2])
def test_a_refused_caller_is_told_one_moment_and_it_is_the_right_one(settings, at, moment):
    settings.API_RATE = 2
    client = people.api("executive")
    for _ in range(2):
        client.get("/api/v1/")
    at(moment)
    headers = client.get("/api/v1/").headers
    assert headers["Retry-After"] == headers["RateLimit-Reset"]
    seconds = int(headers["Retry-After"])
    assert moment + seconds - 1 < 60 <= moment + seconds
    at(moment + seconds)
    assert client.get("/api/v1/").status_code == 200


@pytest.mark.django_db
def test_a_caller_whose_rate_was_lowered_meanwhile_is_told_as_well(settings, at):
    settings.API_RATE = 4
    client = people.api("executive")
    for second in (0, 10, 20, 30):
        at(second)
        assert client.get("/api/v1/").status_code == 200
    settings.API_RATE = 2
    at(40)
    headers = client.get("/api/v1/").headers
    # The third and the fourth call stand in the way, the third is forgotten at 80.
    assert (headers["Retry-After"], headers["RateLimit-Reset"]) == ("40", "40")
    at(79)
    assert client.get("/api/v1/").status_code == 429
    at(80)
    assert client.get("/api/v1/").status_code == 200


@pytest.mark.django_db
def test_pages_of_a_list_follow_one_another():
    people.everybody()
    client = people.api("administrator")
    first = client.get("/api/v1/people/?limit=10")
    second = client.get(first.json()["next"])
    assert first.headers["Link"] == f'<{first.json()["next"]}>; rel="next"'
    assert second.headers["Link"] == f'<{second.json()["previous"]}>; rel="prev"'
    names = [row["name"] for answer in (first, second) for row in answer.json()["results"]]
    assert len(set(names)) == len(names) == len(people.CAST)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/api/v1/people/", "/settings/people/open/"])
def test_a_two_gigabyte_request_is_refused_before_it_is_read(client, address):
    answer = client.post(address, {}, CONTENT_LENGTH=str(2 * 1024**3))
    assert answer.status_code == 413
    assert "larger than the 200 MB one request may hold" in answer.content.decode()


def test_a_program_and_a_person_are_refused_in_their_own_form(rf):
    page = refusal_response(rf.get("/somewhere/"), Conflict("Not like this."))
    body = refusal_response(rf.get("/api/v1/somewhere/"), Conflict("Not like this."))
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Not like this." in page.content.decode()
    assert body.headers["Content-Type"] == "application/problem+json"


@pytest.fixture
def full_database():
    """The database may not grow by a page: SQLite says what it says on a full disk."""
    people.everybody()
    caller, page = people.api("programme_manager"), people.browser("programme_manager")
    initiative()
    with connection.cursor() as cursor:
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        most = cursor.execute("PRAGMA max_page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        yield caller, page
        cursor.execute(f"PRAGMA max_page_count = {most}")


def fill(caller):
    sent = {"severity": 3, "title": "x", "description": "word " * 700}
    for _ in range(200):
        answer = caller.post("/api/v1/initiatives/AI-0001/incidents/", sent)
        if answer.status_code != 201:
            return answer
    pytest.fail("The database took everything.")


@pytest.mark.sqlite
@pytest.mark.django_db
def test_a_full_database_is_told_as_such(full_database):
    answer = fill(full_database[0])
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_full")
    assert "no room left to keep records" in answer.json()["detail"]


@pytest.mark.sqlite
@pytest.mark.django_db
def test_what_cannot_be_written_beside_reading_keeps_nobody_from_it(caplog):
    initiative()
    caller, page = people.api("programme_manager"), people.browser("programme_manager")
    feed = open_feed(by=people.actor("programme_manager"), person=people.person("programme_manager"))
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = ON")
        try:
            with time_machine.travel(clock.wall() + timedelta(minutes=5), tick=False):
                assert caller.get("/api/v1/initiatives/AI-0001/").status_code == 200
                assert page.get("/initiatives/AI-0001/").status_code == 200
                assert Client().get(f"/calendar/{feed}.ics").status_code == 200
        finally:
            cursor.execute("PRAGMA query_only = OFF")
    assert [
        record.getMessage().partition(":")[0] for record in caplog.records if "noted" in record.getMessage()
    ] == ["A use was not noted"] * 3


def test_a_full_disk_of_postgresql_is_known_by_its_class():
    error = OperationalError("could not extend file")
    error.__cause__ = type("DiskFull", (Exception,), {"pgcode": "53100"})()
    assert refusal_behind(error).code == "storage_full"
    assert refusal_behind(OperationalError("server closed the connection")).code == "database_down"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/sign-in/", "/healthz", "/nothing/", "/api/v1/schema/", "/"])
def test_head_is_answered_as_get_without_what_it_holds(client, address):
    full, bare = client.get(address), client.head(address)
    assert (bare.status_code, bare.content) == (full.status_code, b"")
    assert bare.headers["Content-Type"] == full.headers["Content-Type"]
    assert bare.headers.get("Location") == full.headers.get("Location")


@pytest.mark.django_db
def test_head_is_no_way_around_signing_in_or_to_a_change():
    initiative()
    page = people.browser("programme_manager")
    assert page.head("/initiatives/AI-0001/").status_code == 200
    assert people.browser("other_manager").head("/initiatives/AI-0001/").status_code == 404
    assert page.head("/sign-out/").status_code == 405


@pytest.mark.django_db
def test_a_request_without_its_last_slash_is_sent_on_with_method_and_body():
    moved = people.api("administrator").post(
        "/api/v1/service-accounts", {"name": "Loader", "email": "l@example.org"}
    )
    assert (moved.status_code, moved.headers["Location"]) == (308, "/api/v1/service-accounts/")
