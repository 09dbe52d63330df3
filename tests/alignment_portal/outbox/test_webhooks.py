"""A webhook is told of every event its owner may see, at least once, signed, until it is plain that it is gone."""

import json
from datetime import timedelta

import pytest
from django.core import mail
from standardwebhooks.webhooks import Webhook as Checker
from standardwebhooks.webhooks import WebhookVerificationError

from alignment_portal import clock, dispatch, feed, tasks
from alignment_portal.accounts.services import deactivate_person
from alignment_portal.audit.guard import service, writes_allowed
from alignment_portal.audit.models import Entry
from alignment_portal.outbox import deliveries
from alignment_portal.outbox.events import announce
from alignment_portal.outbox.models import Attempt, Delivery, Event, Job, Webhook
from alignment_portal.outbox.services import clear_dispatched
from alignment_portal.outbox.webhooks import open_webhook, retire_webhook, rotate_secret, stop_webhook
from alignment_portal.refusals import Conflict, Forbidden, Invalid
from tests.alignment_portal.outbox.receiver import LOOPBACK, receiving
from tests.factories.initiatives import small_document
from tests.factories.metrics import initiative
from tests.people import actor, person

pytestmark = pytest.mark.django_db
SAVED = "initiatives.dossier_changed"


@pytest.fixture(autouse=True)
def loopback(settings):
    settings.WEBHOOK_NETWORKS = LOOPBACK


@pytest.fixture
def receiver():
    with receiving() as found:
        yield found


def opened(receiver, owner="auditor", events=()):
    return open_webhook(
        by=actor("administrator"),
        owner=person(owner),
        name="Data lake",
        url=receiver.url,
        events=events,
        known=feed.WORDS,
    )


@service
def happens(name=SAVED, **ids):
    return announce(name, **ids)


def tell_all():
    """What the worker does, without one."""
    while dispatch.dispatch_due(lambda *_: None):
        pass
    for delivery in deliveries.due(clock.wall()):
        tasks.deliver(str(delivery))


def later(monkeypatch, **ahead):
    now = clock.wall()
    monkeypatch.setattr(clock, "wall", lambda: now + timedelta(**ahead))


def test_an_event_arrives_signed_as_the_standard_says(receiver):
    secret = opened(receiver, events=[SAVED]).secret
    about = initiative()
    tell_all()
    ((path, headers, body),) = receiver.came
    assert path == "/hook?from=portal"
    assert Checker(secret).verify(body, headers) == json.loads(body)
    assert json.loads(body) | {"id": 0, "timestamp": ""} == {
        "id": 0,
        "type": SAVED,
        "timestamp": "",
        "data": {"initiative": about.key, "url": f"http://localhost:8000/api/v1/initiatives/{about.key}/"},
    }
    with pytest.raises(WebhookVerificationError):
        Checker(secret).verify(body.replace("AI-0001", "AI-0002"), headers)


def test_the_secret_is_not_in_the_database_in_the_clear(receiver):
    secret = opened(receiver).secret
    webhook = Webhook.objects.get()
    assert secret.removeprefix("whsec_") not in json.dumps(list(Webhook.objects.values()), default=str)
    assert webhook.sealed_secret != ""


def test_both_secrets_sign_for_a_day_after_one_is_replaced(receiver, monkeypatch):
    first = opened(receiver)
    second = rotate_secret(by=actor("administrator"), webhook=first.webhook)
    deliveries.send_test(by=actor("administrator"), webhook=first.webhook)
    tell_all()
    _, headers, body = receiver.came[0]
    assert Checker(first.secret).verify(body, headers) == Checker(second.secret).verify(body, headers)
    later(monkeypatch, hours=25)
    deliveries.send_test(by=actor("administrator"), webhook=first.webhook)
    tell_all()
    assert len(receiver.came[1][1]["webhook-signature"].split()) == 1


def test_a_webhook_hears_only_of_what_its_owner_may_see(receiver):
    opened(receiver, owner="other_manager", events=[SAVED])
    initiative()
    tell_all()
    assert receiver.came == []
    assert [row.state for row in Delivery.objects.all()] == ["withheld"]


def test_of_many_initiatives_only_the_visible_ones_are_named(receiver):
    opened(receiver, owner="programme_manager", events=["portfolio.dependency_changed"])
    about = initiative()
    happens("portfolio.dependency_changed", keys=[about.key, "AI-9999"])
    tell_all()
    assert json.loads(receiver.came[0][2])["data"] == {"initiatives": [about.key]}


def test_what_ends_between_event_and_telling_is_not_told(receiver):
    opened(receiver, owner="auditor")
    initiative()
    while dispatch.dispatch_due(lambda *_: None):
        pass
    deactivate_person(by=actor("administrator"), person=person("auditor"), reason="Left.")
    tell_all()
    assert receiver.came == []


def test_only_the_events_asked_for_arrive(receiver):
    opened(receiver, events=["gates.policy_activated"])
    initiative()
    happens("gates.policy_activated", version="2026.2")
    tell_all()
    assert [json.loads(body)["type"] for _, _, body in receiver.came] == ["gates.policy_activated"]


def test_a_failure_is_tried_again_later_under_the_same_id(receiver, monkeypatch):
    receiver.status = 500
    opened(receiver, events=[SAVED])
    initiative()
    tell_all()
    tell_all()
    assert len(receiver.came) == 1
    receiver.status = 200
    later(monkeypatch, seconds=6)
    tell_all()
    assert len({headers["webhook-id"] for _, headers, _ in receiver.came}) == 1
    assert Delivery.objects.get().state == "delivered"
    assert [(log.status, log.fault) for log in Attempt.objects.order_by("id")] == [
        (500, "The receiver refused it with 500."),
        (200, ""),
    ]


def test_the_pauses_grow_and_are_never_quite_the_same():
    pauses = [deliveries.jittered(pause) for pause in deliveries.PAUSES]
    assert pauses == sorted(pauses)
    assert timedelta(hours=21) < pauses[-1] < timedelta(hours=27)
    assert len({deliveries.jittered(deliveries.PAUSES[-1]) for _ in range(20)}) > 1


def test_after_the_last_pause_a_delivery_has_failed(receiver, monkeypatch):
    receiver.status = 503
    monkeypatch.setattr(deliveries, "FAILING_FOR", timedelta(days=99))
    opened(receiver, events=[SAVED])
    initiative()
    for _ in range(len(deliveries.PAUSES) + 2):
        tell_all()
        later(monkeypatch, hours=27)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, len(receiver.came)) == ("failed", 10, 10)


def test_a_killed_worker_s_delivery_comes_due_again(receiver, monkeypatch):
    opened(receiver, events=[SAVED])
    initiative()
    while dispatch.dispatch_due(lambda *_: None):
        pass
    delivery = Delivery.objects.get()
    assert deliveries.claim(delivery.pk) is not None  # and the worker is killed here
    assert deliveries.claim(delivery.pk) is None
    later(monkeypatch, seconds=121)
    tell_all()
    assert Delivery.objects.get().state == "delivered"


def test_whoever_lost_the_claim_keeps_nothing(receiver, monkeypatch):
    opened(receiver, events=[SAVED])
    initiative()
    while dispatch.dispatch_due(lambda *_: None):
        pass
    slow = deliveries.claim(Delivery.objects.get().pk)
    later(monkeypatch, seconds=121)
    tell_all()
    deliveries.finish(slow, deliveries.Outcome(fault="late"))
    assert (Delivery.objects.get().state, Attempt.objects.count()) == ("delivered", 1)


def test_an_event_handed_over_twice_is_delivered_once(receiver):
    opened(receiver, events=[SAVED])
    initiative()
    tell_all()
    event = Event.objects.get(name=SAVED)
    assert happened_again(event) == []
    assert Delivery.objects.count() == 1


@service
def happened_again(event):
    return deliveries.publish(event)


def test_a_receiver_that_is_gone_is_not_told_any_more_and_its_people_hear_of_it(receiver):
    receiver.status = 410
    opened(receiver, events=[SAVED])
    initiative()
    tell_all()
    assert Webhook.objects.get().stop_reason == "The receiver said that it is gone (410)."
    assert mail.outbox[-1].subject == "Webhook stopped: Data lake"
    assert person("auditor").email in mail.outbox[-1].to
    assert Entry.objects.filter(action="outbox.webhook.stop", actor_id=None).count() == 1


def test_failing_for_days_stops_a_webhook_and_one_success_begins_the_count_anew(receiver, monkeypatch):
    receiver.status = 500
    webhook = opened(receiver, events=[SAVED]).webhook
    initiative()
    tell_all()
    later(monkeypatch, days=4)
    tell_all()
    assert Webhook.objects.get().state == "failing"
    later(monkeypatch, days=2)
    tell_all()
    webhook.refresh_from_db()
    assert webhook.stop_reason == "Nothing got through for 5 days."


def test_a_stopped_webhook_gathers_nothing_and_sends_nothing(receiver):
    webhook = opened(receiver).webhook
    stop_webhook(by=actor("administrator"), webhook=webhook, reason="Receiver is moving.")
    initiative()
    tell_all()
    assert (receiver.came, Delivery.objects.count()) == ([], 0)
    with pytest.raises(Conflict, match="Nothing is sent to this webhook now"):
        deliveries.send_test(by=actor("administrator"), webhook=webhook)


def test_a_delivery_is_sent_again_on_request_under_its_id(receiver):
    opened(receiver, events=[SAVED])
    initiative()
    tell_all()
    deliveries.replay(by=actor("administrator"), delivery=Delivery.objects.get())
    tell_all()
    assert len(receiver.came) == 2
    assert len({headers["webhook-id"] for _, headers, _ in receiver.came}) == 1
    assert Entry.objects.filter(action="outbox.delivery.replay").count() == 1


def test_a_changed_secret_key_is_told_of_and_stops_nothing_else(receiver, settings):
    opened(receiver, events=[SAVED])
    settings.SECRET_KEY = "another"
    initiative()
    tell_all()
    assert receiver.came == []
    assert Attempt.objects.get().fault.startswith("The secret cannot be opened")


def test_former_keys_open_what_they_sealed(receiver, settings):
    secret = opened(receiver, events=[SAVED]).secret
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"
    initiative()
    tell_all()
    _, headers, body = receiver.came[0]
    Checker(secret).verify(body, headers)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"name": " "}, "/name"),
        ({"name": "two\nlines"}, "/name"),
        ({"url": "https://10.0.0.1/"}, "/url"),
        ({"url": "http://[::ffff:192.168.0.1]/"}, "/url"),
        ({"events": ["gates.nothing"]}, "/events"),
    ],
)
def test_a_webhook_that_makes_no_sense_is_refused_at_its_field(changes, pointer):
    given = {"name": "Lake", "url": "https://example.org/", "events": [], **changes}
    with pytest.raises(Invalid) as refused:
        open_webhook(by=actor("administrator"), owner=person("auditor"), known=feed.WORDS, **given)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]


def test_only_administrators_open_webhooks(receiver):
    with pytest.raises(Forbidden):
        open_webhook(
            by=actor("executive"), owner=person("executive"), name="x", url=receiver.url, events=(), known=()
        )


def test_the_record_keeps_the_host_and_not_the_address(receiver):
    opened(receiver)
    payload = Entry.objects.get(action="outbox.webhook.open").payload
    assert "127.0.0.1" in payload
    assert "from=portal" not in payload


def test_old_events_go_with_their_deliveries_and_waiting_ones_stay(receiver):
    receiver.status = 500
    opened(receiver, events=[SAVED])
    initiative()
    tell_all()
    with writes_allowed():
        Job.objects.all().delete()  # nobody works here; what a job is open for stays as well
    far = clock.wall() + timedelta(days=40)
    clear_dispatched(before=far)
    assert Event.objects.filter(name=SAVED).count() == 1
    retire_webhook(by=actor("administrator"), webhook=Webhook.objects.get())
    clear_dispatched(before=far)
    assert (Event.objects.filter(name=SAVED).count(), Delivery.objects.count()) == (0, 0)


def test_every_event_that_is_told_has_its_words():
    from alignment_portal.reactions import REACTIONS  # noqa: PLC0415 — app ready

    told = {name for name in REACTIONS if not name.startswith(deliveries.INTERNAL)}
    assert told | {deliveries.TEST} == set(feed.WORDS)


def test_a_small_dossier_is_enough_to_be_told_of(receiver):
    opened(receiver, events=[SAVED])
    initiative(document=small_document("AI-0003", owner=person("programme_manager").email))
    tell_all()
    assert json.loads(receiver.came[0][2])["data"]["initiative"] == "AI-0003"
