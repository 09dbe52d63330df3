"""What waits, runs, is stuck or failed, and having it tried again or given up."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Avg, Count, F, Max, Min, Q

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.operations.actions import Actions
from alignment_portal.outbox.models import OPEN, Event, Job, JobQuerySet, JobState
from alignment_portal.refusals import Conflict
from packs.models import PackBuild, State

STUCK_AFTER = timedelta(minutes=5)
SHOWN = 50
AGAIN = (JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True)
class Queue:
    """The jobs as numbers; `oldest_seconds` is the age of what has waited longest."""

    queued: int
    running: int
    stuck: int
    failed: int
    untold: int
    oldest_seconds: float
    packs_waiting: int
    packs_building: int
    packs_failed: int

    @property
    def is_stuck(self) -> bool:
        return self.stuck > 0


def is_stuck(now: datetime) -> Q:
    """Waiting for far too long, or held by a worker that no longer says so."""
    waiting = Q(state=JobState.QUEUED, opened_at__lt=now - STUCK_AFTER)
    return waiting | Q(state=JobState.RUNNING, lease_until__lt=now)


def queue_now() -> Queue:
    now = clock.wall()
    counts = Job.objects.filter(state__in=(*OPEN, JobState.FAILED)).aggregate(
        queued=Count("pk", filter=Q(state=JobState.QUEUED)),
        running=Count("pk", filter=Q(state=JobState.RUNNING)),
        stuck=Count("pk", filter=is_stuck(now)),
        failed=Count("pk", filter=Q(state=JobState.FAILED)),
        oldest=Min("opened_at", filter=Q(state=JobState.QUEUED)),
    )
    packs = PackBuild.objects.aggregate(
        packs_waiting=Count("pk", filter=Q(state=State.QUEUED)),
        packs_building=Count("pk", filter=Q(state=State.BUILDING)),
        packs_failed=Count("pk", filter=Q(state=State.FAILED)),
    )
    oldest = counts.pop("oldest")
    age = 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds())
    return Queue(**counts, **packs, untold=Event.objects.due().count(), oldest_seconds=age)


def jobs_to_show() -> JobQuerySet:
    """What is not done, the newest first: failed, running, waiting."""
    return Job.objects.exclude(state=JobState.DONE).select_related("event").order_by("-pk")


@dataclass(frozen=True)
class Pace:
    """How long a kind of job took within the last hour."""

    task: str
    count: int
    mean_seconds: float
    longest_seconds: float


def paces(within: timedelta = timedelta(hours=1)) -> list[Pace]:
    done = Job.objects.filter(
        state=JobState.DONE, finished_at__gte=clock.wall() - within, started_at__isnull=False
    )
    lasted = F("finished_at") - F("started_at")
    rows = done.values("task").order_by("task").annotate(n=Count("pk"), mean=Avg(lasted), longest=Max(lasted))
    return [
        Pace(row["task"], row["n"], row["mean"].total_seconds(), row["longest"].total_seconds())
        for row in rows
    ]


@service
def retry_job(*, by: Actor, job: Job) -> Job:
    """Try again what failed or was cancelled; what waits is only sent at once."""
    require(by, Action.OPERATIONS_MANAGE)
    again = Job.objects.filter(pk=job.pk, state__in=(*AGAIN, JobState.QUEUED))
    changed = again.update(
        state=JobState.QUEUED, errors=0, losses=0, sends=0, error="", next_at=clock.wall(), finished_at=None
    )
    job.refresh_from_db()
    if not changed:
        raise Conflict(f"This job is {job.get_state_display()}: there is nothing to try again.")
    record(by=by, action=Actions.JOB_RETRIED, subject=_name(job))
    return job


@service
def cancel_job(*, by: Actor, job: Job) -> Job:
    """Give up what waits or runs; a worker that is at it finds that it no longer holds it."""
    require(by, Action.OPERATIONS_MANAGE)
    changed = Job.objects.filter(pk=job.pk, state__in=OPEN).update(
        state=JobState.CANCELLED, token=None, lease_until=None, holder="", finished_at=clock.wall()
    )
    job.refresh_from_db()
    if not changed and job.state != JobState.CANCELLED:
        raise Conflict(f"This job is {job.get_state_display()}: there is nothing left to cancel.")
    if changed:
        record(by=by, action=Actions.JOB_CANCELLED, subject=_name(job))
    return job


def _name(job: Job) -> str:
    return f"job {job.pk} ({job.task})"
