"""Two columns with lines between them: what is waited for, and who waits."""

from collections.abc import Sequence
from dataclasses import dataclass

from alignment_portal.http.drawing.layering import ordered
from alignment_portal.http.drawing.palette import PALETTES, Palette, Where
from alignment_portal.http.drawing.svg import SIZE, drawing, element, label, octagon, title
from alignment_portal.http.drawing.text import shorten

WIDTH, LEFT, RIGHT = 720.0, 250.0, 450.0
ROW, TOP = 30.0, 8.0


@dataclass(frozen=True)
class Stop:
    """One name in a column; ``broken`` marks what needs a decision first."""

    code: str
    name: str
    broken: bool = False


def waiting_map_svg(
    left: Sequence[Stop],
    right: Sequence[Stop],
    links: Sequence[tuple[str, str]],
    *,
    title: str,
    palette: Where = "screen",
) -> str:
    """Left what is waited for, in the order given; right who waits, ordered so that lines cross little."""
    paint = PALETTES[palette]
    names = {stop.code: stop for stop in right}
    _, waiting = ordered([[stop.code for stop in left], list(names)], links)
    rows = max(len(left), len(waiting), 1)
    heights = {stop.code: _height(at, len(left), rows) for at, stop in enumerate(left)}
    heights |= {code: _height(at, len(waiting), rows) for at, code in enumerate(waiting)}
    broken = {stop.code for stop in left if stop.broken}
    lines = [
        _link(heights[source], heights[target], paint, broken=source in broken)
        for source, target in links
        if source in heights and target in heights
    ]
    stops = [_left(stop, heights[stop.code], paint) for stop in left]
    stops += [_right(names[code], heights[code]) for code in waiting]
    return drawing(
        [*lines, *stops], width=WIDTH, height=2 * TOP + rows * ROW, alternative=title, palette=paint
    )


def _height(at: int, count: int, rows: int) -> float:
    return TOP + (at + 0.5) * rows * ROW / max(1, count)


def _link(begin: float, end: float, paint: Palette, *, broken: bool) -> str:
    middle = (LEFT + RIGHT) / 2
    path = f"M{LEFT:.1f},{begin:.1f} C{middle:.1f},{begin:.1f} {middle:.1f},{end:.1f} {RIGHT:.1f},{end:.1f}"
    colour, dashes = (paint.broken, None) if broken else (paint.outline, "5 4")
    return element("path", d=path, fill="none", stroke=colour, stroke_width=1.4, stroke_dasharray=dashes)


def _left(stop: Stop, y: float, paint: Palette) -> str:
    room = LEFT - 34
    words = label(shorten(stop.name, room, SIZE), LEFT - 24, y + 4.5, text_anchor="end", fill=paint.ink)
    mark = (
        octagon(LEFT - 10, y, 7, fill=paint.broken)
        if stop.broken
        else element("circle", cx=LEFT - 10, cy=y, r=5, fill=paint.accent)
    )
    return element("g", title(stop.name), words, mark)


def _right(stop: Stop, y: float) -> str:
    words = label(shorten(stop.name, WIDTH - RIGHT - 14, SIZE), RIGHT + 10, y + 4.5)
    return element("g", title(stop.name), words)
