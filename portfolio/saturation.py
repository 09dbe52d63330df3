"""Change saturation: what one person of a group must absorb in one month, against what they can.

Hours per person and month are used because they can be checked (DOMAIN E.2). Frozen values in and out.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

# SOURCE: DOMAIN.md E.2, defaults of our own: half of the adoption effort falls into the month of going live.
ADOPTION_PROFILE = (0.5, 0.3, 0.2)
HIGH, OVER, STOP = 0.8, 1.0, 1.2
# Defaults of our own: how long new work counts as change before it is how things are done, and how far a go-live moves.
ABSORBED_MONTHS = 3
MOST_MONTHS_LATER = 3

Band = Literal["free", "high", "over", "stop"]


@dataclass(frozen=True, slots=True)
class TrainingEffort:
    """Hours of training per person, in the month that holds ``on``."""

    hours: float
    on: dt.date | None


@dataclass(frozen=True, slots=True)
class GroupChange:
    """What one initiative asks of one group. Hours are per person; capacity is per person and month.

    ``added_hours`` a month are new work (workload shifts that add, obligations) from going live until it is absorbed.
    """

    initiative: str
    group: str
    name: str
    headcount: int
    capacity_hours: float
    adoption_hours: float
    go_live_on: dt.date | None
    training: tuple[TrainingEffort, ...] = ()
    added_hours: float = 0.0


@dataclass(frozen=True, slots=True)
class Known:
    """A registered group: its size, and its capacity in hours per person and month, less in its peak months."""

    name: str
    headcount: int
    capacity_hours: float
    peak_months: frozenset[int] = frozenset()
    peak_share: float = 1.0

    def capacity_in(self, month: dt.date) -> float:
        """Hours per person in that month."""
        return self.capacity_hours * (self.peak_share if month.month in self.peak_months else 1.0)


@dataclass(frozen=True, slots=True)
class Move:
    """What moving one go-live would do: the group's highest share of capacity before and after."""

    group: str
    initiative: str
    months_later: int
    before: float
    after: float


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
    if change.go_live_on is not None and change.added_hours > 0:
        for later in range(ABSORBED_MONTHS):
            hours[month_of(change.go_live_on, later)] += change.added_hours
    for effort in change.training:
        day = effort.on or change.go_live_on
        if day is not None and effort.hours:
            hours[month_of(day)] += effort.hours
    return hours


def moved(change: GroupChange, months: int) -> GroupChange:
    """Return the same change so many months later, its training with it."""

    def later(day: dt.date | None) -> dt.date | None:
        return None if day is None else month_of(day, months)

    training = tuple(TrainingEffort(effort.hours, later(effort.on)) for effort in change.training)
    return replace(change, go_live_on=later(change.go_live_on), training=training)


def best_moves(
    changes: Iterable[GroupChange],
    known: Mapping[str, Known] | None = None,
    *,
    first: dt.date,
    movable: Collection[str] | None = None,
) -> tuple[Move, ...]:
    """For each group that is over its capacity from ``first`` on, return the one move that lowers its peak most.

    Only go-lives from ``first`` on can be moved, at most ``MOST_MONTHS_LATER``; the smaller move wins a tie.
    """
    by_group: defaultdict[str, list[GroupChange]] = defaultdict(list)
    for change in changes:
        by_group[change.group].append(change)
    found = []
    for group, asked in sorted(by_group.items()):
        before = _peak(asked, known, first)
        if before <= OVER:
            continue
        tries = [
            Move(group, one.initiative, months, before, _peak(_with(asked, place, months), known, first))
            for place, one in enumerate(asked)
            if one.go_live_on is not None and month_of(one.go_live_on) >= first
            if movable is None or one.initiative in movable
            for months in range(1, MOST_MONTHS_LATER + 1)
        ]
        best = min(tries, key=lambda move: (move.after, move.months_later, move.initiative), default=None)
        if best is not None and best.after < before:
            found.append(best)
    return tuple(found)


def _with(asked: list[GroupChange], place: int, months: int) -> list[GroupChange]:
    return [moved(one, months) if at == place else one for at, one in enumerate(asked)]


def _peak(asked: Iterable[GroupChange], known: Mapping[str, Known] | None, first: dt.date) -> float:
    return max((load.share for load in loads(asked, known) if load.month >= first), default=0.0)


def loads(changes: Iterable[GroupChange], known: Mapping[str, Known] | None = None) -> tuple[Load, ...]:
    """Sum what all initiatives ask of each group in each month, in order of group and month.

    A registered group (``known``) has the size and capacity of the register. Else initiatives may state a group's capacity and size differently: the smallest capacity and the largest headcount
    count, so that nobody lowers a load by stating more room. Without any capacity the share is infinite.
    """
    parts: defaultdict[tuple[str, dt.date], list[tuple[str, float]]] = defaultdict(list)
    stated: defaultdict[str, list[GroupChange]] = defaultdict(list)
    for change in changes:
        stated[change.group].append(change)
        for month, hours in hours_by_month(change).items():
            parts[change.group, month].append((change.initiative, hours))
    registered = known or {}
    return tuple(
        _load(group, month, parts[group, month], stated[group], registered.get(group))
        for group, month in sorted(parts)
    )


def _load(
    group: str,
    month: dt.date,
    parts: list[tuple[str, float]],
    stated: list[GroupChange],
    known: Known | None,
) -> Load:
    first = min(stated, key=lambda change: change.initiative)
    capacity = known.capacity_in(month) if known else min(change.capacity_hours for change in stated)
    ordered = tuple(sorted(parts))
    hours = sum(hours for _, hours in ordered)
    return Load(
        group=group,
        name=known.name if known else first.name,
        month=month,
        hours=hours,
        capacity_hours=capacity,
        headcount=known.headcount if known else max(change.headcount for change in stated),
        share=hours / capacity if capacity else float("inf"),
        parts=ordered,
    )
