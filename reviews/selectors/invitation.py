"""The dates of a review as a calendar file: the end of the pre-read, and the meeting."""

import datetime as dt

from django.conf import settings
from icalendar import Calendar, Event, vCalAddress, vText

from alignment_portal import clock
from reviews.models import Review

MEETING = dt.timedelta(hours=1)


def has_dates(review: Review) -> bool:
    return review.pre_read_at is not None or review.meeting_at is not None


def invitation_to(review: Review, *, taken_back: bool = False) -> bytes:
    """An iCalendar (RFC 5545) of what is dated in a review; `taken_back` for somebody who no longer takes part.

    Its events keep their UID and count their sequence up, so that a calendar which holds them moves them.
    """
    is_off = taken_back or review.lapsed_at is not None
    calendar = Calendar()
    calendar.add("prodid", "-//Alignment portal//Alignment reviews//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if is_off else "REQUEST")
    if review.pre_read_at is not None:
        event = _event(review, "pre-read", f"Pre-read of {review.ref} ends", review.pre_read_at)
        event.add("duration", dt.timedelta(0))
        event.add("status", "CANCELLED" if is_off else "CONFIRMED")
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    if review.meeting_at is not None:
        event = _event(review, "meeting", f"Alignment review {review.ref}", review.meeting_at)
        event.add("duration", MEETING)
        event.add("status", "CANCELLED" if is_off else "CONFIRMED")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _event(review: Review, what: str, summary: str, start: dt.datetime) -> Event:
    address = f"{settings.PORTAL_URL}/reviews/{review.ref}/"
    event = Event()
    event.add("uid", f"{review.ref}-{what}@{settings.PORTAL_URL.partition('://')[2]}")
    event.add("dtstamp", clock.now())
    event.add("sequence", review.version)
    event.add("dtstart", start.astimezone(dt.UTC))
    event.add("summary", summary)
    words = [review.purpose, review.decision_sought and f"Decision sought: {review.decision_sought}", address]
    event.add("description", "\n\n".join(word for word in words if word))
    event.add("url", address)
    event.add("organizer", _person(review.opened_by.email, review.opened_by.name))
    for seat in review.participants.filter(left_at__isnull=True).select_related("user").order_by("id"):
        guest = _person(seat.user.email, seat.user.name)
        guest.params["ROLE"] = vText("REQ-PARTICIPANT" if seat.required else "OPT-PARTICIPANT")
        guest.params["RSVP"] = vText("TRUE")
        event.add("attendee", guest, encode=False)
    return event


def _person(email: str, name: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{email}")
    address.params["CN"] = vText(name)
    return address
