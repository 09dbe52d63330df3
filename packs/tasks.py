"""Jobs of the packs: build one, pick up those left behind, note those that went out of date.

A message is only a hint. Each task may run twice, or late, or after the row is gone.
"""

from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.db import InterfaceError, OperationalError

from alignment_portal import clock
from alignment_portal.outbox.jobs import JobTask
from packs.models import PackBuild, State
from packs.services import building, calendar, holding, ordering, requests


class BuildTask(JobTask):
    def on_failure(self, exc: BaseException, task_id: str, args: Any, kwargs: Any, einfo: Any) -> None:
        # A database that is away cannot be told; the lease runs out, and the sweep hands the build out again.
        if not isinstance(exc, OperationalError | InterfaceError):
            building.note_fault(kwargs["build"], exc)


@shared_task(base=BuildTask)
def build(*, build: int) -> str:
    done = building.build_pack(build)
    if done is None:
        return "nothing to do"
    if done.state == State.QUEUED:
        _send(done.pk, seconds=max(0.0, (done.next_at - clock.wall()).total_seconds()))
    building.tell_requester(done)
    return str(done.state)


@shared_task
def write(*, order: int, **_: object) -> str:
    """Put a paper into words that was ordered; its building follows as for any other."""
    answered = ordering.answer_order(order)
    return "nothing to do" if answered is None else answered.answer.value


@shared_task
def sweep() -> int:
    """Take builds back from workers that are gone, and hand out again what waits; answer how many were sent."""
    for pk in PackBuild.objects.filter(state=State.BUILDING).values_list("pk", flat=True):
        holding.release_lost(pk)
    waiting = PackBuild.objects.to_claim(clock.wall()).order_by("id")
    sent = list(waiting.values_list("pk", flat=True))
    for pk in sent:
        _send(pk)
    return len(sent)


@shared_task
def mark_stale(*, key: str, **_: object) -> bool:
    return requests.mark_stale(key=key)


@shared_task
def weigh_papers(**_: object) -> int:
    """After a change that belongs to no single initiative; answer how many papers no longer say what stands."""
    return requests.weigh_papers()


@shared_task
def build_monthly() -> str:
    """Ask for the pack of the portfolio, on the day of the month that the settings name."""
    asked = calendar.request_monthly_pack()
    return "nothing to do" if asked is None else asked.ref


def _send(pk: int, seconds: float = 0) -> None:
    build.apply_async(kwargs={"build": pk}, countdown=seconds)


@worker_ready.connect
def sweep_at_start(**_: object) -> None:
    """A worker that starts looks at once for what its predecessor left behind."""
    sweep.delay()
