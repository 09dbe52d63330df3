"""What a proposed policy would change: the rules that differ, and the verdicts that would."""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from gates.engine import Policy, Rule, evaluate
from gates.engine.conditions import with_conditions
from gates.engine.verdict import VerdictName
from gates.models import PolicyVersion
from gates.selectors.facts import every_case
from gates.selectors.policies import current_policy, policy_of
from initiatives.models import Initiative


@dataclass(frozen=True)
class RuleChange:
    code: str
    kind: str  # added | removed | changed
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class VerdictChange:
    """How one initiative would be judged, and which rules would newly fail or no longer fail."""

    key: str
    title: str
    before: VerdictName
    after: VerdictName
    newly_failing: tuple[str, ...]
    no_longer_failing: tuple[str, ...]


def rule_changes(before: Policy, after: Policy) -> tuple[RuleChange, ...]:
    """Rules that were added, removed or changed, in the order of the new policy."""
    old, new = before.rules_by_code, after.rules_by_code
    changes = [RuleChange(code, "removed") for code in old if code not in new]
    for code, rule in new.items():
        if code not in old:
            changes.append(RuleChange(code, "added"))
        elif fields := _differing(old[code], rule):
            changes.append(RuleChange(code, "changed", fields))
    return tuple(changes)


def _differing(one: Rule, other: Rule) -> tuple[str, ...]:
    return tuple(field for field in one.__struct_fields__ if getattr(one, field) != getattr(other, field))


def verdict_changes(by: Actor, version: PolicyVersion) -> Iterator[VerdictChange]:
    """Initiatives the actor sees whose findings would differ, as everything stands now."""
    policy, present, now = policy_of(version), current_policy(), clock.now()
    titles = dict(Initiative.objects.visible_to(by).current().values_list("key", "title"))
    for chunk in every_case():
        for key, case in chunk.items():
            if key not in titles:
                continue
            asked = (with_conditions(each, case.facts) for each in (present, policy))
            was, will = (evaluate(each, case.facts, now) for each in asked)
            failed = {finding.code for finding in was.failing()}
            fails = {finding.code for finding in will.failing()}
            if was.level != will.level or failed != fails:
                yield VerdictChange(
                    key=key,
                    title=titles[key],
                    before=was.level,
                    after=will.level,
                    newly_failing=tuple(code for code in policy.rules_by_code if code in fails - failed),
                    no_longer_failing=tuple(sorted(failed - fails)),
                )


def in_plain(rule: Rule) -> dict[str, object]:
    """A rule as plain values, for showing two beside each other."""
    return dict(msgspec.to_builtins(rule))
