"""All that somebody who runs the portal asks first, gathered once for the page and for programs."""

import platform
from dataclasses import dataclass
from datetime import datetime, timedelta

import django
from django.conf import settings
from django.db import connection

from alignment_portal import clock
from alignment_portal.audit.triggers import registered
from alignment_portal.operations import health
from alignment_portal.operations.jobs import Pace, Queue, paces, queue_now
from alignment_portal.operations.manifest import portal_version
from alignment_portal.outbox.models import Pulse
from gates.models import PolicyVersion

BEAT = "alignment_portal.tasks.dispatch_due"
BEAT_LATE_AFTER = timedelta(seconds=90)
BACKUP_LATE_AFTER = timedelta(hours=26)


@dataclass(frozen=True)
class Chore:
    """One thing that is done again and again: when it was last, and whether that is too long ago."""

    name: str
    words: str
    at: datetime | None
    result: str
    is_late: bool


@dataclass(frozen=True)
class Overview:
    queue: Queue
    health: dict[str, str]
    is_ready: bool
    chores: tuple[Chore, ...]
    paces: tuple[Pace, ...]
    guards: int
    versions: dict[str, str]

    @property
    def beat(self) -> Chore:
        return self.chores[0]


def overview() -> Overview:
    found = health.state()
    return Overview(
        queue=queue_now(),
        health=found,
        is_ready=health.is_ready(found),
        chores=chores(),
        paces=tuple(paces()),
        guards=sum(1 for guard in registered() if guard.sql_for(connection.vendor)),
        versions=_versions(),
    )


def chores() -> tuple[Chore, ...]:
    """Beat first, then the backup, then everything beat starts."""
    pulses = {pulse.name: pulse for pulse in Pulse.objects.all()}
    now = clock.wall()

    def chore(name: str, words: str, late_after: timedelta | None) -> Chore:
        pulse = pulses.get(name)
        at = None if pulse is None else pulse.at
        late = late_after is not None and (at is None or now - at > late_after)
        return Chore(name, words, at, "" if pulse is None else pulse.words, late)

    planned = [
        chore(entry["task"], words, None)
        for words, entry in settings.CELERY_BEAT_SCHEDULE.items()
        if entry["task"] != BEAT
    ]
    return (
        chore(BEAT, "the scheduler", BEAT_LATE_AFTER),
        chore("backup", "the backup", BACKUP_LATE_AFTER),
        *planned,
    )


def _versions() -> dict[str, str]:
    policy = PolicyVersion.objects.filter(is_current=True).first()
    return {
        "portal": portal_version(),
        "policy": policy.version if policy else "none",
        "database": f"{connection.display_name} {'.'.join(map(str, connection.get_database_version()))}",
        "python": platform.python_version(),
        "django": django.get_version(),
    }
