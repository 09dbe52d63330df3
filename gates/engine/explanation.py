"""Why the verdict is what it is, and the smallest set of deeds that reaches the next better one, proved on a copy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import msgspec

from gates.engine.answers import last_day, slots
from gates.engine.evaluation import verdict_of
from gates.engine.facts import Facts
from gates.engine.policy import Policy, Rule
from gates.engine.remedies import after_remedies, enough, forbidding, needed
from gates.engine.verdict import LEVELS, Answer, Finding, NextMove, Verdict, VerdictName, rank
from gates.engine.view import View
from gates.engine.words import clause, count, listing, spelled

TITLES: dict[VerdictName, str] = {
    "blocked": "Blocked",
    "learning_only": "Learning only",
    "aligned": "Aligned",
    "scale_ready": "Scale-ready",
}
QUESTIONS = {
    "change": "Will the organisation change?",
    "proof": "Will the impact be provable?",
    "run": "Can we run it safely at scale?",
}
ORDER = ("edit", "measure", "operate", "portfolio", "submit", "review", "endorse", "agree", "wait")
_DECISIVE = ("blocker", "suspender", "limiter")
_PARTS = 2  # what a verdict sentence names before it counts the rest
_LONGEST = 140  # of one named part, in characters
LONGEST_BRIEF = 200  # of a sentence in brief, in characters, as far as counting makes it that short


class ShortAnswer(Answer, frozen=True):
    """One of the three questions, answered."""

    code: str
    question: str
    ok: bool
    sentence: str


class Explanation(Answer, frozen=True):
    """The verdict in words and the way to the next better one."""

    level: VerdictName
    target: (
        VerdictName | None
    )  # what the deeds reach, at least the next better verdict; none when there is none
    proven: bool  # the deeds were carried out on a copy and reached the target
    sentence: str
    in_brief: str  # the same for a cell of a table: it counts more and names less
    answers: tuple[ShortAnswer, ...]
    moves: tuple[NextMove, ...] = ()
    clears: tuple[str, ...] = ()  # codes of the rules whose remedies are needed


def explain(policy: Policy, facts: Facts, now: dt.datetime, verdict: Verdict | None = None) -> Explanation:
    """Explain a verdict (judged here when not given) and find the smallest set of deeds to the next better one."""
    view = View(policy, facts, now)
    verdict = verdict or verdict_of(view)
    said = Explanation(
        level=verdict.level,
        target=None,
        proven=True,
        sentence=verdict_sentence(view, verdict),
        in_brief=verdict_in_brief(view, verdict),
        answers=tuple(_answer(policy, verdict, code) for code in QUESTIONS),
    )
    if verdict.level == LEVELS[-1]:
        return said
    target = LEVELS[rank(verdict.level) + 1]
    found = enough(view, verdict, target)
    if found is None:
        listed = {finding.code: finding for finding in forbidding(verdict, target)}
        return _with_moves(said, target, listed, proven=False)
    kept = needed(view, found, target)
    reached = verdict_of(after_remedies(view, kept)).level
    return _with_moves(said, reached, kept, proven=True)


def _with_moves(
    said: Explanation, target: VerdictName, findings: dict[str, Finding], *, proven: bool
) -> Explanation:
    moves = in_order(move for finding in findings.values() for move in finding.moves)
    return msgspec.structs.replace(said, target=target, proven=proven, moves=moves, clears=tuple(findings))


def in_order(moves: Iterable[NextMove]) -> tuple[NextMove, ...]:
    """Each deed once, those that must come first before those that wait for them."""
    once: dict[str, NextMove] = {}
    for move in moves:
        once.setdefault(move.key, move)
    ordered = sorted(once.values(), key=lambda move: ORDER.index(move.kind))
    endorsing = tuple(move.key for move in ordered if move.kind == "endorse")
    return tuple(
        msgspec.structs.replace(
            move,
            after=tuple(
                key for key in dict.fromkeys((*move.after, *_before(move, endorsing))) if key in once
            ),
        )
        for move in ordered
    )


def _before(move: NextMove, endorsing: tuple[str, ...]) -> tuple[str, ...]:
    return endorsing if move.kind == "agree" else ()


# -- sentences ------------------------------------------------------------------------------------------------


def _answer(policy: Policy, verdict: Verdict, code: str) -> ShortAnswer:
    gates = {gate.code for gate in policy.gates if gate.answers == code}
    asked = [f for f in verdict.findings if f.gate in gates and f.outcome != "not_applicable"]
    failing = [f for f in asked if f.is_failing and f.severity in _DECISIVE]
    if not failing:
        advised = sum(f.is_failing for f in asked)
        met = sum(f.outcome == "pass" for f in asked)
        advice = f", and {count(advised, 'advisory finding')}" if advised else ""
        sentence = f"Yes: {met} of {count(len(asked) - advised, 'rule')} met{advice}."
    else:
        more = f", and {count(len(failing) - 1, 'more rule')} not met" if len(failing) > 1 else ""
        sentence = f"Not yet: {_short(failing[0])}{more}."
    return ShortAnswer(code=code, question=QUESTIONS[code], ok=not failing, sentence=sentence)


def verdict_in_brief(view: View, verdict: Verdict) -> str:
    """The verdict in one sentence that names only as much as fits into ``LONGEST_BRIEF`` characters."""
    tries = (verdict_sentence(view, verdict, named=named) for named in range(_PARTS, 0, -1))
    return next((words for words in tries if len(words) <= LONGEST_BRIEF), "") or verdict_sentence(
        view, verdict, named=0
    )


def verdict_sentence(view: View, verdict: Verdict, *, named: int = _PARTS) -> str:
    """The verdict and what it rests on, in one sentence; what is not named is counted."""
    title = TITLES[verdict.level]
    if verdict.level == LEVELS[-1]:
        horizon = view.dossier.initiative.horizon
        return f"{title}: every rule that decides is met; it may be proposed beyond {horizon}."
    against = forbidding(verdict, LEVELS[rank(verdict.level) + 1])
    return f"{title}: {listing(_parts(view, against, named))}."


def _parts(view: View, findings: tuple[Finding, ...], most: int) -> list[str]:
    """What stands against it: what is wrong by name, then how many pieces have expired, are missing, or wait."""
    rules = {finding.code: view.policy.rule(finding.code) for finding in findings}
    findings = _without_echoes(findings, rules)
    expired = [f for f in findings if _expired(view, rules[f.code])]
    endorse = [f for f in findings if any(move.kind == "endorse" for move in f.moves)]
    missing = [f for f in findings if f not in expired + endorse and _has(f, "submit")]
    waiting = [f for f in findings if f not in expired + endorse + missing and _has(f, "review")]
    named = [f for f in findings if all(f not in group for group in (expired, missing, waiting, endorse))]
    said = [_short(finding) for finding in named]
    parts = list(dict.fromkeys(said))[:most]  # two rules may say the same
    further = "further " if parts else ""
    pieces = sum(_expired(view, rules[f.code]) for f in expired)
    groups = (
        (pieces, "piece of evidence has expired", "pieces of evidence have expired"),
        (len(missing), "question has no accepted evidence", "questions have no accepted evidence"),
        (len(waiting), "piece of evidence waits for a reviewer", "pieces of evidence wait for a reviewer"),
        (
            sum(move.kind == "endorse" for f in endorse for move in f.moves),
            "gate is not endorsed",
            "gates are not endorsed",
        ),
        (
            sum(words not in parts for words in said),
            f"{further}rule is not met",
            f"{further}rules are not met",
        ),
    )
    return parts + [f"{spelled(n)} {one if n == 1 else many}" for n, one, many in groups if n > 0]


def _without_echoes(findings: tuple[Finding, ...], rules: dict[str, Rule]) -> tuple[Finding, ...]:
    """Without those that only repeat, in another rule's name, the evidence a question already asks for."""
    return tuple(f for f in findings if rules[f.code].asks or {move.kind for move in f.moves} != {"submit"})


def _has(finding: Finding, kind: str) -> bool:
    return any(move.kind == kind for move in finding.moves)


def _expired(view: View, rule: Rule) -> int:
    """How many slots of the question had evidence that is too old now."""
    asks = rule.asks
    if asks is None:
        return 0
    old = [item for item in view.accepted.get(rule.code, ()) if last_day(item, asks) < view.today]
    return min(len(old), len(slots(view, asks)))


def _short(finding: Finding) -> str:
    """What is wrong, as a clause short enough for a verdict sentence."""
    first = next((item.found for item in finding.items if not item.ok), finding.reason.rstrip("."))
    return first if len(first) <= _LONGEST else f"it is not shown that {clause(finding.title)}"
