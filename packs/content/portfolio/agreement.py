"""Agreement across the portfolio: where it stands, what dissenters said, and what executives owe."""

from __future__ import annotations

from packs.content.agreement import DISSENT
from packs.content.conditions import is_open
from packs.content.gathered import Gathered, named
from packs.content.parts import Block, Cell, Column, Gap, Quote, Section, Table, Words
from packs.content.source import Source
from packs.content.words import count, counted, day, listing, sentence, title_of


def agreement_section(gathered: Gathered) -> Section:
    """Whether the executives agree, and on what they do not."""
    reviews = [member.facts.review for member in gathered.members]
    agreed = sum(r is not None and r.outcome == "aligned" and r.state == "concluded" for r in reviews)
    return Section(
        code="alignment",
        title="Agreement and commitments",
        lead=f"{counted(agreed, 'initiative')} of {len(reviews)} {'rests' if agreed == 1 else 'rest'} on a concluded agreement.",
        blocks=(_standings(gathered), *_dissent(gathered), _promised(gathered)),
    )


def _standings(gathered: Gathered) -> Block:
    reviewed = [member for member in gathered.members if member.facts.review is not None]
    if not reviewed:
        return Gap(sentence="No alignment review was opened yet, so no executive's stance is known.")
    return Table(
        title="Alignment reviews",
        columns=(
            Column(title="Initiative", width=34),
            Column(title="Review", width=22),
            Column(title="Dissent and conditions", width=22),
            Column(title="Still about what stands", width=22),
        ),
        rows=tuple(_standing(member) for member in reviewed),
        note="A review that is still open keeps its stances sealed.",
    )


def _standing(member: Source) -> tuple[Cell, ...]:
    review = member.facts.review
    assert review is not None  # noqa: S101 — only reviewed members come here
    is_over = review.was_concluded
    dissent = sum(s.answer in DISSENT and not s.resolved for s in review.stances)
    open_conditions = sum(is_open(member, condition) for condition in review.conditions)
    when = f", {day(review.concluded_at.date())}" if review.concluded_at else ""
    told = title_of(review.outcome or review.state) if is_over else title_of(review.state)
    lapsed = ", lapsed since" if is_over and review.state == "lapsed" else ""
    return (
        Cell(text=named(member)),
        Cell(text=f"{told}{lapsed}", note=f"{review.ref}{when}"),
        Cell(
            text=f"{dissent} open" if is_over else "Sealed",
            note=count(open_conditions, "open condition") if is_over else "",
        ),
        Cell(text=_fresh(review.stale) if is_over else "Not concluded"),
    )


def _fresh(stale: tuple[str, ...]) -> str:
    return f"Going stale: {listing([title_of(name).lower() for name in stale])} changed" if stale else "Yes"


def _dissent(gathered: Gathered) -> tuple[Block, ...]:
    said = [voice for voice in gathered.voices if voice.answer in DISSENT and voice.reason]
    if not said:
        return (
            Words(
                title="Dissent", text="Nobody's reasons for disagreeing, conditions or abstaining stand open."
            ),
        )
    quotes = tuple(
        Quote(
            text=voice.reason,
            who=f"{gathered.name(voice.person)}, {title_of(voice.role).lower()}, on “{voice.trade_off}”",
            mark=voice.answer,
        )
        for voice in said
    )
    return (
        Words(
            title="Dissent, in their own words",
            text=f"{counted(len(said), 'answer')} other than a plain yes.",
        ),
        *quotes,
    )


def _promised(gathered: Gathered) -> Block:
    if not gathered.promised:
        return Words(title="Commitments", text="No commitment is open.")
    return Table(
        title="Open commitments",
        columns=(
            Column(title="What", width=44),
            Column(title="Who", width=22),
            Column(title="By", width=18),
            Column(title="State", width=16),
        ),
        rows=tuple(
            (
                Cell(
                    text=sentence(one.text),
                    note="; ".join(
                        part
                        for part in (
                            f"{one.ref} of {one.review}",
                            f"unblocks {title_of(one.unblocks).lower()}" if one.unblocks else "",
                        )
                        if part
                    ),
                ),
                Cell(text=gathered.name(one.owner)),
                Cell(text=day(one.due_on)),
                Cell(text="Overdue" if one.due_on < gathered.today else "Open"),
            )
            for one in sorted(gathered.promised, key=lambda one: (one.due_on, one.ref))
        ),
    )
