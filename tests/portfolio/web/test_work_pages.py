"""The page of a function: what is in flight, what waits, and moving it."""

import pytest

from alignment_portal import clock
from alignment_portal.audit.guard import writes_allowed
from portfolio.models import Closure, WorkItem
from portfolio.services.work import move_work
from tests.factories.portfolio import queued
from tests.people import actor, api, browser, everybody

pytestmark = pytest.mark.django_db
LEGAL = "/portfolio/bottlenecks/legal/"


@pytest.fixture(autouse=True)
def people(db):
    return everybody()


def test_the_page_tells_what_is_in_flight_and_what_waits():
    items = queued(3, cap=2)
    move_work(by=actor("assurer"), item=items[1], to="started")
    context = browser("executive").get(LEGAL).context
    assert [[item.gate for item in context[name]] for name in ("in_flight", "queue")] == [
        ["gate-1"],
        ["gate-0", "gate-2"],
    ]
    assert [context["row"][name] for name in ("in_flight", "queued", "open")] == [1, 2, 3]


def test_a_long_queue_is_read_a_page_at_a_time_and_all_of_it_counts(monkeypatch):
    monkeypatch.setattr("portfolio.web.work.QUEUE_SHOWN", 2)
    queued(5)
    client = browser("executive")
    pages = [client.get(LEGAL, {"page": number}).context for number in (1, 2, 3)]
    assert [[item.gate for item in page["queue"]] for page in pages] == [
        ["gate-0", "gate-1"],
        ["gate-2", "gate-3"],
        ["gate-4"],
    ]
    assert [(page["asked"], page["unseen"], page["page"]["total"]) for page in pages] == [(25, 0, 5)] * 3


def test_the_page_takes_as_many_queries_for_three_items_as_for_one(django_assert_num_queries):
    queued(1)
    reader = browser("executive")
    reader.get(LEGAL)
    with django_assert_num_queries(19):
        reader.get(LEGAL)
    queued_more()
    with django_assert_num_queries(19):
        reader.get(LEGAL)


def queued_more():
    item = WorkItem.objects.get()
    with writes_allowed():
        for gate in ("b", "c"):
            WorkItem.objects.create(initiative=item.initiative, bottleneck=item.bottleneck, gate=gate)


def test_work_is_started_from_the_queue_and_a_full_function_says_so():
    first, second = queued(2, cap=1)
    reader = browser("assurer")
    reader.post(f"/portfolio/work/{first.pk}/start/")
    answer = reader.post(f"/portfolio/work/{second.pk}/start/", follow=True)
    assert "with a cap of 1" in answer.content.decode()
    assert WorkItem.objects.filter(state="started").count() == 1


def test_work_is_blocked_with_a_reason_on_its_own_page():
    [item] = queued(1)
    move_work(by=actor("assurer"), item=item, to="started")
    page = f"/portfolio/work/{item.pk}/"
    assert browser("assurer").post(page, {"to": "blocked", "reason": ""}).status_code == 422
    browser("assurer").post(page, {"to": "blocked", "reason": "Waits for the vendor"})
    assert "Waits for the vendor" in browser("auditor").get(page).content.decode()


def test_an_executive_excepts_from_the_cap_and_everybody_sees_until_when():
    first, second = queued(2, cap=1)
    move_work(by=actor("assurer"), item=first, to="started")
    given = {"reason": "Year end", "until": clock.now().date().isoformat()}
    browser("executive").post(f"/portfolio/work/{second.pk}/exception/", given)
    assert "above the cap until" in browser("auditor").get(LEGAL).content.decode()


def test_closed_days_are_added_and_removed():
    queued(1)
    day = clock.now().date().isoformat()
    writer = browser("executive")
    writer.post(f"{LEGAL}closures/", {"starts_on": day, "ends_on": day, "reason": "Audit"})
    assert "Audit" in writer.get(LEGAL).content.decode()
    writer.post(f"{LEGAL}closures/{Closure.objects.get().pk}/remove/")
    assert Closure.objects.count() == 0


def test_programs_record_closed_days_and_take_them_out_again():
    queued(1)
    caller, address = api("executive"), "/api/v1/portfolio/bottlenecks/legal/closures/"
    day = clock.now().date().isoformat()
    made = caller.post(address, {"starts_on": day, "ends_on": day, "reason": "Audit"}, format="json")
    assert api("assurer").delete(f"{address}{made.json()['id']}/").status_code == 403
    assert caller.delete(f"{address}{made.json()['id']}/").status_code == 204
    assert caller.delete(f"{address}{made.json()['id']}/").status_code == 404
    assert Closure.objects.count() == 0


def test_programs_move_work_and_meet_the_same_cap():
    first, second = queued(2, cap=1)
    caller, address = api("assurer"), "/api/v1/portfolio/work/{}/moves/"
    moved = caller.post(address.format(first.pk), {"to": "started"}, format="json")
    assert [moved.status_code, moved.json()["state"], moved.headers["ETag"]] == [201, "started", '"2"']
    refused = caller.post(address.format(second.pk), {"to": "started"}, format="json")
    assert [refused.status_code, refused.json()["code"]] == [409, "cap_reached"]
    listed = caller.get("/api/v1/portfolio/work/?state=started&bottleneck=legal").json()["results"]
    assert [row["id"] for row in listed] == [first.pk]
    flow = caller.get("/api/v1/portfolio/bottlenecks/legal/flow/").json()
    assert flow["little"]["number"] == pytest.approx(flow["little"]["rate_per_day"] * flow["little"]["days"])


def test_programs_decide_on_exceptions_with_the_scope_to_endorse():
    [item] = queued(1)
    given = {"reason": "Year end", "until": clock.now().date().isoformat()}
    address = f"/api/v1/portfolio/work/{item.pk}/exceptions/"
    assert api("executive", "read", "write").post(address, given, format="json").status_code == 403
    assert api("executive").post(address, given, format="json").json()["exception"]["reason"] == "Year end"
