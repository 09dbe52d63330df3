"""Signing in by SAML: answers signed here, some as they should be and some as nobody should get away with."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session

from alignment_portal.accounts.proof import PROVEN_AT
from tests import people
from tests.alignment_portal.pages.saml_provider import SIGN_IN, Provider, made_key

pytestmark = pytest.mark.django_db

HOST = "portal.example.org"
ACS = f"https://{HOST}/sign-in/saml/saml/acs/"
METADATA = f"https://{HOST}/sign-in/saml/saml/metadata/"
OURS = {"secure": True, "headers": {"host": HOST}}


@pytest.fixture
def provider(settings):
    made = Provider()
    settings.ALLOWED_HOSTS = [HOST]
    settings.SOCIALACCOUNT_PROVIDERS = {
        "saml": {
            "APPS": [
                {
                    "provider_id": "saml",
                    "client_id": "saml",
                    "name": "Head office",
                    "settings": made.settings(),
                }
            ]
        }
    }
    people.person("executive")
    return made


def sign_in(client, provider, change=lambda text: text, **how):
    begun = client.get("/sign-in/with/saml/?next=/reviews/", **OURS)
    assert begun.headers["Location"].startswith(SIGN_IN)
    given = {"asked": provider.asked(begun.headers["Location"]), "acs": ACS, "audience": METADATA, **how}
    answer = change(provider.answer(**given))
    sent = {"SAMLResponse": base64.b64encode(answer.encode()).decode()}
    finish = client.post("/sign-in/saml/saml/acs/", sent, **OURS)
    return client.get(finish.headers["Location"], **OURS)


def is_in(client):
    return "_auth_user_id" in client.session


def test_a_signed_answer_lets_the_person_in(client, provider):
    answer = sign_in(client, provider)
    assert (answer.headers["Location"], is_in(client)) == ("/reviews/", True)


def test_groups_come_along(client, provider, settings):
    settings.SSO_ROLES = {"audit": (("auditor", ""),)}
    settings.SSO_CREATE = True
    provider.said = {"email": ["nils@example.org"], "name": ["Nils Holm"], "groups": ["canteen", "audit"]}
    sign_in(client, provider)
    person = people.User.objects.get(email="nils@example.org")
    assert (person.name, [grant.role for grant in person.current_grants()]) == ("Nils Holm", ["auditor"])


@pytest.mark.parametrize(
    "how",
    [
        {"signed_with": False},
        {"signed_with": made_key()},
        {"audience": "https://other.example/metadata/"},
        {"acs": "https://other.example/acs/"},
        {"late": True},
    ],
    ids=["unsigned", "another key", "another audience", "another recipient", "too late"],
)
def test_an_answer_that_is_not_right_lets_nobody_in(client, provider, how):
    assert (sign_in(client, provider, **how).status_code, is_in(client)) == (401, False)


def test_an_answer_changed_on_the_way_lets_nobody_in(client, provider):
    answer = sign_in(client, provider, lambda text: text.replace("eleanor@example.org", "adaeze@example.org"))
    assert (answer.status_code, is_in(client)) == (401, False)


def test_a_wrapped_second_assertion_lets_nobody_in(client, provider):
    def wrapped(text):
        start, end = text.index("<saml:Assertion"), text.index("</saml:Assertion>") + len("</saml:Assertion>")
        forged = text[start:end].replace("eleanor@", "adaeze@").replace('ID="_assertion"', 'ID="_forged"')
        return text[:start] + forged + text[start:]

    assert (sign_in(client, provider, wrapped).status_code, is_in(client)) == (401, False)


def test_an_answer_nobody_asked_for_lets_nobody_in(client, provider):
    assert (sign_in(client, provider, asked="_never").status_code, is_in(client)) == (401, False)


@pytest.mark.parametrize(
    "text", ["", "<a/>", "not xml", "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"]
)
def test_what_is_no_answer_lets_nobody_in(client, provider, text):
    assert (sign_in(client, provider, lambda _: text).status_code, is_in(client)) == (401, False)


def confirm(client, provider, change=lambda text: text, **how):
    session = client.session
    session[PROVEN_AT] = "2020-01-01T00:00:00+00:00"
    session.save()
    begun = client.get("/sign-in/with/saml/?confirm=yes&next=/packs/", **OURS)
    given = {"asked": provider.asked(begun.headers["Location"]), "acs": ACS, "audience": METADATA, **how}
    sent = {"SAMLResponse": base64.b64encode(change(provider.answer(**given)).encode()).decode()}
    finish = client.post("/sign-in/saml/saml/acs/", sent, **OURS)
    answer = client.get(finish.headers["Location"], **OURS)
    return begun, answer, client.session[PROVEN_AT] > "2021"


def test_the_provider_confirms_and_is_asked_to_ask_again(client, provider):
    sign_in(client, provider)
    begun, answer, is_proven = confirm(client, provider)
    assert provider.forces(begun.headers["Location"])
    assert (answer.headers["Location"], is_proven) == ("/packs/", True)


def test_a_sign_in_of_this_morning_confirms_nothing(client, provider):
    sign_in(client, provider)
    _, answer, is_proven = confirm(client, provider, signed_in=datetime.now(UTC) - timedelta(hours=2))
    assert (answer.status_code, is_proven) == (403, False)
    assert "without asking again who you are" in answer.content.decode()


def test_a_moment_outside_what_is_signed_counts_for_nothing(client, provider):
    def added(text):
        fresh = f'<saml:AuthnStatement AuthnInstant="{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"/>'
        return text.replace("<samlp:Status>", f"<samlp:Extensions>{fresh}</samlp:Extensions><samlp:Status>")

    sign_in(client, provider)
    old = datetime.now(UTC) - timedelta(hours=2)
    _, answer, is_proven = confirm(client, provider, added, signed_in=old)
    assert (answer.status_code in {401, 403}, is_proven) == (True, False)


def test_what_is_larger_than_any_answer_is_not_kept_for_a_moment(client, provider):
    before = Session.objects.count()
    answer = client.post("/sign-in/saml/saml/acs/", {"SAMLResponse": "a" * 300_000}, **OURS)
    assert (answer.status_code, Session.objects.count()) == (413, before)


def test_the_provider_is_told_where_the_portal_is(client, provider):
    answer = client.get("/sign-in/saml/saml/metadata/", **OURS)
    assert ACS in answer.content.decode()


@pytest.mark.parametrize("place", ["metadata", "finish"])
def test_a_provider_nobody_set_up_is_not_there(client, place):
    assert client.get(f"/sign-in/saml/saml/{place}/").status_code == 404
