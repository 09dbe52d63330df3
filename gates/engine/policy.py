"""The policy as frozen values: gates, rules and the numbers that go with them. Read from a file by ``loading``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cached_property
from typing import Literal

import msgspec

from gates.engine.verdict import Severity
from initiatives.dossier.scalars import Archetype, DecisionMode, Horizon, Lane

WaiverKind = Literal["none", "exec", "h1_exec"]
Phase = Literal["align", "evaluate", "operate", "portfolio"]


class Clause(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One part of the policy file; an unknown key is a fault."""


class Params(Clause, frozen=True):
    """What one check can be told; every check declares its own."""

    def faults(self) -> tuple[str, ...]:
        """What is wrong beyond types and bounds, in words."""
        return ()


class NoParams(Params, frozen=True):
    """A check that needs to be told nothing."""


class Measure(Clause, frozen=True):
    """A named number that evidence must state, and the bound it must keep."""

    name: str
    title: str
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None
    at_most_measure: str = ""  # another number of the same evidence
    equals_measure: str = ""
    at_most_stated: tuple[str, ...] = ()  # the first of these dossier fields that is stated

    @property
    def has_bound(self) -> bool:
        """Whether the number is compared with anything."""
        bounds = (self.at_most_measure, self.equals_measure, self.at_most_stated)
        return self.at_least is not None or self.at_most is not None or any(bounds)


class Evidenced(Params, frozen=True):
    """What counts as an answer to a question: kinds, age, numbers, and for what it is asked."""

    kinds: tuple[str, ...]
    fresh_days: int
    demonstrated: bool = False
    measures: tuple[Measure, ...] = ()
    each: Literal["once", "deployment", "added_control"] = "once"
    recent_days: int | None = None  # observed at most so long before it was submitted

    def faults(self) -> tuple[str, ...]:
        """No kinds, an age below one day, or a number without a bound."""
        found = [] if self.kinds else ["no kind of evidence is accepted"]
        if self.fresh_days < 1 or (self.recent_days is not None and self.recent_days < 1):
            found.append("evidence must be fresh for at least one day")
        names = {measure.name for measure in self.measures}
        for measure in self.measures:
            if not measure.has_bound:
                found.append(f"the measure {measure.name!r} has no bound")
            others = {measure.at_most_measure, measure.equals_measure} - names - {""}
            found.extend(
                f"the measure {measure.name!r} is compared with {other!r}, which is not asked for"
                for other in sorted(others)
            )
        return tuple(found)


class Conditional(Evidenced, frozen=True):
    """What answers a condition that a gate asks; ``met_at`` once whoever set it said that it is met."""

    met_at: dt.datetime | None = None


class Kind(Clause, frozen=True):
    """A kind of evidence; ``demonstrates`` when it shows that something works, not only that it is written."""

    code: str
    title: str
    demonstrates: bool = False


class Gate(Clause, frozen=True):
    """A leadership-owned condition: who works it, who reviews its evidence, and who endorses it."""

    code: str
    title: str
    question: str
    owner_role: str  # responsibility in the operating model, or "owner" or "sponsor"
    reviewer_function: str
    endorser_function: str
    answers: Literal["change", "proof", "run"]  # which of the three questions it helps to answer
    also_reviewed_by: tuple[str, ...] = ()
    endorsed: bool = False  # an executive's endorsement on the current evidence is needed
    waivable: bool = True

    @property
    def reviewers(self) -> tuple[str, ...]:
        """The functions whose assurers may accept its evidence, the one that is asked first before the others."""
        return (self.reviewer_function, *self.also_reviewed_by)


class Rule(Clause, frozen=True):
    """One rule: what must be true, why we ask, and the named check that judges it."""

    code: str
    gate: str
    severity: Severity
    title: str
    why: str
    remedy: str
    good: str
    default_owner: str
    check: str
    archetypes: tuple[Archetype, ...] = ()
    left_out_in: tuple[Lane, ...] = ()
    phase: Phase = "align"
    waiver: WaiverKind = "none"
    question: str = ""
    params: Params = NoParams()

    @property
    def asks(self) -> Evidenced | None:
        """What evidence it asks for, if any."""
        return self.params if isinstance(self.params, Evidenced) else None


class Lanes(Clause, frozen=True):
    """The facts that decide the review lane."""

    enhanced_archetypes: tuple[Archetype, ...]
    enhanced_modes: tuple[DecisionMode, ...]
    light_audience: str
    light_modes: tuple[DecisionMode, ...]
    light_people_at_most: int


class HorizonTerms(Clause, frozen=True):
    """How far one horizon reaches and how long it must be stable before the next."""

    code: Horizon
    title: str
    volume_share_at_most: float
    modes: tuple[DecisionMode, ...]
    clean_weeks: int | None = None  # before the next horizon; none when there is no next


class WaiverTerms(Clause, frozen=True):
    """How far an exception may reach."""

    days_at_most: int
    renewals_at_most: int
    never: tuple[str, ...]


class LearningTerms(Clause, frozen=True):
    """What learning-only allows."""

    weeks_at_most: int


class Policy(Clause, frozen=True, dict=True):
    """One version of the gates and rules."""

    version: str
    title: str
    effective_from: dt.date
    lanes: Lanes
    horizons: tuple[HorizonTerms, ...]
    waivers: WaiverTerms
    learning: LearningTerms
    kinds: tuple[Kind, ...]
    gates: tuple[Gate, ...]
    rules: tuple[Rule, ...]
    notice_days: tuple[int, ...] = ()
    sha256: str = ""

    @cached_property
    def rules_by_code(self) -> Mapping[str, Rule]:
        """The rules by their codes."""
        return {rule.code: rule for rule in self.rules}

    @cached_property
    def _gates(self) -> Mapping[str, Gate]:
        return {gate.code: gate for gate in self.gates}

    @cached_property
    def _kinds(self) -> Mapping[str, Kind]:
        return {kind.code: kind for kind in self.kinds}

    @cached_property
    def _horizons(self) -> Mapping[str, HorizonTerms]:
        return {terms.code: terms for terms in self.horizons}

    @cached_property
    def _rules_by_gate(self) -> Mapping[str, tuple[Rule, ...]]:
        return {gate.code: tuple(r for r in self.rules if r.gate == gate.code) for gate in self.gates}

    def rule(self, code: str) -> Rule:
        """The rule of that code; KeyError when there is none."""
        return self.rules_by_code[code]

    def gate(self, code: str) -> Gate:
        """The gate of that code; KeyError when there is none."""
        return self._gates[code]

    def kind(self, code: str) -> Kind:
        """The kind of evidence of that code; KeyError when there is none."""
        return self._kinds[code]

    def horizon(self, code: str) -> HorizonTerms:
        """The terms of that horizon; KeyError when there are none."""
        return self._horizons[code]

    def rules_of(self, gate: str) -> tuple[Rule, ...]:
        """The rules of one gate, in order."""
        return self._rules_by_gate[gate]
