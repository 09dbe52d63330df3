"""Signing in by SAML: answers signed here, some as they should be and some as nobody should get away with."""

import base64

import pytest

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


def test_the_provider_is_told_where_the_portal_is(client, provider):
    answer = client.get("/sign-in/saml/saml/metadata/", **OURS)
    assert ACS in answer.content.decode()


@pytest.mark.parametrize("place", ["metadata", "finish"])
def test_a_provider_nobody_set_up_is_not_there(client, place):
    assert client.get(f"/sign-in/saml/saml/{place}/").status_code == 404
