"""Handing events over: claim, tell, mark. A row left half-way comes due again by itself."""

from datetime import datetime, timedelta

from django.db.models import F

from alignment_portal import clock
from alignment_portal.outbox.deliveries import publish
from alignment_portal.outbox.models import Delivery, Event
from alignment_portal.writing import service

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=5)


def pause_after(attempts: int) -> timedelta:
    """5 s, 10 s, 20 s … up to five minutes."""
    doubled: int = 2 ** min(attempts, 10)
    return min(FIRST_PAUSE * doubled, LONGEST_PAUSE)


@service
def claim(event: Event) -> bool:
    """Whether this caller is the one to hand the event over; the others see False."""
    now = clock.wall()
    due = Event.objects.filter(
        pk=event.pk, dispatched_at__isnull=True, next_at__lte=now, attempts=event.attempts
    )
    return due.update(attempts=F("attempts") + 1, next_at=now + pause_after(event.attempts)) == 1


@service
def publish_once(event: Event) -> list[Delivery]:
    """The deliveries that follow from the event, the first time it is handed over."""
    return [] if event.place is not None else publish(event)


@service
def mark_dispatched(event: Event) -> None:
    Event.objects.filter(pk=event.pk).update(dispatched_at=clock.wall())


@service
def clear_dispatched(*, before: datetime) -> int:
    """Events told long ago, with their deliveries; one that still waits for a receiver stays."""
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING, webhook__retired_at__isnull=True)
    old = Event.objects.filter(dispatched_at__lt=before)
    return old.exclude(pk__in=waiting.values("event_id")).delete()[0]
