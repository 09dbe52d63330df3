"""What the executives agreed on and what they did not: trade-offs, stances, dissent in its own words, promises."""

from __future__ import annotations

from gates.engine.facts import Condition, Review, Stance
from initiatives.dossier.document import TradeOff
from packs.content.conditions import is_answered, waits_for
from packs.content.divergence import code_in_review, divergence, point_title
from packs.content.parts import Block, Cell, Column, Gap, Quote, Section, Table, Words
from packs.content.source import Settled, Source, Voice
from packs.content.words import count, counted, day, joined, listing, sentence, title_of

GATE = "alignment"
DISSENT = {"disagree", "agree_with_conditions", "abstain"}


def agreement_section(source: Source) -> Section:
    """Alignment happens at the level of trade-offs; this is where they stand."""
    blocks: list[Block] = [_trade_offs(source)]
    review = source.facts.review
    if review is None:
        blocks.append(
            Gap(
                sentence=source.missing(
                    "No alignment review was opened yet, so nobody's stance is known", source.mover(GATE)
                )
            )
        )
    elif not review.was_concluded:
        blocks.append(Words(title="Stances", text=_sealed(source, review)))
    else:
        blocks.extend(_stances(source, review))
    blocks.append(_promises(source))
    return Section(
        code="alignment",
        title="Trade-offs, stances and commitments",
        lead=_lead(source),
        blocks=tuple(blocks),
    )


def _lead(source: Source) -> str:
    review = source.facts.review
    if review is None or not review.was_concluded:
        return "The executives have not concluded an alignment review on this package."
    when = f" on {day(review.concluded_at.date())}" if review.concluded_at else ""
    stale = (
        f" Since then {', '.join(title_of(name).lower() for name in review.stale)} changed."
        if review.stale
        else ""
    )
    lapse = f" It lapsed {sentence(source.meta.review_lapse)}" if review.state == "lapsed" else ""
    outcome = title_of(review.outcome or "without outcome").lower()
    return f"Review {review.ref} was concluded{when}: {outcome}.{lapse}{stale}"


def _trade_offs(source: Source) -> Block:
    offs = _weighed(source)
    if not offs:
        return Gap(
            sentence=source.missing(
                "No trade-off is recorded: there is nothing yet to agree on", source.mover(GATE)
            )
        )
    return Table(
        title="Trade-offs",
        columns=(
            Column(title="We do", width=34),
            Column(title="and accept", width=33),
            Column(title="because", width=33),
        ),
        rows=tuple(
            (
                Cell(text=sentence(off.choose)),
                Cell(text=sentence(off.accept), note=f"Until {off.until}" if off.until else ""),
                Cell(text=sentence(off.because) or "Not stated"),
            )
            for off in offs
        ),
    )


def _weighed(source: Source) -> tuple[Settled | TradeOff, ...]:
    """Those of the package, and those that somebody added in the review."""
    own = source.dossier.trade_offs
    known = {code_in_review(source, off.code) for off in own} | {off.code for off in own}
    prefix = code_in_review(source, "")
    others = (off for off in source.meta.trade_offs if off.code not in known)
    return (*own, *(off for off in others if "." not in off.code or off.code.startswith(prefix)))


def _sealed(source: Source, review: Review) -> str:
    if review.state == "lapsed":
        return f"Review {review.ref} lapsed before it was concluded, {sentence(source.meta.review_lapse)}"
    done = len(review.present)
    return (
        f"Review {review.ref} is still open: {done} of {count(len(review.participants), 'participant')} answered every trade-off. "
        "Answers stay sealed until it ends."
    )


def _stances(source: Source, review: Review) -> tuple[Block, ...]:
    voices = source.meta.voices
    if not review.stances:
        return (Gap(sentence=source.missing("No stance was given", source.mover(GATE))),)
    table = Table(
        title="Stances",
        columns=(
            Column(title="Who", width=30),
            Column(title="On", width=42),
            Column(title="Stance", width=28),
        ),
        rows=tuple(_stance(source, s, voices) for s in review.stances),
    )
    statement = (
        (Words(title="Conclusion", text=sentence(source.meta.review_statement)),)
        if source.meta.review_statement
        else ()
    )
    return (
        *divergence(source, voices),
        table,
        *_dissent(source, voices),
        *_conditions(source, review),
        *statement,
    )


def _stance(source: Source, stance: Stance, voices: tuple[Voice, ...]) -> tuple[Cell, ...]:
    said = (one for one in voices if (one.person, one.trade_off) == (stance.person, stance.trade_off))
    voice = next(said, None)
    rated = f"rated {voice.rating} of 5" if voice and voice.rating else ""
    deputy = f"given by the deputy {source.name(voice.deputy)}" if voice and voice.deputy else ""
    stale = "out of date" if stance.stale else ""
    settled = "settled" if stance.resolved and stance.answer in DISSENT else ""
    return (
        Cell(text=source.name(stance.person), note=title_of(stance.role)),
        Cell(text=point_title(source, stance.trade_off)),
        Cell(mark=stance.answer, note=joined((rated, day(stance.at.date()), deputy, stale, settled))),
    )


def _dissent(source: Source, voices: tuple[Voice, ...]) -> tuple[Block, ...]:
    others = [voice for voice in voices if voice.answer in DISSENT]
    dissenting = [voice for voice in others if voice.reason]
    if not others:
        return (Words(title="Dissent", text="Nobody disagreed, set conditions or abstained."),)
    if not dissenting:
        said = listing(list(dict.fromkeys(source.name(voice.person) for voice in others)))
        return (Words(title="Dissent", text=f"{said} set conditions; no reason was given beside them."),)
    quotes = tuple(
        Quote(
            text=voice.reason,
            who=joined(
                (
                    source.name(voice.person),
                    title_of(voice.role),
                    f"by the deputy {source.name(voice.deputy)}" if voice.deputy else "",
                    f"on {point_title(source, voice.trade_off)[:1].lower()}{point_title(source, voice.trade_off)[1:]}",
                    f"commits all the same: {voice.will_do}" if voice.commits else "",
                ),
                ", ",
            ),
            mark=voice.answer,
        )
        for voice in dissenting
    )
    return (
        Words(title="Dissent, in their own words", text=f"{counted(len(quotes), 'reason')} given."),
        *quotes,
    )


def _conditions(source: Source, review: Review) -> tuple[Block, ...]:
    if not review.conditions:
        return ()
    table = Table(
        title="Conditions",
        columns=(
            Column(title="Condition", width=52),
            Column(title="Set by", width=22),
            Column(title="State", width=26),
        ),
        rows=tuple(
            (
                Cell(text=sentence(c.text), note=c.ref),
                Cell(text=source.name(c.by)),
                _state(source, c),
            )
            for c in review.conditions
        ),
    )
    return (table,)


def _state(source: Source, condition: Condition) -> Cell:
    if condition.met_at:
        return Cell(text=f"Met on {day(condition.met_at.date())}")
    answered = is_answered(source, condition)
    return Cell(text="Answered by evidence" if answered else "Open", note=waits_for(source, condition))


def _promises(source: Source) -> Block:
    promises = source.meta.promises
    if not promises:
        return Words(title="Commitments", text="No executive has committed to anything yet.")
    return Table(
        title="Commitments",
        columns=(
            Column(title="What", width=46),
            Column(title="Who", width=22),
            Column(title="By", width=16),
            Column(title="State", width=16),
        ),
        rows=tuple(
            (
                Cell(
                    text=sentence(p.text),
                    note=joined((p.ref, f"unblocks {_unblocked(p.unblocks)}" if p.unblocks else "")),
                ),
                Cell(text=source.name(p.owner)),
                Cell(text=day(p.due_on)),
                Cell(
                    text=f"Kept on {day(p.kept_on)}"
                    if p.kept_on
                    else "Overdue"
                    if p.due_on < source.today
                    else "Open"
                ),
            )
            for p in promises
        ),
    )


def _unblocked(name: str) -> str:
    """What a promise unblocks, as people read it: the gate data rights, the dependency decision log."""
    kind, _, code = name.partition(":")
    words = title_of((code or kind).replace("-", "_")).lower()
    return f"the {kind} {words}" if code else name
