"""What waits for what, and what settling one shared dependency would free: how many, their value, their cost of delay."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alignment_portal.accounts.actors import Actor
from initiatives.models import Dependency, Initiative
from portfolio.models import DependencyState, Funding, SharedDependency
from portfolio.selectors.worths import cost_of_delay, latest_worths, main_currency

SETTLED = frozenset({DependencyState.DELIVERED.value, DependencyState.DROPPED.value})
ORDERS = ("number", "value", "cost_of_delay")


@dataclass(frozen=True)
class Waiter:
    """An initiative that needs a shared dependency."""

    key: str
    title: str
    level: str


@dataclass(frozen=True)
class Freed:
    """What its initiatives state together, in one money; those that state nothing add nothing."""

    low: float = 0.0
    likely: float = 0.0
    high: float = 0.0
    cost_of_delay: float = 0.0  # a week
    stated: int = 0


@dataclass(frozen=True)
class Awaited:
    """A shared dependency and who waits for it; `registered` is false where only dossiers name it."""

    code: str
    title: str
    owner: str | None
    owner_name: str
    funding: str
    state: str
    due_on: dt.date | None
    registered: bool
    waiting: tuple[str, ...]
    freed: Freed

    @property
    def settled(self) -> bool:
        return self.state in SETTLED

    @property
    def unowned(self) -> bool:
        return not self.settled and self.owner is None

    @property
    def unfunded(self) -> bool:
        return not self.settled and self.funding != Funding.FUNDED

    @property
    def lacking(self) -> int:
        return self.unowned + self.unfunded


@dataclass(frozen=True)
class Waits:
    """The whole map: dependencies in their order, and the initiatives by key."""

    rows: tuple[Awaited, ...]
    initiatives: Mapping[str, Waiter]
    currency: str


def waits_of(actor: Actor, *, by: str = "number") -> Waits:
    """Every dependency that is registered or named, over the initiatives the actor may see. Three queries.

    What nobody owns or funds comes first, what is settled last; within, what frees most by the order asked for.
    """
    waiting: defaultdict[str, set[str]] = defaultdict(set)
    initiatives: dict[str, Waiter] = {}
    visible = Initiative.objects.visible_to(actor).current()
    needs = Dependency.objects.filter(initiative__in=visible.values("pk")).order_by("initiative__key")
    for code, key, title, level in needs.values_list(
        "code", "initiative__key", "initiative__title", "initiative__judged_level"
    ):
        waiting[code].add(key)
        initiatives[key] = Waiter(key, title, level or "")
    worths = latest_worths()
    money = main_currency(worths.values())
    known = {row.code: row for row in SharedDependency.objects.select_related("owner")}
    rows = [
        _awaited(code, known.get(code), waiting[code], worths, money) for code in sorted({*known, *waiting})
    ]
    return Waits(tuple(sorted(rows, key=lambda row: _place(row, by))), initiatives, money)


def _awaited(
    code: str, row: SharedDependency | None, keys: set[str], worths: Mapping[str, Any], money: str
) -> Awaited:
    settled = row is not None and row.state in SETTLED
    freed = Freed() if settled else _freed([worths[key] for key in sorted(keys) if key in worths], money)
    if row is None:
        return Awaited(
            code, code, None, "", Funding.UNFUNDED.value, DependencyState.OPEN.value, None,
            registered=False, waiting=tuple(sorted(keys)), freed=freed,
        )  # fmt: skip
    owner, name = (row.owner.email, row.owner.name) if row.owner else (None, "")
    return Awaited(
        code, row.title, owner, name, row.funding, row.state, row.due_on,
        registered=True, waiting=tuple(sorted(keys)), freed=freed,
    )  # fmt: skip


def _freed(stated: list[dict[str, Any]], money: str) -> Freed:
    ours = [worth for worth in stated if worth["currency"] == money]
    sums = {end: sum(worth[f"value_{end}"] for worth in ours) for end in ("low", "likely", "high")}
    return Freed(**sums, cost_of_delay=sum(cost_of_delay(worth, money) for worth in ours), stated=len(ours))


def _place(row: Awaited, by: str) -> tuple[Any, ...]:
    measures = {
        "number": len(row.waiting),
        "value": row.freed.likely,
        "cost_of_delay": row.freed.cost_of_delay,
    }
    rest = [measures[name] for name in ORDERS if name != by]
    return (row.settled, -row.lacking, -measures[by], *(-measure for measure in rest), row.code)
