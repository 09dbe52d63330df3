"""Executives behind each gate, on the evidence as it is now; and no exception that has lapsed."""

from __future__ import annotations

import datetime as dt

import msgspec

from gates.engine import mending
from gates.engine.checking import Ledger, Outcome, check, deed, outcome_of
from gates.engine.facts import Endorsement, Facts, Person
from gates.engine.policy import Gate, NoParams
from gates.engine.standing import Ground, fingerprint_of, open_rules, standing_ground
from gates.engine.verdict import NextMove
from gates.engine.view import UTC, Case
from gates.engine.waivers import latest_waiver, waiver_fault, waiver_in_force
from gates.engine.words import clause, day

ENDORSER = "endorser@mended.invalid"


@check("endorsement.gates_are_endorsed", NoParams)
def gates_are_endorsed(case: Case, _: NoParams) -> Outcome:
    """Each gate that needs it is endorsed by an executive who did not submit what it rests on, on current evidence."""
    ledger = Ledger()
    for gate in case.policy.gates:
        if gate.endorsed:
            _gate_line(case, gate, ledger)
    return ledger.settle()


def _gate_line(case: Case, gate: Gate, ledger: Ledger) -> None:
    mine = (e for e in case.facts.endorsements if e.gate == gate.code)
    given = sorted(mine, key=lambda e: (e.at, e.ref))
    waiting = open_rules(case.view, gate)
    judged = [(endorsement, _fault(case, endorsement)) for endorsement in given]
    sound = [endorsement for endorsement, fault in judged if not fault]
    place = f"gate/{gate.code}"
    if sound and not waiting:
        best = max(sound, key=lambda e: (_until(standing_ground(case.view, e) or ()) or _NEVER, e.ref))
        on = day(best.at.astimezone(UTC).date())
        ledger.note(
            gate.title, f"{case.view.name(best.by)} endorsed {gate.title} on {on} ({best.ref})", place=place
        )
        ledger.lapses(_until(standing_ground(case.view, best) or ()))
        return
    if waiting:
        found = f"{gate.title} cannot be endorsed yet: {_open_in_words(len(waiting))}"
    elif judged:
        found = f"{gate.title} is no longer endorsed: {judged[-1][1]}"
    else:
        found = f"no executive has endorsed {gate.title}"
    first = [move for rule in waiting for move in outcome_of(case.view, rule).moves]
    endorse = _endorse(case, gate, tuple(move.key for move in first))
    ledger.lack(gate.title, found, *first, endorse, place=place, unknown=not given)


_NEVER = dt.datetime.max.replace(tzinfo=UTC)


def _open_in_words(open_questions: int) -> str:
    return (
        "one of its questions is open"
        if open_questions == 1
        else f"{open_questions} of its questions are open"
    )


def _fault(case: Case, endorsement: Endorsement) -> str:
    name, on = case.view.name(endorsement.by), day(endorsement.at.astimezone(UTC).date())
    if not case.view.has_role(endorsement.by, "executive"):
        return f"{name} is not an active executive"
    ground = standing_ground(case.view, endorsement)
    if ground is None:
        return f"the evidence changed after {name} endorsed it on {on}"
    if any(endorsement.by in one.touched_by for one in ground):
        return f"{name} submitted evidence it rests on"
    return ""


def _until(grounds: tuple[Ground, ...]) -> dt.datetime | None:
    return min((ground.until for ground in grounds if ground.until), default=None)


def _endorse(case: Case, gate: Gate, after: tuple[str, ...]) -> NextMove:
    touched = {
        who
        for e in case.facts.evidence
        for who in (e.submitted_by, *e.touched_by)
        if _is_of(case, e.question, gate)
    }
    named = case.facts.gate_owners.get(gate.code, "")
    able = [
        p.email for p in case.view.people_with("executive", gate.endorser_function) if p.email not in touched
    ]
    other = [p.email for p in case.view.people_with("executive") if p.email not in touched]
    usable = named if named not in touched and case.view.has_role(named, "executive") else ""
    return deed(
        f"Endorse {gate.title} on the evidence as it is now",
        role=f"executive:{gate.endorser_function}",
        person=usable or next(iter(able + other), ""),
        place=f"gates/{gate.code}/",
        kind="endorse",
        key=f"endorse:{gate.code}",
        after=after,
    )


def _is_of(case: Case, question: str, gate: Gate) -> bool:
    rule = case.policy.rules_by_code.get(question)
    return rule is not None and rule.gate == gate.code


@gates_are_endorsed.mend
def mend_gates_are_endorsed(case: Case, _: NoParams) -> Facts:
    """An executive who submitted nothing endorses each gate whose questions are answered."""
    person = Person(email=ENDORSER, name=mending.STAND_IN, roles=frozenset({"executive"}))
    facts = msgspec.structs.replace(case.facts, people={**case.facts.people, ENDORSER: person})
    view = case.view.after(facts)
    ready = [gate.code for gate in case.policy.gates if gate.endorsed and not open_rules(case.view, gate)]
    fresh = tuple(
        Endorsement(
            ref=f"EN-MENDED-{gate}",
            gate=gate,
            by=ENDORSER,
            at=case.now,
            seen=fingerprint_of(view, gate),
        )
        for gate in ready
    )
    return msgspec.structs.replace(facts, endorsements=(*facts.endorsements, *fresh))


# -- exceptions -----------------------------------------------------------------------------------------------


@check("endorsement.no_lapsed_waiver", NoParams)
def no_lapsed_waiver(case: Case, _: NoParams) -> Outcome:
    """No rule that is not met rests on a waiver that has ended or was never allowed."""
    ledger, view = Ledger(), case.view
    for rule in case.policy.rules:
        waiver = latest_waiver(view, rule)
        if waiver is None or rule.code == case.rule.code or view.not_asked(rule) or outcome_of(view, rule):
            continue
        valid = waiver_in_force(view, rule)
        if valid is not None:
            ledger.note(valid.ref, f"{valid.ref} covers “{clause(rule.title)}” until {day(valid.until)}")
            continue
        found = f"{waiver.ref} is relied on for “{clause(rule.title)}” but does not hold: {waiver_fault(view, rule, waiver)}"
        move = deed(
            f"Meet “{clause(rule.title)}”, or withdraw {waiver.ref}",
            role="owner",
            place=f"gates/{rule.gate}/#question-{rule.code}",
            key=f"waiver:{waiver.ref}",
        )
        ledger.lack(waiver.ref, found, move)
    if not ledger.has_failed:
        ledger.note("Waivers", "no lapsed or forbidden waiver is relied on")
    return ledger.settle()


@no_lapsed_waiver.mend
def mend_no_lapsed_waiver(case: Case, _: NoParams) -> Facts:
    """Withdraw every waiver that does not hold."""
    rules = case.policy.rules_by_code
    waivers = tuple(
        w
        if w.rule not in rules or not waiver_fault(case.view, rules[w.rule], w)
        else msgspec.structs.replace(w, withdrawn_at=w.withdrawn_at or case.now)
        for w in case.facts.waivers
    )
    return msgspec.structs.replace(case.facts, waivers=waivers)
