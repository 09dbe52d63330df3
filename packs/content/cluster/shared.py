"""What the members of a cluster share: people, dependencies, functions, groups, and controls done more than once."""

from __future__ import annotations

from collections.abc import Callable

from gates.engine.facts import Evidence
from packs.content.gathered import Gathered, key_of
from packs.content.parts import Block, Cell, Column, Gap, Pairs, Section, Table, Words
from packs.content.portfolio.flow import NEED_COLUMNS, NEEDS_NOTE, need_row
from packs.content.source import Source
from packs.content.words import capital, counted, listing, number, title_of

SEVERAL = 2
TWICE = "Shown more than once"
Aspect = tuple[str, Callable[[Source], str]]


def aspects(gathered: Gathered) -> tuple[Aspect, ...]:
    """What members are compared in, each as words of one member."""
    return (
        ("Kind of AI", lambda m: title_of(m.dossier.initiative.archetype)),
        ("Horizon", lambda m: m.dossier.initiative.horizon),
        ("Status", lambda m: title_of(m.facts.status)),
        ("Lane", lambda m: capital(m.verdict.lane)),
        ("Owner", lambda m: gathered.name(m.dossier.initiative.owner)),
        ("Sponsor", lambda m: gathered.name(m.dossier.initiative.sponsor) or "Not named"),
        ("Who meets its output", lambda m: capital(m.dossier.initiative.scope.audience)),
        ("Personal data", lambda m: capital(m.dossier.initiative.scope.personal_data)),
        ("Mode", _modes),
        ("Headline metric", _headline),
        ("Comparison", _methods),
        ("Policy", lambda m: m.policy.version),
        ("Review", lambda m: m.facts.review.ref if m.facts.review else "None"),
    )


def _modes(member: Source) -> str:
    modes = sorted({right.mode for right in member.dossier.operating_model.decision_rights})
    return capital(listing([title_of(mode).lower() for mode in modes])) if modes else "Not stated"


def _headline(member: Source) -> str:
    return next((metric.title for metric in member.dossier.metrics if metric.headline), "None")


def _methods(member: Source) -> str:
    methods = sorted(
        {title_of(m.comparison.method) for m in member.dossier.metrics if m.comparison is not None}
    )
    return listing(methods) if methods else "No plan"


def values(aspect: Aspect, gathered: Gathered) -> tuple[str, ...]:
    """One aspect of each member."""
    return tuple(aspect[1](member) for member in gathered.members)


def shared_section(gathered: Gathered) -> Section:
    """The package that the members have in common."""
    if len(gathered.members) < SEVERAL:
        only = key_of(gathered.members[0])
        alone = Gap(sentence=f"{only} is the only initiative of this cluster, so it shares nothing yet.")
        return Section(code="shared", title="Shared package", lead="", blocks=(alone,))
    alike = [(a[0], found[0]) for a in aspects(gathered) if len(set(found := values(a, gathered))) == 1]
    return Section(
        code="shared",
        title="Shared package",
        lead=f"{counted(len(gathered.members), 'initiative')} with one package: decide once what they have in common.",
        blocks=(
            Pairs(title="The same for all", rows=tuple(alike))
            if alike
            else Words(
                title="The same for all", text="In none of the aspects compared are all members alike."
            ),
            _needs(gathered),
            _functions(gathered),
            _groups(gathered),
        ),
    )


def _needs(gathered: Gathered) -> Block:
    shared = [need for need in gathered.needs() if len(need.waiting) >= SEVERAL]
    if not shared:
        return Words(title="Shared dependencies", text="No two members wait for the same shared dependency.")
    return Table(
        title="Shared dependencies",
        columns=NEED_COLUMNS,
        rows=tuple(need_row(gathered, need) for need in shared),
        note=NEEDS_NOTE,
    )


def _functions(gathered: Gathered) -> Block:
    shared = [queue for queue in gathered.queues() if len(queue.asking) >= SEVERAL]
    if not shared:
        return Words(title="Shared functions", text="No two members ask for the work of the same function.")
    return Table(
        title="Shared functions",
        columns=(
            Column(title="Function", width=34),
            Column(title="Asked for by", width=40),
            Column(title="In flight of cap", width=26, number=True),
        ),
        rows=tuple(
            (
                Cell(text=queue.function.title),
                Cell(text=", ".join(queue.asking)),
                Cell(text=f"{number(queue.function.in_flight)} of {number(queue.function.cap)}"),
            )
            for queue in shared
        ),
        note="In flight are all initiatives of the portfolio, not only those of this cluster.",
    )


def _groups(gathered: Gathered) -> Block:
    asked: dict[str, list[tuple[str, str, int]]] = {}
    for member in gathered.members:
        for group in member.dossier.change_impact.groups:
            asked.setdefault(group.code, []).append((key_of(member), group.name, group.headcount))
    shared = [rows for rows in asked.values() if len(rows) >= SEVERAL]
    if not shared:
        return Words(
            title="Groups that change more than once",
            text="No group of people is asked to change by two members.",
        )
    return Table(
        title="Groups that change more than once",
        columns=(
            Column(title="Group", width=40),
            Column(title="People", width=20, number=True),
            Column(title="Asked by", width=40),
        ),
        rows=tuple(
            (
                Cell(text=rows[0][1]),
                Cell(text=number(max(people for _, _, people in rows))),
                Cell(text=", ".join(sorted(key for key, _, _ in rows))),
            )
            for rows in shared
        ),
    )


def controls_section(gathered: Gathered) -> Section | None:
    """Questions that several members must answer with evidence: built once, twice, or not at all."""
    if len(gathered.members) < SEVERAL:
        return None
    rows = [row for code in _asked_twice(gathered) if (row := _control(gathered, code)) is not None]
    twice = sum(row[2].text == TWICE for row in rows)
    columns = (
        Column(title="Control", width=42),
        Column(title="Answered by", width=28),
        Column(title="So", width=30),
    )
    blocks: tuple[Block, ...] = (
        (Table(title="Controls that several members need", columns=columns, rows=tuple(rows)),)
        if rows
        else (Gap(sentence="No question of the policy asks two members of this cluster for evidence."),)
    )
    lead = (
        f"{counted(twice, 'control is', 'controls are')} shown more than once; doing each once for all would free the rest."
        if twice
        else "No control is shown twice."
    )
    return Section(code="controls", title="Shared and duplicated controls", lead=lead, blocks=blocks)


def _asked_twice(gathered: Gathered) -> list[str]:
    found: dict[str, int] = {}
    for member in gathered.members:
        applies = {f.code for f in member.verdict.findings if f.outcome != "not_applicable"}
        for rule in member.policy.rules:
            if rule.asks is not None and rule.code in applies:
                found[rule.code] = found.get(rule.code, 0) + 1
    return [code for code, times in found.items() if times >= SEVERAL]


def _control(gathered: Gathered, code: str) -> tuple[Cell, ...] | None:
    items = {key_of(member): _accepted(member, code) for member in gathered.members}
    answered = sorted(key for key, found in items.items() if found)
    rule = gathered.members[0].policy.rules_by_code.get(code)
    words = Cell(text=f"{code} · {(rule.question or rule.title) if rule else ''}".rstrip(" ·"))
    if not answered:
        return words, Cell(text="Nobody yet"), Cell(text="Build it once for all of them")
    told = Cell(text=", ".join(answered), note=listing([items[key][0].ref for key in answered]))
    documents = {item.sha256 or item.ref for key in answered for item in items[key]}
    if len(answered) == 1:
        return words, told, Cell(text=f"See whether what {answered[0]} has serves the others")
    same = len(documents) == 1
    return words, told, Cell(text="One document serves all who answered" if same else "Shown more than once")


def _accepted(member: Source, code: str) -> list[Evidence]:
    return [e for e in member.facts.evidence if e.question == code and e.state == "accepted"]
