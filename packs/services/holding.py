"""Holding a build: claimed by compare-and-set, the lease renewed while at work, every end fenced by the token."""

import uuid
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F

from alignment_portal import clock
from alignment_portal.accounts.actors import SYSTEM
from alignment_portal.audit.guard import service
from alignment_portal.outbox.leases import LEASE, has_run_out, is_surely_gone, renewed, this_holder
from packs.actions import Actions
from packs.models import ATTEMPTS, LONGEST_PAUSE, LOSSES, PackBuild, PackBuildQuerySet, State
from packs.services.recording import record_of

LONGEST = timedelta(minutes=10)  # a build that takes longer is let go: something is wrong with it
FIRST_PAUSE = timedelta(seconds=5)


@dataclass(frozen=True)
class Held:
    build_id: int
    token: uuid.UUID


class LostHold(Exception):
    """Somebody else holds the build now, or it was cancelled: what was made is dropped."""


@service
def claim(build_id: int) -> Held | None:
    """Take a build that waits; None when another has it, or it is not wanted any more."""
    now = clock.wall()
    held = Held(build_id, uuid.uuid4())
    waiting = PackBuild.objects.to_claim(now).filter(pk=build_id)
    taken = waiting.update(
        state=State.BUILDING,
        token=held.token,
        lease_until=now + LEASE,
        holder=this_holder(),
        attempt=F("attempt") + 1,
        percent=0,
        step="Starting",
    )
    return held if taken else None


@service
def renew(held: Held) -> bool:
    """Hold on for another while; False when the build is no longer ours."""
    return _ours(held).update(lease_until=clock.wall() + LEASE) == 1


@service
def note_progress(held: Held, step: str, percent: int) -> None:
    _ours(held).update(step=step, percent=percent)


def _ours(held: Held) -> PackBuildQuerySet:
    return PackBuild.objects.filter(pk=held.build_id, token=held.token, state=State.BUILDING)


@service
def note_error(held: Held, sentence: str, *, lasting: bool = False) -> PackBuild | None:
    """An error of the build itself: tried again after a pause, or failed for good with the reason in words."""
    build = _ours(held).select_for_update().first()
    if build is None:
        return None
    build.errors += 1
    if lasting or build.errors >= ATTEMPTS:
        _fail(build, sentence)
    else:
        _requeue(build, pause=min(FIRST_PAUSE * 2 ** (build.errors - 1), LONGEST_PAUSE), error=sentence)
    return build


@service
def release_lost(build_id: int) -> PackBuild | None:
    """Take a build back from a worker that is gone. Not counted as an error of the build."""
    build = PackBuild.objects.select_for_update().filter(pk=build_id, state=State.BUILDING).first()
    if build is None or not (has_run_out(build.lease_until) or is_surely_gone(build.holder)):
        return None
    build.losses += 1
    if build.losses > LOSSES:
        _fail(
            build,
            f"The worker was lost {build.losses} times while it built this pack. Look at the worker's log.",
        )
    else:
        _requeue(build, pause=timedelta(), error="")
    return build


def _requeue(build: PackBuild, *, pause: timedelta, error: str) -> None:
    build.state, build.token, build.lease_until, build.holder = State.QUEUED, None, None, ""
    build.step, build.percent, build.next_at, build.error = "", 0, clock.wall() + pause, error
    build.save()


def _fail(build: PackBuild, sentence: str) -> None:
    build.state, build.token, build.lease_until, build.holder = State.FAILED, None, None, ""
    build.step, build.error, build.finished_at = "", sentence, clock.now()
    build.save()
    record_of(build, by=SYSTEM, action=Actions.FAILED, reason=sentence)


def kept(held: Held) -> AbstractContextManager[None]:
    """Renew the lease beside the work, until it is done or has taken far too long."""
    return renewed(lambda: renew(held), name=f"lease-{held.build_id}", longest=LONGEST)
