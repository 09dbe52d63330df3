"""Remedies carried out on a copy: by these an explanation proves that its deeds are enough, and that each is needed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec

from gates.engine.checking import CHECKS, outcome_of
from gates.engine.evaluation import CEILINGS, verdict_of
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
    return after_remedies(View(policy, facts, now), codes).facts


def after_remedies(view: View, codes: Collection[str]) -> View:
    """The view of that copy."""
    rules = [rule for rule in view.policy.rules if rule.code in codes]
    for rule in sorted(rules, key=lambda r: _LAST.index(r.gate) + 1 if r.gate in _LAST else 0):
        mender = CHECKS[rule.check].mender
        if mender is not None and not view.not_asked(rule) and not outcome_of(view, rule):
            view = view.after(mender(view.case(rule), rule.params))
    return view


def enough(view: View, verdict: Verdict, target: VerdictName) -> dict[str, Finding] | None:
    """Rules whose remedies together reach the target, each with its finding; None when they do not reach it."""
    found: dict[str, Finding] = {}
    for _ in range(_ROUNDS):
        for finding in forbidding(verdict, target):
            found.setdefault(finding.code, finding)
        copy = after_remedies(view, found)
        if _reaches(copy, target):
            return found
        verdict = verdict_of(copy)
    return None


def needed(view: View, found: Mapping[str, Finding], target: VerdictName) -> dict[str, Finding]:
    """The same without those that can be dropped: every rule left is one whose remedy the target cannot do without."""
    spared = set(_met_by_the_others(view, found))
    if not _are_spared(view, found, spared, target):
        spared = _spared_one_by_one(view, found, spared, target)
    return {code: finding for code, finding in found.items() if code not in spared}


def _spared_one_by_one(
    view: View, found: Collection[str], suspects: Collection[str], target: VerdictName
) -> set[str]:
    """Where not all can be dropped together: each is tried once, for what more do not reach, fewer will not either."""
    spared: set[str] = set()
    for code in reversed(tuple(found)):
        if code in suspects and _are_spared(view, found, {*spared, code}, target):
            spared.add(code)
    return spared


def _are_spared(view: View, found: Collection[str], dropped: Collection[str], target: VerdictName) -> bool:
    """Whether the remedies of the others meet these rules as well, with the target still reached."""
    copy = after_remedies(view, [code for code in found if code not in dropped])
    return all(_is_met(copy, copy.policy.rule(code)) for code in dropped) and _reaches(copy, target)


def _met_by_the_others(view: View, codes: Collection[str]) -> Iterator[str]:
    """Rules that the remedies of all others meet as well: only these can ever be dropped."""
    asked = [rule for rule in view.policy.rules if rule.code in codes]
    first = [rule for rule in asked if rule.gate not in _LAST]
    last = [rule.code for rule in asked if rule.gate in _LAST]
    before = after_remedies(view, [rule.code for rule in first])
    behind = after_remedies(before, last)
    for rule, copy in _by_halves(view, first):
        # The last remedies of a copy in which everything was done give no less than those of this one.
        most = _with_changes(copy, before, behind)
        if _is_met(most, rule) and _is_met(after_remedies(copy, last), rule):
            yield rule.code
    for code in last:
        copy = after_remedies(before, [other for other in last if other != code])
        if _is_met(copy, copy.policy.rule(code)):
            yield code


def _with_changes(view: View, before: View, behind: View) -> View:
    """The view with the parts of the facts in which those two differ, as they are in the second."""
    pairs = {
        name: (getattr(before.facts, name), getattr(behind.facts, name)) for name in Facts.__struct_fields__
    }
    changed = {name: new for name, (old, new) in pairs.items() if new is not old}
    return view.after(msgspec.structs.replace(view.facts, **changed))


def _by_halves(view: View, rules: Sequence[Rule]) -> Iterator[tuple[Rule, View]]:
    """Each rule, with a copy in which the remedies of all others were carried out.

    What one half needs is carried out once for all of the other, n log n remedies in place of n squared.
    """
    if len(rules) == 1:
        yield rules[0], view
    elif rules:
        left, right = rules[: len(rules) // 2], rules[len(rules) // 2 :]
        for half, other in ((left, right), (right, left)):
            copy = after_remedies(view, [rule.code for rule in other])
            yield from _by_halves(copy, half)


def _reaches(view: View, target: VerdictName) -> bool:
    """Whether no rule that would keep the verdict below the target fails."""
    return all(
        _is_met(view, rule) for rule in view.policy.rules if rank(CEILINGS[rule.severity]) < rank(target)
    )


def _is_met(view: View, rule: Rule) -> bool:
    return (
        bool(view.not_asked(rule)) or bool(outcome_of(view, rule)) or waiver_in_force(view, rule) is not None
    )
