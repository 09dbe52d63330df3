"""Facts: the dossier and every record about it that the judge may look at.

Frozen values only. Times are aware datetimes in UTC, days are dates, shares are 0 to 1. Loaded as they were known
at one moment by ``gates.selectors.load_facts(keys, at)``; the engine never asks a clock or a database.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Literal, dataclass_transform

import msgspec

from initiatives.dossier.document import Dossier

Form = Literal["file", "link", "attestation", "measurement"]
EvidenceState = Literal["in_review", "accepted", "rejected", "superseded", "withdrawn"]
Status = Literal["draft", "in_review", "learning_only", "aligned", "scale_ready", "suspended", "retired"]
StanceAnswer = Literal["agree", "agree_with_conditions", "disagree", "abstain"]


# What the line below says of this class, type checkers do not pass on to the classes built on it.
@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One recorded fact."""


class Person(Fact, frozen=True):
    """Somebody named in the dossier or in a record."""

    email: str
    name: str
    title: str = ""
    active: bool = True
    inactive_since: dt.datetime | None = None
    roles: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()


class Evidence(Fact, frozen=True):
    """One item offered for a question (a rule that asks for evidence), as submitted and as reviewed.

    ``measures`` are the named numbers it states (``{"items": 512, "recall": 0.994}``). ``touched_by`` is everybody
    who submitted it or an earlier version of it. ``observed_on`` is when it was true, never later than submission.
    """

    ref: str
    question: str
    form: Form
    kind: str
    state: EvidenceState
    submitted_by: str
    submitted_at: dt.datetime
    observed_on: dt.date
    touched_by: frozenset[str] = frozenset()
    title: str = ""
    statement: str = ""
    deployment: str | None = None
    control: str | None = None
    measures: Mapping[str, float] = {}
    sha256: str | None = None
    reviewed_by: str | None = None
    reviewed_at: dt.datetime | None = None
    expires_on: dt.date | None = None  # an end the submitter states, earlier than the policy's freshness
    version: int = 1


class Endorsement(Fact, frozen=True):
    """A named executive's yes to one gate, tied to the evidence seen."""

    ref: str
    gate: str
    by: str
    at: dt.datetime
    seen: str  # fingerprint of the accepted evidence that was current (engine.gate_fingerprint)


class Waiver(Fact, frozen=True):
    """A time-boxed exception to one rule."""

    ref: str
    rule: str
    reason: str
    compensating_control: str
    requested_by: str
    accepted_by: str | None
    accepted_at: dt.datetime | None
    until: dt.date
    horizon: str
    renewals: int = 0
    withdrawn_at: dt.datetime | None = None


class Interval(Fact, frozen=True):
    """An estimate with its 95 % interval, in the metric's own unit, signed as measured (treated minus control)."""

    estimate: float
    low: float
    high: float


class GuardResult(Fact, frozen=True):
    """What happened to one counter-metric; ``worse`` is oriented so that positive is worse."""

    metric: str
    worse: Interval
    margin: float | None
    verdict: str  # metrics.estimation counter verdict, e.g. NON_INFERIOR


class Balance(Fact, frozen=True):
    """Balance of one matched covariate."""

    covariate: str
    standardised_difference: float
    variance_ratio: float


class Result(Fact, frozen=True):
    """A computed comparison result for one metric; the latest one recorded per metric is the one that counts."""

    metric: str
    method: str
    recorded_at: dt.datetime
    read_on: dt.date  # last day of the data
    better: Interval  # oriented so that positive is better
    claimed: float | None
    code: str  # R0_INVALID … R7_INCONCLUSIVE
    sentence: str
    guards: tuple[GuardResult, ...] = ()
    sample_ratio_p: float | None = None
    balance: tuple[Balance, ...] = ()
    matched_share: float | None = None
    trend_handled: bool | None = None
    lag_one: float | None = None
    other_changes: str = ""
    fading: bool | None = None  # None: could not be told
    n: int = 0


class Reading(Fact, frozen=True):
    """One observation of a metric, the latest revision known at the moment of judging."""

    period_start: dt.date
    period_end: dt.date
    value: float
    numerator: float | None = None
    denominator: float | None = None
    sample_size: int | None = None


class Series(Fact, frozen=True):
    """The readings of one metric in order of period (at most the last 60)."""

    metric: str
    readings: tuple[Reading, ...]
    deployment: str | None = None


class Drift(Fact, frozen=True):
    """The last population stability index recorded for a metric."""

    metric: str
    period_end: dt.date
    psi: float
    n_expected: int
    n_actual: int
    bins: int


class Acknowledgement(Fact, frozen=True):
    """Somebody looked at a signal and wrote down its cause."""

    rule: str
    metric: str
    by: str
    at: dt.datetime
    cause: str
    period_end: dt.date  # the reading that showed it


class Incident(Fact, frozen=True):
    """Something went wrong in operation."""

    ref: str
    severity: int
    title: str
    opened_at: dt.datetime
    closed_at: dt.datetime | None = None
    deployment: str | None = None


class Stance(Fact, frozen=True):
    """One executive's latest answer to one trade-off or part, and whether it is still about what stands in the dossier."""

    person: str
    role: str
    trade_off: str
    answer: StanceAnswer
    at: dt.datetime
    sealed: bool  # given before anybody else's was visible to this person
    stale: bool = False
    resolved: bool = False  # a disagreement or condition that was settled
    affirmed_until: dt.datetime | None = None  # when it has to be said again at the latest


class Condition(Fact, frozen=True):
    """A condition somebody attached to a stance."""

    ref: str
    text: str
    by: str
    met_at: dt.datetime | None = None
    owner: str | None = None
    due_on: dt.date | None = None  # with an owner: a commitment
    gate: str | None = None  # that asks for it, to be answered by evidence


class Review(Fact, frozen=True):
    """The latest alignment review of this initiative that was opened."""

    ref: str
    state: Literal["drafting", "pre_read", "meeting", "concluded", "lapsed"]
    outcome: str = ""  # aligned | not_aligned
    concluded_at: dt.datetime | None = None
    fingerprint: str = ""  # of the material sections, when concluded or last re-affirmed
    required_roles: frozenset[str] = frozenset()
    participants: Mapping[str, str] = {}  # e-mail → role in the review
    present: frozenset[str] = frozenset()  # e-mails that gave a stance on every trade-off
    trade_offs: tuple[str, ...] = ()
    stances: tuple[Stance, ...] = ()
    conditions: tuple[Condition, ...] = ()
    stale: tuple[str, ...] = ()  # names of material sections that changed since

    @property
    def was_concluded(self) -> bool:
        """Whether it ended with an outcome, though it may have lapsed since."""
        return self.state == "concluded" or (self.state == "lapsed" and bool(self.outcome))


class SharedDependency(Fact, frozen=True):
    """Something several initiatives wait for, from the portfolio register."""

    code: str
    title: str
    owner: str | None
    funding: Literal["unfunded", "requested", "funded"]
    state: Literal["open", "in_progress", "delivered", "dropped"]
    due_on: dt.date | None = None


class Bottleneck(Fact, frozen=True):
    """A shared function with a cap on work in flight."""

    code: str
    title: str
    cap: int
    in_flight: int


class GroupLoad(Fact, frozen=True):
    """Change load of one group in one month, all initiatives together, as a share of its capacity (1.0 is full)."""

    group: str
    month: dt.date
    share: float


class Move(Fact, frozen=True):
    """One past status move."""

    to: Status
    at: dt.datetime
    by_system: bool
    reason: str = ""


class Breach(Fact, frozen=True):
    """A span during which a recorded evaluation had a failing suspender."""

    started_at: dt.datetime
    ended_at: dt.datetime | None
    rules: tuple[str, ...] = ()


class Facts(Fact, frozen=True):
    """Everything the judge may look at for one initiative at one moment."""

    dossier: Dossier
    fingerprint: str
    status: Status
    status_since: dt.datetime
    material_fingerprint: str = ""
    evidence: tuple[Evidence, ...] = ()
    endorsements: tuple[Endorsement, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    results: tuple[Result, ...] = ()
    series: tuple[Series, ...] = ()
    drift: tuple[Drift, ...] = ()
    acknowledgements: tuple[Acknowledgement, ...] = ()
    incidents: tuple[Incident, ...] = ()
    review: Review | None = None
    dependencies: Mapping[str, SharedDependency] = {}
    bottlenecks: Mapping[str, Bottleneck] = {}
    group_loads: tuple[GroupLoad, ...] = ()
    moves: tuple[Move, ...] = ()
    breaches: tuple[Breach, ...] = ()
    people: Mapping[str, Person] = {}
    gate_owners: Mapping[str, str] = {}  # gate code → e-mail of the executive who endorses it, if named
