"""The gates: each question with its evidence, its age and end, and the endorsement that stands."""

from __future__ import annotations

import datetime as dt

from gates.engine.facts import Endorsement, Evidence
from gates.engine.policy import Gate, Rule
from gates.engine.verdict import Finding
from packs.content.parts import Block, Cell, Column, Gap, Section, Table
from packs.content.source import Source
from packs.content.words import counted, day, joined, sentence


def gates_section(source: Source) -> Section:
    """What must be true to ship responsibly, and what shows it."""
    blocks: list[Block] = [_overview(source)]
    blocks.extend(_questions(source, gate) for gate in source.policy.gates if _asked(source, gate))
    return Section(
        code="gates", title="Gates, evidence and endorsements", lead=_lead(source), blocks=tuple(blocks)
    )


def _lead(source: Source) -> str:
    gates = [gate for gate in source.policy.gates if source.findings(gate.code)]
    met = sum(
        not any(f.is_failing and f.severity != "advisory" for f in source.findings(gate.code))
        for gate in gates
    )
    verb = "holds" if met == 1 else "hold"
    return f"{counted(met, 'gate')} of {len(gates)} {verb} on the evidence recorded."


def _overview(source: Source) -> Block:
    rows = tuple(
        (
            Cell(text=gate.title, note=gate.question),
            Cell(mark=_mark(source, gate)),
            Cell(text=_counted(source, gate)),
            _endorsed(source, gate),
        )
        for gate in source.policy.gates
        if source.findings(gate.code)
    )
    if not rows:
        return Gap(sentence=source.missing("No gate was judged yet"))
    return Table(
        title="The gates at a glance",
        columns=(
            Column(title="Gate", width=40),
            Column(title="State", width=15),
            Column(title="Rules", width=17),
            Column(title="Endorsed by", width=28),
        ),
        rows=rows,
    )


def _mark(source: Source, gate: Gate) -> str:
    findings = [f for f in source.findings(gate.code) if f.severity != "advisory"]
    if any(f.is_failing for f in findings):
        return "fail"
    return "waived" if any(f.outcome == "waived" for f in findings) else "pass"


def _counted(source: Source, gate: Gate) -> str:
    findings = [f for f in source.findings(gate.code) if f.outcome != "not_applicable"]
    met = sum(f.outcome == "pass" for f in findings)
    return f"{met} of {len(findings)} met" if findings else "None applies"


def endorsement_of(source: Source, gate: str) -> Endorsement | None:
    """The latest endorsement of a gate that was not withdrawn."""
    found = [endorsement for endorsement in source.facts.endorsements if endorsement.gate == gate]
    return max(found, key=lambda one: one.at, default=None)


def _endorsed(source: Source, gate: Gate) -> Cell:
    if not gate.endorsed:
        return Cell(text="Judged by rules alone")
    found = endorsement_of(source, gate.code)
    if found is None:
        owner = source.facts.gate_owners.get(gate.code)
        return Cell(
            text="Not endorsed",
            note=f"{source.name(owner)} has the next move"
            if owner
            else f"An executive for {gate.endorser_function} has the next move",
        )
    return Cell(
        text=source.name(found.by), note=f"{found.ref}, {day(found.at.date())}", since=found.at.date()
    )


def _asked(source: Source, gate: Gate) -> tuple[Rule, ...]:
    applies = {f.code for f in source.findings(gate.code) if f.outcome != "not_applicable"}
    return tuple(
        rule for rule in source.policy.rules_of(gate.code) if rule.asks is not None and rule.code in applies
    )


def _questions(source: Source, gate: Gate) -> Block:
    rows: list[tuple[Cell, ...]] = []
    for rule in _asked(source, gate):
        finding = next(f for f in source.findings(gate.code) if f.code == rule.code)
        rows.extend(_evidence_rows(source, rule, finding))
    return Table(
        title=gate.title,
        columns=(
            Column(title="Question", width=42),
            Column(title="Answer", width=12),
            Column(title="Evidence", width=27),
            Column(title="Age and end", width=19),
        ),
        rows=tuple(rows),
    )


def _evidence_rows(source: Source, rule: Rule, finding: Finding) -> list[tuple[Cell, ...]]:
    items = [
        e for e in source.facts.evidence if e.question == rule.code and e.state in {"accepted", "in_review"}
    ]
    answer = Cell(mark=finding.outcome, note=finding.waiver)
    words = f"{rule.code} · {rule.question or rule.title}"
    if not items:
        return [(Cell(text=words), answer, _nothing(source, finding), Cell(text="–"))]
    # With evidence there, the reader needs to know why it is not enough; without any, the next column says it.
    question = Cell(text=words, note="" if finding.outcome == "pass" else sentence(finding.reason))
    rows: list[tuple[Cell, ...]] = []
    for place, item in enumerate(items):
        head = (question, answer) if place == 0 else (Cell(text=f"{rule.code}, further evidence"), Cell())
        rows.append((*head, _item(source, item), _life(rule, item)))
    return rows


def _nothing(source: Source, finding: Finding) -> Cell:
    if not finding.is_failing:
        return Cell(text="None needed")
    return Cell(
        text="No evidence", note=f"{finding.next_mover_name or source.mover(finding.gate)} has the next move"
    )


def _item(source: Source, item: Evidence) -> Cell:
    state = f"accepted by {source.name(item.reviewed_by)}" if item.state == "accepted" else "awaiting review"
    return Cell(
        text=item.title or item.statement or item.ref,
        note=f"{item.ref}, from {source.name(item.submitted_by)}; {state}",
    )


def ends_on(rule: Rule, item: Evidence) -> dt.date | None:
    """The last day on which an item still counts for a question."""
    if rule.asks is None:
        return item.expires_on
    fresh = item.observed_on + dt.timedelta(days=rule.asks.fresh_days)
    return fresh if item.expires_on is None else min(fresh, item.expires_on)


def _life(rule: Rule, item: Evidence) -> Cell:
    end = ends_on(rule, item)
    return Cell(
        text=f"Seen {day(item.observed_on)}",
        note=joined((f"valid until {day(end)}" if end else "",)),
        since=item.observed_on,
    )
