"""When each initiative means to launch, horizon by horizon, and what it waits for; or when a what-if would have it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from alignment_portal.accounts.actors import Actor
from initiatives.models import Initiative
from portfolio.models import Simulation, WorkItem, WorkState
from portfolio.selectors.unblocking import waits_of

MONTHS_A_QUARTER, MONTHS_A_YEAR = 3, 12
COLUMNS = ("key", "title", "horizon", "status", "judged_level", "judged_reason", "planned_launch_on")


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


def roadmap_of(actor: Actor, scenario: Simulation | None = None) -> list[Planned]:
    """Everything on its way that the actor may see, by planned launch. Five queries, whatever there is."""
    waits = waits_of(actor)
    open_ones: defaultdict[str, list[str]] = defaultdict(list)
    for row in waits.rows:
        for key in () if row.settled else row.waiting:
            open_ones[key].append(row.title)
    queues = _queues()
    by_launch = F("planned_launch_on").asc(nulls_last=True)
    rows = Initiative.objects.visible_to(actor).current().order_by(by_launch, "key").values(*COLUMNS)
    return [_planned(row, open_ones[row["key"]], queues.get(row["key"], []), scenario) for row in rows]


def _queues() -> dict[str, list[str]]:
    """The functions in whose queues an initiative stands, or where its work is blocked. One query."""
    found: dict[str, list[str]] = {}
    rows = WorkItem.objects.filter(state__in=[WorkState.QUEUED, WorkState.BLOCKED]).order_by(
        "bottleneck__title"
    )
    for key, title in rows.values_list("initiative__key", "bottleneck__title").distinct():
        found.setdefault(key, []).append(title)
    return found


def _planned(
    row: Mapping[str, Any], dependencies: Sequence[str], queues: Sequence[str], scenario: Simulation | None
) -> Planned:
    key, day = row["key"], row["planned_launch_on"]
    levers = scenario.levers if scenario else {}
    asked = levers.get("launch", {}).get(key)
    if asked:
        day = dt.date.fromisoformat(asked)
    return Planned(
        key=key,
        title=row["title"],
        horizon=row["horizon"],
        level=row["judged_level"] or "",
        reason=row["judged_reason"],
        quarter=Quarter.of(day) if day else None,
        dependencies=tuple(dependencies),
        queues=tuple(queues),
        moved=bool(asked),
        dropped=key in levers.get("drop", ()),
        ready=_ready(key, scenario),
    )


def _ready(key: str, scenario: Simulation | None) -> dict[str, dt.date] | None:
    if scenario is None or not scenario.result:
        return None
    found = scenario.result["scenario"]["ready_on"].get(key)
    return None if found is None else {name: dt.date.fromisoformat(day) for name, day in found.items()}
