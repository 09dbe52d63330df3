"""What waits for what, and what settling one shared dependency would free: how many, their value, their cost of delay."""

import datetime as dt
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Greatest

from alignment_portal.accounts.actors import Actor
from alignment_portal.side_by_side import how_many_of_each
from initiatives.models import Dependency, Initiative
from portfolio.models import DependencyState, Funding, SharedDependency
from portfolio.selectors.register import needs_visible_to, waiting_counts
from portfolio.selectors.worths import WEEKS_A_YEAR, current_worths, main_currency_now

SETTLED = frozenset({DependencyState.DELIVERED.value, DependencyState.DROPPED.value})
FEW = 2000  # initiatives that are sorted rather than met in their order
ORDERS = ("number", "value", "cost_of_delay")


@dataclass(frozen=True)
class Waiter:
    """An initiative that needs a shared dependency."""

    key: str
    title: str


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
    """A shared dependency and how many wait for it; `registered` is false where only dossiers name it.

    `waiting` are their keys, where they were asked for.
    """

    code: str
    title: str
    owner: str | None
    owner_name: str
    funding: str
    state: str
    due_on: dt.date | None
    registered: bool
    waiting: tuple[str, ...]
    count: int
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
    """All dependencies in their order, and the money their sums are in."""

    rows: tuple[Awaited, ...]
    currency: str


def waits_of(actor: Actor, *, by: str = "number", named: bool = True) -> Waits:
    """Every dependency that is registered or named, over the initiatives the actor may see. Four queries.

    What nobody owns or funds comes first, what is settled last; within, what frees most by the order asked for.
    Who waits is only ``named`` where it is asked for: in a large portfolio these are many.
    """
    waiting: defaultdict[str, list[str]] = defaultdict(list)
    if named:
        for code, key in needs_visible_to(actor).values_list("code", "initiative__key"):
            waiting[code].append(key)
    counts = {code: len(keys) for code, keys in waiting.items()} if named else waiting_counts(actor)
    money = main_currency_now()
    freed = _freed(actor, money)
    known = {row.code: row for row in SharedDependency.objects.select_related("owner")}
    rows = [
        _awaited(code, known.get(code), waiting[code], counts.get(code, 0), freed.get(code, Freed()))
        for code in sorted({*known, *counts})
    ]
    return Waits(tuple(sorted(rows, key=lambda row: _place(row, by))), money)


def _awaited(code: str, row: SharedDependency | None, keys: list[str], count: int, freed: Freed) -> Awaited:
    waiting = tuple(sorted(keys))
    if row is None:
        return Awaited(
            code, code, None, "", Funding.UNFUNDED.value, DependencyState.OPEN.value, None,
            registered=False, waiting=waiting, count=count, freed=freed,
        )  # fmt: skip
    owner, name = (row.owner.email, row.owner.name) if row.owner else (None, "")
    return Awaited(
        code, row.title, owner, name, row.funding, row.state, row.due_on,
        registered=True, waiting=waiting, count=count, freed=Freed() if row.state in SETTLED else freed,
    )  # fmt: skip


def _freed(actor: Actor, money: str) -> dict[str, Freed]:
    """What those that wait for each code state together in that money. One query."""
    code = "initiative__dependency_rows__code"
    # Each sum takes its money, and none is left out before: so SQLite reads the index of the statements alone.
    ours = Q(currency=money)
    rows: Any = (
        current_worths(actor)
        .values_list(code)
        .annotate(
            low=Sum("value_low", filter=ours),
            likely=Sum("value_likely", filter=ours),
            high=Sum("value_high", filter=ours),
            lost=Sum(Greatest("value_likely", 0.0), filter=ours),
            number=Count("currency", filter=ours),
        )
    )
    return {
        code: Freed(low, likely, high, lost / WEEKS_A_YEAR, number)
        for code, low, likely, high, lost, number in rows
        if code is not None and number
    }


@dataclass(frozen=True)
class Drawn:
    """What a map shows of those that wait: the few that wait for most, for which codes each, and how many there are."""

    waiters: tuple[Waiter, ...]
    codes: Mapping[str, tuple[str, ...]]  # by the key of the initiative
    waiting: int


def drawn_of(actor: Actor, waits: Waits, *, awaited: Collection[str], most: int) -> Drawn:
    """Of those that wait for the ``awaited`` codes, the ``most`` that wait for most of them. At most four queries.

    How many wait for how many is counted from an index; only those that may be drawn are looked up.
    """
    settled = [row.code for row in waits.rows if row.settled]
    unsettled = needs_visible_to(actor).exclude(code__in=settled).order_by()
    waiting_for = unsettled.values("initiative").annotate(number=Count("code", filter=Q(code__in=awaited)))
    counts: dict[int, int] = dict(how_many_of_each(waiting_for, "number")) if awaited else {}
    waiters: dict[Any, Waiter] = {}
    for pk, key, title in _waiting_most(actor, waiting_for, awaited, counts, most):
        waiters[pk] = Waiter(key, title)
    codes: defaultdict[str, list[str]] = defaultdict(list)
    shown = Dependency.objects.filter(initiative__in=list(waiters), code__in=awaited).order_by("code")
    for pk, code in shown.values_list("initiative", "code"):
        codes[waiters[pk].key].append(code)
    return Drawn(
        waiters=tuple(waiters.values()),
        codes={key: tuple(found) for key, found in codes.items()},
        waiting=sum(counts.values()),
    )


def _waiting_most(
    actor: Actor,
    waiting_for: QuerySet[Any, Any],
    awaited: Collection[str],
    counts: Mapping[int, int],
    most: int,
) -> list[tuple[Any, str, str]]:
    """Id, key and title of those that wait for most, by key where they wait for as many. At most two queries."""
    numbers = sorted(filter(None, counts), reverse=True)
    if not numbers:
        return []
    reached = list(accumulate(counts[number] for number in numbers))
    last = min(bisect_left(reached, most), len(numbers) - 1)
    least = numbers[last]  # what the last of them wait for; some wait for more
    above = reached[last] - counts[least]
    theirs = Dependency.objects.filter(initiative=OuterRef("pk"), code__in=awaited).order_by()
    number = Subquery(theirs.values("initiative").annotate(number=Count("*")).values("number"))
    visible = Initiative.objects.visible_to(actor).current().annotate(number=number)
    columns = ("pk", "key", "title")

    def at_least(fewest: int) -> list[tuple[Any, str, str]]:
        some = visible.filter(pk__in=waiting_for.filter(number__gte=fewest).values("initiative"))
        return list(some.order_by("-number", "key").values_list(*columns)[:most])

    if reached[last] <= FEW:
        return at_least(least)
    more = at_least(least + 1) if above else []
    # So many wait for as many that the first of them are not far in the list.
    equal = visible.filter(number=least).order_by("key").values_list(*columns)
    return [*more, *equal[: most - len(more)]]


def _place(row: Awaited, by: str) -> tuple[Any, ...]:
    measures = {
        "number": row.count,
        "value": row.freed.likely,
        "cost_of_delay": row.freed.cost_of_delay,
    }
    rest = [measures[name] for name in ORDERS if name != by]
    return (row.settled, -row.lacking, -measures[by], *(-measure for measure in rest), row.code)
