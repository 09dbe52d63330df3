import pytest

from tests.factories.metrics import document_of, initiative
from tests.factories.portfolio import bottleneck, dependency
from tests.people import CAST, api, everybody

pytestmark = pytest.mark.django_db
DEPENDENCIES = "/api/v1/portfolio/dependencies/"


@pytest.fixture(autouse=True)
def subject(db):
    everybody()
    return initiative()


def test_a_dependency_is_registered_read_and_changed():
    client = api("executive")
    sent = {"code": "decision-log", "title": "Decision log", "kind": "platform"}
    made = client.post(DEPENDENCIES, sent, format="json")
    assert (made.status_code, made.json()["needed_by"], made.headers["Location"]) == (
        201,
        ["AI-0001"],
        f"{DEPENDENCIES}decision-log/",
    )
    change = {"owner": CAST["executive"].email, "funding": "funded"}
    tag = client.get(made.headers["Location"]).headers["ETag"]
    changed = client.patch(made.headers["Location"], change, format="json", headers={"If-Match": tag})
    assert (changed.json()["funding"], changed.json()["version"]) == ("funded", 2)


def test_a_change_says_which_version_it_changes():
    dependency()
    client, address = api("executive"), f"{DEPENDENCIES}decision-log/"
    assert client.patch(address, {}, format="json").status_code == 428
    stale = client.patch(address, {}, format="json", headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.json()["current"]["body"]["version"]) == (412, 1)


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({"code": "Log"}, "/code"),
        ({"kind": "magic"}, "/kind"),
        ({"title": ""}, "/title"),
        ({"owner": "nobody@example.org"}, "/owner"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_a_bad_dependency_is_pointed_out(sent, pointer):
    good = {"code": "decision-log", "title": "Decision log", "kind": "platform"}
    answer = api("executive").post(DEPENDENCIES, {**good, **sent}, format="json")
    assert (answer.status_code, [row["pointer"] for row in answer.json()["errors"]]) == (400, [pointer])


def test_a_manager_reads_the_register_and_changes_nothing():
    bottleneck()
    client = api("programme_manager")
    assert client.get("/api/v1/portfolio/bottlenecks/").json()["results"][0]["cap"] == 2
    assert client.post("/api/v1/portfolio/bottlenecks/", {}, format="json").status_code == 403


def test_initiatives_one_may_not_see_are_not_named():
    dependency()
    client = api("other_manager")
    assert client.get(DEPENDENCIES).json()["results"][0]["needed_by"] == []
    [load] = client.get("/api/v1/portfolio/change-load/").json()["results"]
    assert (load["initiatives"], load["others_hours"]) == ([], 2.0)
    assert client.get("/api/v1/portfolio/summary/").json()["initiatives"] == 0


def test_the_summary_adds_up_what_one_may_see():
    bottleneck()
    dependency()
    body = api("executive").get("/api/v1/portfolio/summary/").json()
    assert (body["initiatives"], body["by_status"], body["by_verdict"]) == (
        1,
        {"draft": 1},
        {"not_judged": 1},
    )
    assert [row["code"] for row in body["dependencies"]] == ["decision-log"]


def test_the_summary_costs_the_same_however_large_the_portfolio(django_assert_num_queries):
    client = api("executive")
    client.get("/api/v1/portfolio/summary/")  # the first use of a token is noted
    with django_assert_num_queries(11):
        client.get("/api/v1/portfolio/summary/")
    for number in range(2, 5):
        initiative(f"AI-000{number}", document_of(f"AI-000{number}"))
        bottleneck(f"queue-{number}")
        dependency(f"need-{number}")
    with django_assert_num_queries(11):
        assert client.get("/api/v1/portfolio/summary/").json()["initiatives"] == 4


@pytest.mark.parametrize("address", ["dependencies/none/", "bottlenecks/none/"])
def test_what_is_not_in_the_register_is_not_found(address):
    assert api("executive").get(f"/api/v1/portfolio/{address}").status_code == 404
