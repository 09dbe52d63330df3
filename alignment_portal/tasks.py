"""The portal's own chores, run by beat."""

import logging
import uuid
from collections.abc import Iterable

from celery import shared_task
from celery.signals import worker_ready
from django.conf import settings
from django.core.mail import mail_managers, send_mail
from django.urls import reverse

from alignment_portal import clock, dispatch, feed
from alignment_portal.accounts.roles import Role
from alignment_portal.accounts.selectors import people_with_role
from alignment_portal.accounts.sessions import clear_expired, clear_sign_ins
from alignment_portal.accounts.sign_in import clear_attempts
from alignment_portal.audit.chain import verify_chain
from alignment_portal.audit.triggers import faults
from alignment_portal.http.idempotency import clear_keys
from alignment_portal.outbox import deliveries
from alignment_portal.outbox.models import Webhook
from alignment_portal.outbox.services import clear_dispatched, note_pulse
from alignment_portal.reactions import DELIVER
from gates.selectors.files import damaged_blobs
from packs.selectors.files import damaged_packs
from packs.services.readings import clear_readings

LONG = 3600  # seconds
logger = logging.getLogger(__name__)


@shared_task
def dispatch_due() -> int:
    """Take back what was lost, hand over what is left, send again what no worker has taken up."""
    dispatch.take_back_lost()
    return dispatch.dispatch_due()


@worker_ready.connect
def look_for_work(**_: object) -> None:
    """A worker that starts looks at once for what its predecessor left behind."""
    dispatch_due.delay()


@shared_task
def deliver(delivery: str, **_: object) -> str:
    """Tell one webhook of one event, with no more than its owner may see at this moment."""
    claimed = deliveries.claim(uuid.UUID(delivery))
    if claimed is None:
        return "nothing to do"
    body = feed.shown_to_owner(claimed)
    outcome = deliveries.Outcome(withheld=True) if body is None else deliveries.send(claimed, body)
    if deliveries.finish(claimed, outcome):
        _mail_stopped(claimed.webhook.pk)
    return outcome.fault or ("withheld" if outcome.withheld else "delivered")


def _mail_stopped(webhook_id: uuid.UUID) -> None:
    webhook = Webhook.objects.select_related("owner").get(pk=webhook_id)
    people = {webhook.owner.email, *(person.email for person in people_with_role(Role.ADMINISTRATOR))}
    text = (
        f"The portal stopped the webhook “{webhook.name}” to {webhook.host}: {webhook.stop_reason}\n\n"
        "What it misses stays in the events feed. Mend the receiver, then start the webhook again:\n"
        f"{settings.PORTAL_URL}{reverse('settings-webhook', args=[webhook.pk])}"
    )
    send_mail(f"Webhook stopped: {webhook.name}", text, None, sorted(people), fail_silently=True)


@shared_task
def deliver_due() -> int:
    """Hand out what is due: what failed before, and what a lost message left lying."""
    waiting = deliveries.due(clock.wall())
    for delivery in waiting:
        dispatch.send_to_broker(DELIVER, {"delivery": str(delivery)})
    return len(waiting)


@shared_task(soft_time_limit=LONG, time_limit=LONG + 60)
def verify_record() -> list[str]:
    """Walk the audit chain and the guards; say aloud what is wrong with either."""
    return _told_aloud("The record needs attention", (*verify_chain().faults, *faults()))


@shared_task(soft_time_limit=LONG, time_limit=LONG + 60)
def verify_files() -> list[str]:
    """Read every stored file and compare it with its hash; say aloud what is missing or changed."""
    damaged = (*damaged_blobs(), *damaged_packs())
    return _told_aloud("Stored files need attention", [(name, f"{name}: {words}") for name, words in damaged])


def _told_aloud(subject: str, found: Iterable[tuple[object, str]]) -> list[str]:
    sentences = [sentence for _, sentence in found]
    for sentence in sentences:
        logger.error("%s: %s", subject, sentence)
    if sentences:
        mail_managers(subject, "\n".join(sentences), fail_silently=True)
    note_pulse(subject, f"{len(sentences)} faults" if sentences else "whole")
    return sentences


@shared_task
def clear_old() -> dict[str, int]:
    """Forget what has been kept as long as the settings say."""
    now = clock.wall()
    cleared = {
        "idempotency keys": clear_keys(before=now - settings.KEEP_ANSWERS),
        "events": clear_dispatched(before=now - settings.KEEP_EVENTS),
        "sessions": clear_sign_ins(before=now - settings.KEEP_SESSIONS),
        "sessions that ran out": clear_expired(),
        "failed sign-ins": clear_attempts(before=now - settings.KEEP_ATTEMPTS),
    }
    if settings.KEEP_READINGS is not None:
        cleared["pack readings"] = clear_readings(before=(now - settings.KEEP_READINGS).date())
    return cleared
