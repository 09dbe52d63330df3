"""Remedies carried out on a copy: by these an explanation proves that its deeds are enough, and that each is needed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence

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
    kept = dict(found)
    # What all the others do not meet, fewer of them will not meet either: only these can ever be dropped.
    suspects = [
        code for code, copy in _all_but_each(policy, facts, now, kept) if _is_met(policy, copy, now, code)
    ]
    while (
        spared := _one_spared(policy, facts, now, kept=kept, suspects=suspects, target=target)
    ) is not None:
        del kept[spared]
        suspects.remove(spared)
    return kept


def _one_spared(
    policy: Policy,
    facts: Facts,
    now: dt.datetime,
    *,
    kept: Collection[str],
    suspects: Collection[str],
    target: VerdictName,
) -> str | None:
    """The last suspect that the remedies of the others meet as well, with the target still reached."""
    for code in (code for code in reversed(tuple(kept)) if code in suspects):
        copy = carried_out(policy, facts, now, [other for other in kept if other != code])
        if _is_met(policy, copy, now, code) and rank(evaluate(policy, copy, now).level) >= rank(target):
            return code
    return None


def _all_but_each(
    policy: Policy, facts: Facts, now: dt.datetime, codes: Collection[str]
) -> Iterator[tuple[str, Facts]]:
    """Each rule, with a copy in which the remedies of all others were carried out.

    By halves: what one half needs is carried out once for all of the other, n log n remedies in place of n squared.
    """
    first = [rule for rule in policy.rules if rule.code in codes and rule.gate not in _LAST]
    last = [rule.code for rule in policy.rules if rule.code in codes and rule.gate in _LAST]
    for code, copy in _by_halves(policy, facts, now, first):
        yield code, carried_out(policy, copy, now, last)
    base = carried_out(policy, facts, now, [rule.code for rule in first])
    for code in last:
        yield code, carried_out(policy, base, now, [other for other in last if other != code])


def _by_halves(
    policy: Policy, facts: Facts, now: dt.datetime, rules: Sequence[Rule]
) -> Iterator[tuple[str, Facts]]:
    if len(rules) == 1:
        yield rules[0].code, facts
    elif rules:
        left, right = rules[: len(rules) // 2], rules[len(rules) // 2 :]
        for half, other in ((left, right), (right, left)):
            copy = carried_out(policy, facts, now, [rule.code for rule in other])
            yield from _by_halves(policy, copy, now, half)


def _is_met(policy: Policy, facts: Facts, now: dt.datetime, code: str) -> bool:
    view, rule = View(policy, facts, now), policy.rule(code)
    return (
        bool(view.not_asked(rule)) or bool(outcome_of(view, rule)) or waiver_in_force(view, rule) is not None
    )
