"""A cursor is given out by a list and taken back by it; one made up is refused, by every list alike."""

import base64

import pytest

from tests import people
from tests.factories.metrics import initiative

pytestmark = pytest.mark.django_db
LISTS = (
    "people/",
    "people/{person}/roles/",
    "service-accounts/",
    "tokens/",
    "sessions/",
    "webhooks/",
    "operations/jobs/",
    "history/",
    "initiatives/",
    "initiatives/AI-0001/versions/",
    "initiatives/AI-0001/incidents/",
    "initiatives/AI-0001/evidence/",
    "initiatives/AI-0001/metrics/",
    "initiatives/AI-0001/waivers/",
    "initiatives/AI-0001/status/moves/",
    "reviews/",
    "packs/",
    "signals/",
    "portfolio/work/",
    "portfolio/worths/",
    "portfolio/simulations/",
)
MADE_UP = (
    "p=2026",
    "p=abc",
    "p=2026-13-45",
    "p=99999999999999999999999",
    "p=\x00",
    "r=1&p=%F0%9F",
    "o=1&p=-",
    "x",
)


@pytest.fixture
def caller():
    initiative()
    people.everybody()
    return people.api("administrator")


@pytest.mark.parametrize("address", LISTS)
def test_a_cursor_that_no_list_gave_out_is_refused_or_leads_to_nothing(caller, address):
    address = f"/api/v1/{address.format(person=people.person('administrator').pk)}"
    assert caller.get(address).status_code == 200
    for text in MADE_UP:
        cursor = base64.b64encode(text.encode()).decode()
        answer = caller.get(address, {"cursor": cursor})
        assert answer.status_code in {200, 400, 404}, (address, text)
        if answer.status_code == 400:
            assert answer.json()["errors"][0]["pointer"] == "/cursor"


def test_a_cursor_of_another_list_is_refused_in_words(caller):
    cursor = base64.b64encode(b"p=ann@example.org").decode()
    answer = caller.get("/api/v1/reviews/", {"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")
