"""The change load as people read it: numbers for all, names of initiatives only for who may see them."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet, Sum

from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import sees_everything
from alignment_portal.side_by_side import side_by_side
from initiatives.dossier.change_load import MILLION, millionths_by_month, month_of
from initiatives.models import ChangeLoad, Deployment, Group, Initiative
from portfolio.models import OtherChange
from portfolio.saturation import (
    NOTHING,
    OTHER,
    OVER,
    Load,
    Movable,
    Move,
    Place,
    Sums,
    Total,
    best_move,
    one_name,
    peak_months,
    peak_of,
)
from portfolio.selectors.change_load import Asked

MOST_NAMED = 5  # initiatives named for one group and month on a page of many
AT_ONCE = 50  # groups, or groups and months, in one query
STAND_IN = "\x1agroup\x1a", dt.date(1, 1, 1)  # where a group and a month come, while the SQL is made


def load_rows(asked: Asked) -> list[dict[str, Any]]:
    """The heat map in numbers: group by month. ``called`` holds more than one name where initiatives differ."""
    names = asked.names(group for group, _ in asked.sums)
    return [_body(load, names[load.group]) for load in asked.loads()]


def _body(load: Load, names: tuple[str, ...]) -> dict[str, Any]:
    return {
        "group": load.group,
        "name": one_name(names),
        "called": list(names),
        "month": load.month,
        "hours_per_person": load.hours,
        "capacity_hours": load.capacity_hours,
        "headcount": load.headcount,
        "share": load.share if load.capacity_hours else None,
        "band": load.band,
        "excess_hours": load.excess_hours,
    }


def load_table(
    actor: Actor, asked: Asked, rows: Iterable[Mapping[str, Any]] | None = None
) -> list[dict[str, Any]]:
    """These rows of the heat map, or all, with everybody who asks; whom the actor may not see adds to a sum only."""
    wanted = load_rows(asked) if rows is None else list(rows)
    visible = None if sees_everything(actor) else _visible_keys(actor)
    titles = _titles()
    parts = asked.parts([(row["group"], row["month"]) for row in wanted])
    return [{**row, **_asking(parts[row["group"], row["month"]], visible, titles)} for row in wanted]


def _visible(actor: Actor, rows: QuerySet[ChangeLoad]) -> QuerySet[ChangeLoad]:
    if sees_everything(actor):
        return rows
    return rows.filter(initiative__in=Initiative.objects.visible_to(actor))


def _visible_keys(actor: Actor) -> set[str]:
    return set(Initiative.objects.visible_to(actor).values_list("key", flat=True))


def _titles() -> dict[str, str]:
    return {f"{OTHER}{pk}": title for pk, title in OtherChange.objects.values_list("pk", "title")}


def _asking(
    parts: Iterable[tuple[str, float]], visible: Collection[str] | None, titles: Mapping[str, str]
) -> dict[str, Any]:
    named, unseen = [], 0.0
    for key, hours in parts:
        if key in titles:
            continue
        if visible is None or key in visible:
            named.append({"key": key, "hours": hours})
        else:
            unseen += hours
    return {
        "initiatives": named,
        "other_changes": [{"title": titles[key], "hours": hours} for key, hours in parts if key in titles],
        "others_hours": unseen,
    }


# --- the few that are named on a page ----------------------------------------------------------------------


@dataclass
class Causes:
    """Who asks most of one group in one month, with the hours of one person; of whom one may see, ``more`` ask as well."""

    initiatives: list[dict[str, Any]] = field(default_factory=list)
    more: int = 0
    other_changes: list[dict[str, Any]] = field(default_factory=list)
    others_hours: float = 0.0


def causes(actor: Actor, asked: Asked, places: Collection[Place]) -> dict[Place, Causes]:
    """The few that ask most, of at most ``AT_ONCE`` groups and months: two queries, and one for who does not see all."""
    titles = _titles()
    found = {place: Causes() for place in places}
    visible = _visible(actor, asked.few_rows)
    for place, key, millionths in _largest(visible, places):
        found[place].initiatives.append({"key": key, "hours": millionths / MILLION})
    left = {place: asked.sums[place] for place in places}
    for change in asked.beside:
        for month, millionths in millionths_by_month(change).items():
            place = change.group, month
            if place in found and change.initiative in titles:
                told = {"title": titles[change.initiative], "hours": millionths / MILLION}
                found[place].other_changes.append(told)
                left[place] = Total(left[place].millionths - millionths, left[place].asking - 1)
    seen = left if sees_everything(actor) else _seen(visible, places)
    for place, one in found.items():
        total = seen.get(place, NOTHING)
        one.more = total.asking - len(one.initiatives)
        one.others_hours = (left[place].millionths - total.millionths) / MILLION
    return found


def _largest(rows: QuerySet[ChangeLoad], places: Collection[Place]) -> Iterator[tuple[Place, str, int]]:
    """The rows that ask most, group and month by group and month: each from the end of the index, all in one query."""
    mine = rows.filter(group=STAND_IN[0], month=STAND_IN[1]).order_by("-millionths", "-initiative")
    columns = mine.values_list("group", "month", "initiative__key", "millionths")[:MOST_NAMED]
    kept = connection.ops.adapt_datefield_value
    found = side_by_side(
        columns, (STAND_IN[0], kept(STAND_IN[1])), [(group, kept(month)) for group, month in places]
    )
    for group, month, key, millionths in found:
        day = dt.date.fromisoformat(month) if isinstance(month, str) else month
        yield (group, day), key, millionths


def _seen(rows: QuerySet[ChangeLoad], places: Collection[Place]) -> Sums:
    codes, months = {group for group, _ in places}, {month for _, month in places}
    found = rows.filter(group__in=codes, month__in=months).order_by().values_list("group", "month")
    return {
        (group, month): Total(int(millionths), asking)
        for group, month, millionths, asking in found.annotate(Sum("millionths"), asking=Count("*"))
    }


def contributors(actor: Actor, asked: Asked, place: Place) -> QuerySet[ChangeLoad, tuple[str, str, int]]:
    """Everybody who asks of one group in one month and whom the actor may see: key, title and millionths of an hour.

    Whoever asks most comes first.
    """
    group, month = place
    rows = _visible(actor, asked.few_rows).filter(group=group, month=month)
    return rows.order_by("-millionths", "-initiative").values_list(
        "initiative__key", "initiative__title", "millionths"
    )


# --- what moving a go-live would do ------------------------------------------------------------------------


def moves_that_help(
    actor: Actor, asked: Asked, today: dt.date, groups: Collection[str] | None = None
) -> tuple[Move, ...]:
    """For each group that is over its capacity, the one launch whose move lowers the peak most; of those one may see.

    Of all groups or of these; one query for every ``AT_ONCE`` that are over. Only present dossiers can be moved.
    """
    first = month_of(today)
    months: dict[str, dict[dt.date, int]] = {}
    for (group, month), total in asked.sums.items():
        if groups is None or group in groups:
            months.setdefault(group, {})[month] = total.millionths
    over = [code for code, sums in months.items() if peak_of(sums, asked.rooms[code], first) > OVER]
    moves = []
    for begin in range(0, len(over), AT_ONCE):
        portion = over[begin : begin + AT_ONCE]
        peaks = {code: peak_months(months[code], asked.rooms[code], first)[0] for code in portion}
        movable = _movable(actor, asked, peaks, today)
        moves += [
            best_move(code, months[code], asked.rooms[code], movable.get(code, ()), first=first)
            for code in portion
        ]
    return tuple(move for move in moves if move is not None)


def _movable(
    actor: Actor, asked: Asked, peaks: Mapping[str, dt.date], today: dt.date
) -> dict[str, list[Movable]]:
    """Initiatives one may see whose launch lies ahead and that ask something of the group in its heaviest month.

    What is live somewhere already is no launch any more, whatever day its dossier states.
    """
    live = Deployment.objects.filter(state="live").values("initiative")
    ahead = Group.objects.filter(go_live_on__gt=today).exclude(initiative__in=live)
    if not sees_everything(actor):
        ahead = ahead.filter(initiative__in=Initiative.objects.visible_to(actor))
    wanted = Q(pk__in=[])
    for code, peak in peaks.items():
        theirs = asked.rows.filter(group=code, month=peak).values("initiative")
        going = ahead.filter(code=code).values("initiative")
        wanted |= Q(group=code, initiative__in=theirs) & Q(initiative__in=going)
    rows = ChangeLoad.objects.filter(wanted).values_list("group", "initiative__key", "month", "millionths")
    asks: dict[str, dict[str, dict[dt.date, int]]] = {}
    for code, key, month, millionths in rows.iterator():
        asks.setdefault(code, {}).setdefault(key, {})[month] = millionths
    return {code: [Movable(key, months) for key, months in by_key.items()] for code, by_key in asks.items()}
