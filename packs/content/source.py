"""What a pack is written from, and the few look-ups that every section needs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec

from gates.engine.explanation import Explanation
from gates.engine.facts import Facts
from gates.engine.policy import Policy
from gates.engine.verdict import Finding, Verdict
from initiatives.dossier.document import Dossier
from initiatives.dossier.metrics import Metric
from packs.content.words import sentence


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A record beside the facts, in plain values."""


class Voice(Record, frozen=True):
    """One executive's stance in their own words, open to all because the review has ended."""

    person: str
    role: str
    trade_off: str
    answer: str
    at: dt.datetime
    reason: str = ""
    commits: bool = False
    will_do: str = ""
    rating: int | None = None  # of a part, from 1 to 5
    deputy: str = ""  # who gave it in their place


class Settled(Record, frozen=True):
    """A trade-off of the review: what is done, what is accepted for it, why and until when."""

    code: str
    choose: str
    accept: str
    because: str = ""
    until: str = ""


class Promise(Record, frozen=True):
    """A commitment: what, by whom, by when, and what it unblocks."""

    ref: str
    text: str
    owner: str
    due_on: dt.date
    unblocks: str = ""
    kept_on: dt.date | None = None


class PastMove(Record, frozen=True):
    """One status move that was made."""

    at: dt.datetime
    before: str
    after: str
    by: str
    reason: str


class Meta(Record, frozen=True):
    """What the records say beyond the facts the judge looks at."""

    voices: tuple[Voice, ...] = ()
    promises: tuple[Promise, ...] = ()
    moves: tuple[PastMove, ...] = ()
    review_statement: str = ""
    review_lapse: str = ""  # when the review lapsed and why, as a clause; empty when it did not
    trade_offs: tuple[Settled, ...] = ()  # of the review, those added in it included
    audience: str = ""  # for whom the paper is, in words
    names: Mapping[str, str] = {}  # of people who act in records but are not among the facts


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Everything one pack is written from."""

    facts: Facts
    verdict: Verdict
    explanation: Explanation
    policy: Policy
    meta: Meta

    @property
    def dossier(self) -> Dossier:
        """The document."""
        return self.facts.dossier

    @property
    def today(self) -> dt.date:
        """The day of the judgement, in UTC."""
        return self.verdict.judged_at.astimezone(dt.UTC).date()

    @property
    def is_learning(self) -> bool:
        """Whether no impact may be claimed: it may only learn, or not even that."""
        return self.verdict.level in {"blocked", "learning_only"}

    def name(self, email: str | None) -> str:
        """The person's name; the address where the name is not known."""
        if not email:
            return ""
        person = self.facts.people.get(email)
        return person.name if person is not None else self.meta.names.get(email, email)

    def names(self, emails: Sequence[str]) -> str:
        """Several people in a row."""
        return ", ".join(self.name(email) for email in emails)

    def metric(self, code: str | None) -> Metric | None:
        """The metric of that code."""
        return next((metric for metric in self.dossier.metrics if metric.code == code), None)

    def metric_title(self, code: str | None) -> str:
        """The title of a metric, or its code."""
        metric = self.metric(code)
        return metric.title if metric is not None else code or ""

    def findings(self, gate: str) -> tuple[Finding, ...]:
        """The findings of one gate, in order."""
        return tuple(finding for finding in self.verdict.findings if finding.gate == gate)

    def mover(self, gate: str) -> str:
        """Who has the next move at a gate, in words."""
        for finding in self.findings(gate):
            if finding.is_failing and (finding.next_mover_name or finding.next_role):
                return finding.next_mover_name or f"the {finding.next_role.replace('_', ' ')}"
        return self.name(self.dossier.initiative.owner)

    def missing(self, what: str, who: str = "") -> str:
        """The sentence of an empty section: what is missing, and who has the next move."""
        return f"{sentence(what)} {who or self.name(self.dossier.initiative.owner)} has the next move."
