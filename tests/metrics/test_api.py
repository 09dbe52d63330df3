import pytest

from metrics.models import Observation
from tests.factories.metrics import document_of, initiative, reading
from tests.metrics.test_results import sent
from tests.people import api, everybody

pytestmark = pytest.mark.django_db
SERIES = "/api/v1/initiatives/AI-0001/metrics/repeat-contact/series/"
RESULT = "/api/v1/initiatives/AI-0001/metrics/handling-time/result/"


@pytest.fixture(autouse=True)
def subject(db):
    everybody()
    return initiative()


def post(client, rows, **headers):
    return client.post("/api/v1/observations/", {"observations": rows}, format="json", headers=headers)


def test_readings_are_pushed_and_read_back():
    client = api("programme_manager")
    assert post(client, [reading(), reading(1)]).json() == {
        "received": 2,
        "added": 2,
        "revised": 0,
        "unchanged": 0,
    }
    body = client.get(SERIES).json()
    assert [row["value"] for row in body["readings"]] == [0.12, 0.12]
    assert body["chart"] is None


def test_a_bare_list_is_understood_as_well():
    answer = api("programme_manager").post("/api/v1/observations/", [reading()], format="json")
    assert answer.status_code == 201


def test_each_fault_is_pointed_out_and_nothing_is_kept():
    answer = post(api("programme_manager"), [reading(), reading(1, denominator=0)])
    assert answer.status_code == 400
    assert [row["pointer"] for row in answer.json()["errors"]] == ["/observations/1/denominator"]
    assert Observation.objects.count() == 0


def test_the_same_call_under_its_key_is_answered_again():
    client = api("programme_manager")
    first = post(client, [reading()], **{"Idempotency-Key": "a"})
    again = post(client, [reading()], **{"Idempotency-Key": "a"})
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (first.json(), "true")


def test_a_body_with_anything_else_is_refused():
    answer = api("programme_manager").post("/api/v1/observations/", {"rows": []}, format="json")
    assert answer.json()["errors"][0]["pointer"] == "/rows"


def test_a_token_without_the_scope_records_nothing():
    answer = post(api("programme_manager", "read", "write"), [reading()])
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


def test_twelve_readings_get_control_limits():
    client = api("programme_manager")
    rows = [
        reading(week, metric="handling-time", value=11 + week % 3, numerator=None, denominator=None)
        for week in range(14)
    ]
    assert post(client, rows).status_code == 201
    chart = client.get(SERIES.replace("repeat-contact", "handling-time")).json()["chart"]
    assert (len(chart["points"]), chart["provisional"], chart["signals"]) == (14, True, [])


def test_an_unchanged_series_is_not_sent_again():
    client = api("auditor")
    tag = client.get(SERIES).headers["ETag"]
    assert client.get(SERIES, headers={"If-None-Match": tag}).status_code == 304


def test_a_result_is_recorded_and_read():
    client = api("programme_manager")
    assert client.get(RESULT).status_code == 404
    answer = client.post(RESULT, sent(), format="json")
    assert (answer.status_code, answer.json()["code"], answer.headers["Location"]) == (201, "R5_WIN", RESULT)
    assert client.get(RESULT).json() == answer.json()


def test_figures_that_determine_nothing_are_a_problem_document():
    figures = {
        "kind": "means",
        "changed": {"mean": 1, "sd": 0, "n": 9},
        "comparison": {"mean": 2, "sd": 0, "n": 9},
    }
    answer = api("programme_manager").post(RESULT, sent(figures=figures), format="json")
    assert (answer.status_code, answer.json()["code"]) == (422, "not_computable")


def test_what_one_may_not_see_is_not_there():
    assert [api(who).get(SERIES).status_code for who in ("other_manager", "contributor")] == [404, 200]


def test_the_metrics_are_listed_in_the_same_queries_however_many(django_assert_num_queries):
    client, address = api("auditor"), "/api/v1/initiatives/AI-0001/metrics/"
    client.get(address)  # the first use of a token is noted
    with django_assert_num_queries(5):
        rows = client.get(address).json()["results"]
    assert [(row["code"], [guard["metric"] for guard in row["guards"]]) for row in rows] == [
        ("handling-time", []),
        ("repeat-contact", ["handling-time"]),
    ]
    document = document_of()
    document["metrics"] += [{**document["metrics"][1], "code": f"more-{place}"} for place in range(3)]
    initiative(document=document)
    with django_assert_num_queries(5):
        assert len(client.get(address).json()["results"]) == 5
