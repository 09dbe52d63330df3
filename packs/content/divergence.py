"""Where the executives' opinions part: drawn, as a table, and in the order in which they need to talk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from packs.content.parts import Block, Cell, Column, OpinionDrawing, OpinionLine, Placed, Table
from packs.content.source import Source, Voice
from packs.content.words import capital, count, listing, number
from reviews.consensus import Divergence, Opinion, agenda, interquartile_bounds, place_of

PARTS: Mapping[str, str] = {
    "part:outcome_chain": "Outcome chain",
    "part:operating_model": "Operating model",
    "part:change_load": "Change load",
}
WHY = {
    "range": "answers lie far apart",
    "middle": "the middle half is wide",
    "share": "fewer than three quarters are for it",
    "gap": "the front line sees it otherwise",
}


def code_in_review(source: Source, code: str) -> str:
    """The code of one of its trade-offs in a review of its cluster."""
    return f"{source.dossier.initiative.key.lower()}.{code}"


def point_title(source: Source, point: str) -> str:
    """What was chosen, or the part that was rated; of a cluster's review the code begins with the initiative's key."""
    own = point.removeprefix(code_in_review(source, ""))
    chosen = next((off.choose for off in source.dossier.trade_offs if off.code == own), None) or next(
        (off.choose for off in source.meta.trade_offs if off.code == point), own
    )
    return PARTS.get(point) or capital(chosen.rstrip("."))


def divergence(source: Source, voices: Sequence[Voice]) -> tuple[Block, ...]:
    """The drawing of opinions and its table; nothing where nobody took a side."""
    review = source.facts.review
    if review is None:
        return ()
    opinions = [_opinion(voice) for voice in voices]
    rated = {voice.trade_off for voice in voices if voice.trade_off in PARTS}
    points = [*review.trade_offs, *(part for part in PARTS if part in rated)]
    found = [row for row in agenda(points, sorted(review.participants), opinions) if row.places]
    if not found:
        return ()
    return _drawing(source, found, opinions), _table(source, found)


def _opinion(voice: Voice) -> Opinion:
    return Opinion(
        person=voice.person,
        point=voice.trade_off,
        answer=voice.answer,
        rating=voice.rating,
        commits=voice.commits,
        role=voice.role,
    )


def _drawing(source: Source, found: Sequence[Divergence], opinions: Sequence[Opinion]) -> OpinionDrawing:
    asked = [row for row in found if row.reasons]
    title = "Opinions lie close together: nothing has to be discussed"
    if asked:
        first = point_title(source, asked[0].point)
        told = f"{capital(count(len(asked), 'point'))} of {number(len(found))} to discuss, first: {first}"
        title = told if len(found) > 1 else f"There is one point, and it has to be discussed: {first}"
    return OpinionDrawing(title=title, rows=tuple(_line(source, row, opinions) for row in found))


def _line(source: Source, row: Divergence, opinions: Sequence[Opinion]) -> OpinionLine:
    placed = [(one.person, place_of(one)) for one in opinions if one.point == row.point]
    low, high = interquartile_bounds(row.places)
    return OpinionLine(
        label=point_title(source, row.point),
        people=tuple(
            Placed(name=source.name(who), place=place) for who, place in placed if place is not None
        ),
        median=row.median or 0.0,
        low=low,
        high=high,
        consensus=row.consensus or 0.0,
        silent=len(row.silent),
        flagged=bool(row.reasons),
    )


def _table(source: Source, found: Sequence[Divergence]) -> Table:
    return Table(
        title="Where opinions part",
        columns=(
            Column(title="Point", width=34),
            Column(title="Median", width=10, number=True),
            Column(title="Middle half", width=12, number=True),
            Column(title="Consensus", width=12, number=True),
            Column(title="Discuss because", width=32),
        ),
        rows=tuple(
            (
                Cell(text=point_title(source, row.point)),
                Cell(text=_figure(row.median)),
                Cell(text=_figure(row.middle)),
                Cell(text=_figure(row.consensus)),
                Cell(
                    text=capital(listing([WHY[reason] for reason in row.reasons]))
                    if row.reasons
                    else "Agreed",
                    note=f"Silent: {source.names(row.silent)}" if row.silent else "",
                ),
            )
            for row in found
        ),
        note=(
            "From 1, against, to 5, for: agree is 5, with conditions 4, disagree and commit 2, disagree 1; parts are "
            "rated. Consensus is 1 when all say the same and 0 when they stand at both ends (Tastle and Wierman). "
            "With so few people this shows what to talk about and proves nothing."
        ),
    )


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")
