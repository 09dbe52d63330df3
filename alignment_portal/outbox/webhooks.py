"""Webhooks: opening, changing, stopping and removing them; their secrets are shown once."""

import base64
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import User
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.accounts.services import tell
from alignment_portal.outbox.actions import Actions
from alignment_portal.outbox.models import Delivery, Webhook
from alignment_portal.outbox.sealing import seal
from alignment_portal.outbox.sending import Unsent, target_of
from alignment_portal.refusals import Conflict, Fault, Invalid, Stale
from alignment_portal.writing import service

NAME_LENGTH = 80
REASON_LENGTH = 300
# How long the former secret signs as well, so that a receiver can change over without losing an event.
OVERLAP = timedelta(hours=24)


@dataclass(frozen=True)
class Opened:
    webhook: Webhook
    secret: str  # shown once


def _new_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


@service
def open_webhook(
    *, by: Actor, owner: User, name: str, url: str, events: Sequence[str], known: Collection[str]
) -> Opened:
    """`known` is every event there is, which the door says: the floor knows none by name."""
    require(by, Action.WEBHOOK_MANAGE)
    _check(name.strip(), url.strip(), events, known)
    if not owner.is_active:
        raise Invalid("This account is deactivated.", pointer="/owner", code="inactive")
    secret = _new_secret()
    webhook = Webhook.objects.create(
        owner=owner,
        name=name.strip(),
        url=url.strip(),
        events=sorted(set(events)),
        sealed_secret=seal(secret),
        created_at=clock.now(),
    )
    _tell(by, Actions.WEBHOOK_OPENED, webhook, after=_shown(webhook))
    return Opened(webhook, secret)


def _check(name: str, url: str, events: Sequence[str], known: Collection[str]) -> None:
    faults = []
    if not name or len(name) > NAME_LENGTH or not name.isprintable():
        faults.append(Fault("/name", "Say who is told, in one line of at most 80 characters.", "required"))
    try:
        target_of(url)
    except Unsent as unsent:
        faults.append(Fault("/url", str(unsent), "address_refused"))
    if unknown := sorted(set(events) - set(known)):
        faults.append(Fault("/events", f"There is no event “{unknown[0]}”.", "unknown_event"))
    if faults:
        raise Invalid("The webhook cannot be kept as asked.", faults=faults)


def _shown(webhook: Webhook) -> dict[str, object]:
    """What the record keeps of it: an address may carry a secret in its query, so only the host."""
    return {"host": webhook.host, "events": webhook.events}


def _tell(by: Actor, action: Actions, webhook: Webhook, **more: object) -> None:
    tell(by=by, action=action, person=webhook.owner, webhook=webhook.name, **more)


def _locked(webhook: Webhook) -> Webhook:
    found = Webhook.objects.select_for_update(of=("self",)).select_related("owner").get(pk=webhook.pk)
    if found.retired_at is not None:
        raise Conflict("This webhook was removed. Open a new one.", code="webhook_removed")
    return found


@service
def change_webhook(
    *,
    by: Actor,
    webhook: Webhook,
    version: int,
    name: str,
    url: str,
    events: Sequence[str],
    known: Collection[str],
) -> Webhook:
    require(by, Action.WEBHOOK_MANAGE)
    webhook = _locked(webhook)
    if webhook.version != version:
        raise Stale("Somebody changed this webhook meanwhile. Read it again, then send your change.")
    _check(name.strip(), url.strip(), events, known)
    before = _shown(webhook)
    webhook.name, webhook.url, webhook.events = name.strip(), url.strip(), sorted(set(events))
    webhook.version += 1
    webhook.save(update_fields=["name", "url", "events", "version"])
    _tell(by, Actions.WEBHOOK_CHANGED, webhook, before=before, after=_shown(webhook))
    return webhook


@service
def rotate_secret(*, by: Actor, webhook: Webhook) -> Opened:
    """A new secret; the former one signs beside it for a day."""
    require(by, Action.WEBHOOK_MANAGE)
    webhook = _locked(webhook)
    secret = _new_secret()
    webhook.sealed_former_secret, webhook.sealed_secret = webhook.sealed_secret, seal(secret)
    webhook.former_secret_until = clock.now() + OVERLAP
    webhook.version += 1
    webhook.save(update_fields=["sealed_former_secret", "sealed_secret", "former_secret_until", "version"])
    _tell(by, Actions.SECRET_ROTATED, webhook)
    return Opened(webhook, secret)


@service
def stop_webhook(*, by: Actor, webhook: Webhook, reason: str) -> Webhook:
    """Nothing is sent or gathered for it until it is started; the feed holds what it misses."""
    require(by, Action.WEBHOOK_MANAGE)
    webhook = _locked(webhook)
    if not reason.strip() or len(reason) > REASON_LENGTH:
        raise Invalid("Say why, in at most 300 characters.", pointer="/reason", code="required")
    if webhook.stopped_at is None:
        stop(webhook, by=by, reason=reason.strip())
    return webhook


def stop(webhook: Webhook, *, by: Actor, reason: str) -> None:
    """Call inside a service that holds the row."""
    webhook.stopped_at, webhook.stop_reason = clock.now(), reason
    webhook.version += 1
    webhook.save(update_fields=["stopped_at", "stop_reason", "version"])
    _tell(by, Actions.WEBHOOK_STOPPED, webhook, reason=reason)


@service
def start_webhook(*, by: Actor, webhook: Webhook) -> Webhook:
    require(by, Action.WEBHOOK_MANAGE)
    webhook = _locked(webhook)
    if webhook.stopped_at is not None:
        webhook.stopped_at, webhook.stop_reason, webhook.failing_since = None, "", None
        webhook.version += 1
        webhook.save(update_fields=["stopped_at", "stop_reason", "failing_since", "version"])
        _tell(by, Actions.WEBHOOK_STARTED, webhook)
    return webhook


@service
def retire_webhook(*, by: Actor, webhook: Webhook) -> None:
    """It is told nothing any more; its deliveries stay readable until the events they tell of are cleared."""
    require(by, Action.WEBHOOK_MANAGE)
    webhook = _locked(webhook)
    webhook.retired_at = clock.now()
    webhook.version += 1
    webhook.save(update_fields=["retired_at", "version"])
    waiting = Delivery.objects.filter(webhook=webhook, state=Delivery.State.WAITING)
    waiting.update(state=Delivery.State.FAILED, finished_at=clock.wall(), claim=None)
    _tell(by, Actions.WEBHOOK_RETIRED, webhook)
