"""What change asks of each group of people, month by month, as known at one moment."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from django.db.models import Q

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from initiatives.dossier.change import ChangeImpact
from initiatives.models import Group, Initiative, Obligation, Status, Training, WorkloadShift
from initiatives.selectors import asks_at
from portfolio.models import OtherChange, PeopleGroup
from portfolio.saturation import GroupChange, Known, Load, Move, TrainingEffort, best_moves, loads, month_of
from portfolio.selectors.register import is_present, statuses_now

WEEKS_A_MONTH = 52 / 12
OTHER = "other:"  # begins the name of a part that comes from elsewhere than an initiative


def group_loads(
    at: dt.datetime | None = None,
    *,
    groups: Collection[str] | None = None,
    statuses: Mapping[str, str] | None = None,
) -> tuple[Load, ...]:
    """Load of every group (or of those named) in every month, all initiatives that are not retired and other change.

    Groups are the same when they have the same code.
    """
    known = groups_at(at, groups=groups)
    return loads(changes_at(at, known, groups=groups, statuses=statuses), known)


def changes_at(
    at: dt.datetime | None,
    known: Mapping[str, Known],
    *,
    groups: Collection[str] | None = None,
    statuses: Mapping[str, str] | None = None,
) -> list[GroupChange]:
    return [*_asked(at, groups, statuses), *_others(at, known)]


def _asked(
    at: dt.datetime | None, groups: Collection[str] | None, statuses: Mapping[str, str] | None
) -> Iterator[GroupChange]:
    if statuses is None and is_present(at):
        yield from _changes_now(groups)
        return
    standing = statuses or statuses_now()
    for key, asks in asks_at(at):
        if standing.get(key, Status.DRAFT) != Status.RETIRED:
            for change in changes_in(key, asks.change_impact):
                if groups is None or change.group in groups:
                    yield change


def groups_at(at: dt.datetime | None = None, *, groups: Collection[str] | None = None) -> dict[str, Known]:
    """The register of groups as it was recorded at that moment. One query."""
    rows = PeopleGroup.objects.filter(recorded_at__lte=at or clock.now()).order_by("number")
    if groups is not None:
        rows = rows.filter(code__in=groups)
    names = ("name", "headcount", "capacity_hours", "peak_months", "peak_share")
    return {
        code: Known(name, headcount, capacity, frozenset(peak), share)
        for code, name, headcount, capacity, peak, share in rows.values_list("code", *names)
    }


def _others(at: dt.datetime | None, known: Mapping[str, Known]) -> Iterator[GroupChange]:
    """Other change of registered groups, spread evenly over its months. One query."""
    moment = at or clock.now()
    rows = OtherChange.objects.filter(recorded_at__lte=moment, group__in=known)
    for row in rows.filter(Q(withdrawn_at=None) | Q(withdrawn_at__gt=moment)):
        months = [month_of(row.starts_on)]
        while months[-1] < month_of(row.ends_on):
            months.append(month_of(months[-1], 1))
        group = known[row.group]
        yield GroupChange(
            initiative=f"{OTHER}{row.pk}",
            group=row.group,
            name=group.name,
            headcount=group.headcount,
            capacity_hours=group.capacity_hours,
            adoption_hours=0.0,
            go_live_on=None,
            training=tuple(TrainingEffort(row.hours_per_person / len(months), month) for month in months),
        )


def _changes_now(groups: Collection[str] | None) -> Iterator[GroupChange]:
    """From the tables of the parts, which hold what the current dossiers say. Four queries."""
    asked = Group.objects.exclude(initiative__status=Status.RETIRED)
    efforts = Training.objects.exclude(initiative__status=Status.RETIRED)
    steps = WorkloadShift.objects.exclude(initiative__status=Status.RETIRED)
    duties = Obligation.objects.exclude(initiative__status=Status.RETIRED).exclude(hours_per_month=None)
    if groups is not None:
        asked = asked.filter(code__in=groups)
        efforts, steps = efforts.filter(group__code__in=groups), steps.filter(group__code__in=groups)
    training: defaultdict[object, list[TrainingEffort]] = defaultdict(list)
    for group, hours, starts_on in efforts.values_list("group_id", "hours_per_person", "starts_on"):
        training[group].append(TrainingEffort(hours, starts_on))
    shifts: defaultdict[object, list[tuple[float, float, float]]] = defaultdict(list)
    for group, *shift in steps.values_list("group_id", "minutes_per_case", "cases_per_week", "exposed_share"):
        shifts[group].append((shift[0], shift[1], shift[2]))
    owed: defaultdict[tuple[object, object], float] = defaultdict(float)
    for about, owner, monthly in duties.values_list("initiative_id", "owner_id", "hours_per_month"):
        owed[about, owner] += monthly or 0.0
    columns = (
        "initiative__key",
        "code",
        "name",
        "headcount",
        "capacity_hours",
        "adoption_hours",
        "go_live_on",
    )
    for pk, about, lead, *row in asked.values_list("pk", "initiative_id", "lead_id", *columns):
        key, code, name, headcount, capacity, adoption, go_live_on = row
        duty = owed[about, lead] if lead is not None else 0.0
        added = added_hours(headcount, shifts[pk], duty)
        yield GroupChange(
            key, code, name, headcount, capacity, adoption, go_live_on, tuple(training[pk]), added
        )


def added_hours(headcount: int, shifts: Iterable[tuple[float, float, float]], duty: float) -> float:
    """New work per person and month: what workload shifts add in the end, and obligations of whoever leads the group.

    A shift is minutes a case, cases a week and the share of cases exposed. A group that saves in the end has no new work.
    """
    net = sum(minutes * cases * share for minutes, cases, share in shifts) / 60 * WEEKS_A_MONTH
    return (max(0.0, net) + duty) / headcount if headcount else 0.0


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


# --- for people --------------------------------------------------------------------------------------------


class Asked(NamedTuple):
    """Everything change asks of anybody, and what is known of the groups: read once for all that a page says of it."""

    known: Mapping[str, Known]
    changes: list[GroupChange]

    @classmethod
    def at(cls, moment: dt.datetime | None = None) -> "Asked":
        known = groups_at(moment)
        return cls(known, changes_at(moment, known))


def load_table(actor: Actor, asked: Asked) -> list[dict[str, Any]]:
    """The heat map: group by month. Initiatives the actor may not see add to the sum and are not named."""
    visible = set(Initiative.objects.visible_to(actor).values_list("key", flat=True))
    titles = {f"{OTHER}{pk}": title for pk, title in OtherChange.objects.values_list("pk", "title")}
    return [load_body(load, visible, titles) for load in loads(asked.changes, asked.known)]


def load_body(load: Load, visible: Collection[str], titles: Mapping[str, str]) -> dict[str, Any]:
    return {
        "group": load.group,
        "name": load.name,
        "month": load.month,
        "hours_per_person": load.hours,
        "capacity_hours": load.capacity_hours,
        "headcount": load.headcount,
        "share": load.share if load.capacity_hours else None,
        "band": load.band,
        "excess_hours": load.excess_hours,
        "initiatives": [{"key": key, "hours": hours} for key, hours in load.parts if key in visible],
        "other_changes": [
            {"title": titles[key], "hours": hours} for key, hours in load.parts if key in titles
        ],
        "others_hours": sum(hours for key, hours in load.parts if key not in visible and key not in titles),
    }


def moves_that_help(actor: Actor, asked: Asked, today: dt.date) -> tuple[Move, ...]:
    """For each group that is over its capacity, the one go-live whose move lowers the peak most; of those one may see."""
    visible = set(Initiative.objects.visible_to(actor).values_list("key", flat=True))
    return best_moves(asked.changes, asked.known, first=month_of(today), movable=visible)


def registered_groups() -> list[PeopleGroup]:
    """The last record of each group, by code. One query."""
    rows = {row.code: row for row in PeopleGroup.objects.order_by("number")}
    return [rows[code] for code in sorted(rows)]
