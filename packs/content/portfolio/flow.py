"""Flow: queues at shared functions against their caps, and what several initiatives wait for."""

from __future__ import annotations

from packs.content.gathered import Gathered, Need
from packs.content.parts import Bar, BarDrawing, Block, Cell, Column, Gap, Section, Table
from packs.content.words import counted, day, listing, number, title_of


def flow_section(gathered: Gathered) -> Section:
    """Which bottleneck holds the portfolio back, and what one unblocking decision would free."""
    over = [queue.function.title for queue in gathered.queues() if queue.excess]
    lead = (
        f"{counted(len(over), 'shared function has', 'shared functions have')} more in flight than fits: {listing(over)}."
        if over
        else "Every shared function is within its cap on work in flight."
    )
    return Section(
        code="flow",
        title="Bottlenecks and dependencies",
        lead=lead,
        blocks=(*_queues(gathered), _needs(gathered)),
    )


def _queues(gathered: Gathered) -> tuple[Block, ...]:
    queues = gathered.queues()
    if not queues:
        return (
            Gap(sentence="No initiative here asks for the work of a shared function, or none is registered."),
        )
    table = Table(
        title="Queues against caps",
        columns=(
            Column(title="Function", width=30),
            Column(title="In flight", width=12, number=True),
            Column(title="Cap", width=12, number=True),
            Column(title="Asked for by", width=46),
        ),
        rows=tuple(
            (
                Cell(text=queue.function.title),
                Cell(
                    text=number(queue.function.in_flight), note=f"{queue.excess} over" if queue.excess else ""
                ),
                Cell(text=number(queue.function.cap)),
                Cell(text=", ".join(queue.asking)),
            )
            for queue in queues
        ),
        note="In flight are all initiatives of the portfolio whose dossier asks for the function, drafts left out.",
    )
    drawing = BarDrawing(
        title="Work in flight at each shared function; the upright line is its cap.",
        rows=tuple(
            Bar(label=q.function.title, value=float(q.function.in_flight), cap=float(q.function.cap))
            for q in queues
        ),
    )
    return (table, drawing)


def _needs(gathered: Gathered) -> Block:
    needs = gathered.needs()
    if not needs:
        return Gap(sentence="No initiative here waits for a shared dependency.")
    return Table(
        title="Shared dependencies, ranked by what they unblock",
        columns=(
            Column(title="Dependency", width=32),
            Column(title="Waiting", width=26),
            Column(title="Owner", width=22),
            Column(title="Money and state", width=20),
        ),
        rows=tuple(need_row(gathered, need) for need in needs),
        note="What nobody owns or funds stands first, then what most initiatives wait for.",
    )


def need_row(gathered: Gathered, need: Need) -> tuple[Cell, ...]:
    """One shared dependency with who waits for it."""
    dependency = need.dependency
    due = f"due {day(dependency.due_on)}" if dependency.due_on and not need.is_settled else ""
    return (
        Cell(text=dependency.title),
        Cell(text=f"{len(need.waiting)}: {', '.join(need.waiting)}"),
        Cell(text=gathered.name(dependency.owner) or "Nobody"),
        Cell(
            text=title_of(dependency.funding),
            note="; ".join(part for part in (title_of(dependency.state).lower(), due) if part),
        ),
    )
