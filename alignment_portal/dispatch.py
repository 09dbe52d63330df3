"""From an announced event to the tasks that react to it. Runs after commit, and by beat for what was left."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

from alignment_portal import clock
from alignment_portal.outbox import services
from alignment_portal.outbox.models import Event
from alignment_portal.reactions import DELIVER, REACTIONS

Send = Callable[[str, Mapping[str, Any]], None]
BATCH = 200
logger = logging.getLogger(__name__)
_held: ContextVar[bool] = ContextVar("held", default=False)


def send_to_broker(task: str, ids: Mapping[str, Any]) -> None:
    current_app.send_task(task, kwargs=dict(ids))


def run_here(task: str, ids: Mapping[str, Any]) -> None:
    current_app.autodiscover_tasks(force=True)
    current_app.tasks[task].apply(kwargs=dict(ids), throw=True)


def dispatch_due(send: Send | None = None) -> int:
    """Hand over what is due; answer how many events were. A broker that is down leaves its rows due."""
    send = send or (run_here if getattr(settings, "CELERY_TASK_ALWAYS_EAGER", False) else send_to_broker)
    told = 0
    for event in Event.objects.due(clock.wall())[:BATCH]:
        if not services.claim(event):
            continue
        try:
            deliveries = services.publish_once(event)
            for task in REACTIONS.get(event.name, ()):
                send(task, event.payload)
            for delivery in deliveries:
                send(DELIVER, {"delivery": str(delivery.pk)})
        except (OperationalError, OSError) as error:
            logger.warning("The broker cannot be reached (%s); event %s stays due.", error, event.pk)
            return told
        services.mark_dispatched(event)
        told += 1
    return told


def run_due() -> int:
    """Run every reaction here and now, and the reactions to those, until nothing is left."""
    told = 0
    while count := dispatch_due(run_here):
        told += count
    return told


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
