"""Noting who opened a pack: once a day for each person, so that the log says who read it and not how often."""

import datetime as dt
from uuid import UUID

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.audit.guard import service
from packs.models import PackBuild, PackReading


def note_reading(*, by: Actor, build: PackBuild) -> None:
    """Nothing to note for the portal itself, nor a second time that day."""
    today = clock.now().date()
    if by.user_id is not None and not _is_noted(build, by.user_id, today):
        _note(build, by.user_id, today)


def _is_noted(build: PackBuild, user: UUID, today: dt.date) -> bool:
    return PackReading.objects.filter(build=build, user_id=user, day=today).exists()


@service
def _note(build: PackBuild, user: UUID, today: dt.date) -> None:
    # Two tabs opened at once take turns at the pack, so that the second finds the row of the first.
    PackBuild.objects.select_for_update().get(pk=build.pk)
    if not _is_noted(build, user, today):
        PackReading.objects.create(build=build, user_id=user, day=today)


@service
def clear_readings(*, before: dt.date) -> int:
    """Forget who opened packs before a day. What is less than 90 days ago the guard keeps."""
    return PackReading.objects.filter(day__lt=before).delete()[0]
