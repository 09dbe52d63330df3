"""What the judge answers: one finding per rule, and the verdict they leave."""

from __future__ import annotations

import datetime as dt
from typing import Literal, dataclass_transform

import msgspec

VerdictName = Literal["blocked", "learning_only", "aligned", "scale_ready"]
LEVELS: tuple[VerdictName, ...] = ("blocked", "learning_only", "aligned", "scale_ready")
Outcome = Literal["pass", "fail", "waived", "not_applicable"]
Severity = Literal["blocker", "suspender", "limiter", "readiness", "advisory"]


def rank(level: VerdictName) -> int:
    """Position of a verdict: 0 blocked to 3 scale_ready."""
    return LEVELS.index(level)


# What the line below says of this class, type checkers do not pass on to the classes built on it.
@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A value of the engine."""


class Item(Answer, frozen=True):
    """One fact found, beside what was needed: printed as ``label: found (needed)``."""

    label: str
    found: str
    needed: str = ""
    place: str = ""  # JSON pointer into the dossier, or "evidence/EV-0001", "gate/governance", "review", …
    ok: bool = False


class NextMove(Answer, frozen=True):
    """One deed that somebody has to do, in the imperative, and the place to do it."""

    deed: str
    role: str
    person: str = ""  # e-mail; empty when nobody is named
    person_name: str = ""
    place: str = ""
    kind: str = "edit"  # edit | submit | review | endorse | measure | agree | operate | portfolio | wait
    key: str = ""  # same key: same deed, however many rules ask for it
    after: tuple[str, ...] = ()  # keys of deeds that must come first
    days: float = 1.0  # estimated effort, for choosing the smallest set


class Finding(Answer, frozen=True):
    """One rule's outcome for one dossier."""

    code: str
    gate: str
    severity: Severity
    outcome: Outcome
    title: str
    reason: str
    remedy: str = ""
    why: str = ""
    next_role: str = ""
    next_mover: str = ""  # e-mail
    next_mover_name: str = ""
    link: str = ""  # path of the exact place to fix it
    items: tuple[Item, ...] = ()
    moves: tuple[NextMove, ...] = ()
    evidence: tuple[str, ...] = ()  # refs it rests on
    unknown: bool = False  # failed because something is not recorded
    lapses_at: dt.datetime | None = None  # when a pass will lapse
    waiver: str = ""

    @property
    def is_failing(self) -> bool:
        """Whether the rule fails and is not waived."""
        return self.outcome == "fail"


class Verdict(Answer, frozen=True):
    """The judgement of one dossier at one moment."""

    key: str
    level: VerdictName
    lane: Literal["light", "standard", "enhanced"]
    lane_reason: str
    policy: str
    fingerprint: str
    judged_at: dt.datetime
    findings: tuple[Finding, ...]
    valid_until: dt.datetime | None = None  # the earliest lapse of a pass

    def failing(self, *severities: Severity) -> tuple[Finding, ...]:
        """Failing findings, of the given severities or of all."""
        return tuple(
            f for f in self.findings if f.is_failing and (not severities or f.severity in severities)
        )
