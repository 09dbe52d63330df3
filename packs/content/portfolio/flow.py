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
        columns=NEED_COLUMNS,
        rows=tuple(need_row(gathered, need) for need in needs),
        note=NEEDS_NOTE,
    )


NEED_COLUMNS = (
    Column(title="Dependency", width=26),
    Column(title="Waiting", width=21),
    Column(title="A week of waiting costs", width=20, number=True),
    Column(title="Owner", width=16),
    Column(title="Money and state", width=17),
)
NEEDS_NOTE = (
    "What nobody owns or funds stands first, then what costs most to wait for, then what most initiatives wait for. "
    "The cost is what people state their initiatives bring, by the week: a hope with an owner, not a measured benefit."
)


def need_row(gathered: Gathered, need: Need) -> tuple[Cell, ...]:
    """One shared dependency with who waits for it."""
    dependency = need.dependency
    due = f"due {day(dependency.due_on)}" if dependency.due_on and not need.is_settled else ""
    return (
        Cell(text=dependency.title),
        _waiting(need),
        _cost(gathered, need),
        Cell(text=gathered.name(dependency.owner) or "Nobody"),
        Cell(
            text=title_of(dependency.funding),
            note="; ".join(part for part in (title_of(dependency.state).lower(), due) if part),
        ),
    )


def _waiting(need: Need) -> Cell:
    keys = ", ".join(need.waiting)
    if need.is_settled:
        return Cell(text="Nobody any more", note=f"needed by {keys}")
    return Cell(text=f"{len(need.waiting)}: {keys}")


def _cost(gathered: Gathered, need: Need) -> Cell:
    if need.is_settled:
        return Cell(text="–")
    if not need.stakes:
        return Cell(text="Not stated", note="nobody who waits states a value")
    low, high = (
        number(round(sum(ends))) for ends in zip(*((s.low, s.high) for s in need.stakes), strict=True)
    )
    who = f"{len(need.stakes)} of {len(need.waiting)}"
    return Cell(
        text=f"{number(round(need.cost_of_delay))} {gathered.currency}",
        note=f"{who} state {low} to {high} a year",
    )
