"""What the paper of several initiatives is written from: each one's own source, and the registers they share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import partial

import msgspec

from gates.engine.facts import Bottleneck, SharedDependency
from gates.engine.verdict import LEVELS
from packs.content.source import Record, Source, Voice
from portfolio.saturation import Load

NOT_IN_FLIGHT = frozenset({"draft", "retired"})
SETTLED = frozenset({"delivered", "dropped"})
STRICTNESS = ("public", "internal", "confidential", "restricted")


class Stake(Record, frozen=True):
    """What somebody stated that an initiative brings a year, and what a week's delay costs by that: hopes, not results."""

    low: float
    high: float
    cost_of_delay: float


class Need(Record, frozen=True):
    """A shared dependency, the initiatives of this paper that wait for it, and what those state they would bring."""

    dependency: SharedDependency
    waiting: tuple[str, ...]
    stakes: tuple[Stake, ...] = ()

    @property
    def cost_of_delay(self) -> float:
        """A week, of those that wait and state a value; nothing once nobody waits any more."""
        return 0.0 if self.is_settled else sum(stake.cost_of_delay for stake in self.stakes)

    @property
    def is_settled(self) -> bool:
        """Whether nobody waits any more: delivered, or given up."""
        return self.dependency.state in SETTLED

    @property
    def lacks(self) -> tuple[str, ...]:
        """What a decision would have to supply: an owner, money, or both."""
        lacking = ("an owner",) if self.dependency.owner is None else ()
        return lacking if self.dependency.funding == "funded" else (*lacking, "money")


class Queue(Record, frozen=True):
    """A shared function and the initiatives of this paper that ask for its work."""

    function: Bottleneck
    asking: tuple[str, ...]

    @property
    def excess(self) -> int:
        """How many are in flight beyond the cap."""
        return max(0, self.function.in_flight - self.function.cap)


class Promised(Record, frozen=True):
    """A commitment that is not kept yet, and the review it was made in."""

    ref: str
    review: str
    text: str
    owner: str
    due_on: dt.date
    unblocks: str = ""


class Outcome(Record, frozen=True):
    """What one policy leads to, as ranges; days are work days."""

    cost_p50: float
    cost_p80: float
    all_p50: float
    all_p80: float
    mean_days: float
    redone: float


class Scenario(Record, frozen=True):
    """A what-if that somebody chose for this paper, beside starting everything at once on the same facts."""

    ref: str
    title: str
    as_of: dt.date
    currency: str
    levers: tuple[str, ...]
    assumptions: tuple[str, ...]
    today: Outcome
    outcome: Outcome
    saved: float


class Held(Record, frozen=True):
    """A framework of others (NIST, ISO, EU) held against the initiatives of this paper, in requirements."""

    title: str
    version: str
    requirements: int
    met: int  # by every initiative it applies to
    missing: int  # in at least one
    most: str = ""  # the requirement that most initiatives miss
    most_words: str = ""
    most_missed: tuple[int, int] = (0, 0)  # by how many, of how many


class Gathered(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the paper of a cluster or of the portfolio is written from. ``members`` are never none."""

    key: str
    title: str
    members: tuple[Source, ...]  # those that need a decision first come first
    policy: str  # the version in force
    audience: str = ""
    loads: tuple[Load, ...] = ()
    promised: tuple[Promised, ...] = ()
    voices: tuple[Voice, ...] = ()  # what dissenters said in reviews that have ended
    names: Mapping[str, str] = {}
    scenarios: tuple[Scenario, ...] = ()
    stakes: Mapping[str, Stake] = {}  # by key, all in one currency
    currency: str = ""
    frameworks: tuple[Held, ...] = ()

    @property
    def today(self) -> dt.date:
        """The day of the judgement, in UTC."""
        return self.members[0].today

    @property
    def classification(self) -> str:
        """The strictest of its members'."""
        return max((m.dossier.initiative.classification for m in self.members), key=STRICTNESS.index)

    def name(self, email: str | None) -> str:
        """The name of a person; the address where nobody knows it."""
        if not email:
            return ""
        known = next((p.name for m in self.members if (p := m.facts.people.get(email))), "")
        return known or self.names.get(email, email)

    def needs(self) -> tuple[Need, ...]:
        """Shared dependencies that somebody here waits for: unowned and unfunded first, then what costs most to await."""
        register = self.members[0].facts.dependencies
        found = [
            Need(
                dependency=dependency,
                waiting=waiting,
                stakes=tuple(self.stakes[key] for key in waiting if key in self.stakes),
            )
            for code, dependency in register.items()
            if (waiting := self._that(partial(_waits, dependency=code)))
        ]
        return tuple(
            sorted(
                found,
                key=lambda need: (
                    need.is_settled,
                    -len(need.lacks) if not need.is_settled else 0,
                    -need.cost_of_delay,
                    -len(need.waiting),
                    need.dependency.code,
                ),
            )
        )

    def queues(self) -> tuple[Queue, ...]:
        """Shared functions that somebody here asks for, the furthest over its cap first."""
        register = self.members[0].facts.bottlenecks
        found = [
            Queue(function=function, asking=asking)
            for code, function in register.items()
            if (asking := self._that(partial(_asks, function=code)))
        ]
        return tuple(sorted(found, key=lambda q: (-q.function.in_flight / q.function.cap, q.function.code)))

    def _that(self, wanted: Callable[[Source], bool]) -> tuple[str, ...]:
        return tuple(sorted(key_of(m) for m in self.members if wanted(m)))


def _waits(member: Source, *, dependency: str) -> bool:
    return any(needed.code == dependency for needed in member.dossier.dependencies)


def _asks(member: Source, *, function: str) -> bool:
    return member.facts.status not in NOT_IN_FLIGHT and any(
        demand.bottleneck == function for demand in member.dossier.bottleneck_demand
    )


def key_of(member: Source) -> str:
    """The key of one member."""
    return member.dossier.initiative.key


def named(member: Source) -> str:
    """Key and title of one member."""
    return f"{key_of(member)} {member.dossier.initiative.title}"


def is_live(member: Source) -> bool:
    """Whether it runs anywhere for real."""
    return any(place.state == "live" for place in member.dossier.deployments)


def runs_blocked(member: Source) -> bool:
    """Whether it runs although the verdict forbids it."""
    return is_live(member) and member.verdict.level == "blocked"


def most_urgent_first(members: tuple[Source, ...]) -> tuple[Source, ...]:
    """Suspended and running although blocked, then by verdict, then by key."""
    return tuple(
        sorted(
            members,
            key=lambda m: (
                m.facts.status != "suspended",
                not runs_blocked(m),
                LEVELS.index(m.verdict.level),
                key_of(m),
            ),
        )
    )
