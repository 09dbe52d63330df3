"""Decisions that carry a name ask again who it is, and keep what was written meanwhile."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest

from alignment_portal import clock
from alignment_portal.accounts.models import RoleGrant
from alignment_portal.accounts.permissions import PROVEN_ONLY, Action, require
from alignment_portal.accounts.proof import PROVEN_AT
from alignment_portal.accounts.tokens import issue_token
from alignment_portal.refusals import ProofRequired
from tests import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def adaeze():
    """Return the browser of an administrator who signed in a while ago."""
    browser = people.browser("administrator")
    session = browser.session
    session[PROVEN_AT] = (clock.wall() - timedelta(minutes=16)).isoformat()
    session.save()
    return browser


def give_role(browser, **more):
    target = f"/settings/people/{people.person('contributor').pk}/roles/"
    return browser.post(target, {"role-role": "assurer", "role-function": "data"}, **more)


def roles_of(who):
    held = RoleGrant.objects.filter(user=people.person(who), revoked_at__isnull=True)
    return set(held.values_list("role", flat=True))


def test_who_signed_in_lately_is_not_asked():
    assert give_role(people.browser("administrator")).headers["Location"].startswith("/settings/people/")
    assert roles_of("contributor") == {"contributor", "assurer"}


def test_who_signed_in_a_while_ago_is_asked_and_nothing_is_done_yet(adaeze):
    here = f"/settings/people/{people.person('contributor').pk}/"
    answer = give_role(adaeze, headers={"referer": f"http://testserver{here}"})
    assert answer.headers["Location"] == f"/confirm/?{urlencode({'next': here})}"
    assert roles_of("contributor") == {"contributor"}


def test_the_right_password_carries_out_what_was_sent(adaeze):
    give_role(adaeze)
    assert "is kept" in adaeze.get("/confirm/?next=/").content.decode()
    answer = adaeze.post("/confirm/", {"password": people.PASSWORD, "next": "/"})
    assert answer.headers["Location"] == f"/settings/people/{people.person('contributor').pk}/"
    assert roles_of("contributor") == {"contributor", "assurer"}


def test_it_is_carried_out_once(adaeze):
    give_role(adaeze)
    adaeze.post("/confirm/", {"password": people.PASSWORD})
    assert (
        adaeze.post("/confirm/", {"password": people.PASSWORD, "next": "/reviews/"}).headers["Location"]
        == "/reviews/"
    )


def test_a_wrong_password_does_nothing_and_keeps_what_was_sent(adaeze):
    give_role(adaeze)
    wrong = adaeze.post("/confirm/", {"password": "not this one"})
    assert (wrong.status_code, roles_of("contributor")) == (422, {"contributor"})
    adaeze.post("/confirm/", {"password": people.PASSWORD})
    assert roles_of("contributor") == {"contributor", "assurer"}


def test_guessing_here_is_counted_like_guessing_at_the_door(adaeze):
    statuses = [adaeze.post("/confirm/", {"password": "wrong"}).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]


def test_nobody_is_sent_elsewhere(adaeze):
    page = adaeze.get("/confirm/?next=javascript:alert(1)").content.decode()
    assert "javascript:alert" not in page
    answer = adaeze.post("/confirm/", {"password": people.PASSWORD, "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/"


def test_a_part_of_a_page_takes_the_whole_page_there(adaeze):
    here = f"http://testserver/settings/people/{people.person('contributor').pk}/"
    answer = give_role(adaeze, headers={"HX-Request": "true", "HX-Current-URL": here})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith("/confirm/?next=%2Fsettings%2Fpeople%2F")


def test_with_no_minutes_every_decision_asks_and_still_gets_done(adaeze, settings):
    settings.CONFIRM_MINUTES = 0
    give_role(adaeze)
    adaeze.post("/confirm/", {"password": people.PASSWORD})
    assert roles_of("contributor") == {"contributor", "assurer"}
    assert (
        adaeze.post("/settings/tokens/", {"name": "x", "scopes": "read"})
        .headers["Location"]
        .startswith("/confirm/")
    )


def test_the_session_of_a_page_gets_no_further_through_the_api(adaeze):
    answer = adaeze.post(
        f"/api/v1/people/{people.person('contributor').pk}/roles/", {"role": "auditor"}, "application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "proof_required")


def test_a_token_decides_by_its_scope():
    address = f"/api/v1/people/{people.person('contributor').pk}/roles/"
    assert (
        people.api("administrator", "admin")
        .post(address, {"role": "assurer", "function": "data"})
        .status_code
        == 201
    )
    assert people.api("administrator", "write").post(address, {"role": "assurer"}).status_code == 403


def test_no_token_is_had_from_an_open_screen(adaeze):
    assert (
        adaeze.post("/settings/tokens/", {"name": "x", "scopes": "admin"})
        .headers["Location"]
        .startswith("/confirm/")
    )


@pytest.mark.parametrize("action", sorted(PROVEN_ONLY))
def test_each_decision_that_carries_a_name_needs_the_proof(action):
    who = "administrator" if action == Action.POLICY_MANAGE else "executive"
    require(people.actor(who), action)
    with pytest.raises(ProofRequired):
        require(people.Actor.of(people.person(who), is_proven=False), action)


def test_the_portal_itself_needs_none():
    issued = issue_token(
        by=people.actor("administrator"), user=people.person("auditor"), name="x", scopes=["read"]
    )
    assert issued.token.pk
