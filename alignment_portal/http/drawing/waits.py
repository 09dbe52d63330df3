"""The dependency map: what is waited for at the left, who waits at the right, and a line for each need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alignment_portal.http.drawing.palette import PALETTES, Palette, Where
from alignment_portal.http.drawing.svg import SIZE, drawing, element, label, number, octagon, title
from alignment_portal.http.drawing.text import wrap

WIDTH, NODE = 720.0, 268.0
PAD, GAP, LEAD, NOTE_LEAD, HEAD = 10.0, 10.0, 17.0, 16.0, 28.0
SIGN = 8.0
MOST_LINES = 2
LEAST = 44.0  # a line of words and room for a finger


@dataclass(frozen=True)
class Stop:
    """One box: a title, a quiet line under it, and where it leads. `broken` ones carry the sign."""

    code: str
    title: str
    note: str = ""
    href: str = ""
    broken: bool = False


@dataclass(frozen=True)
class _Box:
    stop: Stop
    lines: tuple[str, ...]
    note: tuple[str, ...]
    top: float

    @property
    def height(self) -> float:
        return max(LEAST, 2 * PAD + LEAD * len(self.lines) + NOTE_LEAD * len(self.note) - 4)

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


def waits_svg(
    awaited: Sequence[Stop],
    waiting: Sequence[Stop],
    needs: Sequence[tuple[str, str]],
    *,
    heads: tuple[str, str],
    alternative: str,
    palette: Where = "screen",
) -> str:
    """`needs` are pairs of an awaited and a waiting code. Who waits stands as near as may be to what it waits for."""
    paint = PALETTES[palette]
    left = _boxes(awaited)
    right = _boxes(_nearest(waiting, needs, {box.stop.code: place for place, box in enumerate(left)}))
    ends = {box.stop.code: box for box in right}
    starts = {box.stop.code: box for box in left}
    lines = [
        _line(starts[one], ends[other], paint) for one, other in needs if one in starts and other in ends
    ]
    inside = [
        label(heads[0], 0, 14, fill=paint.ink_soft),
        label(heads[1], WIDTH - NODE, 14, fill=paint.ink_soft),
        *lines,
        *(_drawn(box, 0, paint) for box in left),
        *(_drawn(box, WIDTH - NODE, paint) for box in right),
    ]
    foot = max((box.top + box.height for box in (*left, *right)), default=HEAD)
    return drawing(
        inside, width=WIDTH, height=foot + 2, alternative=alternative, palette=paint,
        links=any(stop.href for stop in (*awaited, *waiting)),
    )  # fmt: skip


def _boxes(stops: Sequence[Stop]) -> list[_Box]:
    found: list[_Box] = []
    top = HEAD
    for stop in stops:
        lines = wrap(stop.title, NODE - 2 * PAD, SIZE, MOST_LINES)
        box = _Box(stop, lines, wrap(stop.note, NODE - 2 * PAD, SIZE, MOST_LINES), top)
        found.append(box)
        top += box.height + GAP
    return found


def _nearest(
    waiting: Sequence[Stop], needs: Sequence[tuple[str, str]], places: Mapping[str, int]
) -> list[Stop]:
    """In the order of the mean place of what each waits for, so that few lines cross."""
    means: dict[str, list[int]] = {}
    for one, other in needs:
        if one in places:
            means.setdefault(other, []).append(places[one])
    return sorted(
        waiting,
        key=lambda stop: (
            sum(means[stop.code]) / len(means[stop.code]) if stop.code in means else len(places),
            stop.code,
        ),
    )


def _line(one: _Box, other: _Box, paint: Palette) -> str:
    x1, x2 = NODE, WIDTH - NODE
    bend = (x2 - x1) * 0.5
    path = (
        f"M{number(x1)} {number(one.middle)} C{number(x1 + bend)} {number(one.middle)} "
        f"{number(x2 - bend)} {number(other.middle)} {number(x2)} {number(other.middle)}"
    )
    colour = paint.broken if one.stop.broken else paint.outline
    dashes = "5 3" if one.stop.broken else None
    return element("path", d=path, fill="none", stroke=colour, stroke_width=1.5, stroke_dasharray=dashes)


def _drawn(box: _Box, x: float, paint: Palette) -> str:
    stop = box.stop
    frame = element(
        "rect",
        x=x + 0.75,
        y=box.top,
        width=NODE - 1.5,
        height=box.height,
        rx=6,
        fill=paint.ground,
        stroke=paint.broken if stop.broken else paint.outline,
        stroke_width=1.75 if stop.broken else 1,
    )
    parts = [title("; ".join(filter(None, (stop.title, stop.note)))), frame]
    y = box.top + (box.height - LEAD * len(box.lines) - NOTE_LEAD * len(box.note)) / 2 - 4
    for words in box.lines:
        y += LEAD
        parts.append(label(words, x + PAD, y, font_weight="600", fill=paint.ink))
    for words in box.note:
        y += NOTE_LEAD
        parts.append(label(words, x + PAD, y, fill=paint.broken if stop.broken else paint.ink_soft))
    if stop.broken:
        parts.append(
            octagon(x + NODE - 3, box.top + 3, SIGN, fill=paint.broken, stroke=paint.ground, stroke_width=1.5)
        )
        parts.append(
            label("!", x + NODE - 3, box.top + 7, font_size=11, font_weight="600", text_anchor="middle",
                  fill=paint.ground)
        )  # fmt: skip
    group = element("g", *parts)
    return element("a", group, href=stop.href) if stop.href else group
