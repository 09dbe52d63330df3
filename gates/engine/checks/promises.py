"""What executives left open when they agreed: disagreements, and conditions that became promises with a date."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from gates.engine.checking import Ledger, Outcome, check
from gates.engine.checks.agreement import Roles, agree, no_review, role_in_words, trade_off_in_words
from gates.engine.facts import Condition, Facts, Review
from gates.engine.policy import Rule
from gates.engine.verdict import NextMove
from gates.engine.view import Case, midnight_after
from gates.engine.words import count, day


@check("promises.nothing_is_open", Roles)
def nothing_is_open(case: Case, params: Roles) -> Outcome:
    """No required disagreement is open; each condition is met, or promised by somebody by a day that has not passed."""
    ledger, review = Ledger(), case.facts.review
    if review is None:
        return no_review(ledger, "nothing shows that the executives agree")
    required = set(params.of(case)) | set(review.required_roles)
    for stance in review.stances:
        if stance.answer == "disagree" and stance.role in required and not stance.resolved:
            name = case.view.name(stance.person)
            found = f"{name} ({role_in_words(stance.role)}) disagrees on {trade_off_in_words(case, stance.trade_off)}"
            move = agree(
                f"Settle the disagreement of {name}", key=f"disagree:{stance.person}:{stance.trade_off}"
            )
            ledger.lack(name, found, move)
    for condition in review.conditions:
        fault = _open_condition(case, condition)
        if fault:
            found = f"the condition “{condition.text.rstrip('.')}” {fault}"
            ledger.lack(condition.ref, found, _condition_move(condition))
        elif condition.met_at is None and (rule := _asked_as(case, condition)):
            gate = case.policy.gate(rule.gate).title
            ledger.note(condition.ref, f"the condition “{condition.text.rstrip('.')}” is asked at {gate}")
        elif condition.met_at is None and condition.due_on is not None:
            due = f"due on {day(condition.due_on)} from {case.view.name(condition.owner)}"
            ledger.note(condition.ref, f"the condition “{condition.text.rstrip('.')}” is {due}")
            ledger.lapses(midnight_after(condition.due_on))
    for line in _agreed_lines(review) if not ledger.has_failed else ():
        ledger.note("Agreement", line)
    return ledger.settle()


def _open_condition(case: Case, condition: Condition) -> str:
    """Why the condition is open, as a clause; empty when it is met or promised in time."""
    if condition.met_at is not None:
        return ""
    if _asked_as(case, condition):
        return ""  # its gate stands in the way until it is answered
    if condition.owner is None or condition.due_on is None:
        return f"of {case.view.name(condition.by)} is neither met nor promised by anybody"
    if condition.due_on < case.today:
        return f"was due on {day(condition.due_on)} from {case.view.name(condition.owner)} and is not met"
    return ""


def _asked_as(case: Case, condition: Condition) -> Rule | None:
    """The question of a gate that the condition became, if it did."""
    return case.policy.rules_by_code.get(condition.ref) if condition.gate else None


def _condition_move(condition: Condition) -> NextMove:
    text = (
        f"Meet {condition.ref}, or promise it with a date"
        if condition.owner is None
        else f"Meet {condition.ref}"
    )
    return agree(
        f"{text}: {condition.text.rstrip('.')}",
        person=condition.owner or "",
        key=f"condition:{condition.ref}",
    )


def _agreed_lines(review: Review) -> Iterator[str]:
    met = sum(condition.met_at is not None for condition in review.conditions)
    yield f"no required disagreement of {review.ref} is open" + (
        f", and {count(met, 'condition')} met" if met else ""
    )


@nothing_is_open.mend
def mend_nothing_is_open(case: Case, _: Roles) -> Facts:
    """Settle every disagreement and meet every condition that is open."""
    review = case.facts.review or Review(ref="RV-MENDED", state="meeting")
    stances = tuple(
        msgspec.structs.replace(one, resolved=True) if one.answer == "disagree" else one
        for one in review.stances
    )
    conditions = tuple(
        msgspec.structs.replace(one, met_at=case.now) if _open_condition(case, one) else one
        for one in review.conditions
    )
    settled = msgspec.structs.replace(review, stances=stances, conditions=conditions)
    return msgspec.structs.replace(case.facts, review=settled)
