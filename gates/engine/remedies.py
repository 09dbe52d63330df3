"""Remedies carried out on a copy: by these an explanation proves that its deeds are enough, and that each is needed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from gates.engine.checking import CHECKS, outcome_of
from gates.engine.evaluation import CEILINGS, evaluate
from gates.engine.facts import Facts
from gates.engine.policy import Policy, Rule
from gates.engine.verdict import Finding, Verdict, VerdictName, rank
from gates.engine.view import View
from gates.engine.waivers import waiver_in_force

_ROUNDS = 4  # carrying out remedies may uncover a rule that was hidden behind them; more layers there are not
_LAST = ("endorsement", "alignment")  # gates whose remedies come after those of all others


def forbidding(verdict: Verdict, target: VerdictName) -> tuple[Finding, ...]:
    """Failing findings that keep the verdict below the target."""
    return tuple(f for f in verdict.findings if f.is_failing and rank(CEILINGS[f.severity]) < rank(target))


def carried_out(policy: Policy, facts: Facts, now: dt.datetime, codes: Collection[str]) -> Facts:
    """A copy in which the remedies of these rules were carried out, endorsement and agreement last."""
    rules = [rule for rule in policy.rules if rule.code in codes]
    for rule in sorted(rules, key=lambda r: _LAST.index(r.gate) + 1 if r.gate in _LAST else 0):
        facts = _mended(policy, facts, now, rule)
    return facts


def _mended(policy: Policy, facts: Facts, now: dt.datetime, rule: Rule) -> Facts:
    view, check = View(policy, facts, now), CHECKS[rule.check]
    if check.mender is None or view.not_asked(rule) or outcome_of(view, rule):
        return facts
    return check.mender(view.case(rule), rule.params)


def enough(
    policy: Policy, facts: Facts, now: dt.datetime, verdict: Verdict, target: VerdictName
) -> dict[str, Finding] | None:
    """Rules whose remedies together reach the target, each with its finding; None when they do not reach it."""
    found: dict[str, Finding] = {}
    for _ in range(_ROUNDS):
        for finding in forbidding(verdict, target):
            found.setdefault(finding.code, finding)
        copy = carried_out(policy, facts, now, found)
        verdict = evaluate(policy, copy, now)
        if rank(verdict.level) >= rank(target):
            return found
    return None


def needed(
    policy: Policy, facts: Facts, now: dt.datetime, found: dict[str, Finding], target: VerdictName
) -> dict[str, Finding]:
    """The same without those that can be dropped: every rule left is one whose remedy the target cannot do without."""
    kept, before = dict(found), len(found) + 1
    while len(kept) < before:  # what is dropped late may have been why something else was kept
        before = len(kept)
        for code in reversed(tuple(kept)):
            others = {c: f for c, f in kept.items() if c != code}
            copy = carried_out(policy, facts, now, others)
            if _is_met(policy, copy, now, code) and rank(evaluate(policy, copy, now).level) >= rank(target):
                kept = others
    return kept


def _is_met(policy: Policy, facts: Facts, now: dt.datetime, code: str) -> bool:
    view, rule = View(policy, facts, now), policy.rule(code)
    return (
        bool(view.not_asked(rule)) or bool(outcome_of(view, rule)) or waiver_in_force(view, rule) is not None
    )
