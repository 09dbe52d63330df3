"""Measure a what-if of a large portfolio against a bare queue of as many events: the least any simulation by events can take."""

import heapq
import random
from functools import partial
from typing import Any

from alignment_portal.bench import compared, seconds
from portfolio.simulation import (
    START_ALL,
    Function,
    Initiative,
    Policy,
    Portfolio,
    SharedDependency,
    Task,
    capped,
    simulate,
)

TASKS = 4  # of each initiative
SHARE_WAITING = 0.3
PEOPLE = {"legal": 5, "security": 5, "data": 10, "risk": 5, "change": 5}  # for two hundred initiatives


def measure(*, initiatives: int, runs: int, seed: int) -> dict[str, Any]:
    """So many runs of everything at once, and of a tenth at a time."""
    portfolio = made_up(initiatives, seed)
    floor = seconds(partial(_bare_queue, initiatives * TASKS, runs))
    policies = {"start_all": START_ALL, "capped": capped(max(1, initiatives // 10))}
    return {
        "initiatives": initiatives,
        "runs": runs,
        **{name: _timed(portfolio, policy, runs, floor) for name, policy in policies.items()},
    }


def _timed(portfolio: Portfolio, policy: Policy, runs: int, floor: float) -> dict[str, float]:
    took = seconds(partial(simulate, portfolio, policy, runs=runs, seed=1))
    return {**compared(took, floor), "ms_per_run": round(took / runs * 1000, 2)}


def made_up(initiatives: int, seed: int) -> Portfolio:
    chance = random.Random(seed)  # noqa: S311 — made-up work, no secret
    functions = {code: Function(people=people, cap=2 * people) for code, people in PEOPLE.items()}
    dependencies = {
        f"dependency-{number}": SharedDependency(
            chance.uniform(10, 60), owned=chance.choice([True, False]), funded=chance.choice([True, False])
        )
        for number in range(12)
    }

    def task(function: str) -> Task:
        waits = chance.random() < SHARE_WAITING
        return Task(function, chance.uniform(4, 20), (chance.choice(list(dependencies)),) if waits else ())

    every = {
        f"AI-{number:04}": Initiative(
            cost_of_delay=chance.uniform(1_000, 60_000),
            tasks=tuple(task(function) for function in chance.sample(list(functions), TASKS)),
        )
        for number in range(initiatives)
    }
    return Portfolio(functions=functions, dependencies=dependencies, initiatives=every)


def _bare_queue(events: int, runs: int) -> None:
    """As many events put into a heap and taken out in their order, with nothing done about them."""
    chance = random.Random(1)  # noqa: S311 — made-up moments, no secret
    moments = [chance.random() for _ in range(events)]
    for _ in range(runs):
        queue: list[tuple[float, int]] = []
        for which, at in enumerate(moments):
            heapq.heappush(queue, (at, which))
        while queue:
            heapq.heappop(queue)
