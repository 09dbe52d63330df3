"""Showing again that it is you, before a decision that carries your name.

Signing in counts as showing it, for as long as CONFIRM_MINUTES says; so does every later confirmation.
"""

from collections.abc import MutableMapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from alignment_portal import clock

Session = MutableMapping[str, Any]
PROVEN_AT = "proven_at"


def prove(session: Session) -> None:
    session[PROVEN_AT] = clock.wall().isoformat()


def is_fresh(session: Session) -> bool:
    """Whether the person of this session showed within the time set that it is they."""
    given = session.get(PROVEN_AT)
    if not isinstance(given, str):
        return False
    window = timedelta(minutes=settings.CONFIRM_MINUTES)
    return timedelta() <= clock.wall() - datetime.fromisoformat(given) < window
