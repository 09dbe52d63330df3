"""Many runs under one seed: ranges of dates and costs, and what one change is worth.

Chance is drawn by the code of an initiative or dependency, so that every policy and every scenario of one seed meets
the same luck (common random numbers): what differs between two summaries is what was changed.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from portfolio.simulation.flow import World, area_under
from portfolio.simulation.model import Assumptions, Policy, Portfolio
from portfolio.simulation.plan import Plan

CHUNK = 50  # runs between two reports of progress


@dataclass(frozen=True, slots=True)
class Span:
    """A figure over all runs: its mean, and what it stays below in 50 and in 80 of 100 runs."""

    mean: float
    p50: float
    p80: float


@dataclass(frozen=True, slots=True)
class Summary:
    """What a policy leads to, over all runs; days are work days from now, cost in the money that was given.

    ``finish`` is by code of an initiative; ``mean_finish`` and ``makespan`` are of the whole portfolio; ``cost`` is
    the cost of delay until all are done; ``waits_function`` and ``waits_dependency`` are mean days of all
    initiatives together by what held them up.
    """

    runs: int
    finish: Mapping[str, Span]
    mean_finish: Span
    makespan: Span
    cost: Span
    redone: float
    work_in_flight: float
    waits_function: Mapping[str, float]
    waits_dependency: Mapping[str, float]


def simulate(
    portfolio: Portfolio,
    policy: Policy,
    assumptions: Assumptions | None = None,
    *,
    runs: int = 1000,
    seed: int = 1,
    progress: Callable[[int], None] | None = None,
) -> Summary:
    """Run a portfolio ``runs`` times; ``progress`` is told how many are done, and may raise to stop.

    The same arguments give the same summary. Raises Unknown for names that are not there, ValueError without runs.
    """
    if runs < 1:
        message = "A simulation has at least one run."
        raise ValueError(message)
    plan = Plan(portfolio, policy, assumptions or Assumptions())
    tally = _Tally(plan)
    for done, (work, pickup) in enumerate(_draws(plan, runs, seed), start=1):
        world = World(plan, work, pickup)
        world.go()
        tally.add(world)
        if progress is not None and (done % CHUNK == 0 or done == runs):
            progress(done)
    return tally.summary(runs)


def _draws(plan: Plan, runs: int, seed: int) -> Iterator[tuple[list[float], list[float]]]:
    """Days of work of each task and of picking up each dependency, a run at a time."""
    import numpy as np  # noqa: PLC0415 — slow import

    cv = plan.assumptions.cv
    spread = math.sqrt(math.log1p(cv * cv))
    sources = [np.random.default_rng([seed, 1, zlib.crc32(code.encode())]) for code in plan.codes]
    lucks = [np.random.default_rng([seed, 2, zlib.crc32(code.encode())]) for code in plan.dependency_codes]
    means = np.array(plan.days)
    for begin in range(0, runs, CHUNK):
        count = min(CHUNK, runs - begin)
        parts = [
            source.standard_normal((count, len(one.tasks)))
            for source, one in zip(sources, plan.initiatives, strict=True)
        ]
        normal = np.concatenate(parts, axis=1) if parts else np.empty((count, 0))
        work = means * np.exp(spread * normal - spread * spread / 2)
        waits = [luck.exponential(plan.assumptions.pickup_days, count) for luck in lucks]
        pickup = np.stack(waits, axis=1) if waits else np.empty((count, 0))
        if cv == 0:
            pickup[:] = plan.assumptions.pickup_days
        yield from zip(work.tolist(), pickup.tolist(), strict=True)


class _Tally:
    """What each run came to, kept as plain lists until the end."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.finish: list[list[float]] = []
        self.redone = self.flight = 0.0
        self.slowed, self.held = [0.0] * len(plan.functions), [0.0] * len(plan.dependencies)

    def add(self, world: World) -> None:
        self.finish.append(world.finish)
        self.redone += world.redone
        last = max(world.finish, default=0.0)
        self.flight += area_under(world.release, world.finish) / last if last else 0.0
        self.slowed = [old + new for old, new in zip(self.slowed, world.slowed, strict=True)]
        self.held = [old + new for old, new in zip(self.held, world.held, strict=True)]

    def summary(self, runs: int) -> Summary:
        import numpy as np  # noqa: PLC0415 — slow import

        plan = self.plan
        finish = np.array(self.finish).reshape(runs, len(plan.codes))
        weekly = np.array([one.cost_of_delay for one in plan.initiatives])
        none = np.zeros(runs)
        return Summary(
            runs=runs,
            finish={code: _span(finish[:, at]) for at, code in enumerate(plan.codes)},
            mean_finish=_span(finish.mean(axis=1) if plan.codes else none),
            makespan=_span(finish.max(axis=1) if plan.codes else none),
            cost=_span(finish @ weekly / plan.assumptions.days_per_week if plan.codes else none),
            redone=self.redone / runs,
            work_in_flight=self.flight / runs,
            waits_function=_means(plan.function_codes, self.slowed, runs),
            waits_dependency=_means(plan.dependency_codes, self.held, runs),
        )


def _span(values: Any) -> Span:
    import numpy as np  # noqa: PLC0415 — slow import

    p50, p80 = np.percentile(values, [50, 80])
    return Span(float(values.mean()), float(p50), float(p80))


def _means(codes: list[str], sums: list[float], runs: int) -> dict[str, float]:
    return {code: total / runs for code, total in zip(codes, sums, strict=True)}
