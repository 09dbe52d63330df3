"""When each initiative means to launch, horizon by horizon, and what it waits for; or when a what-if would have it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F

from alignment_portal.accounts.actors import Actor
from initiatives.models import Dependency, Initiative
from portfolio.models import Funding, SharedDependency, Simulation, WorkItem, WorkState
from portfolio.selectors.unblocking import SETTLED

MONTHS_A_QUARTER, MONTHS_A_YEAR = 3, 12
AT_ONCE = 500  # initiatives looked up in one query


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
    quarter: Quarter | None
    moved: bool


def launches_of(actor: Actor, scenario: Simulation | None = None) -> list[Launch]:
    """Everything on its way that the actor may see, by planned launch. One query."""
    asked = _asked_launches(scenario)
    by_launch = F("planned_launch_on").asc(nulls_last=True)
    rows = Initiative.objects.visible_to(actor).current().order_by(by_launch, "key")
    found = []
    quarters: dict[dt.date | None, Quarter | None] = {None: None}
    for key, horizon, planned in rows.values_list("key", "horizon", "planned_launch_on"):
        day = asked.get(key, planned)
        if day not in quarters:
            quarters[day] = Quarter.of(day)
        found.append(Launch(key, horizon, quarters[day], moved=key in asked))
    return found


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


def roadmap_of(actor: Actor, scenario: Simulation | None = None) -> list[Planned]:
    """Everything on its way that the actor may see, by planned launch, with what each waits for."""
    return cards_of(launches_of(actor, scenario), scenario)


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
