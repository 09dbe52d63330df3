"""What one dossier asks of each of its groups, month by month, in hours of one person (DOMAIN E.2).

Frozen values in and out. Hours are counted in whole millionths, so that their sum is the same in whatever order they
are added, in the database and here.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from initiatives.dossier.change import ChangeImpact

# SOURCE: DOMAIN.md E.2, defaults of our own: half of the adoption effort falls into the month of going live.
ADOPTION_PROFILE = (0.5, 0.3, 0.2)
# Defaults of our own: how long new work counts as change before it is how things are done.
ABSORBED_MONTHS = 3
WEEKS_A_MONTH = 52 / 12
MILLION = 1_000_000
# Hours of one person in one month beyond which nothing more is counted: a slip of the pen must not burst a sum.
MOST_HOURS = 1_000_000.0


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


def month_of(day: dt.date, later: int = 0) -> dt.date:
    """Return the first day of the month that holds ``day``, or of a later one; no later than the calendar ends."""
    months = min(day.year * 12 + day.month - 1 + later, dt.MAXYEAR * 12 + 11)
    return dt.date(months // 12, months % 12 + 1, 1)


def millionths_by_month(change: GroupChange) -> dict[dt.date, int]:
    """Spread one initiative's hours per person over months; effort without any date falls nowhere.

    Returns millionths of an hour by the first day of each month on which something falls, in order of month.
    """
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
    counted = {month: round(min(hours[month], MOST_HOURS) * MILLION) for month in sorted(hours)}
    return {month: millionths for month, millionths in counted.items() if millionths}


def changes_in(key: str, impact: ChangeImpact) -> list[GroupChange]:
    """What one dossier asks of each of its groups."""
    training: defaultdict[str, list[TrainingEffort]] = defaultdict(list)
    for effort in impact.training:
        training[effort.group].append(TrainingEffort(effort.hours_per_person, effort.starts_on))
    shifts: defaultdict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for shift in impact.workload_shifts:
        shifts[shift.group].append((shift.minutes_per_case, shift.cases_per_week, shift.exposed_share))
    owed: defaultdict[str, float] = defaultdict(float)
    for duty in impact.obligations:
        if duty.owner is not None:
            owed[duty.owner] += duty.hours_per_month or 0.0
    return [
        GroupChange(
            initiative=key,
            group=group.code,
            name=group.name,
            headcount=group.headcount,
            capacity_hours=group.capacity_hours,
            adoption_hours=group.adoption_hours,
            go_live_on=group.go_live_on,
            training=tuple(training[group.code]),
            added_hours=added_hours(
                group.headcount, shifts[group.code], owed.get(group.lead, 0.0) if group.lead else 0.0
            ),
        )
        for group in impact.groups
    ]


def added_hours(headcount: int, shifts: Iterable[tuple[float, float, float]], duty: float) -> float:
    """New work per person and month: what workload shifts add in the end, and obligations of whoever leads the group.

    A shift is minutes a case, cases a week and the share of cases exposed. A group that saves in the end has no new work.
    """
    net = sum(minutes * cases * share for minutes, cases, share in shifts) / 60 * WEEKS_A_MONTH
    return (max(0.0, net) + duty) / headcount if headcount else 0.0


def asked_by_month(impact: ChangeImpact) -> Mapping[tuple[str, dt.date], int]:
    """What one dossier asks of one person, by the code of the group and the month: millionths of an hour."""
    return {
        (change.group, month): millionths
        for change in changes_in("", impact)
        for month, millionths in millionths_by_month(change).items()
    }
