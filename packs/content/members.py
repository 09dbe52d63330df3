"""The members of a paper about several initiatives: one row each, the page of each, and what they rest on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gates.engine.facts import Result
from packs.content.agreed import is_draft
from packs.content.gathered import Gathered, key_of, named
from packs.content.parts import Block, Cell, Column, Member, Section, Table, Words
from packs.content.source import Source
from packs.content.summary import LONGEST, cut, summary_of
from packs.content.words import change, counted, day, number, sentence, title_of

MOST_PAGES = 60  # each takes a sheet, and nobody reads more of them
SHORT_SHA = 16
HORIZONS = ("H1", "H2", "H3")
VERDICTS = ("blocked", "learning_only", "aligned", "scale_ready")


def members_of(gathered: Gathered) -> tuple[Member, ...]:
    """The page of each initiative, for those that need a decision first when there are very many."""
    return tuple(member_of(member) for member in gathered.members[:MOST_PAGES])


def member_of(member: Source) -> Member:
    """One initiative's own page."""
    initiative = member.dossier.initiative
    return Member(
        key=initiative.key,
        title=initiative.title,
        horizon=initiative.horizon,
        status=member.facts.status,
        level=member.verdict.level,
        is_draft=is_draft(member.facts),
        summary=summary_of(member, elsewhere="in the initiative's own pack"),
    )


def standing_words(levels: Sequence[str], noun: str) -> str:
    """How many may scale and how many are blocked, in a sentence."""
    total, ready, blocked = len(levels), levels.count("scale_ready"), levels.count("blocked")
    whole = f"{number(total)} {noun}{'' if total == 1 else 's'}"
    if total == 1:
        may = f"The {noun} may scale" if ready else f"The {noun} may not scale yet"
    elif not ready:
        may = f"None of the {whole} may scale yet"
    else:
        may = f"{'All' if ready == total else f'{number(ready)} of the'} {whole} may scale"
    if total == 1:
        held = "it is blocked" if blocked else "it is not blocked"
    else:
        held = (
            f"{number(blocked)} {'is' if blocked == 1 else 'are'} blocked" if blocked else "none is blocked"
        )
    return f"{may}; {held}."


def counts_table(gathered: Gathered) -> Table:
    """How many initiatives of each verdict stand at each horizon."""
    places: list[tuple[str, str]] = [
        (m.verdict.level, m.dossier.initiative.horizon) for m in gathered.members
    ]

    def row(words: Cell, counted_in: Callable[[str, str], bool]) -> tuple[Cell, ...]:
        here = [horizon for level, horizon in places if counted_in(level, horizon)]
        return (words, *(Cell(text=str(here.count(h))) for h in HORIZONS), Cell(text=str(len(here))))

    lines = [row(Cell(mark=verdict), lambda level, _, v=verdict: level == v) for verdict in VERDICTS]  # type: ignore[misc]  # v is bound, not passed
    return Table(
        title="Initiatives by verdict and horizon",
        columns=(
            Column(title="Verdict", width=40),
            *(Column(title=h, width=15, number=True) for h in (*HORIZONS, "All")),
        ),
        rows=(*lines, row(Cell(text="All"), lambda *_: True)),
    )


def table_section(gathered: Gathered) -> Section:
    """All initiatives in one table that reads across."""
    running = [member for member in gathered.members if member.facts.status not in {"draft", "retired"}]
    rows = tuple(_row(gathered, member) for member in gathered.members)
    table = Table(
        title="Initiatives at a glance",
        columns=(
            Column(title="Initiative", width=25),
            Column(title="Verdict", width=13),
            Column(title="What stands in the way", width=36),
            Column(title="Impact", width=26),
        ),
        rows=rows,
        note="Those that need a decision first stand first. A benefit is shown only where the verdict allows one to be claimed.",
    )
    left = len(gathered.members) - MOST_PAGES
    more: tuple[Block, ...] = (
        (
            Words(
                text=f"The pages of the {MOST_PAGES} initiatives that need a decision first follow at the end; "
                f"{counted(left, 'more initiative').lower()} can be read in the portal."
            ),
        )
        if left > 0
        else ()
    )
    verb = "is" if len(running) == 1 else "are"
    return Section(
        code="initiatives",
        title="Initiatives",
        lead=f"{counted(len(gathered.members), 'initiative')} in all; {len(running)} {verb} past the draft.",
        blocks=(table, *more),
    )


def _row(gathered: Gathered, member: Source) -> tuple[Cell, ...]:
    initiative = member.dossier.initiative
    status = (
        ""
        if member.facts.status == member.verdict.level
        else f"Status: {title_of(member.facts.status).lower()}"
    )
    owner = f"{initiative.horizon}, {gathered.name(initiative.owner)}"
    return (
        Cell(text=named(member), note=owner),
        Cell(mark=member.verdict.level, note=status),
        Cell(text=way_of(member), note=_next(member)),
        impact_of(member),
    )


def way_of(member: Source) -> str:
    """What keeps it from the next better verdict, in a sentence without the verdict's own word."""
    head, colon, rest = member.explanation.in_brief.partition(": ")
    words = rest if colon else head
    return cut(sentence(words[:1].upper() + words[1:]), LONGEST)


def _next(member: Source) -> str:
    move = next(iter(member.explanation.moves), None)
    if move is None:
        return ""
    who = move.person_name or member.name(move.person) or f"the {move.role.replace('_', ' ')}"
    return f"Next: {who}"


def impact_of(member: Source) -> Cell:
    """What is known of its effect. INVARIANT: below `aligned` no benefit is shown, whatever was measured."""
    if member.is_learning:
        return Cell(text="To be learned", note="No benefit may be claimed at this verdict.")
    results = [result for result in member.facts.results if member.metric(result.metric) is not None]
    if not results:
        return Cell(text="No result yet")
    last = max(results, key=lambda result: result.read_on)
    return Cell(text=_effect(member, last), note=f"{title_of(last.method)}, data to {day(last.read_on)}")


def _effect(member: Source, result: Result) -> str:
    metric = member.metric(result.metric)
    unit = metric.unit if metric else ""
    return f"{member.metric_title(result.metric)}: {change(result.better.estimate, unit)} better"


def basis_section(gathered: Gathered) -> Section:
    """What each page rests on, so that it can be checked."""
    table = Table(
        title="Dossiers and policies",
        columns=(
            Column(title="Initiative", width=44),
            Column(title="Dossier", width=22),
            Column(title="Policy", width=14),
            Column(title="Rules not met", width=20, number=True),
        ),
        rows=tuple(
            (
                Cell(text=named(member)),
                Cell(text=member.facts.fingerprint[:SHORT_SHA]),
                Cell(text=member.policy.version),
                Cell(text=f"{len(member.verdict.failing())} of {len(member.verdict.findings)}"),
            )
            for member in sorted(gathered.members, key=key_of)
        ),
        note="Dossiers and verdicts, with every finding, are attached to the PDF as JSON.",
    )
    return Section(
        code="basis",
        title="What this paper rests on",
        lead="Each verdict was computed from the dossier of this fingerprint and the records about it.",
        blocks=(table,),
    )
