"""Conditions that executives set and had a gate ask: questions of one initiative, beside those of the policy.

Such a question blocks until evidence of any kind is accepted for it, or until whoever set the condition says that it
is met; its code is the reference of the condition.
"""

from __future__ import annotations

import msgspec

from gates.engine.facts import Condition, Facts, Review
from gates.engine.policy import Conditional, Policy, Rule

# Default of our own: a condition says nothing of age, so its evidence is asked for anew after a year.
FRESH_DAYS = 365
LONGEST_TITLE = 120  # characters of a condition in the title of its question


def with_conditions(policy: Policy, facts: Facts) -> Policy:
    """The policy with a question for each open condition of the review that one of its gates asks."""
    review = facts.review
    if review is None or not any(condition.gate for condition in review.conditions):
        return policy
    gates = {gate.code for gate in policy.gates}
    asked = tuple(
        _rule(policy, facts, review, condition) for condition in review.conditions if condition.gate in gates
    )
    return msgspec.structs.replace(policy, rules=(*policy.rules, *asked)) if asked else policy


def _rule(policy: Policy, facts: Facts, review: Review, condition: Condition) -> Rule:
    text = condition.text.strip().rstrip(".")
    short = text if len(text) <= LONGEST_TITLE else f"{text[:LONGEST_TITLE].rsplit(' ', 1)[0]} …"
    person = facts.people.get(condition.by)
    return Rule(
        code=condition.ref,
        gate=condition.gate or "",
        severity="blocker",
        title=f"The condition “{short}” is met",
        question=f"{text}.",
        why=f"{person.name if person else condition.by} agreed in {review.ref} on this condition.",
        remedy="Submit evidence that the condition is met, and have somebody else accept it.",
        good="",
        default_owner="owner",
        check="evidence.condition",
        params=Conditional(
            kinds=tuple(kind.code for kind in policy.kinds), fresh_days=FRESH_DAYS, met_at=condition.met_at
        ),
    )
