"""The browsers a person is signed in with: noted at sign-in, seen once a minute, ended from anywhere."""

import re
from collections.abc import MutableMapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.models import Session
from django.db.models import QuerySet

from alignment_portal import clock
from alignment_portal.accounts.models import SignIn, User
from alignment_portal.writing import service

SIGN_IN, STARTED_AT, SEEN_AT = "sign_in", "started_at", "seen_at"
SEEN_EVERY = timedelta(minutes=1)

_SYSTEMS = (
    ("iPhone|iPad", "iOS"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)
_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrom", "Chrome"),
    ("Safari/", "Safari"),
)


def device_of(agent: str) -> str:
    """A browser's own description as people say it: `Firefox on Windows`."""
    browser = next((name for sign, name in _BROWSERS if sign in agent), "")
    system = next((name for sign, name in _SYSTEMS if re.search(sign, agent)), "")
    return " on ".join(filter(None, (browser, system)))


@service
def note_sign_in(*, person: User, session_key: str, agent: str, address: str) -> SignIn:
    SignIn.objects.filter(session_key=session_key).update(session_key=None, ended_at=clock.wall())
    return SignIn.objects.create(
        user=person, session_key=session_key, device=device_of(agent), address=address[:45]
    )


@service
def note_seen(*, sign_in: int, session_key: str, address: str) -> None:
    """The session may have got a new name meanwhile, as after a change of password."""
    living = SignIn.objects.filter(pk=sign_in, ended_at__isnull=True)
    living.update(seen_at=clock.wall(), session_key=session_key, address=address[:45])


def living_sessions(person: User) -> QuerySet[SignIn]:
    """Those that can still be used; one whose session has run out by itself is not among them."""
    alive = Session.objects.filter(expire_date__gt=clock.wall()).values("session_key")
    return SignIn.objects.filter(user=person, session_key__in=alive)


@service
def end_session(sign_in: SignIn) -> bool:
    """Sign that browser out; False when it was out already."""
    return _end(SignIn.objects.filter(pk=sign_in.pk, ended_at__isnull=True)) > 0


@service
def end_every_session(person: User, keeping: int | None = None) -> int:
    return _end(SignIn.objects.filter(user=person, ended_at__isnull=True).exclude(pk=keeping or 0))


def _end(sign_ins: QuerySet[SignIn]) -> int:
    keys = list(sign_ins.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    return SignIn.objects.filter(session_key__in=keys).update(session_key=None, ended_at=clock.wall())


@service
def clear_sign_ins(*, before: datetime) -> int:
    """Forget sessions last used before a moment, and with them where somebody was."""
    return SignIn.objects.filter(seen_at__lt=before).delete()[0]


@service
def clear_expired() -> int:
    """Forget sessions that have run out with all that was in them, such as a form that was never carried out.

    Nobody signs out of most of them, and whoever only looks at the door leaves one as well.
    """
    return Session.objects.filter(expire_date__lt=clock.wall()).delete()[0]


def moment_in(session: MutableMapping[str, Any], name: str) -> datetime | None:
    given = session.get(name)
    return datetime.fromisoformat(given) if isinstance(given, str) else None
