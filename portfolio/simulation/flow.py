"""One run of a portfolio: one event after another, from the first start to the last finish."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from portfolio.simulation.model import Assumptions, Policy, Portfolio
from portfolio.simulation.plan import Plan
from portfolio.simulation.server import SAME, Server

_SERVED, _READY, _OPENS = range(3)


@dataclass(frozen=True, slots=True)
class Run:
    """What happened, in days by code.

    ``waited_for_function`` and ``waited_for_dependency`` are days of all initiatives together by what held them up:
    for a function the days beyond its work at full speed, for a dependency the days until it was there.
    """

    release: Mapping[str, float]
    finish: Mapping[str, float]
    redone: int
    waited_for_function: Mapping[str, float]
    waited_for_dependency: Mapping[str, float]

    @property
    def makespan(self) -> float:
        """Day of the last finish."""
        return max(self.finish.values(), default=0.0)

    @property
    def mean_finish(self) -> float:
        """Mean day on which an initiative is done."""
        return sum(self.finish.values()) / len(self.finish) if self.finish else 0.0

    @property
    def time_in_system(self) -> float:
        """W of Little's law: mean days from release to finish."""
        days = sum(self.finish[code] - self.release[code] for code in self.finish)
        return days / len(self.finish) if self.finish else 0.0

    @property
    def throughput(self) -> float:
        """λ of Little's law: initiatives done a day, over the whole run."""
        return len(self.finish) / self.makespan if self.makespan else 0.0

    @property
    def work_in_flight(self) -> float:
        """L of Little's law: how many are on their way, as the area under their number over time ÷ makespan."""
        area = area_under(self.release.values(), self.finish.values())
        return area / self.makespan if self.makespan else 0.0


def area_under(begun: Iterable[float], ended: Iterable[float]) -> float:
    """Return the days under the curve of how many are on their way, step by step."""
    steps = sorted([*((at, 1) for at in begun), *((at, -1) for at in ended)])
    area, number, last = 0.0, 0, 0.0
    for at, change in steps:
        area += number * (at - last)
        number, last = number + change, at
    return area


def run_once(
    portfolio: Portfolio,
    policy: Policy,
    assumptions: Assumptions | None = None,
    *,
    work: Mapping[str, Sequence[float]] | None = None,
    pickup: Mapping[str, float] | None = None,
) -> Run:
    """Run a portfolio once, without chance: work exactly as planned unless ``work`` says otherwise.

    ``work`` gives days by initiative, one for each task; ``pickup`` the days until an unowned dependency is picked up.
    Raises Unknown for names that are not there.
    """
    plan = Plan(portfolio, policy, assumptions or Assumptions())
    days = list(plan.days)
    for code, given in (work or {}).items():
        for place, value in zip(plan.tasks_of(plan.codes.index(code)), given, strict=True):
            days[place] = value
    mean = plan.assumptions.pickup_days
    world = World(plan, days, [(pickup or {}).get(code, mean) for code in plan.dependency_codes])
    world.go()
    return Run(
        release=dict(zip(plan.codes, world.release, strict=True)),
        finish=dict(zip(plan.codes, world.finish, strict=True)),
        redone=world.redone,
        waited_for_function=dict(zip(plan.function_codes, world.slowed, strict=True)),
        waited_for_dependency=dict(zip(plan.dependency_codes, world.held, strict=True)),
    )


class World:
    """The state of one run. Lists stand in the order of the plan; NaN is what has not happened."""

    def __init__(self, plan: Plan, work: Sequence[float], pickup: Sequence[float]) -> None:
        """Take the drawn days of work of each task and of picking up each dependency."""
        self.plan, self.work = plan, work
        loss = plan.assumptions.switching_loss
        self.servers = [
            Server(one, limit, loss) for one, limit in zip(plan.functions, plan.limits, strict=True)
        ]
        self.there = [
            one.days + (0.0 if one.owned else wait) + (0.0 if one.funded else plan.assumptions.funding_days)
            for one, wait in zip(plan.dependencies, pickup, strict=True)
        ]
        count, nan = len(plan.codes), float("nan")
        self.release, self.finish = [nan] * count, [nan] * count
        self.before, self.left = list(plan.before), [len(one.tasks) for one in plan.initiatives]
        self.arrived, self.ended = [0.0] * len(plan.owner), [0.0] * len(plan.owner)
        self.again: dict[int, list[int]] = {}
        self.redone, self.on_the_way = 0, 0
        self.slowed, self.held = [0.0] * len(plan.functions), [0.0] * len(plan.dependencies)
        self.queue = sorted(range(count), key=plan.rank.__getitem__)
        self.events: list[tuple[float, int, int]] = []  # (when, what, which)
        self.due = [float("inf")] * len(
            plan.functions
        )  # the event of each function that counts; others are void
        self.now = 0.0

    def go(self) -> None:
        """Run until nothing is left to happen."""
        opens = {one.earliest for one in self.plan.initiatives if one.earliest > 0}
        if self.plan.policy.skip_blocked:
            opens.update(self.there)
        self.events = [(at, _OPENS, 0) for at in sorted(opens)]
        touched: set[int] = set()
        self._begin(touched)
        self._serve(touched)
        events = self.events
        while events:
            self.now = events[0][0]
            until = self.now + SAME
            while events and events[0][0] <= until:
                self._happen(*heapq.heappop(events), touched)
            self._begin(touched)
            self._serve(touched)

    def _happen(self, at: float, what: int, which: int, touched: set[int]) -> None:
        if what == _READY:
            self._arrive(which, touched)
        elif what == _SERVED and at == self.due[which]:
            self.due[which] = float("inf")
            touched.add(which)
            for task in self.servers[which].finished(self.now):
                self._served(task, touched)

    def _serve(self, touched: set[int]) -> None:
        """Let the functions take in what waits, once everything of this moment has happened."""
        for which in touched:
            server = self.servers[which]
            server.take_in(self.now)
            if server.active:
                at = server.next_finish()
                if at != self.due[which]:
                    self.due[which] = at
                    heapq.heappush(self.events, (at, _SERVED, which))
        touched.clear()

    # --- initiatives ---------------------------------------------------------------------------------------

    def _begin(self, touched: set[int]) -> None:
        """Give free places to those that wait, in their order."""
        while (number := self._next_to_begin()) is not None:
            self.queue.remove(number)
            self.release[number] = self.now
            self.on_the_way += 1
            for task in self.plan.tasks_of(number):
                if self.before[task] == 0:
                    self._available(task, touched)
            if not self.left[number]:
                self._finish(number)

    def _next_to_begin(self) -> int | None:
        """The first that may begin. Skipping blocked ones: one with everything there, else one that can do something."""
        if not self.queue:
            return None
        first = self.queue[0]
        if self.plan.initiatives[first].begun:
            return first
        policy = self.plan.policy
        if policy.cap is not None and self.on_the_way >= policy.cap:
            return None
        able = (one for one in self.queue if self.plan.initiatives[one].earliest <= self.now + SAME)
        if not policy.skip_blocked:
            return next(able, None)
        waiting = list(able)
        ready = (one for one in waiting if self._has_all(self.plan.tasks_of(one)))
        begins = (one for one in waiting if self._has_all(self._opening(one)))
        return next(ready, next(begins, None))

    def _opening(self, number: int) -> list[int]:
        return [task for task in self.plan.tasks_of(number) if self.before[task] == 0]

    def _has_all(self, tasks: Iterable[int]) -> bool:
        return all(self.there[one] <= self.now + SAME for task in tasks for one in self.plan.needs[task])

    def _finish(self, number: int) -> None:
        self.finish[number] = self.now
        self.on_the_way -= 1

    # --- tasks ---------------------------------------------------------------------------------------------

    def _available(self, task: int, touched: set[int]) -> None:
        """What comes first is done: the task goes to its function, or waits for its last dependency."""
        last = max(self.plan.needs[task], key=self.there.__getitem__, default=None)
        if last is None or self.there[last] <= self.now + SAME:
            self._arrive(task, touched)
        else:
            self.held[last] += self.there[last] - self.now
            heapq.heappush(self.events, (self.there[last], _READY, task))

    def _arrive(self, task: int, touched: set[int]) -> None:
        plan, number = self.plan, self.plan.owner[task]
        share = plan.assumptions.redo_share if number in self.again else 1.0
        which = plan.function[task]
        self.arrived[task] = self.now
        heapq.heappush(self.servers[which].waiting, (plan.rank[number], task, self.work[task] * share))
        touched.add(which)

    def _served(self, task: int, touched: set[int]) -> None:
        plan, number, which = self.plan, self.plan.owner[task], self.plan.function[task]
        again = self.again.get(number)
        work = self.work[task] * (1.0 if again is None else plan.assumptions.redo_share)
        self.slowed[which] += self.now - self.arrived[task] - work / self.servers[which].speed
        self.ended[task] = self.now
        if again is None:
            for later in plan.next[task]:
                self.before[later] -= 1
                if self.before[later] == 0:
                    self._available(later, touched)
            self.left[number] -= 1
            if self.left[number]:
                return
            again = self.again[number] = [one for one in plan.tasks_of(number) if self._is_stale(one)]
            self.redone += len(again)
        else:
            again.pop(0)
        if again:
            self._arrive(again[0], touched)
        else:
            self._finish(number)

    def _is_stale(self, task: int) -> bool:
        fresh = self.servers[self.plan.function[task]].fresh
        return fresh is not None and self.now - self.ended[task] > fresh + SAME
