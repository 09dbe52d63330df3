"""Showing again that it is you, before a decision that carries your name.

Signing in counts as showing it, for as long as CONFIRM_MINUTES says; so does every later confirmation.
"""

from collections.abc import MutableMapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from alignment_portal import clock

Session = MutableMapping[str, Any]
PROVEN_AT, ASKED_AT = "proven_at", "asked_elsewhere_at"
# How far the clock of another machine may stand from ours.
CLOCKS_APART = timedelta(minutes=1)


def prove(session: Session) -> None:
    session[PROVEN_AT] = clock.wall().isoformat()


def is_fresh(session: Session) -> bool:
    """Whether the person of this session showed within the time set that it is they."""
    given = session.get(PROVEN_AT)
    if not isinstance(given, str):
        return False
    window = timedelta(minutes=settings.CONFIRM_MINUTES)
    return timedelta() <= clock.wall() - datetime.fromisoformat(given) < window


def ask_elsewhere(session: Session) -> None:
    """Note when the organisation's own sign-in was asked to ask its person again."""
    session[ASKED_AT] = clock.wall().isoformat()


def prove_elsewhere(session: Session, shown_at: datetime | None) -> bool:
    """Prove it when the person showed who they are after that; a sign-in of this morning shows nothing of now."""
    asked = session.pop(ASKED_AT, None)
    if shown_at is None or not isinstance(asked, str):
        return False
    earliest, latest = datetime.fromisoformat(asked) - CLOCKS_APART, clock.wall() + CLOCKS_APART
    if not earliest <= shown_at <= latest:
        return False
    prove(session)
    return True
