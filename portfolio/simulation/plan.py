"""A portfolio made ready to be run many times: positions in lists instead of codes, names and order checked."""

from __future__ import annotations

from portfolio.simulation.model import (
    Assumptions,
    Function,
    Initiative,
    Policy,
    Portfolio,
    Unknown,
    cd3_order,
)


class Plan:
    """Tasks of all initiatives in one list; ``owner``, ``function``, ``needs`` and ``next`` are positions."""

    def __init__(self, portfolio: Portfolio, policy: Policy, assumptions: Assumptions) -> None:
        """Raise Unknown for a name that is not there, ValueError for a figure that makes no sense."""
        _check(portfolio, policy)
        self.policy, self.assumptions = policy, assumptions
        self.function_codes = list(portfolio.functions)
        self.functions = list(portfolio.functions.values())
        self.limits = [limit_of(function, policy) for function in self.functions]
        self.dependency_codes = list(portfolio.dependencies)
        self.dependencies = list(portfolio.dependencies.values())
        self.codes = list(portfolio.initiatives)
        self.initiatives = list(portfolio.initiatives.values())
        self.first: list[int] = []  # where each initiative's tasks begin
        self.owner: list[int] = []
        self.function: list[int] = []
        self.needs: list[tuple[int, ...]] = []
        self.before: list[int] = []  # how many tasks come first
        self.next: list[list[int]] = []
        self.days: list[float] = []
        for number, initiative in enumerate(self.initiatives):
            self._add(number, initiative)
        rank = {code: place for place, code in enumerate(_in_order(portfolio, policy))}
        self.rank = [rank[code] for code in self.codes]

    def tasks_of(self, number: int) -> range:
        """Return the positions of one initiative's tasks."""
        return range(self.first[number], self.first[number] + len(self.initiatives[number].tasks))

    def _add(self, number: int, initiative: Initiative) -> None:
        start = len(self.owner)
        self.first.append(start)
        for place, task in enumerate(initiative.tasks):
            earlier = (
                tuple(dict.fromkeys(task.after)) if task.after is not None else (place - 1,) * bool(place)
            )
            if any(not 0 <= one < place for one in earlier):
                message = "A task can only come after tasks that stand before it in the list."
                raise Unknown(message)
            self.owner.append(number)
            self.function.append(_place(self.function_codes, task.function, "function"))
            self.needs.append(tuple(_place(self.dependency_codes, code, "dependency") for code in task.needs))
            self.before.append(len(earlier))
            self.next.append([])
            self.days.append(task.days)
            for one in earlier:
                self.next[start + one].append(start + place)


def limit_of(function: Function, policy: Policy) -> int | None:
    """Return how many things a function takes in under a policy; None without a limit."""
    if policy.limit == "register":
        return function.cap
    return function.people if policy.limit == "people" else None


def _check(portfolio: Portfolio, policy: Policy) -> None:
    caps = [
        cap for cap in (policy.cap, *(one.cap for one in portfolio.functions.values())) if cap is not None
    ]
    days = [task.days for one in portfolio.initiatives.values() for task in one.tasks]
    days += [one.days for one in portfolio.dependencies.values()]
    if min(caps, default=1) < 1 or any(
        one.people < 1 or one.speed <= 0 for one in portfolio.functions.values()
    ):
        message = "Every cap is at least one, every function has people, and they give some of their time."
        raise ValueError(message)
    if not all(0 <= value < float("inf") for value in days):
        message = "Days of work and of delivery are numbers that are not negative."
        raise ValueError(message)


def _place(codes: list[str], code: str, what: str) -> int:
    if code not in codes:
        message = f"There is no {what} “{code}”."
        raise Unknown(message)
    return codes.index(code)


def _in_order(portfolio: Portfolio, policy: Policy) -> list[str]:
    """Those that are begun first, then the order that was given, then by cost of delay over duration."""
    ranked = cd3_order(portfolio.initiatives)
    given = [code for code in dict.fromkeys(policy.order) if code in portfolio.initiatives]
    order = [*given, *(code for code in ranked if code not in given)]
    return sorted(order, key=lambda code: not portfolio.initiatives[code].begun)
