"""Webhooks and the feed over REST, and the settings pages that show them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alignment_portal import clock, dispatch, feed, tasks
from alignment_portal.audit.guard import service, writes_allowed
from alignment_portal.outbox import deliveries
from alignment_portal.outbox.events import announce
from alignment_portal.outbox.models import Delivery, Event, FeedHead, Webhook
from tests import people
from tests.alignment_portal.outbox.receiver import LOOPBACK, receiving
from tests.factories.metrics import initiative

pytestmark = pytest.mark.django_db
HOOKS = "/api/v1/webhooks/"
NEW = {"name": "Data lake", "url": "https://hooks.example.org/in", "events": ["gates.status_moved"]}


@pytest.fixture
def admin():
    return people.api("administrator")


@pytest.fixture
def hook(admin):
    return admin.post(HOOKS, NEW).json()


@service
def happens(name="gates.policy_activated", **ids):
    return announce(name, **(ids or {"version": "2026.2"}))


def hand_over():
    while dispatch.dispatch_due(lambda *_: None):
        pass


# --- webhooks ----------------------------------------------------------------------------------------------


def test_a_webhook_is_opened_read_changed_and_ended(admin):
    made = admin.post(HOOKS, NEW)
    assert (made.status_code, made.headers["Cache-Control"]) == (201, "no-store")
    assert made.json()["secret"].startswith("whsec_")
    address = made.headers["Location"]
    read = admin.get(address)
    assert "secret" not in read.json()
    assert (read.json()["state"], read.headers["ETag"]) == ("live", '"1"')
    assert admin.patch(address, {"name": "Lake"}).status_code == 428
    changed = admin.patch(address, {"name": "Lake"}, headers={"If-Match": '"1"'})
    assert (changed.json()["name"], changed.json()["url"]) == ("Lake", NEW["url"])
    assert admin.patch(address, {"name": "Sea"}, headers={"If-Match": '"1"'}).status_code == 412
    assert admin.delete(address).status_code == 204
    assert admin.get(address).status_code == 404
    assert admin.get(HOOKS).json()["results"] == []


def test_a_private_address_is_refused_with_a_pointer(admin):
    answer = admin.post(HOOKS, {**NEW, "url": "https://169.254.169.254/latest"})
    assert answer.status_code == 400
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [
        ("/url", "address_refused")
    ]


def test_secrets_are_replaced_and_each_is_shown_once(admin, hook):
    second = admin.post(f"{HOOKS}{hook['id']}/secret/").json()
    assert second["secret"] not in {hook["secret"], ""}
    assert second["former_secret_until"] is not None


def test_a_webhook_is_stopped_with_a_reason_and_started_again(admin, hook):
    assert admin.post(f"{HOOKS}{hook['id']}/stop/", {"reason": " "}).status_code == 400
    stopped = admin.post(f"{HOOKS}{hook['id']}/stop/", {"reason": "Receiver is moving."}).json()
    assert (stopped["state"], stopped["stop_reason"]) == ("stopped", "Receiver is moving.")
    assert admin.post(f"{HOOKS}{hook['id']}/test/").status_code == 409
    assert admin.post(f"{HOOKS}{hook['id']}/start/").json()["state"] == "live"


def test_a_test_is_sent_logged_and_sent_again(admin, settings):
    settings.WEBHOOK_NETWORKS = LOOPBACK
    with receiving(status=200, body=b"thanks") as receiver:
        hook = admin.post(HOOKS, {"name": "Lake", "url": receiver.url}).json()
        sent = admin.post(f"{HOOKS}{hook['id']}/test/")
        tasks.deliver(sent.json()["id"])
        log = admin.get(sent.headers["Location"]).json()
        assert (log["state"], log["type"], log["log"][0]["received"]) == (
            "delivered",
            "portal.webhook_tested",
            "thanks",
        )
        assert admin.post(f"{sent.headers['Location']}replay/").json()["state"] == "waiting"
        tasks.deliver(sent.json()["id"])
        assert len(receiver.came) == 2


def test_a_request_to_send_is_acted_on_by_a_reaction(admin, hook):
    sent = admin.post(f"{HOOKS}{hook['id']}/test/").json()
    told = []
    dispatch.dispatch_due(lambda task, ids, _: told.append((task, ids.get("delivery"))))
    assert ("alignment_portal.tasks.deliver", sent["id"]) in told


def test_deliveries_are_listed_by_state_with_the_same_queries_for_more(admin, hook):
    fill(hook, 1)
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert len(admin.get(f"{HOOKS}{hook['id']}/deliveries/?state=waiting").json()["results"]) == 1
    fill(hook, 2)
    with CaptureQueriesContext(connection) as more:
        assert len(admin.get(f"{HOOKS}{hook['id']}/deliveries/?state=waiting").json()["results"]) == 3
    assert len(more) == len(few)


def fill(hook, count):
    with writes_allowed():
        for _ in range(count):
            event = Event.objects.create(name="gates.status_moved", payload={"key": "AI-0001"})
            Delivery.objects.create(webhook=Webhook.objects.get(pk=hook["id"]), event=event)


@pytest.mark.parametrize("who", ["executive", "auditor", "programme_manager"])
def test_webhooks_are_nobody_elses_business(who, hook):
    caller = people.api(who)
    assert caller.get(HOOKS).status_code == 403
    assert caller.get(f"{HOOKS}{hook['id']}/").status_code == 403
    assert caller.post(f"{HOOKS}{hook['id']}/secret/").status_code == 403


def test_a_token_without_the_scope_admin_opens_none():
    assert people.api("administrator", "read", "write").post(HOOKS, NEW).json()["code"] == "scope_missing"


# --- the feed ----------------------------------------------------------------------------------------------


def test_whoever_polls_goes_on_from_the_cursor_and_misses_nothing():
    caller = people.api("auditor")
    for number in range(5):
        happens(version=str(number))
    hand_over()
    first = caller.get("/api/v1/events/?limit=2").json()
    rest = caller.get(first["next"]).json()
    seen = [row["data"]["policy"] for row in (*first["results"], *caller.get(rest["next"]).json()["results"])]
    assert [row["data"]["policy"] for row in rest["results"]] == ["2", "3"]
    assert seen == ["0", "1", "4"]
    assert rest["latest"] == 5


def test_places_have_no_gaps_and_follow_the_handing_over():
    for _ in range(3):
        happens()
    hand_over()
    assert list(Event.objects.order_by("id").values_list("place", flat=True)) == [1, 2, 3]


def test_what_is_not_theirs_to_see_is_passed_over_and_the_cursor_moves_on():
    about = initiative()
    hand_over()
    stranger = people.api("other_manager").get("/api/v1/events/").json()
    owner = people.api("programme_manager").get("/api/v1/events/").json()
    assert stranger["results"] == []
    assert stranger["cursor"] == owner["cursor"] == stranger["latest"]
    assert {row["data"].get("initiative") for row in owner["results"]} == {about.key}


def test_people_are_told_of_people_only_when_they_manage_them():
    happens("accounts.person_changed", email="ann@example.org")
    hand_over()
    seen = {
        who: [row["data"] for row in people.api(who).get("/api/v1/events/").json()["results"]]
        for who in ("administrator", "executive")
    }
    assert {"person": "ann@example.org"} in seen["administrator"]
    assert {"person": "ann@example.org"} not in seen["executive"]


def test_only_the_kinds_asked_for_are_answered():
    initiative()
    happens()
    hand_over()
    answer = people.api("auditor").get("/api/v1/events/?type=gates.policy_activated&type=gates.evaluated")
    assert [row["type"] for row in answer.json()["results"]] == ["gates.policy_activated"]
    assert people.api("auditor").get("/api/v1/events/?type=nothing").status_code == 400


def test_a_cursor_from_before_what_is_kept_is_told_so_and_not_answered_with_a_gap():
    for _ in range(4):
        happens()
    hand_over()
    with writes_allowed():
        Event.objects.filter(place__lte=3).delete()
    caller = people.api("auditor")
    assert caller.get("/api/v1/events/?after=1").json()["code"] == "cursor_too_old"
    assert len(caller.get("/api/v1/events/?after=3").json()["results"]) == 1
    assert len(caller.get("/api/v1/events/").json()["results"]) == 1


def test_a_cursor_ahead_of_the_feed_is_told_so_and_not_waited_for():
    happens()
    hand_over()
    caller = people.api("auditor")
    assert caller.get("/api/v1/events/?after=1").json()["results"] == []
    answer = caller.get("/api/v1/events/?after=2")
    assert (answer.status_code, answer.json()["code"]) == (410, "cursor_unknown")
    assert "after=1." in answer.json()["detail"]


def test_the_outbox_keeps_what_it_tells_itself_to_itself(admin, hook):
    admin.post(f"{HOOKS}{hook['id']}/test/")
    happens()
    hand_over()
    assert {row["type"] for row in admin.get("/api/v1/events/").json()["results"]} <= set(feed.WORDS)
    assert FeedHead.objects.get().place == Event.objects.filter(place__isnull=False).count()


def test_the_feed_takes_the_same_queries_for_more_events():
    counts = []
    for size in (1, 5):
        for _ in range(size):
            happens()
        hand_over()
        caller = people.api("auditor")
        with CaptureQueriesContext(connection) as queries:
            caller.get("/api/v1/events/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_every_kind_of_event_is_listed_in_words():
    rows = people.api("contributor").get("/api/v1/events/types/").json()["results"]
    assert {row["type"]: row["words"] for row in rows} == dict(feed.WORDS)


# --- pages -------------------------------------------------------------------------------------------------


@pytest.fixture
def page():
    return people.browser("administrator")


def test_the_pages_open_show_change_stop_and_remove_a_webhook(page):
    auditor = people.person("auditor")
    form = {**NEW, "owner": str(auditor.pk)}
    made = page.post("/settings/webhooks/open/", form)
    webhook = Webhook.objects.get()
    assert "whsec_" in made.content.decode()
    assert made.headers["Cache-Control"] == "no-store"
    here = f"/settings/webhooks/{webhook.pk}/"
    assert "whsec_" not in page.get(here).content.decode()
    assert page.post(f"{here}change/", {**NEW, "name": "Lake", "version": "1"}).status_code == 302
    assert page.post(f"{here}change/", {**NEW, "name": "Sea", "version": "1"}).status_code == 422
    assert page.post(f"{here}stop/", {"stop-reason": ""}).status_code == 422
    page.post(f"{here}stop/", {"stop-reason": "Moving house."})
    assert "Stopped: Moving house." in page.get(here).content.decode()
    page.post(f"{here}start/")
    assert "Lake" in page.get("/settings/webhooks/").content.decode()
    page.post(f"{here}remove/")
    assert "Nobody outside is told of anything yet." in page.get("/settings/webhooks/").content.decode()


def test_a_refused_address_stands_at_its_field(page):
    answer = page.post(
        "/settings/webhooks/open/",
        {**NEW, "url": "https://10.0.0.1/", "owner": str(people.person("auditor").pk)},
    )
    assert answer.status_code == 422
    assert "private network" in answer.context["form"].errors["url"][0]


def test_the_log_shows_what_was_sent_and_what_came_back(page, settings):
    settings.WEBHOOK_NETWORKS = LOOPBACK
    with receiving(status=500, body=b"<b>no</b>") as receiver:
        page.post(
            "/settings/webhooks/open/",
            {**NEW, "url": receiver.url, "owner": str(people.person("administrator").pk)},
        )
        sent = page.post(f"/settings/webhooks/{Webhook.objects.get().pk}/test/")
        tasks.deliver(str(Delivery.objects.get().pk))
    shown = page.get(sent.headers["Location"]).content.decode()
    assert "The receiver refused it with 500." in shown
    assert "&lt;b&gt;no&lt;/b&gt;" in shown
    replayed = page.post(f"{sent.headers['Location']}replay/")
    assert replayed.headers["Location"] == sent.headers["Location"]
    assert deliveries.due(clock.wall()) == [Delivery.objects.get().pk]
