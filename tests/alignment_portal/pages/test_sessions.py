"""Where somebody is signed in: seen, ended one by one or all at once, and ended by the clock."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session

from alignment_portal import clock, tasks
from alignment_portal.accounts.models import SignIn
from alignment_portal.accounts.services import deactivate_person
from alignment_portal.accounts.sessions import SEEN_AT, STARTED_AT, device_of
from alignment_portal.audit.guard import writes_allowed
from tests import people

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (FIREFOX, "Firefox on Linux"),
        ("Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iOS"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("curl/8.0", ""),
        ("", ""),
    ],
)
def test_a_device_is_named_as_people_say_it(agent, device):
    assert device_of(agent) == device


def sign_in(client):
    client.post(
        "/sign-in/",
        {"username": "eleanor@example.org", "password": people.PASSWORD},
        headers={"user-agent": FIREFOX},
    )


def age(browser, name, **how_long):
    session = browser.session
    session[name] = (clock.wall() - timedelta(**how_long)).isoformat()
    session.save()


def test_a_sign_in_is_listed_with_device_and_address(client):
    people.person("executive")
    sign_in(client)
    row = SignIn.objects.get()
    assert (row.device, row.address, row.session_key) == (
        "Firefox on Linux",
        "127.0.0.1",
        client.session.session_key,
    )
    page = client.get("/settings/sign-in/").content.decode()
    assert "Firefox on Linux" in page
    assert "this browser" in page


def test_a_session_is_ended_from_another_browser():
    one, other = people.browser("executive"), people.browser("executive")
    row = SignIn.objects.get(session_key=other.session.session_key)
    one.post(f"/settings/sign-in/sessions/{row.pk}/end/")
    assert (one.get("/").status_code, other.get("/").status_code) == (200, 302)


def test_every_other_session_is_ended_at_once():
    browsers = [people.browser("executive") for _ in range(3)]
    browsers[1].post("/settings/sign-in/sessions/end/")
    assert [browser.get("/").status_code for browser in browsers] == [302, 200, 302]


def test_nobody_ends_the_session_of_somebody_else():
    browser = people.browser("executive")
    row = SignIn.objects.get()
    answer = people.browser("auditor").post(f"/settings/sign-in/sessions/{row.pk}/end/")
    assert (answer.status_code, browser.get("/").status_code) == (404, 200)


def test_a_session_not_used_for_two_hours_ends():
    browser = people.browser("executive")
    age(browser, SEEN_AT, minutes=121)
    assert browser.get("/settings/tokens/").headers["Location"] == "/sign-in/?next=/settings/tokens/"


def test_a_session_ends_after_twelve_hours_however_busy():
    browser = people.browser("executive")
    age(browser, STARTED_AT, hours=12, minutes=1)
    assert browser.get("/").status_code == 302


def test_a_session_noted_before_the_clock_was_set_back_outlasts_no_limit():
    browser, other = people.browser("executive"), people.browser("executive")
    for name in (STARTED_AT, SEEN_AT):
        age(browser, name, days=-1)
        age(other, name, minutes=-5)
    assert (browser.get("/").status_code, other.get("/").status_code) == (302, 200)


def test_a_session_in_use_is_noted_once_a_minute():
    browser = people.browser("executive")
    age(browser, SEEN_AT, seconds=61)
    before = SignIn.objects.get().seen_at
    browser.get("/settings/profile/")
    assert SignIn.objects.get().seen_at > before
    assert browser.session[SEEN_AT] > before.isoformat()


def test_deactivating_ends_every_session_at_once():
    browser = people.browser("executive")
    deactivate_person(by=people.actor("administrator"), person=people.person("executive"), reason="left")
    assert Session.objects.filter(session_key=browser.session.session_key).count() == 0
    assert SignIn.objects.get().ended_at is not None


def test_a_new_password_ends_the_other_sessions():
    one, other = people.browser("executive"), people.browser("executive")
    one.post(
        "/settings/password/",
        {"new-current": people.PASSWORD, "new-password": "another-quiet-evening-by-the-sea"},
    )
    assert (one.get("/").status_code, other.get("/").status_code) == (200, 302)
    assert SignIn.objects.filter(ended_at__isnull=True).count() == 1


def test_a_session_that_changed_its_password_a_moment_ago_is_ended_from_elsewhere_too():
    one = people.browser("executive")
    fresh = "another-quiet-evening-by-the-sea"
    one.post("/settings/password/", {"new-current": people.PASSWORD, "new-password": fresh})
    assert [row["address"] for row in people.api("executive").get("/api/v1/sessions/").json()["results"]]
    other = people.browser("executive")
    other.post("/settings/sign-in/sessions/end/")
    assert (one.get("/").status_code, other.get("/").status_code) == (302, 200)


def test_the_password_is_not_guessed_under_settings_either():
    browser = people.browser("executive")
    guess = {"new-current": "not this one", "new-password": "another-quiet-evening-by-the-sea"}
    statuses = [browser.post("/settings/password/", guess).status_code for _ in range(5)]
    paused = browser.post("/settings/password/", {**guess, "new-current": people.PASSWORD})
    assert (statuses, paused.status_code) == ([422] * 5, 429)
    assert "There were too many attempts" in paused.content.decode()


def test_a_session_that_ran_out_is_forgotten_with_all_that_was_in_it():
    kept, left = people.browser("executive"), people.browser("executive")
    passer_by = people.browser()
    passer_by.get("/sign-in/passkey/")  # the question that a passkey answers is kept in a session
    gone = [browser.session.session_key for browser in (left, passer_by)]
    with writes_allowed():
        ran_out = Session.objects.filter(session_key__in=gone)
        assert ran_out.update(expire_date=clock.wall() - timedelta(seconds=1)) == 2
    assert tasks.clear_old()["sessions that ran out"] == 2
    assert list(Session.objects.values_list("session_key", flat=True)) == [kept.session.session_key]
    assert kept.get("/").status_code == 200


def test_signing_out_ends_the_row():
    browser = people.browser("executive")
    browser.post("/sign-out/")
    assert SignIn.objects.get().ended_at is not None


# --- over REST -------------------------------------------------------------------------------------------------


def test_over_rest_one_s_own_sessions_are_listed_and_ended_one_by_one():
    browser, somebody = people.browser("executive"), people.browser("auditor")
    api = people.api("executive")
    rows = api.get("/api/v1/sessions/").json()["results"]
    assert [(row["address"], row["here"]) for row in rows] == [("", False)]
    assert api.delete(f"/api/v1/sessions/{rows[0]['id']}/").status_code == 204
    assert (browser.get("/").status_code, somebody.get("/").status_code) == (302, 200)
    assert api.get("/api/v1/sessions/").json()["results"] == []


def test_over_rest_a_token_ends_all_and_a_page_s_own_script_all_but_its_own():
    browsers = [people.browser("executive") for _ in range(3)]
    asked = browsers[0].delete("/api/v1/sessions/")
    assert (asked.status_code, asked.json()) == (200, {"ended": 2})
    assert [row["here"] for row in browsers[0].get("/api/v1/sessions/").json()["results"]] == [True]
    assert [browser.get("/").status_code for browser in browsers] == [200, 302, 302]
    assert people.api("executive").delete("/api/v1/sessions/").json() == {"ended": 1}
    assert browsers[0].get("/").status_code == 302


def test_over_rest_nobody_sees_or_ends_the_sessions_of_somebody_else():
    browser = people.browser("executive")
    row = SignIn.objects.get()
    api = people.api("administrator")
    assert api.get("/api/v1/sessions/").json()["results"] == []
    assert api.delete(f"/api/v1/sessions/{row.pk}/").status_code == 404
    assert browser.get("/").status_code == 200


def test_over_rest_ending_needs_the_scope_that_the_page_s_token_settings_need():
    people.browser("executive")
    refused = people.api("executive", "read").delete("/api/v1/sessions/")
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
