import pytest

from initiatives.models import Incident, Initiative
from tests.initiatives.cast import saved
from tests.people import api

pytestmark = pytest.mark.usefixtures("people")
DEPLOYMENTS = "/api/v1/initiatives/AI-0001/deployments/"
INCIDENTS = "/api/v1/initiatives/AI-0001/incidents/"


def pointers(answer):
    assert answer.status_code == 400, answer.content
    return [error["pointer"] for error in answer.json()["errors"]]


def test_a_deployment_is_registered_read_and_changed():
    saved()
    client = api("programme_manager")
    created = client.post(DEPLOYMENTS, {"code": "york", "title": "York"})
    assert (created.status_code, created.json()["state"]) == (201, "planned")
    address = created.headers["Location"]
    read = client.get(address)
    assert client.patch(address, {"state": "live"}).status_code == 428
    changed = client.patch(
        address, {"state": "live", "live_from": "2026-04-01"}, headers={"If-Match": read.headers["ETag"]}
    )
    assert (changed.status_code, changed.json()["live_from"]) == (200, "2026-04-01")
    assert [row["code"] for row in client.get(DEPLOYMENTS).json()["results"]] == ["leeds", "york"]


def test_what_is_wrong_with_a_deployment_is_told_at_its_fields():
    saved()
    answer = api("programme_manager").post(
        DEPLOYMENTS, {"code": "Leeds 2", "volume_share": 50, "colour": "red"}
    )
    assert sorted(pointers(answer)) == ["/code", "/colour", "/volume_share"]
    assert Initiative.objects.get().version == 1


def test_dates_out_of_order_are_refused_at_the_later_one():
    saved()
    wrong = {"live_until": "2026-01-01"}
    answer = api("programme_manager").patch(f"{DEPLOYMENTS}leeds/", wrong, headers={"If-Match": "*"})
    assert pointers(answer) == ["/live_until"]


def test_an_unknown_deployment_is_not_found():
    saved()
    assert api("auditor").get(f"{DEPLOYMENTS}york/").json()["code"] == "deployment_not_found"


def test_an_incident_is_recorded_listed_and_closed():
    saved()
    client = api("contributor")
    created = client.post(INCIDENTS, {"severity": 2, "title": "Wrong refunds", "deployment": "leeds"})
    assert (created.status_code, created.json()["ref"]) == (201, "IN-0001")
    closed = client.post(f"{INCIDENTS}IN-0001/close/", {"cause": "A stale page"})
    assert (closed.status_code, closed.json()["cause"]) == (200, "A stale page")
    assert client.post(f"{INCIDENTS}IN-0001/close/", {"cause": "Again"}).status_code == 409
    assert [row["ref"] for row in api("auditor").get(INCIDENTS).json()["results"]] == ["IN-0001"]
    assert api("auditor").get(created.headers["Location"]).json()["closed_at"] == closed.json()["closed_at"]


@pytest.mark.parametrize("number", [1, 3])
def test_incidents_cost_the_same_however_many(number, django_assert_num_queries):
    saved()
    for place in range(number):
        api("contributor").post(INCIDENTS, {"severity": 3, "title": f"Number {place}"})
    client = api("auditor")
    client.get(INCIDENTS)
    with django_assert_num_queries(3):
        assert len(client.get(INCIDENTS).json()["results"]) == number


def test_the_same_incident_sent_twice_is_recorded_once():
    saved()
    body = {"severity": 2, "title": "Wrong refunds"}
    client = api("contributor")
    for _ in range(2):
        assert client.post(INCIDENTS, body, headers={"Idempotency-Key": "i1"}).status_code == 201
    assert Incident.objects.count() == 1


def test_what_is_wrong_with_an_incident_is_told_at_its_fields():
    saved()
    client = api("contributor")
    assert pointers(client.post(INCIDENTS, {"severity": "bad", "title": "x", "ref": "IN-9"})) == [
        "/severity",
        "/ref",
    ]
    wrong = {"severity": 9, "title": "", "deployment": "york", "opened_at": "2999-01-01T00:00:00Z"}
    assert pointers(client.post(INCIDENTS, wrong)) == ["/severity", "/title", "/deployment", "/opened_at"]


@pytest.mark.parametrize(("who", "status"), [("auditor", 403), ("other_manager", 404), ("executive", 201)])
def test_who_may_record_an_incident(who, status):
    saved()
    assert api(who).post(INCIDENTS, {"severity": 2, "title": "x"}).status_code == status
