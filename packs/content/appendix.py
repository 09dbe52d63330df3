"""The appendix: every finding, the evidence register, waivers, the history of moves, and a glossary."""

from __future__ import annotations

from packs.content.gates import ends_on
from packs.content.parts import Block, Cell, Column, Section, Table, Words
from packs.content.source import Source
from packs.content.words import capital, counted, day, joined, sentence, title_of

SHORT_SHA = 16
GLOSSARY = (
    ("Counter-metric", "A number that would get worse if a win were gamed; it guards the claim."),
    ("Endorsement", "A named executive's yes to a gate, tied to the exact evidence seen."),
    ("Fingerprint", "A SHA-256 of what was judged: the same content always has the same one."),
    ("Gate", "A leadership-owned condition: what must be true to ship responsibly."),
    ("Horizon", "H1 proves in a limited scope, H2 extends, H3 is full scale."),
    ("Learning-only", "May run in its H1 scope to answer a question; no impact may be claimed."),
    ("Non-negotiable", "A control that travels with every deployment."),
    ("Power", "The chance that the comparison shows the claimed effect when it is there."),
    ("Verdict", "What the policy allows, computed: blocked, learning-only, aligned or scale-ready."),
    ("Waiver", "A time-boxed exception to one rule, accepted by a named executive."),
)


def appendix_section(source: Source) -> Section:
    """Everything the pages before rest on."""
    blocks: tuple[Block, ...] = (
        *_findings(source),
        _evidence(source),
        _waivers(source),
        _moves(source),
        _glossary(),
    )
    failing = sum(finding.is_failing for finding in source.verdict.findings)
    lead = f"{counted(len(source.verdict.findings), 'rule')} judged under policy {source.policy.version}, {failing} not met."
    return Section(code="appendix", title="Appendix", lead=lead, blocks=blocks)


def _findings(source: Source) -> tuple[Block, ...]:
    """One table a gate; what does not apply is listed once, in a sentence."""
    tables: list[Block] = []
    for gate in source.policy.gates:
        found = [finding for finding in source.findings(gate.code) if finding.outcome != "not_applicable"]
        if found:
            tables.append(
                Table(
                    title=f"Findings: {gate.title}",
                    columns=(
                        Column(title="Rule", width=34),
                        Column(title="Finding", width=17),
                        Column(title="Reason and remedy", width=49),
                    ),
                    rows=tuple(
                        (
                            Cell(text=f"{f.code} · {f.title}", note=capital(f.severity)),
                            Cell(
                                mark=f.outcome,
                                note=f.waiver or (f"until {day(f.lapses_at.date())}" if f.lapses_at else ""),
                            ),
                            Cell(
                                text=sentence(f.reason),
                                note=joined(
                                    (
                                        f.remedy,
                                        f"{f.next_mover_name or f.next_role.replace('_', ' ')} has the next move"
                                        if f.is_failing and (f.next_mover_name or f.next_role)
                                        else "",
                                    ),
                                    " ",
                                ),
                            ),
                        )
                        for f in found
                    ),
                )
            )
    left_out = [
        f"{f.code} ({f.reason.rstrip('.')})" for f in source.verdict.findings if f.outcome == "not_applicable"
    ]
    if left_out:
        tables.append(Words(title="Rules that do not apply", text=sentence("; ".join(left_out))))
    return tuple(tables)


def _evidence(source: Source) -> Block:
    items = source.facts.evidence
    if not items:
        return Words(title="Evidence register", text=source.missing("No evidence was submitted yet"))
    rules = source.policy.rules_by_code
    return Table(
        title="Evidence register",
        columns=(
            Column(title="Evidence", width=36),
            Column(title="Question", width=12),
            Column(title="State", width=20),
            Column(title="Seen and valid until", width=32),
        ),
        rows=tuple(
            (
                Cell(
                    text=item.title or item.statement or item.ref,
                    note=joined(
                        (
                            item.ref,
                            f"version {item.version}" if item.version > 1 else "",
                            f"SHA-256 {item.sha256[:SHORT_SHA]}…" if item.sha256 else "",
                        )
                    ),
                ),
                Cell(text=item.question),
                Cell(
                    text=title_of(item.state),
                    note=f"{source.name(item.reviewed_by)}"
                    if item.reviewed_by
                    else f"from {source.name(item.submitted_by)}",
                ),
                Cell(
                    text=day(item.observed_on),
                    note=f"valid until {day(end)}"
                    if (rule := rules.get(item.question))
                    and item.state == "accepted"
                    and (end := ends_on(rule, item))
                    else "",
                    since=item.observed_on,
                ),
            )
            for item in sorted(items, key=lambda one: one.ref)
        ),
    )


def _waivers(source: Source) -> Block:
    if not source.facts.waivers:
        return Words(title="Waivers", text="No exception was asked for.")
    return Table(
        title="Waivers",
        columns=(
            Column(title="Rule", width=14),
            Column(title="Reason and what is done instead", width=46),
            Column(title="Accepted by", width=22),
            Column(title="Until", width=18),
        ),
        rows=tuple(
            (
                Cell(text=w.rule, note=w.ref),
                Cell(text=sentence(w.reason), note=w.compensating_control),
                Cell(
                    text=source.name(w.accepted_by) or "Not accepted",
                    note=f"asked by {source.name(w.requested_by)}",
                ),
                Cell(
                    text=day(w.until),
                    note="withdrawn" if w.withdrawn_at else "lapsed" if w.until < source.today else "",
                ),
            )
            for w in source.facts.waivers
        ),
    )


def _moves(source: Source) -> Block:
    if not source.meta.moves:
        return Words(
            title="History of moves",
            text=f"The status never moved: it has been {title_of(source.facts.status).lower()} since {day(source.facts.status_since.date())}.",
        )
    return Table(
        title="History of moves",
        columns=(
            Column(title="When", width=20),
            Column(title="Move", width=32),
            Column(title="By", width=20),
            Column(title="Reason", width=28),
        ),
        rows=tuple(
            (
                Cell(text=day(m.at.date())),
                Cell(text=f"{title_of(m.before)} → {title_of(m.after)}"),
                Cell(text=m.by),
                Cell(text=m.reason),
            )
            for m in source.meta.moves
        ),
    )


def _glossary() -> Block:
    return Table(
        title="Glossary",
        columns=(Column(title="Term", width=24), Column(title="Meaning", width=76)),
        rows=tuple((Cell(text=term), Cell(text=meaning)) for term, meaning in GLOSSARY),
    )
