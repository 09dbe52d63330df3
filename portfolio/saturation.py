"""Change saturation: what one person of a group must absorb in one month, against what they can.

Hours per person and month are used because they can be checked (DOMAIN E.2). Frozen values in and out.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

# SOURCE: DOMAIN.md E.2, defaults of our own: half of the adoption effort falls into the month of going live.
ADOPTION_PROFILE = (0.5, 0.3, 0.2)
HIGH, OVER, STOP = 0.8, 1.0, 1.2

Band = Literal["free", "high", "over", "stop"]


@dataclass(frozen=True, slots=True)
class TrainingEffort:
    """Hours of training per person, in the month that holds ``on``."""

    hours: float
    on: dt.date | None


@dataclass(frozen=True, slots=True)
class GroupChange:
    """What one initiative asks of one group. Hours are per person; capacity is per person and month."""

    initiative: str
    group: str
    name: str
    headcount: int
    capacity_hours: float
    adoption_hours: float
    go_live_on: dt.date | None
    training: tuple[TrainingEffort, ...] = ()


@dataclass(frozen=True, slots=True)
class Load:
    """The load of one group in one month; ``hours`` and ``capacity_hours`` per person, ``share`` of capacity."""

    group: str
    name: str
    month: dt.date
    hours: float
    capacity_hours: float
    headcount: int
    share: float
    parts: tuple[tuple[str, float], ...]

    @property
    def band(self) -> Band:
        return band_of(self.share)

    @property
    def excess_hours(self) -> float:
        """Hours of the whole group above its capacity."""
        return max(0.0, self.hours - self.capacity_hours) * self.headcount


def band_of(share: float) -> Band:
    """Name the band: high from 80 %, over above 100 %, stop above 120 % of capacity."""
    if share > STOP:
        return "stop"
    if share > OVER:
        return "over"
    return "high" if share >= HIGH else "free"


def month_of(day: dt.date, later: int = 0) -> dt.date:
    """Return the first day of the month that holds ``day``, or of a later one."""
    months = day.year * 12 + day.month - 1 + later
    return dt.date(months // 12, months % 12 + 1, 1)


def hours_by_month(change: GroupChange) -> Mapping[dt.date, float]:
    """Spread one initiative's hours per person over months; effort without any date falls nowhere."""
    hours: defaultdict[dt.date, float] = defaultdict(float)
    if change.go_live_on is not None and change.adoption_hours:
        for later, share in enumerate(ADOPTION_PROFILE):
            hours[month_of(change.go_live_on, later)] += share * change.adoption_hours
    for effort in change.training:
        day = effort.on or change.go_live_on
        if day is not None and effort.hours:
            hours[month_of(day)] += effort.hours
    return hours


def loads(changes: Iterable[GroupChange]) -> tuple[Load, ...]:
    """Sum what all initiatives ask of each group in each month, in order of group and month.

    Initiatives may state a group's capacity and size differently: the smallest capacity and the largest headcount
    count, so that nobody lowers a load by stating more room. Without any capacity the share is infinite.
    """
    parts: defaultdict[tuple[str, dt.date], list[tuple[str, float]]] = defaultdict(list)
    stated: defaultdict[str, list[GroupChange]] = defaultdict(list)
    for change in changes:
        stated[change.group].append(change)
        for month, hours in hours_by_month(change).items():
            parts[change.group, month].append((change.initiative, hours))
    return tuple(_load(group, month, parts[group, month], stated[group]) for group, month in sorted(parts))


def _load(group: str, month: dt.date, parts: list[tuple[str, float]], stated: list[GroupChange]) -> Load:
    first = min(stated, key=lambda change: change.initiative)
    capacity = min(change.capacity_hours for change in stated)
    ordered = tuple(sorted(parts))
    hours = sum(hours for _, hours in ordered)
    return Load(
        group=group,
        name=first.name,
        month=month,
        hours=hours,
        capacity_hours=capacity,
        headcount=max(change.headcount for change in stated),
        share=hours / capacity if capacity else float("inf"),
        parts=ordered,
    )
