"""Telling webhooks: a row for each event and webhook, claimed by whoever sends it, finished once, tried again.

A worker killed while it sends leaves its claim to run out, and the delivery comes due again: a receiver may hear
of an event twice, under one id, and never not at all.
"""

import json
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F
from standardwebhooks.webhooks import Webhook as Signer

from alignment_portal import clock
from alignment_portal.accounts.actors import SYSTEM, Actor
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.accounts.services import tell
from alignment_portal.outbox.actions import Actions
from alignment_portal.outbox.events import announce
from alignment_portal.outbox.models import Attempt, Delivery, Event, FeedHead, Webhook
from alignment_portal.outbox.sealing import Unopened, unseal
from alignment_portal.outbox.sending import Answer, Unsent, post
from alignment_portal.outbox.webhooks import stop
from alignment_portal.refusals import Conflict
from alignment_portal.writing import service

# SOURCE: Standard Webhooks, "Retry schedule"; the pauses after each attempt, within a tenth either way.
PAUSES = tuple(
    timedelta(seconds=seconds) for seconds in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
LEASE = timedelta(minutes=2)
FAILING_FOR = timedelta(days=5)
INTERNAL = "outbox."  # what the outbox tells itself
TEST = "portal.webhook_tested"
GONE = 410


@dataclass(frozen=True)
class Outcome:
    sent: str = ""
    answer: Answer | None = None
    fault: str = ""
    withheld: bool = False

    @property
    def is_success(self) -> bool:
        return self.answer is not None and 200 <= self.answer.status < 300  # noqa: PLR2004 — the range of success


# --- from an event to its deliveries -----------------------------------------------------------------------


def publish(event: Event) -> list[Delivery]:
    """Give the event its place in the feed and a row for each webhook that asks for it. Call inside a service."""
    if event.name.startswith(INTERNAL):
        return []
    FeedHead.objects.get_or_create(pk=1)
    # INVARIANT: places are given under this lock and committed in their order, so a poller misses none.
    head = FeedHead.objects.select_for_update().get(pk=1)
    if Event.objects.filter(pk=event.pk, place__isnull=False).exists():
        return []
    head.place += 1
    head.save(update_fields=["place"])
    Event.objects.filter(pk=event.pk).update(place=head.place)
    wanted = [row for row in Webhook.objects.live() if not row.events or event.name in row.events]
    return Delivery.objects.bulk_create([Delivery(webhook=row, event=event) for row in wanted])


@service
def send_test(*, by: Actor, webhook: Webhook) -> Delivery:
    """An event that only this webhook is told of, to see whether the receiver understands."""
    require(by, Action.WEBHOOK_MANAGE)
    _require_live(webhook)
    now = clock.wall()
    event = Event.objects.create(
        name=TEST, payload={"webhook": str(webhook.pk)}, at=now, dispatched_at=now, next_at=now
    )
    delivery = Delivery.objects.create(webhook=webhook, event=event)
    announce("outbox.delivery_due", delivery=delivery.pk)
    return delivery


@service
def replay(*, by: Actor, delivery: Delivery) -> Delivery:
    """Send it again, under the same id, whatever became of it."""
    require(by, Action.WEBHOOK_MANAGE)
    delivery = Delivery.objects.select_for_update(of=("self",)).select_related("event").get(pk=delivery.pk)
    webhook = Webhook.objects.select_related("owner").get(pk=delivery.webhook_id)
    _require_live(webhook)
    delivery.state, delivery.attempts, delivery.claim = Delivery.State.WAITING, 0, None
    delivery.next_at, delivery.finished_at = clock.wall(), None
    delivery.save(update_fields=["state", "attempts", "claim", "next_at", "finished_at"])
    tell(
        by=by,
        action=Actions.DELIVERY_REPLAYED,
        person=webhook.owner,
        webhook=webhook.name,
        event=delivery.event.name,
    )
    announce("outbox.delivery_due", delivery=delivery.pk)
    return delivery


def _require_live(webhook: Webhook) -> None:
    if not Webhook.objects.live().filter(pk=webhook.pk).exists():
        sentence = "Nothing is sent to this webhook now. Start it, and see that its owner’s account is open."
        raise Conflict(sentence, code="webhook_stopped")


# --- sending one -------------------------------------------------------------------------------------------


def due(now: datetime, limit: int = 200) -> list[uuid.UUID]:
    waiting = Delivery.objects.filter(
        state=Delivery.State.WAITING, next_at__lte=now, webhook__in=Webhook.objects.live()
    )
    return list(waiting.order_by("next_at").values_list("pk", flat=True)[:limit])


@service
def claim(delivery_id: uuid.UUID) -> Delivery | None:
    """The delivery, for whoever is the one to send it now; the others see None."""
    now, mine = clock.wall(), uuid.uuid4()
    rows = Delivery.objects.filter(
        pk=delivery_id,
        state=Delivery.State.WAITING,
        next_at__lte=now,
        webhook__in=Webhook.objects.live(),
    )
    if rows.update(attempts=F("attempts") + 1, next_at=now + LEASE, claim=mine) != 1:
        return None
    return Delivery.objects.select_related("event", "webhook__owner").get(pk=delivery_id)


def send(delivery: Delivery, body: Mapping[str, object]) -> Outcome:
    """Sign and send; no row is touched."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    at = clock.wall()
    try:
        signatures = _signatures(delivery, at, text)
    except Unopened:
        fault = "The secret cannot be opened: SECRET_KEY was changed. Replace the secret of this webhook."
        return Outcome(sent=text, fault=fault)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "alignment-portal",
        "webhook-id": delivery.message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signatures,
    }
    try:
        answer = post(delivery.webhook.url, text.encode(), headers)
    except Unsent as unsent:
        return Outcome(sent=text, fault=str(unsent))
    return Outcome(sent=text, answer=answer, fault=_fault_of(answer))


def _signatures(delivery: Delivery, at: datetime, text: str) -> str:
    webhook = delivery.webhook
    sealed = [webhook.sealed_secret]
    if webhook.former_secret_until is not None and webhook.former_secret_until > at:
        sealed.append(webhook.sealed_former_secret)
    return " ".join(Signer(unseal(one)).sign(delivery.message_id, at, text) for one in sealed)


def _fault_of(answer: Answer) -> str:
    if 200 <= answer.status < 300:  # noqa: PLR2004 — the range of success
        return ""
    if 300 <= answer.status < 400:  # noqa: PLR2004 — the range of redirects
        return "The receiver points elsewhere, where nothing is sent. Write the final address."
    return f"The receiver refused it with {answer.status}."


@service
def finish(delivery: Delivery, outcome: Outcome) -> bool:
    """Keep what became of a claimed delivery, once: whoever lost the claim meanwhile keeps nothing.

    Answers whether the webhook was stopped by it.
    """
    webhook = (
        Webhook.objects.select_for_update(of=("self",)).select_related("owner").get(pk=delivery.webhook_id)
    )
    state, next_at = _after(delivery, outcome)
    finished = None if state == Delivery.State.WAITING else clock.wall()
    mine = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.WAITING, claim=delivery.claim)
    if mine.update(state=state, next_at=next_at, claim=None, finished_at=finished) != 1:
        return False
    if outcome.withheld:
        return False
    Attempt.objects.create(
        delivery=delivery,
        milliseconds=outcome.answer.milliseconds if outcome.answer else 0,
        status=outcome.answer.status if outcome.answer else None,
        fault=outcome.fault[:300],
        sent=outcome.sent,
        received=outcome.answer.excerpt if outcome.answer else "",
    )
    return _note(webhook, outcome)


def _after(delivery: Delivery, outcome: Outcome) -> tuple[Delivery.State, datetime]:
    now = clock.wall()
    if outcome.withheld:
        return Delivery.State.WITHHELD, now
    if outcome.is_success:
        return Delivery.State.DELIVERED, now
    if delivery.attempts > len(PAUSES):
        return Delivery.State.FAILED, now
    return Delivery.State.WAITING, now + jittered(PAUSES[delivery.attempts - 1])


def jittered(pause: timedelta) -> timedelta:
    """Within a tenth either way, so that what failed together does not come back together."""
    return pause * (0.9 + secrets.randbelow(2001) / 10_000)


def _note(webhook: Webhook, outcome: Outcome) -> bool:
    """Remember since when a webhook fails; one that has failed for days, or says it is gone, is stopped."""
    now = clock.wall()
    if outcome.is_success:
        if webhook.failing_since is not None:
            webhook.failing_since = None
            webhook.save(update_fields=["failing_since"])
        return False
    if webhook.failing_since is None:
        webhook.failing_since = now
        webhook.save(update_fields=["failing_since"])
    if webhook.stopped_at is not None or webhook.retired_at is not None:
        return False
    if outcome.answer is not None and outcome.answer.status == GONE:
        stop(webhook, by=SYSTEM, reason="The receiver said that it is gone (410).")
    elif now - webhook.failing_since >= FAILING_FOR:
        stop(webhook, by=SYSTEM, reason=f"Nothing got through for {FAILING_FOR.days} days.")
    return webhook.stopped_at is not None
