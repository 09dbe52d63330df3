from datetime import timedelta

import pytest

from alignment_portal import clock
from alignment_portal.accounts import services
from alignment_portal.accounts.models import SignInAttempt
from alignment_portal.audit.guard import writes_allowed
from tests import people

pytestmark = pytest.mark.django_db


def sign_in(client, email="eleanor@example.org", password=people.PASSWORD, **more):
    return client.post("/sign-in/", {"username": email, "password": password, **more})


@pytest.fixture
def eleanor():
    return people.person("executive")


def test_the_right_password_opens_the_account_whatever_the_case_of_the_address(client, eleanor):
    answer = sign_in(client, " Eleanor@Example.ORG ".strip())
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    eleanor.refresh_from_db()
    assert eleanor.visited_at is not None


def test_a_deep_link_is_returned_to(client, eleanor):
    wanted = client.get("/settings/tokens/").headers["Location"]
    assert wanted == "/sign-in/?next=/settings/tokens/"
    assert sign_in(client, next="/settings/tokens/").headers["Location"] == "/settings/tokens/"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_sent_elsewhere(client, eleanor, elsewhere):
    assert sign_in(client, next=elsewhere).headers["Location"] == "/"


def test_a_wrong_password_and_an_unknown_account_get_the_same_answer(client, eleanor, settings):
    settings.DEMO = False
    wrong = sign_in(client, password="not this one").content.decode()
    unknown = sign_in(client, email="nobody@example.org", password="not this one").content.decode()
    assert "do not open an account" in wrong

    def same(page, email):
        return [
            line
            for line in page.splitlines()
            if "csrf" not in line and "As of" not in line and email not in line
        ]

    assert same(wrong, "eleanor@") == same(unknown, "nobody@")


@pytest.mark.parametrize("email", ["eleanor@example.org", "nobody@example.org"])
def test_after_five_failures_even_the_right_password_waits(client, eleanor, email):
    statuses = [sign_in(client, email=email, password="wrong").status_code for _ in range(5)]
    answer = sign_in(client, email=email)
    assert statuses == [422] * 5
    assert (answer.status_code, answer["Retry-After"]) == (429, "900")
    assert "There were too many attempts. Wait 15 minutes" in answer.content.decode()


def test_the_pause_ends(client, eleanor):
    for _ in range(5):
        sign_in(client, password="wrong")
    with writes_allowed():
        SignInAttempt.objects.update(at=clock.wall() - timedelta(minutes=16))
    assert sign_in(client).status_code == 302


def test_a_pause_does_not_last_until_a_clock_that_was_set_back_comes_round_again(client, eleanor):
    for _ in range(5):
        sign_in(client, password="wrong")
    with writes_allowed():
        SignInAttempt.objects.update(at=clock.wall() + timedelta(days=1))
    assert sign_in(client).status_code == 302


def test_one_address_trying_many_accounts_waits_as_well(client, eleanor):
    for n in range(50):
        sign_in(client, email=f"guess{n}@example.org", password="wrong")
    assert sign_in(client).status_code == 429


@pytest.mark.parametrize(
    "spelling", ["\uff45leanor@example.org", "ELEANOR@example.org", "\u2003eleanor@example.org "]
)
def test_however_an_account_is_written_its_failures_count_together(client, eleanor, spelling):
    assert sign_in(client, spelling).status_code == 302
    client.post("/sign-out/")
    for _ in range(5):
        sign_in(client, spelling, password="wrong")
    assert sign_in(client).status_code == 429


def test_a_site_of_the_newer_internet_counts_as_one_address(client, eleanor):
    for n in range(50):
        at = {"REMOTE_ADDR": f"2001:db8:7:1:{n:x}::1"}
        client.post("/sign-in/", {"username": f"guess{n}@example.org", "password": "wrong"}, **at)
    asked = {"username": "eleanor@example.org", "password": people.PASSWORD}
    assert client.post("/sign-in/", asked, REMOTE_ADDR="2001:db8:7:1:ffff::9").status_code == 429
    assert client.post("/sign-in/", asked, REMOTE_ADDR="2001:db8:7:2::1").status_code == 302


def test_the_count_gives_no_address_away(client, eleanor):
    sign_in(client, password="wrong")
    assert {len(digest) for digest in SignInAttempt.objects.values_list("digest", flat=True)} == {64}


def test_a_deactivated_account_stays_shut(client, eleanor):
    services.deactivate_person(by=people.actor("administrator"), person=eleanor, reason="left")
    assert sign_in(client).status_code == 422


def test_a_session_ends_with_the_account(eleanor):
    browser = people.browser("executive")
    services.deactivate_person(by=people.actor("administrator"), person=eleanor, reason="left")
    assert browser.get("/").status_code == 302


def test_signing_in_gives_the_session_a_new_name(client, eleanor):
    session = client.session
    session["kept"] = "before"
    session.save()
    sign_in(client)
    assert client.session["kept"] == "before"
    assert client.session.session_key != session.session_key


def test_signing_out_ends_the_session(client, eleanor):
    sign_in(client)
    assert client.post("/sign-out/").headers["Location"] == "/sign-in/"
    assert client.get("/").status_code == 302


def test_signing_out_needs_a_post(eleanor):
    assert people.browser("executive").get("/sign-out/").status_code == 405


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(client):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/settings/tokens/?a=1"}
    answer = client.get("/settings/tokens/", headers=headers)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (
        401,
        "/sign-in/?next=%2Fsettings%2Ftokens%2F%3Fa%3D1",
    )


def test_a_form_kept_open_too_long_is_explained(eleanor):
    browser = people.browser("executive")
    browser.handler.enforce_csrf_checks = True
    answer = browser.post("/settings/profile/", {"time_zone": "UTC", "theme": "dark"})
    assert answer.status_code == 403
    assert "This page was open too long" in answer.content.decode()
