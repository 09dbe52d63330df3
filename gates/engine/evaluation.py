"""The judgement: every rule of the policy about one dossier at one moment, and the verdict that is left."""

from __future__ import annotations

import datetime as dt
from typing import Any

from gates.engine.checking import Outcome, Unknown, outcome_of
from gates.engine.facts import Facts, Waiver
from gates.engine.movers import resolve
from gates.engine.policy import Policy, Rule
from gates.engine.verdict import Finding, Item, Verdict, VerdictName, rank
from gates.engine.verdict import Outcome as OutcomeName
from gates.engine.view import View, midnight_after
from gates.engine.waivers import waiver_in_force
from gates.engine.words import day, reason_of, some

CEILINGS: dict[str, VerdictName] = {
    "blocker": "blocked",
    "suspender": "blocked",
    "limiter": "learning_only",
    "readiness": "aligned",
    "advisory": "scale_ready",
}


def evaluate(policy: Policy, facts: Facts, now: dt.datetime) -> Verdict:
    """Judge one dossier. Pure: the same policy, facts and moment give the same verdict, byte for byte."""
    return verdict_of(View(policy, facts, now))


def verdict_of(view: View) -> Verdict:
    """The same, of a view that may hold outcomes already."""
    findings = tuple(finding_of(view, rule) for rule in view.policy.rules)
    lane, lane_reason = view.lane
    return Verdict(
        key=view.dossier.initiative.key,
        level=level_of(findings),
        lane=lane,
        lane_reason=lane_reason,
        policy=view.policy.version,
        fingerprint=view.facts.fingerprint,
        judged_at=view.now,
        findings=findings,
        valid_until=_valid_until(findings),
    )


def level_of(findings: tuple[Finding, ...]) -> VerdictName:
    """The highest verdict that no failing, unwaived rule forbids."""
    ceilings = (CEILINGS[finding.severity] for finding in findings if finding.outcome == "fail")
    return min(ceilings, key=rank, default="scale_ready")


def _valid_until(findings: tuple[Finding, ...]) -> dt.datetime | None:
    """The earliest lapse among passes and waivers whose end can change the verdict."""
    lapses = (f.lapses_at for f in findings if f.lapses_at is not None and f.severity != "advisory")
    return min(lapses, default=None)


def finding_of(view: View, rule: Rule) -> Finding:
    """One rule's finding: asked or not, met or not, waived or not."""
    if absent := view.not_asked(rule):
        return _finding(rule, "not_applicable", absent)
    outcome = outcome_of(view, rule)
    if outcome:
        return _passed(rule, outcome)
    waiver = waiver_in_force(view, rule)
    return _waived(view, rule, outcome, waiver) if waiver else _failed(view, rule, outcome)


def _finding(rule: Rule, outcome: OutcomeName, reason: str, **more: Any) -> Finding:
    return Finding(
        code=rule.code,
        gate=rule.gate,
        severity=rule.severity,
        outcome=outcome,
        title=rule.title,
        why=rule.why,
        reason=reason,
        **more,
    )


def _passed(rule: Rule, outcome: Outcome) -> Finding:
    return _finding(
        rule,
        "pass",
        reason_of(outcome.items, passing=True) or rule.title,
        items=outcome.items,
        evidence=outcome.evidence,
        lapses_at=outcome.lapses_at,
    )


def _failed(view: View, rule: Rule, outcome: Outcome) -> Finding:
    moves = tuple(resolve(view, move) for move in outcome.moves)
    first = next((move for move in moves if not move.after), moves[0])
    return _finding(
        rule,
        "fail",
        reason_of(outcome.items, passing=False),
        remedy=_remedy(rule, outcome.items),
        next_role=first.role,
        next_mover=first.person,
        next_mover_name=first.person_name,
        link=first.place,
        items=outcome.items,
        moves=moves,
        evidence=outcome.evidence,
        unknown=isinstance(outcome, Unknown),
    )


def _waived(view: View, rule: Rule, outcome: Outcome, waiver: Waiver) -> Finding:
    who = view.name(waiver.accepted_by)
    failing = reason_of(outcome.items, passing=False).rstrip(".")
    return _finding(
        rule,
        "waived",
        f"{failing}; accepted by {who} until {day(waiver.until)} because {waiver.reason.rstrip('.')}.",
        remedy=_remedy(rule, outcome.items),
        items=outcome.items,
        moves=tuple(resolve(view, move) for move in outcome.moves),
        evidence=outcome.evidence,
        waiver=waiver.ref,
        lapses_at=midnight_after(waiver.until),
    )


def _remedy(rule: Rule, items: tuple[Item, ...]) -> str:
    """The policy's remedy, with what is lacking named."""
    labels = tuple(dict.fromkeys(item.label for item in items if not item.ok))
    return rule.remedy.replace("{what}", some(labels))
