"""Signing in: failures are counted per account and per address, whether or not the account exists."""

import hashlib
import hmac
from datetime import datetime

from django.conf import settings

from alignment_portal import clock
from alignment_portal.accounts.models import SignInAttempt
from alignment_portal.writing import service

# Many people share the address of an office.
ADDRESS_FACTOR = 10


def _digest(text: str) -> str:
    """Keyed, so that the table gives away neither addresses nor e-mails."""
    return hmac.new(settings.SECRET_KEY.encode(), text.strip().lower().encode(), hashlib.sha256).hexdigest()


def _recent(kind: str, text: str, since: datetime) -> int:
    return SignInAttempt.objects.filter(kind=kind, digest=_digest(text), at__gt=since).count()


def is_paused(*, email: str, address: str) -> bool:
    since = clock.wall() - settings.SIGN_IN_PAUSE
    limit: int = settings.SIGN_IN_ATTEMPTS
    by_account = _recent("account", email, since)
    return by_account >= limit or _recent("address", address, since) >= limit * ADDRESS_FACTOR


@service
def note_failure(*, email: str, address: str) -> None:
    SignInAttempt.objects.bulk_create(
        [
            SignInAttempt(kind="account", digest=_digest(email)),
            SignInAttempt(kind="address", digest=_digest(address)),
        ]
    )


@service
def forget_failures(*, email: str) -> None:
    SignInAttempt.objects.filter(kind="account", digest=_digest(email)).delete()


@service
def clear_attempts(*, before: datetime) -> int:
    return SignInAttempt.objects.filter(at__lt=before).delete()[0]
