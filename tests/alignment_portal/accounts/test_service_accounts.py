"""Programs have accounts of their own: tokens that end, a rate of their own, no sign-in and no judgement."""

from datetime import UTC, datetime, timedelta

import pytest

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import ApiToken, User
from alignment_portal.accounts.permissions import PEOPLE_ONLY, Action, may, require
from alignment_portal.accounts.services import grant_role, open_service_account, set_password
from alignment_portal.accounts.tokens import issue_token, rotate_token, token_of
from alignment_portal.audit.guard import writes_allowed
from alignment_portal.refusals import Conflict, Forbidden, Invalid
from tests import people
from tests.people import actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return open_service_account(by=actor("administrator"), email="lake@example.org", name="Data lake")


def issued(account, **more):
    given = {"name": "nightly", "scopes": ["read"], "expires_at": clock.now() + timedelta(days=90), **more}
    return issue_token(by=actor("administrator"), user=account, **given)


def test_a_service_account_cannot_sign_in_even_with_a_password(account):
    set_password(by=actor("administrator"), person=account, password="a-long-and-quiet-evening")
    account.refresh_from_db()
    assert account.check_password("a-long-and-quiet-evening") is False


def test_a_token_that_ends_with_the_last_year_there_is_can_be_replaced(account):
    last = datetime.max.replace(tzinfo=UTC)
    first = issued(account, expires_at=last)
    second = rotate_token(by=actor("administrator"), token=first.token)
    assert second.token.expires_at == last


def test_a_token_with_the_scope_admin_gives_the_scope_that_is_part_of_it(account):
    caller = people.api("administrator", "admin")
    sent = {"name": "x", "person": str(account.pk), "scopes": ["scim"], "expires_at": "2099-01-01T00:00:00Z"}
    assert caller.post("/api/v1/tokens/", sent, format="json").status_code == 201
    refused = caller.post("/api/v1/tokens/", {**sent, "scopes": ["endorse"]}, format="json")
    assert refused.json()["errors"][0]["code"] == "scope_missing"


def test_a_session_of_a_service_account_opens_nothing(account):
    client = people.Client()
    client.force_login(account)
    assert client.get("/settings/profile/").headers["Location"].startswith("/sign-in/")
    assert client.get("/api/v1/initiatives/").status_code == 401


@pytest.mark.parametrize("role", ["executive", "assurer"])
def test_a_service_account_cannot_be_given_a_role_that_judges(account, role):
    with pytest.raises(Invalid) as refused:
        grant_role(by=actor("administrator"), person=account, role=role, function="risk")
    assert [fault.code for fault in refused.value.faults] == ["people_only"]


def test_a_service_account_judges_nothing_whatever_roles_it_holds(account):
    by = Actor(None, "", "", frozenset({"executive", "assurer"}), frozenset({"risk"}), is_service=True)
    assert [action for action in PEOPLE_ONLY if may(by, action, own=True, function="risk")] == []
    with pytest.raises(Forbidden, match="A judgement needs a person"):
        require(by, Action.GATE_ENDORSE)


def test_its_tokens_have_an_end(account):
    with pytest.raises(Invalid, match="has an end"):
        issued(account, expires_at=None)
    assert issued(account).token.is_live()


def test_a_replaced_token_works_for_another_day_and_its_successor_as_long_again(account):
    first = issued(account)
    second = rotate_token(by=actor("administrator"), token=first.token)
    assert (second.token.name, second.token.scopes) == (first.token.name, first.token.scopes)
    assert {token_of(first.plain), token_of(second.plain)} == {first.token, second.token}
    first.token.refresh_from_db()
    assert first.token.expires_at - clock.now() <= timedelta(hours=24)
    lasts = second.token.expires_at - second.token.created_at
    assert abs(lasts - timedelta(days=90)) < timedelta(seconds=5)


def test_a_token_replaced_once_more_gives_a_successor_that_lasts_as_long(account):
    first = issued(account)
    rotate_token(by=actor("administrator"), token=first.token)
    again = rotate_token(by=actor("administrator"), token=first.token).token
    assert again.expires_at - again.created_at == pytest.approx(timedelta(days=90), abs=timedelta(seconds=5))
    endless = issue_token(by=actor("executive"), user=people.person("executive"), name="x", scopes=["read"])
    for _ in range(2):
        assert rotate_token(by=actor("executive"), token=endless.token).token.expires_at is None


def test_a_token_that_has_ended_is_not_replaced(account):
    token = issued(account).token
    with writes_allowed():
        ApiToken.objects.update(revoked_at=clock.now())
    with pytest.raises(Conflict, match="has ended"):
        rotate_token(by=actor("administrator"), token=token)


def test_a_token_s_own_rate_is_held_and_told_in_headers(account):
    grant_role(by=actor("administrator"), person=account, role="auditor")
    plain = issued(account, rate=2).plain
    client = people.api()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {plain}")
    answers = [client.get("/api/v1/initiatives/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert answers[0].headers["RateLimit-Limit"] == "2"
    assert int(answers[2].headers["Retry-After"]) > 0


def test_over_rest_an_account_is_opened_and_its_token_issued_replaced_and_revoked():
    admin = people.api("administrator")
    account = admin.post("/api/v1/service-accounts/", {"name": "Lake", "email": "lake@example.org"})
    assert (account.status_code, account.json()["service"]) == (201, True)
    token = {"name": "nightly", "scopes": ["read"], "person": account.json()["id"], "rate": 30}
    assert admin.post("/api/v1/tokens/", token).json()["errors"][0]["pointer"] == "/expires_at"
    made = admin.post("/api/v1/tokens/", {**token, "expires_at": "2099-01-01T00:00:00Z"}).json()
    assert made["rate"] == 30
    second = admin.post(f"/api/v1/tokens/{made['id']}/rotation/")
    assert (second.status_code, second.headers["Cache-Control"]) == (201, "no-store")
    assert second.json()["token"] != made["token"]
    assert admin.delete(f"/api/v1/tokens/{second.json()['id']}/").status_code == 204
    assert [row["email"] for row in admin.get("/api/v1/service-accounts/").json()["results"]] == [
        "lake@example.org"
    ]


def test_a_token_of_somebody_else_cannot_be_replaced(account):
    token = issued(account).token
    assert people.api("executive").post(f"/api/v1/tokens/{token.pk}/rotation/").status_code == 404


def test_the_pages_open_an_account_and_issue_replace_and_revoke_its_tokens():
    page = people.browser("administrator")
    made = page.post("/settings/service-accounts/", {"name": "Lake", "email": "lake@example.org"})
    here = made.headers["Location"]
    form = {"name": "nightly", "scopes": ["read"], "expires_on": "2099-01-01", "rate": ""}
    assert page.post(here, {**form, "expires_on": ""}).status_code == 422
    shown = page.post(here, form)
    assert "ap_" in shown.content.decode()
    token = ApiToken.objects.get()
    second = page.post(f"{here}tokens/{token.pk}/rotate/")
    assert second.headers["Cache-Control"] == "no-store"
    page.post(f"{here}tokens/{ApiToken.objects.first().pk}/revoke/")
    assert ApiToken.objects.filter(revoked_at__isnull=False).count() == 1
    assert "Lake" in page.get("/settings/service-accounts/").content.decode()
    assert User.objects.get(email="lake@example.org").is_service


def test_one_s_own_token_is_replaced_on_the_page():
    page = people.browser("executive")
    token = issue_token(
        by=actor("executive"), user=people.person("executive"), name="x", scopes=["read"]
    ).token
    answer = page.post(f"/settings/tokens/{token.pk}/rotate/")
    assert "Copy it now" in answer.content.decode()
    assert page.post("/settings/tokens/999999/rotate/").status_code == 404
