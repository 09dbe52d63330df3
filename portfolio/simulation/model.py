"""What a simulation is given: functions, dependencies, initiatives with their tasks, and a policy of starting.

Units: time in work days from now, five to a week; money in any one currency; shares as fractions of one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Limit = Literal["none", "people", "register"]


class Unknown(ValueError):
    """A task names a function, dependency or task that is not there, or tasks wait for each other in a circle."""


@dataclass(frozen=True, slots=True)
class Function:
    """A shared function: ``people`` who work side by side, each on one thing at full speed.

    ``cap`` is the most it takes in at once where the policy says so. ``speed`` is the share of a full week that
    its people give (hours ÷ 40). ``fresh_days`` is how long what it delivers stays valid; None for ever.
    ``closed`` are spells in which nobody works, as (from, to) in days, in order and apart.
    """

    people: int
    cap: int | None = None
    speed: float = 1.0
    fresh_days: float | None = None
    closed: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class SharedDependency:
    """Something several wait for: ``days`` of delivery once it is owned and funded."""

    days: float
    owned: bool = True
    funded: bool = True


@dataclass(frozen=True, slots=True)
class Task:
    """Work of ``days`` by one function; it begins when its dependencies (``needs``) are there.

    ``after`` are the positions of the tasks that come first: None for the one before it in the list (one after
    the other), an empty tuple for none (side by side).
    """

    function: str
    days: float
    needs: tuple[str, ...] = ()
    after: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Initiative:
    """An initiative on its way: what a week of delay costs, and the work that is left.

    ``begun`` ones hold their place from the start; ``earliest`` is the day before which it is not begun.
    """

    cost_of_delay: float
    tasks: tuple[Task, ...]
    begun: bool = False
    earliest: float = 0.0


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Everything that shares functions and dependencies, by code."""

    functions: Mapping[str, Function]
    dependencies: Mapping[str, SharedDependency] = field(default_factory=dict)
    initiatives: Mapping[str, Initiative] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Policy:
    """How work is begun.

    ``cap``: at most so many initiatives on their way at once (CONWIP); None begins all at once. ``limit``: how many
    things a function takes in: ``none`` (people share themselves among everything), ``people`` (one thing each),
    ``register`` (the function's own cap). ``order``: codes in the order of starting, the rest after them by cost of
    delay divided by duration. ``skip_blocked``: a place goes to one whose dependencies are all there; else to one whose
    first work can be done; never to one that could only wait.
    """

    cap: int | None = None
    limit: Limit = "none"
    order: tuple[str, ...] = ()
    skip_blocked: bool = False


@dataclass(frozen=True, slots=True)
class Assumptions:
    """The figures that no register holds.

    SOURCE: DOMAIN.md F, defaults of our own until an organisation calibrates them: switching between things costs
    ``switching_loss`` for each extra thing a person has; work varies lognormally with coefficient of variation
    ``cv``; an unowned dependency is picked up after ``pickup_days`` (exponential; exactly so when cv is 0), an
    unfunded one after ``funding_days`` (the next round); what is no longer fresh is done again at ``redo_share``.
    """

    switching_loss: float = 0.1
    cv: float = 0.5
    pickup_days: float = 40.0
    funding_days: float = 60.0
    redo_share: float = 0.3
    days_per_week: float = 5.0


START_ALL = Policy()


def capped(cap: int, *, skip_blocked: bool = False) -> Policy:
    """Return the policy of at most ``cap`` initiatives at once, each person on one thing."""
    return Policy(cap=cap, limit="people", skip_blocked=skip_blocked)


def expected_days(low: float, likely: float, high: float) -> float:
    """Return the mean of a three-point estimate: (low + 4 likely + high) ÷ 6 (PERT); likely alone without a range."""
    return (low + 4 * likely + high) / 6 if high > likely or 0 < low < likely else likely


def work_left(initiative: Initiative) -> float:
    """Return the days of work of an initiative, all functions together."""
    return sum(task.days for task in initiative.tasks)


def cd3_order(initiatives: Mapping[str, Initiative]) -> tuple[str, ...]:
    """Return codes by cost of delay divided by duration, the highest first; equal ones in the order given.

    SOURCE: Reinertsen, The Principles of Product Development Flow (2009), B15 to B18; for one function it is
    Smith's rule (1956), which minimises the weighted sum of completion times.
    """
    return tuple(sorted(initiatives, key=lambda code: -_ratio(initiatives[code])))


def _ratio(initiative: Initiative) -> float:
    days = work_left(initiative)
    return initiative.cost_of_delay / days if days > 0 else float("inf")


def cost_of_finishing(portfolio: Portfolio, finish: Mapping[str, float], assumptions: Assumptions) -> float:
    """Return the cost of delay until every initiative is done: Σ cost per week · days ÷ days per week."""
    return sum(
        one.cost_of_delay * finish[code] / assumptions.days_per_week
        for code, one in portfolio.initiatives.items()
    )
