"""Change saturation: what one person of a group must absorb in one month, against what they can.

Hours per person and month are used because they can be checked (DOMAIN E.2). Frozen values in and out.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from initiatives.dossier.change_load import MILLION, GroupChange, millionths_by_month, month_of

HIGH, OVER, STOP = 0.8, 1.0, 1.2
MOST_MONTHS_LATER = 3  # a default of our own: how far a go-live moves
OTHER = "other:"  # begins the name of a part that comes from elsewhere than an initiative
MOST_NAMES = 2  # written out where a group goes by several

Band = Literal["free", "high", "over", "stop"]
Place: TypeAlias = tuple[str, dt.date]  # the code of a group, and the first day of a month


class Total(NamedTuple):
    """What is asked of one person in all, in millionths of an hour, and by how many."""

    millionths: int
    asking: int

    def with_one(self, millionths: int) -> Total:
        return Total(self.millionths + millionths, self.asking + 1)


NOTHING = Total(0, 0)
Sums: TypeAlias = dict[Place, Total]


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
class Stated:
    """What initiatives say of a group that nobody has registered.

    The smallest capacity and the largest headcount count, so that nobody lowers a load by stating more room.
    """

    headcount: int
    capacity_hours: float

    def with_other(self, other: Stated | None) -> Stated:
        if other is None:
            return self
        least = min(self.capacity_hours, other.capacity_hours)
        return Stated(max(self.headcount, other.headcount), least)

    @property
    def room(self) -> Known:
        return Known("", self.headcount, self.capacity_hours)


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
    """The load of one group in one month; ``hours`` and ``capacity_hours`` per person, ``share`` of capacity.

    ``asking`` is how many ask for it; ``parts`` are they with their hours, as far as they were asked for.
    """

    group: str
    name: str
    month: dt.date
    hours: float
    capacity_hours: float
    headcount: int
    share: float
    asking: int = 0
    parts: tuple[tuple[str, float], ...] = ()

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


def loads(changes: Iterable[GroupChange], known: Mapping[str, Known] | None = None) -> tuple[Load, ...]:
    """Sum what all initiatives ask of each group in each month, in order of group and month.

    A registered group (``known``) has the name, size and capacity of the register; of any other counts what was stated,
    and its name says by how many names it goes.
    """
    sums: Sums = {}
    parts: defaultdict[Place, list[tuple[str, float]]] = defaultdict(list)
    stated: dict[str, Stated] = {}
    told: list[tuple[str, str, int]] = []
    for change in changes:
        own = Stated(change.headcount, change.capacity_hours)
        stated[change.group] = own.with_other(stated.get(change.group))
        told.append((change.group, change.name, 1))
        for month, millionths in millionths_by_month(change).items():
            place = change.group, month
            sums[place] = sums.get(place, NOTHING).with_one(millionths)
            parts[place].append((change.initiative, millionths / MILLION))
    rooms = {code: one.room for code, one in stated.items()} | dict(known or {})
    names = called(told)
    return tuple(
        load_of(
            place,
            sums[place],
            rooms[place[0]],
            sorted(parts[place]),
            name=rooms[place[0]].name or one_name(names[place[0]]),
        )
        for place in sorted(sums)
    )


def called(told: Iterable[tuple[str, str, int]]) -> dict[str, tuple[str, ...]]:
    """Return every name a group goes by, by its code; ``told`` is a code, a name, and how many initiatives say so.

    What most say comes first, then in order of the alphabet. Names that differ in capitals only are one, written as most
    write it.
    """
    found: dict[str, dict[str, Counter[str]]] = {}
    for code, name, times in told:
        found.setdefault(code, {}).setdefault(name.casefold(), Counter())[name] += times
    return {code: _most_said_first(names.values()) for code, names in found.items()}


def _most_said_first(names: Iterable[Counter[str]]) -> tuple[str, ...]:
    written = [(-spellings.total(), _most_said(spellings)) for spellings in names]
    return tuple(name for _, name in sorted(written))


def _most_said(spellings: Counter[str]) -> str:
    return min(spellings, key=lambda name: (-spellings[name], name))


def one_name(names: Sequence[str]) -> str:
    """Put them in the place of one, so that nobody takes a code with several names for one group."""
    if len(names) <= MOST_NAMES:
        return " or ".join(names)
    return f"{names[0]} or {len(names) - 1} other names"


def load_of(
    place: Place, total: Total, room: Known, parts: Iterable[tuple[str, float]] = (), *, name: str = ""
) -> Load:
    """Set the sum of one group and month against what the group can absorb then. Without any capacity the share is infinite."""
    group, month = place
    capacity, hours = room.capacity_in(month), total.millionths / MILLION
    return Load(
        group=group,
        name=name or room.name,
        month=month,
        hours=hours,
        capacity_hours=capacity,
        headcount=room.headcount,
        share=hours / capacity if capacity else float("inf"),
        asking=total.asking,
        parts=tuple(parts),
    )


# --- what moving a go-live would do ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Movable:
    """One initiative whose go-live may be moved, and what it asks of one person of the group: millionths by month."""

    initiative: str
    asks: Mapping[dt.date, int]


def peak_of(months: Mapping[dt.date, int], room: Known, first: dt.date) -> float:
    """Return the highest share of capacity from ``first`` on; ``months`` are millionths of an hour of one person."""
    ahead = [_share(millionths, room, month) for month, millionths in months.items() if month >= first]
    return max(ahead, default=0.0)


def peak_months(months: Mapping[dt.date, int], room: Known, first: dt.date) -> list[dt.date]:
    """Name the months of that highest share. A move that lowers it takes something out of every one of them."""
    peak = peak_of(months, room, first)
    return [
        month
        for month, millionths in sorted(months.items())
        if month >= first and _share(millionths, room, month) == peak
    ]


def best_move(
    group: str, months: Mapping[dt.date, int], room: Known, movable: Iterable[Movable], *, first: dt.date
) -> Move | None:
    """Return the one move that lowers the peak of a group most, if it is over its capacity from ``first`` on.

    ``months`` is what everybody together asks of one person, in millionths of an hour. A go-live moves at most
    ``MOST_MONTHS_LATER``; the smaller move wins a tie, then the earlier key.
    """
    before = peak_of(months, room, first)
    if before <= OVER:
        return None
    peaks = peak_months(months, room, first)
    # The heaviest months first: the first of them that a move leaves alone bounds what it can reach.
    heaviest = sorted(
        ((_share(total, room, month), month) for month, total in months.items() if month >= first),
        reverse=True,
    )
    least = [
        (_share(months[peaks[0]] - one.asks[peaks[0]], room, peaks[0]), one)
        for one in movable
        if all(one.asks.get(month) for month in peaks)
    ]
    best: tuple[float, int, str] | None = None
    for reach, one in sorted(least, key=lambda pair: (pair[0], pair[1].initiative)):
        if best is not None and reach > best[0]:
            break
        for later in range(1, MOST_MONTHS_LATER + 1):
            after = _after(months, heaviest, room, one.asks, later=later, first=first)
            tried = (after, later, one.initiative)
            if best is None or tried < best:
                best = tried
    if best is None or best[0] >= before:
        return None
    return Move(group, best[2], best[1], before, best[0])


def _after(
    months: Mapping[dt.date, int],
    heaviest: Iterable[tuple[float, dt.date]],
    room: Known,
    asks: Mapping[dt.date, int],
    *,
    later: int,
    first: dt.date,
) -> float:
    """The peak once what ``asks`` has been moved so many months later."""
    shift: defaultdict[dt.date, int] = defaultdict(int)
    for month, millionths in asks.items():
        shift[month] -= millionths
        shift[month_of(month, later)] += millionths
    touched = [
        _share(total, room, month)
        for month, by in shift.items()
        if month >= first and (total := months.get(month, 0) + by)
    ]
    untouched = next((share for share, month in heaviest if month not in shift), 0.0)
    return max([untouched, *touched])


def _share(millionths: int, room: Known, month: dt.date) -> float:
    capacity = room.capacity_in(month)
    return millionths / MILLION / capacity if capacity else float("inf")
