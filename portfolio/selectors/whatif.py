"""The portfolio as a simulation takes it: functions, dependencies, and the work each initiative still has before it."""

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any

import msgspec

from alignment_portal import clock
from initiatives.dossier.document import Demand, Dependency
from initiatives.models import Initiative, InitiativeQuerySet, Status
from initiatives.selectors import asks_at
from portfolio.models import (
    IN_FLIGHT,
    Bottleneck,
    Closure,
    DependencyState,
    Funding,
    SharedDependency,
    WorkItem,
)
from portfolio.selectors.worths import cost_of_delay, latest_worths, main_currency
from portfolio.simulation import Function, Portfolio, Task, expected_days
from portfolio.simulation import Initiative as OnTheWay
from portfolio.simulation import SharedDependency as Awaited

HOURS_A_WEEK = 40
DELIVERY_DAYS = 30.0  # where the register has no figure
OWNER_PRICE = 15_000.0  # what naming an owner takes: a share of one person's time
LEAST_LEFT = 0.2  # of the work, when it took longer than was thought
WORK_WEEK = 5
HORIZON = dt.timedelta(days=3653)  # ten years: no what-if runs as long


def work_days_between(begin: dt.date, end: dt.date) -> int:
    """Mondays to Fridays from a day until before another; negative when it lies before."""
    if end < begin:
        return -work_days_between(end, begin)
    whole, rest = divmod((end - begin).days, 7)
    return whole * WORK_WEEK + sum((begin.weekday() + number) % 7 < WORK_WEEK for number in range(rest))


def work_day(begin: dt.date, days: float) -> dt.date:
    """The date that lies so many work days after a day, part of a day counting as one."""
    whole = math.ceil(days - 1e-9)
    day = begin
    weeks, rest = divmod(whole, WORK_WEEK)
    day += dt.timedelta(weeks=weeks)
    while rest > 0 or day.weekday() >= WORK_WEEK:
        day += dt.timedelta(days=1)
        rest -= day.weekday() < WORK_WEEK
    return day


def facts_now() -> dict[str, Any]:
    """Everything a what-if is asked of, as plain values that can be kept. A fixed number of queries."""
    today = clock.now().date()
    worths = latest_worths()
    money = main_currency(worths.values())
    titles = dict(on_the_way().values_list("key", "title"))
    dependencies = _dependencies(today)
    functions = _functions(today)
    work = _work(today)
    begun = {key for (key, *_), (state, _) in work.items() if state in IN_FLIGHT}
    initiatives = {}
    for key, asks in asks_at(None):
        if key in titles:
            tasks = _tasks(key, asks.bottleneck_demand, asks.dependencies, dependencies, functions, work)
            worth = worths.get(key)
            initiatives[key] = {
                "title": titles[key],
                "cost_of_delay": cost_of_delay(worth, money),
                "valued": bool(worth and worth["currency"] == money),
                "begun": key in begun,
                "tasks": tasks,
            }
    return {
        "today": today.isoformat(),
        "currency": money,
        "functions": functions,
        "dependencies": dependencies,
        "initiatives": initiatives,
    }


def on_the_way() -> InitiativeQuerySet:
    """Initiatives that a what-if is about: neither scale-ready nor retired."""
    return Initiative.objects.current().exclude(status=Status.SCALE_READY)


def registers_now() -> dict[str, dict[str, Any]]:
    """What the levers of a what-if are about beside the initiatives: functions and dependencies. Three queries."""
    today = clock.now().date()
    return {"functions": _functions(today), "dependencies": _dependencies(today)}


def _functions(today: dt.date) -> dict[str, dict[str, Any]]:
    closed: dict[int, list[tuple[int, int]]] = {}
    horizon = today + HORIZON
    spells = Closure.objects.filter(ends_on__gte=today, starts_on__lt=horizon).order_by("starts_on")
    for pool, since, until in spells.values_list("bottleneck", "starts_on", "ends_on"):
        begin = max(0, work_days_between(today, since))
        end = work_days_between(today, min(until, horizon) + dt.timedelta(days=1))
        if end > begin:
            closed.setdefault(pool, []).append((begin, end))
    return {
        row.code: {
            "title": row.title,
            "people": row.people,
            "cap": row.cap,
            "speed": row.hours_per_week / HOURS_A_WEEK,
            "fresh_days": row.fresh_days,
            "price_per_person": row.price_per_person,
            "closed": closed.get(row.pk, []),
        }
        for row in Bottleneck.objects.all()
    }


def _dependencies(today: dt.date) -> dict[str, dict[str, Any]]:
    found = {}
    for row in SharedDependency.objects.exclude(state=DependencyState.DELIVERED):
        alive = row.state != DependencyState.DROPPED
        owned = alive and row.owner_id is not None
        funded = alive and row.funding == Funding.FUNDED
        days = DELIVERY_DAYS if row.duration_days is None else row.duration_days
        if row.state == DependencyState.IN_PROGRESS and owned and funded and row.due_on:
            days = float(max(0, work_days_between(today, row.due_on)))
        found[row.code] = {
            "title": row.title,
            "days": days,
            "owned": owned,
            "funded": funded,
            "price": row.price,
            "guessed": row.duration_days is None,
        }
    return found


def _work(today: dt.date) -> dict[tuple[str, str, str], tuple[str, int]]:
    """State of each piece of work and the work days since it was begun."""
    rows = WorkItem.objects.values_list("initiative__key", "bottleneck__code", "gate", "state", "started_at")
    return {
        (key, code, gate): (state, work_days_between(since.date(), today) if since else 0)
        for key, code, gate, state, since in rows
    }


def _tasks(  # noqa: PLR0917 — what a dossier asks, and the registers it asks them of
    key: str,
    demands: tuple[Demand, ...],
    needed: tuple[Dependency, ...],
    dependencies: Mapping[str, Any],
    functions: Mapping[str, Any],
    work: Mapping[tuple[str, str, str], tuple[str, int]],
) -> list[dict[str, Any]]:
    """One piece of work after another, in the order of the dossier, without what is done.

    A dependency holds up the work for the gate it is needed for; one that names no such gate holds up the last.
    """
    tasks: list[dict[str, Any]] = []
    for demand in demands:
        state, spent = work.get((key, demand.bottleneck, demand.gate), ("queued", 0))
        if demand.bottleneck in functions and state != "done":
            days = expected_days(demand.days_low, demand.days_likely, demand.days_high)
            left = max(days - spent, LEAST_LEFT * days) if state in IN_FLIGHT else days
            tasks.append({"function": demand.bottleneck, "gate": demand.gate, "days": left, "needs": []})
    for one in needed:
        if one.code in dependencies and tasks:
            place = next((task for task in tasks if task["gate"] == one.needed_for), tasks[-1])
            place["needs"].append(one.code)
    return tasks


def portfolio_of(facts: Mapping[str, Any]) -> Portfolio:
    """Kept facts as the simulation takes them."""
    return Portfolio(
        functions={
            code: Function(
                people=row["people"],
                cap=row["cap"],
                speed=row["speed"],
                fresh_days=row["fresh_days"],
                closed=tuple((begin, end) for begin, end in row["closed"]),
            )
            for code, row in facts["functions"].items()
        },
        dependencies={
            code: Awaited(row["days"], owned=row["owned"], funded=row["funded"])
            for code, row in facts["dependencies"].items()
        },
        initiatives={
            key: OnTheWay(
                cost_of_delay=row["cost_of_delay"],
                tasks=tuple(
                    Task(task["function"], task["days"], tuple(task["needs"])) for task in row["tasks"]
                ),
                begun=row["begun"],
            )
            for key, row in facts["initiatives"].items()
        },
    )


def plain(value: Any) -> Any:
    """Frozen values as plain ones, for keeping as JSON."""
    return msgspec.to_builtins(value)
