"""Verdicts, computed fresh from facts: what every page, answer, pack and command shows."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from alignment_portal import clock
from alignment_portal.refusals import NotFound
from gates.engine import Explanation, Policy, Verdict, evaluate, explain, gate_fingerprint
from gates.selectors.facts import Case, every_case, load_cases
from gates.selectors.policies import current_policy


def case_of(key: str, at: datetime | None = None, *, pinned: bool = True) -> Case:
    cases = load_cases([key], at, pinned=pinned)
    if key not in cases:
        raise NotFound(f"There was no initiative {key} then." if at else f"There is no initiative {key}.")
    return cases[key]


def policy_asking(key: str, question: str) -> Policy:
    """The policy in force, with the conditions that gates ask of this initiative where the question is one of them."""
    policy = current_policy()
    return policy if question in policy.rules_by_code else case_of(key, pinned=False).policy


def judged_case(key: str, at: datetime | None = None) -> tuple[Case, Verdict]:
    case = case_of(key, at)
    return case, evaluate(case.policy, case.facts, at or clock.now())


def judge(key: str, at: datetime | None = None) -> Verdict:
    return judged_case(key, at)[1]


def judge_many(keys: Sequence[str] | None = None, at: datetime | None = None) -> dict[str, Verdict]:
    """Verdicts by key; of all initiatives when no keys are given."""
    return {key: verdict for _, key, verdict in judged(keys, at)}


def judged(
    keys: Sequence[str] | None = None, at: datetime | None = None
) -> Iterator[tuple[Case, str, Verdict]]:
    """The same, one after the other with what was judged, so that nobody need hold all of them."""
    moment = at or clock.now()
    chunks = every_case(at) if keys is None else iter([load_cases(keys, at)])
    for chunk in chunks:
        for key, case in chunk.items():
            yield case, key, evaluate(case.policy, case.facts, moment)


def explained(key: str, at: datetime | None = None) -> tuple[Case, Verdict, Explanation]:
    """The verdict and the smallest set of deeds to the next better one."""
    moment = at or clock.now()
    case = case_of(key, at)
    verdict = evaluate(case.policy, case.facts, moment)
    return case, verdict, explain(case.policy, case.facts, moment, verdict)


def current_seen(case: Case, gate: str, at: datetime | None = None) -> str:
    """The fingerprint an endorsement of the gate given now must name."""
    return gate_fingerprint(case.facts, case.policy, gate, at or clock.now())
