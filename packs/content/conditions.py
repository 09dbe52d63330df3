"""How a condition stands: met, answered by evidence at a gate, or open and with whom."""

from __future__ import annotations

from gates.engine.facts import Condition
from packs.content.source import Source
from packs.content.words import day


def is_answered(source: Source, condition: Condition) -> bool:
    """Whether a gate asks it and accepted evidence answers it."""
    return any(
        finding.code == condition.ref and finding.outcome == "pass" for finding in source.verdict.findings
    )


def is_open(source: Source, condition: Condition) -> bool:
    """Neither met nor answered."""
    return condition.met_at is None and not is_answered(source, condition)


def waits_for(source: Source, condition: Condition) -> str:
    """Who or what an open condition waits for, as a clause."""
    gates = {gate.code: gate.title for gate in source.policy.gates}
    if condition.gate:
        return f"asked at {gates.get(condition.gate, condition.gate)}"
    if condition.owner and condition.due_on:
        return f"{source.name(condition.owner)}, by {day(condition.due_on)}"
    return "no owner yet"
