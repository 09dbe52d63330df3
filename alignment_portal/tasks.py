"""The portal's own chores, run by beat."""

import logging
from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.core.mail import mail_managers

from alignment_portal import clock, dispatch
from alignment_portal.accounts.sessions import clear_sign_ins
from alignment_portal.accounts.sign_in import clear_attempts
from alignment_portal.audit.chain import verify_chain
from alignment_portal.audit.triggers import faults
from alignment_portal.http.idempotency import clear_keys
from alignment_portal.outbox.services import clear_dispatched

KEYS_KEPT = timedelta(hours=24)
EVENTS_KEPT = timedelta(days=30)
SESSIONS_KEPT = timedelta(days=90)
logger = logging.getLogger(__name__)


@shared_task
def dispatch_due() -> int:
    return dispatch.dispatch_due()


@shared_task
def verify_record() -> list[str]:
    """Walk the audit chain and the guards; say aloud what is wrong with either."""
    sentences = [sentence for _, sentence in (*verify_chain().faults, *faults())]
    for sentence in sentences:
        logger.error("The record needs attention: %s", sentence)
    if sentences:
        mail_managers("The record needs attention", "\n".join(sentences), fail_silently=True)
    return sentences


@shared_task
def clear_old() -> dict[str, int]:
    now = clock.wall()
    return {
        "idempotency keys": clear_keys(before=now - KEYS_KEPT),
        "events": clear_dispatched(before=now - EVENTS_KEPT),
        "sessions": clear_sign_ins(before=now - SESSIONS_KEPT),
        "failed sign-ins": clear_attempts(before=now - 2 * settings.SIGN_IN_PAUSE),
    }
