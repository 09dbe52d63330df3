"""A person's dates as an iCalendar (RFC 5545): their reviews, what they promised, and what runs out."""

import datetime as dt
import re
from collections.abc import Iterator

from django.conf import settings
from icalendar import Calendar, Event

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from gates.selectors.expiring import endings_for
from initiatives.selectors import visible_initiatives
from reviews.models import Review
from reviews.selectors.promises import open_commitments
from reviews.selectors.reviews import seated, visible_reviews

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
MEETING = dt.timedelta(hours=1)
BACK = dt.timedelta(days=90)  # how far the past is still shown
FAR = dt.date(9999, 12, 31)
REFRESH = dt.timedelta(hours=6)


def calendar_of(by: Actor) -> bytes:
    """Judged with the rights of this moment: what a person may no longer see leaves their calendar."""
    calendar = Calendar()
    calendar.add("prodid", "-//Alignment portal//Dates//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"Alignment: {by.name}")
    calendar.add("refresh-interval", REFRESH, {"value": "DURATION"})
    for event in (*_reviews(by), *_promises(by), *_endings(by)):
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _event(uid: str, summary: str, path: str, start: dt.datetime | dt.date) -> Event:
    event = Event()
    event.add("uid", f"{uid}@{settings.PORTAL_URL.partition('://')[2]}")
    event.add("dtstamp", clock.now())
    event.add("dtstart", start)
    event.add("summary", _CONTROLS.sub(" ", summary))  # RFC 5545, section 3.1: a text holds none
    event.add("url", f"{settings.PORTAL_URL}{path}")
    event.add("transp", "TRANSPARENT")
    return event


def _reviews(by: Actor) -> Iterator[Event]:
    since = clock.now() - BACK
    rows = Review.objects.filter(
        seated(by), pk__in=visible_reviews(by).order_by().values("pk"), sent_at__isnull=False
    )
    for review in rows.filter(lapsed_at__isnull=True).order_by("pk"):
        path = f"/reviews/{review.ref}/"
        if review.pre_read_at is not None and review.pre_read_at >= since:
            yield _event(
                f"{review.ref}-pre-read",
                f"Pre-read of {review.ref} ends",
                path,
                review.pre_read_at.astimezone(dt.UTC),
            )
        if review.meeting_at is not None and review.meeting_at >= since:
            meeting = _event(
                f"{review.ref}-meeting",
                f"Alignment review {review.ref}",
                path,
                review.meeting_at.astimezone(dt.UTC),
            )
            meeting.add("duration", MEETING)
            meeting["transp"] = "OPAQUE"
            yield meeting


def _promises(by: Actor) -> Iterator[Event]:
    for promise in open_commitments(until=FAR).filter(owner=by.user_id):
        yield _event(
            promise.ref,
            f"{promise.ref} is due: {promise.text[:120]}",
            f"/reviews/{promise.review.ref}/",
            promise.due_on,
        )


def _endings(by: Actor) -> Iterator[Event]:
    if by.user_id is None:
        return
    for ending in endings_for(by.user_id, visible_initiatives(by), clock.now().date()):
        yield _event(f"{ending.ref}-ends", ending.sentence, ending.path, ending.on)
