"""From an announced event to the tasks that react to it. Runs after commit, and by beat for what was left."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from celery import current_app
from kombu.exceptions import OperationalError as BrokerDown

from alignment_portal import clock
from alignment_portal.outbox import jobs, services
from alignment_portal.outbox.models import Event, Job
from alignment_portal.reactions import DELIVER, REACTIONS

Send = Callable[[str, Mapping[str, Any], str], None]
BATCH = 200
logger = logging.getLogger(__name__)
_held: ContextVar[bool] = ContextVar("held", default=False)


def send_to_broker(task: str, ids: Mapping[str, Any], message: str = "") -> None:
    current_app.send_task(task, kwargs=dict(ids), task_id=message or None)


def run_here(task: str, ids: Mapping[str, Any], message: str = "") -> None:
    current_app.autodiscover_tasks(force=True)
    current_app.tasks[task].apply(kwargs=dict(ids), task_id=message or None, throw=True)


def dispatch_due(send: Send | None = None) -> int:
    """Make jobs and deliveries of what was announced, and send what is due; answer how many events there were."""
    send, told = send or send_to_broker, 0
    for event in Event.objects.due()[:BATCH]:
        deliveries = services.open_jobs(event, REACTIONS.get(event.name, ()))
        if deliveries is None:
            continue
        told += 1
        for delivery in deliveries:
            try:
                send(DELIVER, {"delivery": str(delivery.pk)}, "")
            except (BrokerDown, OSError) as error:
                logger.warning(
                    "The broker cannot be reached (%s); delivery %s stays due.", error, delivery.pk
                )
    send_due(send)
    return told


def send_due(send: Send) -> int:
    """Send a message for every job that waits; a broker that is down leaves its rows due."""
    sent = 0
    for job in Job.objects.to_send(clock.wall()).select_related("event")[:BATCH]:
        if not jobs.claim_sending(job):
            continue
        try:
            send(job.task, job.event.payload, jobs.message_id(job))
        except (BrokerDown, OSError) as error:
            jobs.note_unsent(job)
            logger.warning("The broker cannot be reached (%s); job %s stays due.", error, job.pk)
            return sent
        sent += 1
    return sent


def take_back_lost() -> int:
    """Take jobs back from workers that are gone; answer how many were."""
    return sum(jobs.release_lost(job) for job in Job.objects.running())


def run_due() -> int:
    """Run every reaction here and now, and the reactions to those, until nothing is left."""
    told = 0
    while count := dispatch_due(run_here):
        told += count
    return told


def forget_due() -> int:
    """Count what was announced as told, without its reactions: whoever calls has done what they would do."""
    return sum(services.open_jobs(event, ()) is not None for event in Event.objects.due())


@contextmanager
def held_back() -> Iterator[None]:
    """Announced events stay due for as long as this lasts: for loading many changes whose sum is what matters."""
    token = _held.set(True)
    try:
        yield
    finally:
        _held.reset(token)


def on_committed(**_: object) -> None:
    if not _held.get():
        dispatch_due()
