"""What-ifs that people chose, side by side: what each changes, the ranges it leads to, and what it rests on."""

from __future__ import annotations

from packs.content.gathered import Gathered, Outcome, Scenario
from packs.content.parts import Block, Cell, Column, Pairs, Section, Table
from packs.content.words import capital, counted, day, listing, number, sentence


def scenarios_section(gathered: Gathered) -> Section | None:
    """Nothing where nobody chose any: a paper without a what-if needs no heading for it."""
    shown = gathered.scenarios
    if not shown:
        return None
    best = max(shown, key=lambda one: one.saved)
    tail = (
        f"“{best.title}” saves most cost of delay: {number(round(best.saved))} {best.currency} on average."
        if best.saved > 0
        else "None saves cost of delay against starting everything at once."
    )
    return Section(
        code="what-if",
        title="What if",
        lead=f"{counted(len(shown), 'scenario')} beside starting everything at once. {tail}",
        blocks=(_ranges(shown), *(_rests_on(one) for one in shown)),
    )


def _ranges(shown: tuple[Scenario, ...]) -> Table:
    return Table(
        title="Ranges side by side",
        columns=(
            Column(title="Scenario", width=28),
            Column(title="Cost of delay", width=24, number=True),
            Column(title="Days until all are ready", width=18, number=True),
            Column(title="Days until one is ready", width=15, number=True),
            Column(title="Cost of delay saved", width=15, number=True),
        ),
        rows=(*_todays(shown), *(_row(one.title, one.ref, one, one.outcome, one.saved) for one in shown)),
        note=(
            "Ranges are P50 to P80: what 50 and 80 of 100 runs stay below. Days are work days. "
            "Cost of delay rests on values that people stated: a hope with an owner, not a measured benefit."
        ),
    )


def _todays(shown: tuple[Scenario, ...]) -> tuple[tuple[Cell, ...], ...]:
    """Starting everything at once, once for each state of the facts that was asked of."""
    found: dict[Outcome, list[Scenario]] = {}
    for one in shown:
        found.setdefault(one.today, []).append(one)
    return tuple(
        _row(
            "Everything at once",
            f"beside {listing([one.ref for one in ones])}" if len(found) > 1 else "today",
            ones[0],
            today,
            None,
        )
        for today, ones in found.items()
    )


def _row(title: str, note: str, one: Scenario, outcome: Outcome, saved: float | None) -> tuple[Cell, ...]:
    return (
        Cell(text=title, note=note),
        Cell(text=_span(outcome.cost_p50, outcome.cost_p80), note=one.currency),
        Cell(text=_span(outcome.all_p50, outcome.all_p80)),
        Cell(text=number(round(outcome.mean_days))),
        Cell(text="–" if saved is None else number(round(saved))),
    )


def _span(low: float, high: float) -> str:
    return f"{number(round(low))} to {number(round(high))}"


def _rests_on(one: Scenario) -> Block:
    return Pairs(
        title=one.title,
        rows=(
            ("Asked", f"{one.ref}, on {day(one.as_of)}"),
            ("It takes", sentence(capital("; ".join(one.levers)))),
            ("Rests on", " ".join(one.assumptions)),
        ),
    )
