"""Questions answered by evidence: submitted by one person, accepted by another, fresh, and with the numbers asked for."""

from __future__ import annotations

import datetime as dt

import msgspec

from gates.engine import mending
from gates.engine.answers import (
    Slot,
    answers_to,
    fault_of,
    fault_of_accepted,
    is_for,
    last_day,
    needed,
    slots,
    stated,
)
from gates.engine.checking import Ledger, Outcome, check, deed
from gates.engine.facts import Evidence, Facts
from gates.engine.policy import Conditional, Evidenced, Measure
from gates.engine.verdict import NextMove
from gates.engine.view import UTC, Case, View, midnight_after
from gates.engine.words import clause, day, some

SUBMITTER = "submitter@mended.invalid"
REVIEWER = "reviewer@mended.invalid"


@check("evidence.accepted", Evidenced)
def accepted(case: Case, params: Evidenced) -> Outcome:
    """Each thing the question is asked for has evidence that answers it."""
    ledger = Ledger()
    answer_lines(case, params, ledger)
    return ledger.settle()


@accepted.mend
def mend_accepted(case: Case, params: Evidenced) -> Facts:
    """Supply what is missing and have it accepted."""
    return with_answers(case, params, case.facts)


@check("evidence.condition", Conditional)
def condition_is_met(case: Case, params: Conditional) -> Outcome:
    """Evidence for the condition is accepted, or whoever set it said that it is met."""
    ledger = Ledger()
    if params.met_at is None:
        answer_lines(case, params, ledger)
    else:
        said = day(params.met_at.astimezone(UTC).date())
        ledger.note("the condition", f"whoever set it said on {said} that it is met")
    return ledger.settle()


@condition_is_met.mend
def mend_condition_is_met(case: Case, params: Conditional) -> Facts:
    """Supply evidence for the condition and have it accepted."""
    return with_answers(case, params, case.facts)


# -- lines shared by every question ---------------------------------------------------------------------------


def answer_lines(case: Case, asks: Evidenced, ledger: Ledger) -> None:
    """One line for each thing the question is asked for."""
    for measure in asks.measures:
        if measure.at_most_stated and stated(case.view, measure) is None:
            _lack_bound(case, measure, ledger)
    places = slots(case.view, asks)
    if not places:
        no_place(case, asks, ledger)
    for slot in places:
        found = answers_to(case.view, case.rule, asks, slot)
        if found:
            best = found[0]
            until = last_day(best, asks)
            ledger.note(
                slot.label or "the evidence",
                f"{best.title or case.rule.title} ({best.ref}) holds until {day(until)}",
            )
            ledger.rests_on(best.ref)
            ledger.lapses(midnight_after(until))
        else:
            _lack_answer(case, asks, slot, ledger)


def no_place(case: Case, asks: Evidenced, ledger: Ledger) -> None:
    """The question goes by deployment: without one nothing is shown, without an added control nothing is asked."""
    if asks.each == "added_control" and not case.dossier.non_negotiables.added:
        ledger.note("Added non-negotiables", "executives added no further non-negotiable")
        return
    move = deed("Register the deployment where it is to run", role="owner", place="risk/", key="deployment")
    ledger.lack(
        "Deployments", "no deployment is recorded", move, needed="the place where it is to run", unknown=True
    )


def _lack_bound(case: Case, measure: Measure, ledger: Ledger) -> None:
    section = measure.at_most_stated[0].split(".")[0].replace("_", "-")
    place = {"risk-posture": "risk/"}.get(section, f"{section}/")
    move = deed(f"State the limit for the {measure.title}", role=case.rule.default_owner, place=place)
    ledger.lack(measure.title, f"no limit is stated for the {measure.title}", move, unknown=True)


def _lack_answer(case: Case, asks: Evidenced, slot: Slot, ledger: Ledger) -> None:
    view, code = case.view, case.rule.code
    at = f"{'for' if slot.control else 'at'} {slot.label}, " if slot.label else ""
    waiting = [
        e for e in view.awaiting.get(code, ()) if is_for(view, e, slot) and not fault_of(view, asks, e)
    ]
    if waiting:
        oldest = waiting[0]
        since = day(oldest.submitted_at.astimezone(UTC).date())
        found = f"{at}{oldest.title or 'evidence'} ({oldest.ref}) has waited for a reviewer since {since}"
        ledger.lack(
            slot.label or "the evidence",
            found,
            _review(case, slot, oldest),
            needed="its acceptance by somebody else",
        )
        return
    given = [e for e in view.accepted.get(code, ()) if is_for(view, e, slot)]
    asked = needed(view, asks)
    moves = (_submit(case, asks, slot, asked, again=bool(given)), _review(case, slot, None))
    if given:
        latest = max(given, key=lambda e: (last_day(e, asks), e.ref))
        found = fault_of_accepted(view, asks, latest)
        ledger.rests_on(latest.ref)
        ledger.lack(slot.label or "the evidence", f"{at}{found}", *moves, needed=asked)
        return
    found = f"{at}nothing accepted shows that {clause(case.rule.title)}"
    ledger.lack(slot.label or "the evidence", found, *moves, needed=asked, unknown=True)


def _place(case: Case) -> str:
    return f"gates/{case.rule.gate}/#question-{case.rule.code}"


def _submit(case: Case, asks: Evidenced, slot: Slot, asked: str, *, again: bool) -> NextMove:
    verb = "Renew" if again else "Submit"
    at = f" for {slot.label}" if slot.label else ""
    return deed(
        f"{verb} evidence{at} that {clause(case.rule.title)}: {asked}",
        role=case.rule.default_owner,
        place=_place(case),
        kind="submit",
        key=f"submit:{case.rule.code}:{slot.key}",
        days=5.0 if asks.demonstrated else 2.0,
    )


def _review(case: Case, slot: Slot, item: Evidence | None) -> NextMove:
    functions = case.policy.gate(case.rule.gate).reviewers
    submitter = case.view.owner_of(case.rule.default_owner) or case.dossier.initiative.owner
    without = item.touched_by | {item.submitted_by} if item else frozenset({submitter})
    able = (
        (function, person.email)
        for function in functions
        for person in case.view.people_with("assurer", function)
        if person.email not in without
    )
    function, email = next(able, ("", ""))
    what = item.ref if item else f"that evidence{f' for {slot.label}' if slot.label else ''}"
    text = f"Review {what}: does it show that {clause(case.rule.title)}?"
    if not email:
        names = some([case.view.name(one) for one in sorted(without)])
        text = f"Name a {functions[0]} reviewer other than {names}, to see whether {clause(case.rule.title)}"
    return deed(
        text,
        role=f"assurer:{function}" if email else "sponsor",
        person=email,
        place=_place(case),
        kind="review",
        key=f"review:{case.rule.code}:{slot.key}",
        after=() if item else (f"submit:{case.rule.code}:{slot.key}",),
        days=1.0,
    )


# -- mending --------------------------------------------------------------------------------------------------


def with_answers(case: Case, asks: Evidenced, facts: Facts) -> Facts:
    """Facts in which every slot of the question has evidence that answers it."""
    facts = with_bounds(case.view, asks, facts)
    if asks.each != "once":
        facts = with_a_deployment(facts)
    view = View(case.policy, facts, case.now)
    lacking = [slot for slot in slots(view, asks) if not answers_to(view, case.rule, asks, slot)]
    fresh = tuple(_answer(view, case, asks, slot, n) for n, slot in enumerate(lacking))
    return msgspec.structs.replace(facts, evidence=(*facts.evidence, *fresh))


def with_bounds(view: View, asks: Evidenced, facts: Facts) -> Facts:
    """Facts in which the dossier states every bound the numbers are compared with."""
    for measure in asks.measures:
        if measure.at_most_stated and stated(view, measure) is None:
            section, field = measure.at_most_stated[0].split(".")
            facts = mending.with_part(facts, section, **{field: 60})
    return facts


def with_a_deployment(facts: Facts) -> Facts:
    """Facts in which at least one deployment is planned or live."""
    from_dossier = facts.dossier.deployments
    if any(deployment.state != "retired" for deployment in from_dossier):
        return facts
    horizon = facts.dossier.initiative.horizon
    code = mending.free_code("deployment", tuple(d.code for d in from_dossier))
    return mending.with_dossier(facts, deployments=(*from_dossier, mending.planned(code, horizon)))


def _answer(view: View, case: Case, asks: Evidenced, slot: Slot, index: int) -> Evidence:
    at = case.now - dt.timedelta(minutes=1)
    return Evidence(
        ref=f"EV-MENDED-{case.rule.code}-{index}",
        question=case.rule.code,
        form="file",
        kind=asks.kinds[0],
        state="accepted",
        submitted_by=SUBMITTER,
        touched_by=frozenset({SUBMITTER}),
        submitted_at=at,
        observed_on=case.today,
        reviewed_by=REVIEWER,
        reviewed_at=at,
        deployment=slot.deployment,
        control=slot.control,
        measures=_numbers(view, asks),
    )


def _numbers(view: View, asks: Evidenced) -> dict[str, float]:
    """Numbers that keep every bound."""
    found: dict[str, float] = {}
    for measure in sorted(asks.measures, key=lambda m: bool(m.at_most_measure or m.equals_measure)):
        if measure.equals_measure:
            found[measure.name] = found[measure.equals_measure]
        elif measure.at_most_measure:
            found[measure.name] = min(0.0, found[measure.at_most_measure])
        elif measure.at_least is not None:
            found[measure.name] = measure.at_least
        elif measure.at_most is not None:
            found[measure.name] = measure.at_most
        else:
            found[measure.name] = stated(view, measure) or 0.0
    return found
