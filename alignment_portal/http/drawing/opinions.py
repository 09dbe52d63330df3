"""Where opinions part: a row for each point, everybody's place on one scale, the middle half and the median."""

from collections.abc import Sequence
from dataclasses import dataclass

from alignment_portal.http.drawing.palette import PALETTES, Palette, Where
from alignment_portal.http.drawing.svg import SIZE, drawing, element, label, line, octagon, row_name, title
from alignment_portal.http.drawing.text import shorten

WIDTH = 720.0
NAMES = 216.0
STEP = 74.0  # from one place of the scale to the next
HEAD = 30.0
ROW = 50.0
DOT = 10.5
APART = 22.0
FEW = 3  # so many stand side by side; more are counted
SMALL = 11.0


@dataclass(frozen=True)
class Person:
    name: str
    place: int  # 1 to 5

    @property
    def initials(self) -> str:
        return "".join(word[:1] for word in self.name.split()[:2]).upper()


@dataclass(frozen=True)
class OpinionRow:
    """One point: who stands where, the quartiles and the median, a few words at the right, and whether to discuss it."""

    label: str
    people: Sequence[Person]
    median: float | None = None
    middle: tuple[float, float] | None = None
    words: str = ""
    more: str = ""
    flagged: bool = False


def opinions_svg(
    rows: Sequence[OpinionRow], *, title: str, ends: tuple[str, str], palette: Where = "screen"
) -> str:
    """Rows from above in the order given; `ends` name both ends of the scale."""
    paint = PALETTES[palette]
    height = HEAD + ROW * len(rows) + 4
    heads = [
        label(str(place), _at(place), 18, text_anchor="middle", fill=paint.ink_soft) for place in (2, 3, 4)
    ]
    heads += [
        label(f"{place} {word}", _at(place), 18, text_anchor="middle", fill=paint.ink_soft)
        for place, word in ((1, ends[0]), (5, ends[1]))
    ]
    grid = [
        line(_at(place), HEAD - 4, _at(place), height - 4, stroke=paint.hairline, stroke_width=1)
        for place in range(1, 6)
    ]
    inside = [_row(row, HEAD + ROW * index, paint) for index, row in enumerate(rows)]
    return drawing([*heads, *grid, *inside], width=WIDTH, height=height, alternative=title, palette=paint)


def _at(place: float) -> float:
    return NAMES + STEP * (place - 0.5)


def _row(row: OpinionRow, y: float, paint: Palette) -> str:
    middle = y + ROW / 2
    right = _at(5) + STEP / 2 + 8
    parts = [
        line(0, y, WIDTH, y, stroke=paint.hairline, stroke_width=1),
        row_name(row.label, middle, NAMES - 22),
    ]
    if row.middle is not None:
        first, third = (_at(place) for place in row.middle)
        box = {"x": first - 14, "width": third - first + 28, "y": middle - 16, "height": 32.0}
        parts.append(element("rect", **box, rx=16, fill=paint.band))
    if row.median is not None:
        at = _at(row.median)
        parts.append(line(at, middle - 20, at, middle + 20, stroke=paint.ink, stroke_width=2))
    parts += [_standing(row.people, place, middle, paint) for place in range(1, 6)]
    if row.flagged:
        parts.append(octagon(right + 6, middle - (8 if row.more else 0), 6, fill=paint.broken))
    start = right + 18 if row.flagged else right
    parts.append(
        label(
            shorten(row.words, WIDTH - start, SIZE), start, middle - (3 if row.more else -4), fill=paint.ink
        )
    )
    if row.more:
        more = shorten(row.more, WIDTH - right, SMALL)
        parts.append(label(more, right, middle + 14, fill=paint.ink_soft, font_size=SMALL))
    return element("g", *parts)


def _standing(people: Sequence[Person], place: int, y: float, paint: Palette) -> str:
    """Everybody at one place of the scale: side by side, or counted when there is no room."""
    here = [person for person in people if person.place == place]
    if not here:
        return ""
    told = title(", ".join(person.name for person in here))
    if len(here) > FEW:
        return element("g", told, *_dot(f"×{len(here)}", _at(place), y, paint, wide=16))
    first = _at(place) - APART * (len(here) - 1) / 2
    dots = [
        part
        for index, person in enumerate(here)
        for part in _dot(person.initials, first + APART * index, y, paint)
    ]
    return element("g", told, *dots)


def _dot(words: str, x: float, y: float, paint: Palette, *, wide: float = DOT) -> tuple[str, str]:
    return (
        element(
            "rect",
            x=x - wide,
            y=y - DOT,
            width=2 * wide,
            height=2 * DOT,
            rx=DOT,
            fill=paint.ground,
            stroke=paint.ink,
            stroke_width=1.4,
        ),
        label(words, x, y + 4, text_anchor="middle", font_size=SMALL, font_weight="600", fill=paint.ink),
    )
