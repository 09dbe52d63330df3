"""Handing events over: each becomes its jobs in one transaction; what was handed over is cleared in time."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import F

from alignment_portal import clock
from alignment_portal.outbox.deliveries import publish
from alignment_portal.outbox.models import OPEN, Delivery, Event, Job, Pulse
from alignment_portal.writing import service

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=5)


def pause_after(attempts: int) -> timedelta:
    """5 s, 10 s, 20 s … up to five minutes."""
    doubled: int = 2 ** min(attempts, 10)
    return min(FIRST_PAUSE * doubled, LONGEST_PAUSE)


@service
def open_jobs(event: Event, tasks: Sequence[str]) -> list[Delivery] | None:
    """Hand the event over: its place in the feed, its deliveries and its jobs. None when another was faster."""
    mine = Event.objects.filter(pk=event.pk, dispatched_at__isnull=True)
    if mine.update(dispatched_at=clock.wall(), attempts=F("attempts") + 1) != 1:
        return None
    Job.objects.bulk_create([Job(event=event, task=task) for task in tasks])
    return publish(event)


@service
def clear_dispatched(*, before: datetime) -> int:
    """Forget what was told long ago; never an event that a job is open for or a receiver still waits for."""
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING, webhook__retired_at__isnull=True)
    unfinished = Job.objects.filter(state__in=OPEN)
    old = Event.objects.filter(dispatched_at__lt=before)
    return (
        old.exclude(pk__in=waiting.values("event_id")).exclude(pk__in=unfinished.values("event")).delete()[0]
    )


@service
def note_pulse(name: str, words: str = "") -> None:
    Pulse.objects.update_or_create(name=name, defaults={"at": clock.wall(), "words": words})
