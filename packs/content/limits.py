"""What would change our mind: limits, triggers, and the conditions named beside each trade-off."""

from __future__ import annotations

from packs.content.parts import Block, Cell, Column, Gap, Section, Table
from packs.content.source import Source
from packs.content.words import capital, day, joined, reading, sentence, title_of


def limits_section(source: Source) -> Section:
    """The numbers and events at which we stop, go back or think again."""
    blocks = (_limits(source), _triggers(source), *_minds(source))
    return Section(
        code="limits",
        title="What would change our mind",
        lead="These were set before results were read; crossing one calls for the action beside it.",
        blocks=blocks,
    )


def _limits(source: Source) -> Block:
    rows = [
        (
            Cell(text=metric.title, note=title_of(metric.direction)),
            Cell(text=reading(limits.amber, metric.unit) if limits.amber is not None else "–"),
            Cell(text=reading(limits.limit, metric.unit)),
            Cell(text=f"Set {day(limits.set_on)}" if limits.set_on else "No date", note=limits.margin_reason),
        )
        for metric in source.dossier.metrics
        if (limits := metric.limits) is not None and limits.limit is not None
    ]
    if not rows:
        return Gap(
            sentence=source.missing(
                "No metric has a limit yet, so no reading would make us stop", source.mover("measurement")
            )
        )
    return Table(
        title="Limits",
        columns=(
            Column(title="Metric", width=32),
            Column(title="We look at", width=20),
            Column(title="We stop at", width=20),
            Column(title="Set when and why", width=28),
        ),
        rows=tuple(rows),
    )


def _triggers(source: Source) -> Block:
    triggers = source.dossier.operating_model.triggers
    if not triggers:
        return Gap(
            sentence=source.missing(
                "No trigger for retraining or rolling back is written down", source.mover("ownership")
            )
        )
    return Table(
        title="Triggers",
        columns=(
            Column(title="When", width=48),
            Column(title="Threshold", width=22),
            Column(title="Then", width=30),
        ),
        rows=tuple(
            (
                Cell(text=joined((source.metric_title(t.metric), t.condition), ": ") or t.code),
                Cell(text=t.threshold or "Not stated"),
                Cell(text=capital(title_of(t.action).lower())),
            )
            for t in triggers
        ),
    )


def _minds(source: Source) -> tuple[Block, ...]:
    offs = [off for off in source.dossier.trade_offs if off.change_our_mind]
    if not offs:
        return ()
    table = Table(
        title="Trade-offs we would take back",
        columns=(Column(title="Trade-off", width=45), Column(title="We would change our mind if", width=55)),
        rows=tuple(
            (Cell(text=sentence(off.choose)), Cell(text=sentence(off.change_our_mind))) for off in offs
        ),
    )
    return (table,)
