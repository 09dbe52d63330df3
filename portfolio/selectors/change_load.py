"""What change asks of each group of people, month by month, as known at one moment.

What an initiative asks of a group in a month stands beside its dossier (`initiatives.models.ChangeLoad`), so that the
database adds it up. Only of a past moment, the dossiers that have changed since are read as they were.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet, Sum

from alignment_portal import clock
from initiatives.dossier.change_load import (
    MILLION,
    GroupChange,
    TrainingEffort,
    changes_in,
    millionths_by_month,
    month_of,
)
from initiatives.models import ChangeLoad, Group, Initiative, Status
from initiatives.selectors import asks_at
from portfolio.models import OtherChange, PeopleGroup
from portfolio.saturation import (
    NOTHING,
    OTHER,
    Known,
    Load,
    Place,
    Stated,
    Sums,
    Total,
    called,
    load_of,
    one_name,
)

AT_ONCE = 500  # groups named in one query
LEAST_ROOM = Max("headcount"), Min("capacity_hours")  # nobody lowers a load by stating more room


class Asked:
    """Everything change asks of anybody, as known at a moment: read once for all that a page says of it.

    Initiatives that are retired ask nothing; which are follows from ``statuses`` by key, or else from the present.
    Only of ``groups``, by their codes, if any are given. Groups are the same when they have the same code.
    """

    def __init__(
        self,
        at: dt.datetime | None = None,
        *,
        groups: Collection[str] | None = None,
        statuses: Mapping[str, str] | None = None,
    ) -> None:
        self.at, self.groups = at, groups
        self.known = groups_at(at, groups=groups)
        self._retired: dict[str, Any] = {"status": Status.RETIRED}
        if statuses is not None:
            self._retired = {"key__in": [key for key, one in statuses.items() if one == Status.RETIRED]}
        self.beside = [*self._changed_since(), *_others(at, self.known)]

    @property
    def rows(self) -> QuerySet[ChangeLoad]:
        """What is asked by initiatives whose dossiers are as they were at that moment."""
        rows = ChangeLoad.objects.exclude(initiative__in=self._left_out())
        return rows if self.groups is None else rows.filter(group__in=self.groups)

    @property
    def few_rows(self) -> QuerySet[ChangeLoad]:
        """The same, where only a few are taken: each is asked whether it counts, instead of looking first who does not."""
        return ChangeLoad.objects.exclude(self._not_counting("initiative__"))

    def _left_out(self) -> QuerySet[Initiative]:
        return Initiative.objects.filter(self._not_counting())

    def _not_counting(self, about: str = "") -> Q:
        since = Q() if self.at is None else Q(**{f"{about}changed_at__gt": self.at})
        return Q(**{f"{about}{name}": value for name, value in self._retired.items()}) | since

    def _changed_since(self) -> Iterator[GroupChange]:
        """From the documents of then: of initiatives that have changed since. One query, none for the present."""
        if self.at is None:
            return
        changed = Initiative.objects.filter(changed_at__gt=self.at).exclude(**self._retired)
        for key, asks in asks_at(self.at, changed):
            for change in changes_in(key, asks.change_impact):
                if self.groups is None or change.group in self.groups:
                    yield change

    @cached_property
    def sums(self) -> Sums:
        """What everybody together asks of one person, by group and month, in order of both. One query."""
        rows: Any = self.rows.order_by().values_list("group", "month")
        sums: Sums = {
            (group, month): Total(int(millionths), asking)
            for group, month, millionths, asking in rows.annotate(Sum("millionths"), asking=Count("*"))
        }
        for change in self.beside:
            for month, millionths in millionths_by_month(change).items():
                place = change.group, month
                sums[place] = sums.get(place, NOTHING).with_one(millionths)
        return {place: sums[place] for place in sorted(sums)}

    @cached_property
    def rooms(self) -> dict[str, Known]:
        """What each group can absorb, by its code. One that nobody has registered has no name here. One query."""
        rows: Any = self._stated(self.groups).values_list("code")
        found = {code: Stated(headcount, hours) for code, headcount, hours in rows.annotate(*LEAST_ROOM)}
        for change in self.beside:
            stated = Stated(change.headcount, change.capacity_hours)
            found[change.group] = stated.with_other(found.get(change.group))
        return {code: one.room for code, one in found.items()} | self.known

    def _stated(self, groups: Collection[str] | None) -> QuerySet[Group]:
        """What dossiers say of groups that nobody has registered."""
        stated = Group.objects.exclude(initiative__in=self._left_out()).order_by()
        if groups is None:
            return stated.exclude(code__in=list(self.known))
        return stated.filter(code__in=[code for code in groups if code not in self.known])

    def names(self, codes: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Every name they go by: of a registered group that of the register, of any other all that initiatives say.

        What most initiatives say comes first. One query for every ``AT_ONCE`` groups.
        """
        wanted = sorted(set(codes))
        told = [(change.group, change.name, 1) for change in self.beside]
        for begin in range(0, len(wanted), AT_ONCE):
            stated: Any = self._stated(wanted[begin : begin + AT_ONCE]).values_list("code", "name")
            told += stated.annotate(times=Count("*"))
        found = called(told)
        return {code: (self.known[code].name,) if code in self.known else found[code] for code in wanted}

    def loads(self) -> tuple[Load, ...]:
        """Of every group in every month, in order of both; a group that nobody has registered is not named."""
        return tuple(load_of(place, total, self.rooms[place[0]]) for place, total in self.sums.items())

    def parts(self, places: Collection[Place]) -> dict[Place, list[tuple[str, float]]]:
        """Who asks for how many hours of one person in these months, in order of key. One query."""
        found: dict[Place, list[tuple[str, float]]] = {place: [] for place in places}
        months = {month for _, month in found}
        rows = self.rows.filter(month__in=months)
        if self.groups is None:
            codes = {group for group, _ in found}
            rows = rows.filter(group__in=codes) if len(codes) <= AT_ONCE else rows
        names = ("group", "month", "initiative__key", "millionths")
        for group, month, key, millionths in rows.values_list(*names).iterator():
            if (group, month) in found:
                found[group, month].append((key, millionths / MILLION))
        for change in self.beside:
            for month, millionths in millionths_by_month(change).items():
                if (change.group, month) in found:
                    found[change.group, month].append((change.initiative, millionths / MILLION))
        return {place: sorted(parts) for place, parts in found.items()}


def group_loads(
    at: dt.datetime | None = None,
    *,
    groups: Collection[str] | None = None,
    statuses: Mapping[str, str] | None = None,
) -> tuple[Load, ...]:
    """Load of every group (or of those named) in every month, with the names of groups and with everybody who asks."""
    asked = Asked(at, groups=groups, statuses=statuses)
    parts = asked.parts(asked.sums)
    names = asked.names(group for group, _ in asked.sums)
    return tuple(
        load_of(place, total, asked.rooms[place[0]], parts[place], name=one_name(names[place[0]]))
        for place, total in asked.sums.items()
    )


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


def registered_groups() -> list[PeopleGroup]:
    """The last record of each group, by code. One query."""
    rows = {row.code: row for row in PeopleGroup.objects.order_by("number")}
    return [rows[code] for code in sorted(rows)]
