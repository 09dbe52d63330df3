"""Authenticator apps, passkeys and recovery codes: set up under Settings, asked for at the door."""

import html
import json
import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache

from alignment_portal.accounts import factors
from alignment_portal.accounts.services import deactivate_person
from alignment_portal.audit.models import Entry
from tests import people
from tests.alignment_portal.accounts.passkey import Passkey

pytestmark = pytest.mark.django_db
HTTPS = {"secure": True}


def code_for(secret, later=0):
    return format_hotp_value(hotp_value(secret.replace(" ", ""), int(time.time()) // 30 + later))


@pytest.fixture
def eleanor():
    return people.browser("executive")


def shown(page, pattern):
    return html.unescape(re.search(pattern, page.content.decode()).group(1))


def set_app_up(browser):
    secret = shown(browser.get("/settings/sign-in/app/"), r"<code>([A-Z2-7 ]+)</code>")
    page = browser.post("/settings/sign-in/app/", {"code": code_for(secret)})
    codes = re.findall(r"<code>(\d{10})</code>", page.content.decode())
    cache.clear()  # the code was used a moment ago and would be refused at the door
    return secret, codes


def make_passkey(browser, key):
    page = browser.get("/settings/sign-in/passkeys/", **HTTPS)
    credential = key.create(json.loads(shown(page, r'data-options="([^"]+)"')))
    return browser.post("/settings/sign-in/passkeys/", {"name": "laptop", "credential": credential}, **HTTPS)


def password_step(client, **more):
    return client.post(
        "/sign-in/", {"username": "eleanor@example.org", "password": people.PASSWORD, **more}, **HTTPS
    )


# --- setting up --------------------------------------------------------------------------------------------


def test_an_app_is_set_up_with_a_code_and_brings_ten_recovery_codes(eleanor):
    _, codes = set_app_up(eleanor)
    assert len(set(codes)) == 10
    held = factors.factors_of(people.person("executive"))
    assert (held.app is not None, held.codes_left) == (True, 10)
    assert {"accounts.factor.add", "accounts.recovery_codes.renew"} <= set(
        Entry.objects.values_list("action", flat=True)
    )


def test_a_wrong_code_sets_nothing_up(eleanor):
    eleanor.get("/settings/sign-in/app/")
    assert eleanor.post("/settings/sign-in/app/", {"code": "000000"}).status_code == 422
    assert not factors.has_second_factor(people.person("executive"))


def test_what_is_kept_gives_no_secret_away(eleanor):
    secret, codes = set_app_up(eleanor)
    kept = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret.replace(" ", "") not in kept
    assert not any(code in kept for code in codes)


def test_new_codes_replace_the_old_ones(eleanor):
    _, codes = set_app_up(eleanor)
    page = eleanor.post("/settings/sign-in/codes/")
    fresh = re.findall(r"<code>(\d{10})</code>", page.content.decode())
    assert (len(fresh), set(fresh) & set(codes)) == (10, set())


def test_the_last_factor_takes_the_recovery_codes_with_it(eleanor):
    set_app_up(eleanor)
    app = factors.factors_of(people.person("executive")).app
    eleanor.post(f"/settings/sign-in/factors/{app.pk}/remove/")
    assert Authenticator.objects.count() == 0


def test_nobody_removes_a_factor_of_somebody_else(eleanor):
    set_app_up(eleanor)
    app = factors.factors_of(people.person("executive")).app
    people.browser("administrator").post(f"/settings/sign-in/factors/{app.pk}/remove/")
    assert factors.has_second_factor(people.person("executive"))


def test_a_passkey_that_asks_nobody_who_they_are_is_refused(eleanor):
    assert make_passkey(eleanor, Passkey(verifies=False)).status_code == 422


@pytest.mark.parametrize("credential", ["", "{}", "[]", "nonsense", '{"id": 1, "response": {}}', "null"])
def test_what_is_no_passkey_is_refused_in_words(eleanor, credential):
    eleanor.get("/settings/sign-in/passkeys/", **HTTPS)
    answer = eleanor.post("/settings/sign-in/passkeys/", {"credential": credential}, **HTTPS)
    assert (answer.status_code, "could not be read" in answer.content.decode()) == (422, True)


def test_an_administrator_resets_the_factors_of_somebody_who_lost_their_device(client, eleanor):
    set_app_up(eleanor)
    admin = people.browser("administrator")
    person = people.person("executive")
    assert admin.post(f"/settings/people/{person.pk}/sign-in/").headers["Location"].endswith(f"/{person.pk}/")
    assert not factors.has_second_factor(person)
    assert eleanor.get("/").headers["Location"].startswith("/sign-in/")
    assert password_step(client).headers["Location"] == "/"
    kept = list(Entry.objects.values_list("action", flat=True))
    assert (kept.count("accounts.factor.remove"), kept.count("accounts.session.end")) == (1, 1)


# --- at the door -------------------------------------------------------------------------------------------


def test_the_password_alone_no_longer_opens(client, eleanor):
    set_app_up(eleanor)
    assert password_step(client).headers["Location"] == "/sign-in/second-step/"
    assert client.get("/", **HTTPS).headers["Location"].startswith("/sign-in/")


def test_the_code_of_the_app_opens_and_leads_to_the_page_asked_for(client, eleanor):
    secret, _ = set_app_up(eleanor)
    password_step(client, next="/reviews/")
    answer = client.post("/sign-in/second-step/", {"code": code_for(secret)}, **HTTPS)
    assert answer.headers["Location"] == "/reviews/"
    assert client.get("/reviews/", **HTTPS).status_code == 200


def test_a_code_opens_once(client, eleanor):
    secret, _ = set_app_up(eleanor)
    code = code_for(secret)
    password_step(client)
    assert client.post("/sign-in/second-step/", {"code": code}, **HTTPS).status_code == 302
    cache.clear()  # as when Redis is flushed or away: it is the row that remembers
    client.post("/sign-out/", **HTTPS)
    password_step(client)
    assert client.post("/sign-in/second-step/", {"code": code}, **HTTPS).status_code == 422


def test_a_recovery_code_opens_once(client, eleanor):
    _, codes = set_app_up(eleanor)
    for status in (302, 422):
        password_step(client)
        assert client.post("/sign-in/second-step/", {"code": codes[3]}, **HTTPS).status_code == status
        client.post("/sign-out/", **HTTPS)


def test_codes_are_not_guessed(client, eleanor):
    secret, _ = set_app_up(eleanor)
    password_step(client)
    statuses = [client.post("/sign-in/second-step/", {"code": "1"}, **HTTPS).status_code for _ in range(5)]
    paused = client.post("/sign-in/second-step/", {"code": code_for(secret)}, **HTTPS)
    assert (statuses, paused.status_code) == ([422] * 5, 429)


def test_there_is_no_second_step_without_the_first(client, eleanor):
    set_app_up(eleanor)
    assert client.get("/sign-in/second-step/").headers["Location"] == "/sign-in/"


def test_a_passkey_is_a_second_step(client, eleanor):
    key = Passkey()
    make_passkey(eleanor, key)
    password_step(client)
    page = client.get("/sign-in/second-step/", **HTTPS)
    credential = key.get(json.loads(shown(page, r'data-options="([^"]+)"')))
    assert (
        client.post("/sign-in/second-step/", {"credential": credential}, **HTTPS).headers["Location"] == "/"
    )


def passkey_alone(client, key, **more):
    options = client.get("/sign-in/passkey/", **HTTPS).json()
    return client.post("/sign-in/passkey/", {"credential": key.get(options), **more}, **HTTPS)


def test_a_passkey_opens_by_itself(client, eleanor):
    key = Passkey()
    make_passkey(eleanor, key)
    assert passkey_alone(client, key, next="/reviews/").headers["Location"] == "/reviews/"
    assert client.get("/reviews/", **HTTPS).status_code == 200


def test_a_passkey_nobody_registered_opens_nothing(client, eleanor):
    make_passkey(eleanor, Passkey())
    stranger = Passkey()
    stranger.owner = people.person("executive").pk.hex
    assert passkey_alone(client, stranger).status_code == 422


def test_a_passkey_of_another_site_opens_nothing(client, eleanor):
    key = Passkey()
    make_passkey(eleanor, key)
    key.origin = "https://evil.example"
    assert passkey_alone(client, key).status_code == 422


def test_an_answer_of_a_passkey_is_not_used_twice(client, eleanor):
    key = Passkey()
    make_passkey(eleanor, key)
    answer = key.get(client.get("/sign-in/passkey/", **HTTPS).json())
    assert client.post("/sign-in/passkey/", {"credential": answer}, **HTTPS).status_code == 302
    client.post("/sign-out/", **HTTPS)
    assert client.post("/sign-in/passkey/", {"credential": answer}, **HTTPS).status_code == 422


def test_the_passkey_of_a_deactivated_account_opens_nothing(client, eleanor):
    key = Passkey()
    make_passkey(eleanor, key)
    deactivate_person(by=people.actor("administrator"), person=people.person("executive"), reason="left")
    assert passkey_alone(client, key).status_code == 422


# --- roles that need one -----------------------------------------------------------------------------------


def test_a_role_that_needs_a_second_factor_sets_one_up_first(settings, eleanor):
    settings.SECOND_FACTOR_ROLES = ["executive"]
    assert eleanor.get("/reviews/").headers["Location"] == "/settings/sign-in/"
    assert "Your role needs a second factor" in eleanor.get("/settings/sign-in/").content.decode()
    assert eleanor.get("/api/v1/initiatives/").json()["code"] == "second_factor_required"
    set_app_up(eleanor)
    assert eleanor.get("/reviews/").status_code == 200


def test_whoever_removes_the_factor_their_role_needs_is_held_up_again_at_once(settings, eleanor):
    settings.SECOND_FACTOR_ROLES = ["executive"]
    set_app_up(eleanor)
    assert eleanor.get("/reviews/").status_code == 200
    app = factors.factors_of(people.person("executive")).app
    eleanor.post(f"/settings/sign-in/factors/{app.pk}/remove/")
    assert eleanor.get("/reviews/").headers["Location"] == "/settings/sign-in/"


def test_other_roles_are_not_held_up(settings):
    settings.SECOND_FACTOR_ROLES = ["executive"]
    assert people.browser("auditor").get("/reviews/").status_code == 200


# --- confirming --------------------------------------------------------------------------------------------


def test_a_code_and_a_passkey_confirm_as_well(eleanor):
    secret, _ = set_app_up(eleanor)
    key = Passkey()
    make_passkey(eleanor, key)
    page = eleanor.get("/confirm/?next=/reviews/", **HTTPS)
    credential = key.get(json.loads(shown(page, r'data-options="([^"]+)"')))
    by_key = eleanor.post("/confirm/", {"credential": credential, "next": "/reviews/"}, **HTTPS)
    by_code = eleanor.post("/confirm/", {"code": code_for(secret), "next": "/packs/"}, **HTTPS)
    assert (by_key.headers["Location"], by_code.headers["Location"]) == ("/reviews/", "/packs/")


def test_a_key_that_was_only_touched_confirms_nothing(eleanor):
    key = Passkey()
    make_passkey(eleanor, key)
    key.verifies = False  # as whoever sits at a screen left open can have it asked
    page = eleanor.get("/confirm/?next=/reviews/", **HTTPS)
    credential = key.get(json.loads(shown(page, r'data-options="([^"]+)"')))
    answer = eleanor.post("/confirm/", {"credential": credential, "next": "/reviews/"}, **HTTPS)
    assert answer.status_code == 422
