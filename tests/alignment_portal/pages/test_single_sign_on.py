"""Signing in by OpenID Connect, against a provider on this machine that signs with real keys."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa

from alignment_portal.accounts.models import RoleGrant, User
from alignment_portal.accounts.proof import PROVEN_AT
from alignment_portal.accounts.services import deactivate_person, grant_role
from alignment_portal.audit.models import Entry
from tests import people
from tests.alignment_portal.pages.oidc_provider import CLIENT, Provider

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(settings):
    made = Provider()
    made.claims = {
        "sub": "u-1",
        "email": "Eleanor@example.org",
        "email_verified": True,
        "name": "Eleanor Voss",
        "groups": [],
    }
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "oidc",
                    "name": "Head office",
                    "client_id": CLIENT,
                    "secret": "hush",
                    "settings": {"server_url": made.address, "verified_email": []},
                }
            ],
        }
    }
    yield made
    made.stop()


def begin(client, provider, **query):
    """Ask the portal to sign in there, and read what it asks the provider."""
    answer = client.get("/sign-in/with/oidc/", query)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}
    provider.challenge = asked["code_challenge"]
    return asked


def come_back(client, asked):
    return client.get("/sign-in/oidc/oidc/", {"code": "c", "state": asked["state"]})


def sign_in(client, provider, **query):
    return come_back(client, begin(client, provider, **query))


def roles_of(email):
    held = RoleGrant.objects.filter(user__email=email, revoked_at__isnull=True)
    return set(held.values_list("role", "function", "source"))


def test_the_button_stands_on_the_sign_in_page(client, provider):
    assert "Sign in with Head office" in client.get("/sign-in/").content.decode()


def test_a_person_with_an_account_comes_in_and_to_the_page_asked_for(client, provider):
    people.person("executive")
    assert sign_in(client, provider, next="/reviews/").headers["Location"] == "/reviews/"
    assert client.get("/reviews/").status_code == 200
    link = SocialAccount.objects.get()
    assert (link.user.email, link.uid, link.extra_data) == ("eleanor@example.org", "u-1", {})


def test_nobody_is_sent_elsewhere_afterwards(client, provider):
    people.person("executive")
    assert sign_in(client, provider, next="https://evil.example/").headers["Location"] == "/"


def test_an_unknown_person_is_told_whom_to_ask(client, provider):
    answer = sign_in(client, provider)
    assert (answer.status_code, User.objects.count()) == (403, 0)
    assert "Ask an administrator of the portal to open one" in answer.content.decode()


def test_an_account_is_opened_where_a_setting_says_so(client, provider, settings):
    settings.SSO_CREATE = True
    assert sign_in(client, provider).status_code == 302
    person = User.objects.get()
    assert (person.email, person.name, person.has_usable_password()) == (
        "eleanor@example.org",
        "Eleanor Voss",
        False,
    )


def test_an_address_nobody_vouches_for_opens_no_account(client, provider):
    people.person("executive")
    provider.claims["email_verified"] = False
    answer = sign_in(client, provider)
    assert answer.status_code == 403
    assert "does not say that eleanor@example.org is your verified address" in answer.content.decode()
    assert SocialAccount.objects.count() == 0


def test_a_second_identity_does_not_get_the_account_of_the_first(client, provider):
    people.person("executive")
    sign_in(client, provider)
    client.post("/sign-out/")
    provider.claims["sub"] = "u-2"
    assert sign_in(client, provider).status_code == 409


def test_a_changed_address_keeps_the_account(client, provider):
    people.person("executive")
    sign_in(client, provider)
    client.post("/sign-out/")
    provider.claims["email"] = "eleanor.voss@example.org"
    assert sign_in(client, provider).status_code == 302
    assert SocialAccount.objects.get().user.email == "eleanor@example.org"


def test_a_deactivated_account_stays_shut(client, provider):
    people.person("executive")
    sign_in(client, provider)
    client.post("/sign-out/")
    deactivate_person(by=people.actor("administrator"), person=people.person("executive"), reason="left")
    assert sign_in(client, provider).status_code == 403


# --- groups ------------------------------------------------------------------------------------------------


@pytest.fixture
def groups(settings):
    settings.SSO_ROLES = {
        "boards": (("executive", ""),),
        "legal": (("assurer", "legal"),),
        "admins": (("administrator", ""),),
    }


def test_roles_come_with_groups_and_go_with_them(client, provider, groups, settings):
    settings.SSO_CREATE = True
    provider.claims["groups"] = ["boards", "legal", "canteen"]
    sign_in(client, provider)
    assert roles_of("eleanor@example.org") == {("executive", "", "group"), ("assurer", "legal", "group")}
    client.post("/sign-out/")
    provider.claims["groups"] = ["legal"]
    sign_in(client, provider)
    assert roles_of("eleanor@example.org") == {("assurer", "legal", "group")}
    actions = Entry.objects.order_by("seq").values_list("action", flat=True)
    assert list(actions).count("accounts.role.grant") == 2
    assert list(actions).count("accounts.role.revoke") == 1


@pytest.mark.parametrize("told", [[{"name": "boards"}, "legal", 3, None], "legal"])
def test_groups_told_as_something_else_than_names_name_none(client, provider, groups, settings, told):
    settings.SSO_CREATE = True
    provider.claims["groups"] = told
    assert sign_in(client, provider).status_code == 302
    assert roles_of("eleanor@example.org") == {("assurer", "legal", "group")}


def test_roles_given_by_hand_stay(client, provider, groups):
    people.person("executive")
    sign_in(client, provider)
    assert roles_of("eleanor@example.org") == {("executive", "", "hand")}


def test_what_an_administrator_gives_again_no_longer_goes_with_the_group(client, provider, groups, settings):
    settings.SSO_CREATE = True
    provider.claims["groups"] = ["legal"]
    sign_in(client, provider)
    person = User.objects.get(email="eleanor@example.org")
    grant_role(by=people.actor("administrator"), person=person, role="assurer", function="legal")
    provider.claims["groups"] = []
    client.post("/sign-out/")
    sign_in(client, provider)
    assert roles_of("eleanor@example.org") == {("assurer", "legal", "hand")}


def test_a_role_that_conflicts_is_left_out_and_the_person_still_comes_in(client, provider, groups, caplog):
    people.person("executive")
    provider.claims["groups"] = ["admins"]
    assert sign_in(client, provider).status_code == 302
    assert roles_of("eleanor@example.org") == {("executive", "", "hand")}
    assert "One person cannot be" in caplog.text


# --- what a provider must not get away with ----------------------------------------------------------------


def refused(client, provider):
    people.person("executive")
    answer = sign_in(client, provider)
    return answer.status_code == 401 and "_auth_user_id" not in client.session


def test_a_token_signed_with_another_key_is_refused(client, provider):
    provider.signing_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert refused(client, provider)


@pytest.mark.parametrize(
    "said",
    [{"iss": "https://other.example"}, {"aud": "another portal"}, {"exp": 1_000_000_000}, {"sub": "u-9"}],
)
def test_a_token_that_is_not_for_us_now_is_refused(client, provider, said):
    provider.token_claims = said
    assert refused(client, provider)


def test_an_answer_nobody_asked_for_is_refused(client, provider):
    people.person("executive")
    begin(client, provider)
    assert come_back(client, {"state": "made-up"}).status_code == 401


def test_an_answer_counts_once(client, provider):
    people.person("executive")
    asked = begin(client, provider)
    come_back(client, asked)
    client.post("/sign-out/")
    assert come_back(client, asked).status_code == 401


def test_whoever_turns_back_at_the_provider_is_at_the_door_again(client, provider):
    asked = begin(client, provider)
    answer = client.get("/sign-in/oidc/oidc/", {"error": "access_denied", "state": asked["state"]})
    assert answer.headers["Location"] == "/sign-in/"


def test_a_provider_nobody_set_up_is_not_there(client):
    assert client.get("/sign-in/with/oidc/").status_code == 404
    assert client.get("/sign-in/oidc/oidc/?code=c&state=s").status_code == 404


# --- confirming --------------------------------------------------------------------------------------------


def aged(client):
    session = client.session
    session[PROVEN_AT] = "2020-01-01T00:00:00+00:00"
    session.save()


def test_the_provider_confirms_and_is_asked_to_ask_again(client, provider):
    people.person("executive")
    sign_in(client, provider)
    aged(client)
    asked = begin(client, provider, confirm="yes", next="/confirm/?next=/packs/")
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    provider.token_claims = {"auth_time": int(time.time())}
    assert come_back(client, asked).headers["Location"] == "/confirm/?next=/packs/"
    assert client.session[PROVEN_AT] > "2026"


@pytest.mark.parametrize(
    "said",
    [{}, {"auth_time": "now"}, {"auth_time": None}, {"auth_time": 10**30}],
    ids=["nothing", "a word", "null", "no year there is"],
)
def test_a_provider_that_does_not_say_that_it_asked_again_confirms_nothing(client, provider, said):
    people.person("executive")
    sign_in(client, provider)
    aged(client)
    provider.token_claims = said
    answer = sign_in(client, provider, confirm="yes", next="/packs/")
    assert (answer.status_code, client.session[PROVEN_AT] < "2021") == (403, True)
    assert "without asking again who you are" in answer.content.decode()


@pytest.mark.parametrize("off", [-300, 300])
def test_a_sign_in_of_another_time_confirms_nothing(client, provider, off):
    people.person("executive")
    sign_in(client, provider)
    aged(client)
    # As when whoever sits at an open screen takes `prompt` out of the address, and the provider lets them pass.
    provider.token_claims = {"auth_time": int(time.time()) + off}
    assert sign_in(client, provider, confirm="yes", next="/packs/").status_code == 403
    assert client.session[PROVEN_AT] < "2021"


def test_somebody_else_at_the_provider_confirms_nothing(client, provider):
    people.person("executive")
    people.person("auditor")
    sign_in(client, provider)
    aged(client)
    provider.claims = {**provider.claims, "sub": "u-2", "email": "aurel@example.org"}
    come_back(client, begin(client, provider, confirm="yes", next="/packs/"))
    assert client.session[PROVEN_AT] < "2021"
