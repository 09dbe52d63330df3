"""The secret address of a person's calendar: shown once, kept as a digest, replaced or closed at any time.

A calendar program can send no header, so its address is the key. It opens dates only, of one person only.
"""

import secrets
from datetime import timedelta

from alignment_portal import clock
from alignment_portal.accounts.actions import Actions
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import CalendarFeed, User
from alignment_portal.accounts.permissions import Action, require, require_proof
from alignment_portal.accounts.services import locked, tell
from alignment_portal.accounts.tokens import digest_of
from alignment_portal.refusals import Conflict
from alignment_portal.writing import by_the_way, service

READ_NOTED_EVERY = timedelta(hours=1)


@service
def open_feed(*, by: Actor, person: User) -> str:
    """A new key; the one before it opens nothing any more."""
    _require_own(by, person)
    person = locked(person)
    key = secrets.token_urlsafe(32)
    CalendarFeed.objects.filter(user=person).delete()
    CalendarFeed.objects.create(user=person, digest=digest_of(key), opened_at=clock.now())
    tell(by=by, action=Actions.CALENDAR_OPENED, person=person)
    return key


@service
def close_feed(*, by: Actor, person: User) -> None:
    _require_own(by, person)
    gone, _ = CalendarFeed.objects.filter(user=locked(person)).delete()
    if gone:
        tell(by=by, action=Actions.CALENDAR_CLOSED, person=person)


def _require_own(by: Actor, person: User) -> None:
    require(by, Action.TOKEN_MANAGE_OWN)
    if by.user_id != person.pk:
        raise Conflict("Everybody opens and closes their own calendar.", code="not_yours")
    require_proof(by)


def feed_of(key: str) -> CalendarFeed | None:
    """The feed behind a key, of an active person; None for every other key."""
    found = CalendarFeed.objects.select_related("user").filter(digest=digest_of(key)).first()
    return found if found is not None and found.user.is_active else None


def note_read(feed: CalendarFeed) -> None:
    """Remember the use, at most once an hour."""
    at = clock.wall()
    if feed.read_at is None or at - feed.read_at >= READ_NOTED_EVERY:
        with by_the_way():
            _note(feed)


@service
def _note(feed: CalendarFeed) -> None:
    CalendarFeed.objects.filter(pk=feed.pk).update(read_at=clock.wall())
