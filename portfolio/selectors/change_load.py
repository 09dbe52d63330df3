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
from alignment_portal.prepared import PreparedAmong
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


_RETIRED: dict[str, Any] = {"status": Status.RETIRED}


def _not_counting(at: dt.datetime | None, retired: Mapping[str, Any], about: str = "") -> Q:
    since = Q() if at is None else Q(**{f"{about}changed_at__gt": at})
    return Q(**{f"{about}{name}": value for name, value in retired.items()}) | since


def _sums(rows: QuerySet[ChangeLoad], sign: int = 1) -> Any:
    """(group, month, millionths, how many ask), both times the sign."""
    named: Any = rows.order_by().values_list("group", "month")
    return named.annotate(total=Sum("millionths") * sign, asking=Count("*") * sign)


def _stated(groups: QuerySet[Group]) -> Any:
    """(code, headcount, hours). Nobody lowers a load by stating more room."""
    named: Any = groups.order_by().values_list("code")
    return named.annotate(Max("headcount"), Min("capacity_hours"))


def _counting_now(kind: Any) -> Any:
    return kind.objects.exclude(initiative__in=Initiative.objects.filter(_not_counting(None, _RETIRED)))


_SUMS_NOW = PreparedAmong(lambda groups: _sums(_counting_now(ChangeLoad).filter(group__in=groups)))
_STATED_NOW = PreparedAmong(lambda codes: _stated(_counting_now(Group).filter(code__in=codes)))
_OTHERS = PreparedAmong(
    lambda codes, at: OtherChange.objects.filter(
        Q(withdrawn_at=None) | Q(withdrawn_at__gt=at), group__in=codes, recorded_at__lte=at
    ).values_list("pk", "group", "starts_on", "ends_on", "hours_per_person")
)
_GROUPS = PreparedAmong(lambda codes, at: _registered(at).filter(code__in=codes))


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
        self._retired = _RETIRED
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
        return ChangeLoad.objects.exclude(_not_counting(self.at, self._retired, "initiative__"))

    def _left_out(self) -> QuerySet[Initiative]:
        return Initiative.objects.filter(_not_counting(self.at, self._retired))

    @property
    def _is_of_some_now(self) -> bool:
        """Whether it is asked as every verdict asks it: what is asked now of the groups of one dossier."""
        return self.at is None and self.groups is not None and self._retired is _RETIRED

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
        sums: Sums = {}
        for group, month, millionths, asking in self._summed():
            total = sums.get((group, month), NOTHING)
            sums[group, month] = Total(total.millionths + int(millionths), total.asking + asking)
        sums = {place: total for place, total in sums.items() if total.asking}
        for change in self.beside:
            for month, millionths in millionths_by_month(change).items():
                place = change.group, month
                sums[place] = sums.get(place, NOTHING).with_one(millionths)
        return {place: sums[place] for place in sorted(sums)}

    def _summed(self) -> Any:
        """Rows of `_sums`: of everybody it is all less what does not count, so that nobody is looked for among those. One query."""
        if self._is_of_some_now:
            return _SUMS_NOW.rows(self.groups or ())
        if self.groups is not None:
            return _sums(self.rows)
        less = ChangeLoad.objects.filter(initiative__in=self._left_out())
        return _sums(ChangeLoad.objects.all()).union(_sums(less, -1), all=True)

    @cached_property
    def rooms(self) -> dict[str, Known]:
        """What each group can absorb, by its code. One that nobody has registered has no name here. One query."""
        if self.groups is None:
            rows = [(code, headcount, hours) for code, _, _, headcount, hours in self._all_stated]
        elif self._is_of_some_now:
            rows = _STATED_NOW.rows([code for code in self.groups if code not in self.known])
        else:
            rows = _stated(self._stated(self.groups))
        found: dict[str, Stated] = {}
        for code, headcount, hours in rows:
            found[code] = Stated(headcount, hours).with_other(found.get(code))
        for change in self.beside:
            stated = Stated(change.headcount, change.capacity_hours)
            found[change.group] = stated.with_other(found.get(change.group))
        return {code: one.room for code, one in found.items()} | self.known

    def _stated(self, groups: Collection[str]) -> QuerySet[Group]:
        """What dossiers say of groups that nobody has registered."""
        stated = Group.objects.exclude(initiative__in=self._left_out()).order_by()
        return stated.filter(code__in=[code for code in groups if code not in self.known])

    @cached_property
    def _all_stated(self) -> list[tuple[str, str, int, int, float]]:
        """(code, name, how many say so, headcount, hours) of all such groups: names and room in one go. One query."""
        stated = Group.objects.exclude(initiative__in=self._left_out()).exclude(code__in=list(self.known))
        named: Any = stated.order_by().values_list("code", "name")
        return list(named.annotate(times=Count("*"), most=Max("headcount"), least=Min("capacity_hours")))

    def names(self, codes: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Every name they go by: of a registered group that of the register, of any other all that initiatives say.

        What most initiatives say comes first. Of all groups what is read for their room, or else one query for every
        ``AT_ONCE`` groups.
        """
        wanted = sorted(set(codes))
        told = [(change.group, change.name, 1) for change in self.beside]
        if self.groups is None:
            told += [(code, name, times) for code, name, times, *_ in self._all_stated]
        for begin in range(0, 0 if self.groups is None else len(wanted), AT_ONCE):
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
    moment = at or clock.now()
    rows = _registered(moment) if groups is None else _GROUPS.rows(groups, moment)
    return {
        code: Known(name, headcount, capacity, frozenset(peak), share)
        for code, name, headcount, capacity, peak, share in rows
    }


def _registered(at: dt.datetime) -> QuerySet[PeopleGroup, tuple[Any, ...]]:
    names = ("name", "headcount", "capacity_hours", "peak_months", "peak_share")
    return PeopleGroup.objects.filter(recorded_at__lte=at).order_by("number").values_list("code", *names)


def _others(at: dt.datetime | None, known: Mapping[str, Known]) -> Iterator[GroupChange]:
    """Other change of registered groups, spread evenly over its months. One query."""
    for pk, code, starts_on, ends_on, hours in _OTHERS.rows(known, at or clock.now()):
        months = [month_of(starts_on)]
        while months[-1] < month_of(ends_on):
            months.append(month_of(months[-1], 1))
        group = known[code]
        yield GroupChange(
            initiative=f"{OTHER}{pk}",
            group=code,
            name=group.name,
            headcount=group.headcount,
            capacity_hours=group.capacity_hours,
            adoption_hours=0.0,
            go_live_on=None,
            training=tuple(TrainingEffort(hours / len(months), month) for month in months),
        )


def registered_groups() -> list[PeopleGroup]:
    """The last record of each group, by code. One query."""
    rows = {row.code: row for row in PeopleGroup.objects.order_by("number")}
    return [rows[code] for code in sorted(rows)]
