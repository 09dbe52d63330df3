"""When each initiative means to launch, horizon by horizon, and what it waits for; or when a what-if would have it."""

import datetime as dt
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count, QuerySet

from alignment_portal.accounts.actors import Actor
from alignment_portal.side_by_side import side_by_side
from initiatives.models import Dependency, Initiative
from portfolio.models import Funding, SharedDependency, Simulation, WorkItem, WorkState
from portfolio.selectors.unblocking import SETTLED

MONTHS_A_QUARTER, MONTHS_A_YEAR = 3, 12
AT_ONCE = 500  # initiatives looked up in one query
BEFORE, NO_DATE, FIRST_QUARTER = 0, 1, 2  # numbers of places
Place = tuple[str, int]  # a horizon and the number of a place in it
STAND_INS = "\x1ahorizon\x1a", dt.date(1, 1, 2), dt.date(1, 1, 3)


@dataclass(frozen=True, order=True)
class Quarter:
    year: int
    number: int

    @classmethod
    def of(cls, day: dt.date) -> "Quarter":
        return cls(day.year, (day.month - 1) // MONTHS_A_QUARTER + 1)

    @property
    def begins_on(self) -> dt.date:
        return dt.date(self.year, (self.number - 1) * MONTHS_A_QUARTER + 1, 1)

    @property
    def code(self) -> str:
        return f"{self.year}-Q{self.number}"

    def later(self, quarters: int) -> "Quarter":
        whole, rest = divmod(self.number - 1 + quarters, MONTHS_A_YEAR // MONTHS_A_QUARTER)
        return Quarter(self.year + whole, rest + 1)

    def __str__(self) -> str:
        return f"Q{self.number} {self.year}"


def quarters_from(today: dt.date, count: int) -> list[Quarter]:
    first = Quarter.of(today)
    return [first.later(number) for number in range(count)]


@dataclass(frozen=True)
class Planned:
    """One initiative: the quarter it means to launch in, what it waits for, and what a scenario makes of it."""

    key: str
    title: str
    horizon: str
    level: str
    reason: str
    quarter: Quarter | None
    dependencies: tuple[str, ...]
    queues: tuple[str, ...]
    moved: bool = False
    dropped: bool = False
    ready: Mapping[str, dt.date] | None = None

    @property
    def late(self) -> bool:
        """Whether the scenario would have it ready only after the quarter it stands in."""
        return bool(self.ready and self.quarter and Quarter.of(self.ready["p80"]) > self.quarter)


@dataclass(frozen=True)
class Launch:
    """Where one initiative stands: its horizon, and the quarter it means to launch in or a scenario has it."""

    key: str
    horizon: str
    planned: dt.date | None  # as its dossier has it
    quarter: Quarter | None
    moved: bool = False

    @property
    def rank(self) -> tuple[bool, dt.date, str]:
        """By planned launch, what has none last; then by key."""
        return self.planned is None, self.planned or dt.date.max, self.key


@dataclass(frozen=True)
class Standing:
    """How many stand where, the first of each place by planned launch, and whatever a scenario moves."""

    counts: Mapping[Place, int]
    first: Mapping[Place, Sequence[Launch]]
    moved: Sequence[Launch]

    @property
    def shown(self) -> list[Launch]:
        """Each of them once, by planned launch."""
        found = {one.key: one for ours in (*self.first.values(), self.moved) for one in ours}
        return sorted(found.values(), key=lambda one: one.rank)


class _Ruler:
    """The places of a horizon, by number: before the quarters, without a date, each quarter, and later."""

    def __init__(self, quarters: Sequence[Quarter]) -> None:
        self.begins = [*(quarter.begins_on for quarter in quarters), quarters[-1].later(1).begins_on]

    def place(self, day: dt.date | None) -> int:
        if day is None:
            return NO_DATE
        begun = bisect_right(self.begins, day)
        return FIRST_QUARTER + begun - 1 if begun else BEFORE

    def days(self, place: int) -> tuple[dt.date, dt.date]:
        """The first and the last day of a place that has any."""
        number = place - FIRST_QUARTER if place >= FIRST_QUARTER else -1
        begin = self.begins[number] if number >= 0 else dt.date.min
        last = number + 1 == len(self.begins)
        return begin, dt.date.max if last else self.begins[number + 1] - dt.timedelta(days=1)


def standing_of(
    actor: Actor, quarters: Sequence[Quarter], most: int, scenario: Simulation | None = None
) -> Standing:
    """Everything on its way that the actor may see: counted, and the ``most`` that come first at each place.

    Quarters follow one another; places are numbered as ``_Ruler`` has them. Three queries, and one for every ``AT_ONCE``
    that a scenario moves; those for launches with and without a date are asked where there are any.
    """
    ruler = _Ruler(quarters)
    rows = Initiative.objects.visible_to(actor).current()
    counts: Counter[Place] = Counter()
    by_day: Any = rows.order_by().values_list("horizon", "planned_launch_on").annotate(number=Count("*"))
    for horizon, planned, count in by_day:
        counts[horizon, ruler.place(planned)] += count
    asked = _asked_launches(scenario)
    moved = _moved(rows, asked)
    left = Counter((one.horizon, ruler.place(one.planned)) for one in moved)
    first: defaultdict[Place, list[Launch]] = defaultdict(list)
    for one in _first(rows, list(counts), ruler, most + max(left.values(), default=0)):
        if one.key not in asked:
            first[one.horizon, ruler.place(one.planned)].append(one)
    for one in moved:
        first[one.horizon, ruler.place(asked[one.key])].append(one)
    counts += Counter((one.horizon, ruler.place(asked[one.key])) for one in moved)
    counts -= left
    return Standing(
        counts=counts,
        first={place: sorted(ours, key=lambda one: one.rank)[:most] for place, ours in first.items()},
        moved=moved,
    )


def _moved(rows: QuerySet[Initiative], asked: Mapping[str, dt.date]) -> list[Launch]:
    keys = sorted(asked)
    found = []
    for begin in range(0, len(keys), AT_ONCE):
        some = rows.filter(key__in=keys[begin : begin + AT_ONCE])
        found += [
            Launch(key, horizon, planned, Quarter.of(asked[key]), moved=True)
            for key, horizon, planned in some.values_list("key", "horizon", "planned_launch_on")
        ]
    return found


def _first(rows: QuerySet[Initiative], places: Sequence[Place], ruler: _Ruler, most: int) -> Iterator[Launch]:
    """From the beginning of each place, by the index of launches."""
    names = ("key", "horizon", "planned_launch_on")
    undated = rows.filter(horizon=STAND_INS[0], planned_launch_on=None).order_by("key")
    without = [horizon for horizon, place in places if place == NO_DATE]
    for key, horizon, _none in side_by_side(
        undated.values_list(*names)[:most], STAND_INS[:1], [[horizon] for horizon in without]
    ):
        yield Launch(key, horizon, None, None)
    dated = rows.filter(horizon=STAND_INS[0], planned_launch_on__range=STAND_INS[1:])
    kept = connection.ops.adapt_datefield_value
    spells = [(horizon, *map(kept, ruler.days(place))) for horizon, place in places if place != NO_DATE]
    stand_ins = STAND_INS[0], *map(kept, STAND_INS[1:])
    ordered = dated.order_by("planned_launch_on", "key").values_list(*names)[:most]
    for key, horizon, planned in side_by_side(ordered, stand_ins, spells):
        day = dt.date.fromisoformat(planned) if isinstance(planned, str) else planned
        yield Launch(key, horizon, day, Quarter.of(day))


def _asked_launches(scenario: Simulation | None) -> dict[str, dt.date]:
    launches = scenario.levers.get("launch", {}) if scenario else {}
    return {key: dt.date.fromisoformat(day) for key, day in launches.items() if day}


def cards_of(launches: Sequence[Launch], scenario: Simulation | None = None) -> list[Planned]:
    """These initiatives with what each waits for, in their order. Four queries for every ``AT_ONCE`` of them."""
    dropped = scenario.levers.get("drop", ()) if scenario else ()
    told: dict[str, tuple[str, str, str]] = {}
    waits: defaultdict[str, list[str]] = defaultdict(list)
    queues: defaultdict[str, list[str]] = defaultdict(list)
    for begin in range(0, len(launches), AT_ONCE):
        keys = [one.key for one in launches[begin : begin + AT_ONCE]]
        rows = Initiative.objects.filter(key__in=keys)
        told |= {
            key: (title, level or "", reason)
            for key, title, level, reason in rows.values_list("key", "title", "judged_level", "judged_reason")
        }
        _add_waits(keys, waits)
        _add_queues(keys, queues)
    return [
        Planned(
            key=one.key,
            title=told[one.key][0],
            horizon=one.horizon,
            level=told[one.key][1],
            reason=told[one.key][2],
            quarter=one.quarter,
            dependencies=tuple(waits[one.key]),
            queues=tuple(queues[one.key]),
            moved=one.moved,
            dropped=one.key in dropped,
            ready=_ready(one.key, scenario),
        )
        for one in launches
    ]


def _add_waits(keys: Sequence[str], waits: defaultdict[str, list[str]]) -> None:
    """The shared dependencies that are not settled, what nobody owns or funds first. Two queries."""
    needs = Dependency.objects.filter(initiative__key__in=keys).values_list("initiative__key", "code")
    pairs = list(needs.distinct())
    known = {row.code: row for row in SharedDependency.objects.filter(code__in={code for _, code in pairs})}
    named = []
    for key, code in pairs:
        row = known.get(code)
        if row is None:
            named.append((-2, code, key, code))
        elif row.state not in SETTLED:
            lacking = (row.owner_id is None) + (row.funding != Funding.FUNDED)
            named.append((-lacking, row.title, key, code))
    for _, title, key, _code in sorted(named):
        waits[key].append(title)


def _add_queues(keys: Sequence[str], queues: defaultdict[str, list[str]]) -> None:
    """The functions in whose queues an initiative stands, or where its work is blocked. One query."""
    work = WorkItem.objects.filter(state__in=[WorkState.QUEUED, WorkState.BLOCKED], initiative__key__in=keys)
    rows = work.order_by("bottleneck__title").values_list("initiative__key", "bottleneck__title")
    for key, title in rows.distinct():
        queues[key].append(title)


def _ready(key: str, scenario: Simulation | None) -> dict[str, dt.date] | None:
    if scenario is None or not scenario.result:
        return None
    found = scenario.result["scenario"]["ready_on"].get(key)
    return None if found is None else {name: dt.date.fromisoformat(day) for name, day in found.items()}
