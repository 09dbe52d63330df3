"""Jobs: sent, claimed by one worker, finished once. A message that is lost is sent again; one too many finds nothing to do."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType

from celery import Celery, Task
from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError
from django.db.models import F
from structlog.contextvars import bound_contextvars

from alignment_portal import clock
from alignment_portal.message_ids import number_in, numbered
from alignment_portal.outbox.leases import LEASE, has_run_out, is_surely_gone, renewed, this_holder
from alignment_portal.outbox.models import SENT_AGAIN_AT_MOST, Job, JobQuerySet, JobState
from alignment_portal.outbox.services import note_pulse, pause_after
from alignment_portal.refusals import Refusal
from alignment_portal.writing import service

ERRORS = 3  # of its own, before it is given up
LOSSES = 5  # workers it may lose beside that
LONGEST = timedelta(hours=2)
SENT_AGAIN_AFTER = timedelta(minutes=1)  # doubled with each message, up to SENT_AGAIN_AT_MOST


@dataclass(frozen=True)
class Held:
    job_id: int
    token: uuid.UUID


def message_id(job: Job) -> str:
    return numbered(job.pk)


# --- sending -----------------------------------------------------------------------------------------------


@service
def claim_sending(job: Job) -> bool:
    """Whether this caller sends the message now; it comes due again should nothing come of it."""
    now = clock.wall()
    doubled: int = 2 ** min(job.sends, 10)
    again = now + min(SENT_AGAIN_AFTER * doubled, SENT_AGAIN_AT_MOST)
    mine = Job.objects.to_send(now).filter(pk=job.pk, sends=job.sends)
    return mine.update(sends=F("sends") + 1, next_at=again) == 1


@service
def note_unsent(job: Job) -> None:
    """The broker did not answer: soon again, and later each time."""
    Job.objects.filter(pk=job.pk, state=JobState.QUEUED).update(next_at=clock.wall() + pause_after(job.sends))


# --- running -----------------------------------------------------------------------------------------------


@service
def claim(job_id: int) -> Held | None:
    """Take a job that waits; None when another worker has it, or it is not wanted any more."""
    now = clock.wall()
    held = Held(job_id, uuid.uuid4())
    waiting = Job.objects.filter(pk=job_id, state=JobState.QUEUED)
    taken = waiting.update(
        state=JobState.RUNNING,
        token=held.token,
        lease_until=now + LEASE,
        holder=this_holder(),
        started_at=now,
    )
    return held if taken else None


def _ours(held: Held) -> JobQuerySet:
    return Job.objects.filter(pk=held.job_id, token=held.token, state=JobState.RUNNING)


@service
def renew(held: Held) -> bool:
    return _ours(held).update(lease_until=clock.wall() + LEASE) == 1


@service
def finish(held: Held) -> bool:
    """INVARIANT: only the holder of the token finishes; False when the job was taken away meanwhile."""
    return _ours(held).update(**_ended(JobState.DONE, "")) == 1


@service
def note_error(held: Held, sentence: str, *, lasting: bool) -> None:
    """An error of the job itself: tried again after a pause, or given up with the reason in words."""
    job = _ours(held).select_for_update().first()
    if job is None:
        return
    errors = job.errors + 1
    if lasting or errors >= ERRORS:
        _ours(held).update(errors=errors, **_ended(JobState.FAILED, sentence))
    else:
        _ours(held).update(errors=errors, **_waiting(pause_after(errors), sentence))


@service
def release_lost(job: Job) -> bool:
    """Take a job back from a worker that is gone. Not counted as an error of the job."""
    if job.token is None or not (has_run_out(job.lease_until) or is_surely_gone(job.holder)):
        return False
    return _count_loss(
        _ours(Held(job.pk, job.token)).filter(lease_until=job.lease_until), job.losses + 1, timedelta()
    )


@service
def note_loss(held: Held) -> None:
    """The database or another server went away under the job: no fault of its own."""
    job = _ours(held).first()
    if job is not None:
        _count_loss(_ours(held), job.losses + 1, pause_after(job.losses))


def _count_loss(theirs: JobQuerySet, losses: int, pause: timedelta) -> bool:
    if losses > LOSSES:
        words = f"The worker was lost {losses} times while it did this. Look at the worker’s log."
        return theirs.update(losses=losses, **_ended(JobState.FAILED, words)) == 1
    return theirs.update(losses=losses, **_waiting(pause, "")) == 1


def _ended(state: JobState, error: str) -> dict[str, object]:
    return {
        "state": state,
        "error": error,
        "token": None,
        "lease_until": None,
        "holder": "",
        "finished_at": clock.wall(),
    }


def _waiting(pause: timedelta, error: str) -> dict[str, object]:
    return {
        "state": JobState.QUEUED,
        "error": error,
        "token": None,
        "lease_until": None,
        "holder": "",
        "next_at": clock.wall() + pause,
    }


class Doing:
    """While one works on a job: the lease is renewed, and the end is written down, whichever it is."""

    def __init__(self, held: Held) -> None:
        self.held = held
        self._lease = renewed(lambda: renew(held), name=f"job-{held.job_id}", longest=LONGEST)

    def __enter__(self) -> None:
        self._lease.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lease.__exit__(kind, fault, trace)
        if fault is None:
            finish(self.held)
        elif isinstance(fault, OperationalError | InterfaceError):
            note_loss(self.held)
        elif isinstance(fault, Exception):
            note_error(self.held, in_words(fault), lasting=isinstance(fault, Refusal))
        # Anything else ends the process: the lease runs out, and another worker takes the job.


def in_words(fault: Exception) -> str:
    if isinstance(fault, Refusal):
        return fault.sentence
    if isinstance(fault, SoftTimeLimitExceeded):
        return "It took longer than it may and was stopped."
    if isinstance(fault, MemoryError):
        return "The worker ran out of memory."
    return f"A fault of the portal stopped it ({type(fault).__name__}). See the worker’s log."


def scheduled(app: Celery) -> frozenset[str]:
    """The names of the tasks that beat starts."""
    return frozenset(entry["task"] for entry in app.conf.beat_schedule.values())


class JobTask(Task):  # type: ignore[type-arg]  # generic only in its stubs
    """Every task of the portal. One that was sent for a job holds the job's row while it runs."""

    abstract = True

    def __call__(self, *args: object, **kwargs: object) -> object:
        job_id = number_in(self.request.id)
        with bound_contextvars(task=self.name, job_id=job_id, message_id=self.request.id):
            return self._done(job_id, *args, **kwargs)

    def _done(self, job_id: int | None, *args: object, **kwargs: object) -> object:
        if job_id is None:
            answer = self.run(*args, **kwargs)
            if self.name in scheduled(self.app):
                note_pulse(self.name)
            return answer
        held = claim(job_id)
        if held is None:
            return "nothing to do"
        with Doing(held):
            return self.run(*args, **kwargs)
