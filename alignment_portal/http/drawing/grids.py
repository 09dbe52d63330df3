"""Charts of the portfolio: a heat grid with the number in each cell, and bars against a cap."""

from collections.abc import Sequence
from dataclasses import dataclass

from alignment_portal.http.drawing.palette import HEAT, PALETTES, Palette, Where
from alignment_portal.http.drawing.scale import Scale, reading
from alignment_portal.http.drawing.svg import SIZE, drawing, element, label, line, row_name
from alignment_portal.http.drawing.text import shorten, width_of

WIDTH = 720.0
NAMES = 190.0
CELL = 34.0
HEAD = 28.0
# Share of a group's capacity for change, in percent: from here on the next colour.
LOAD_STEPS = (40.0, 80.0, 100.0, 120.0)


@dataclass(frozen=True)
class Bar:
    label: str
    value: float
    cap: float | None = None


def heat_grid_svg(
    rows: Sequence[tuple[str, Sequence[float | None]]],
    columns: Sequence[str],
    *,
    title: str,
    steps: Sequence[float] = LOAD_STEPS,
    palette: Where = "screen",
) -> str:
    """A cell for each row and column with its number printed; None is an empty cell."""
    paint = PALETTES[palette]
    wide = (WIDTH - NAMES) / max(1, len(columns))
    heads = [
        label(
            shorten(name, wide - 4, SIZE),
            NAMES + (index + 0.5) * wide,
            16,
            text_anchor="middle",
            fill=paint.ink_soft,
        )
        for index, name in enumerate(columns)
    ]
    cells = [
        _cell(
            value, NAMES + column * wide, HEAD + row * CELL, wide, HEAT[sum(value >= step for step in steps)]
        )
        for row, (_, values) in enumerate(rows)
        for column, value in enumerate(values)
        if value is not None
    ]
    names = [row_name(name, HEAD + (row + 0.5) * CELL, NAMES - 12) for row, (name, _) in enumerate(rows)]
    height = HEAD + CELL * len(rows)
    return drawing([*heads, *names, *cells], width=WIDTH, height=height, alternative=title, palette=paint)


def _cell(value: float, x: float, y: float, wide: float, colours: tuple[str, str]) -> str:
    ground, ink = colours
    box = element("rect", x=x + 1, y=y + 1, width=wide - 2, height=CELL - 2, rx=2, fill=ground)
    return box + label(reading(value), x + wide / 2, y + CELL / 2 + 4.5, text_anchor="middle", fill=ink)


def bars_svg(bars: Sequence[Bar], *, title: str, unit: str = "", palette: Where = "screen") -> str:
    """Bars lying down, longest value deciding the scale, each with its number; a cap is an upright line."""
    paint = PALETTES[palette]
    every = [0.0, *(bar.value for bar in bars), *(bar.cap for bar in bars if bar.cap is not None)]
    numbers = max((width_of(_told(bar, unit), SIZE) for bar in bars), default=0) + 16
    scale = Scale(0, max(every) or 1, NAMES, WIDTH - numbers, 1)
    inside = [_bar(bar, index * CELL, scale, unit, paint) for index, bar in enumerate(bars)]
    return drawing(inside, width=WIDTH, height=CELL * max(1, len(bars)), alternative=title, palette=paint)


def _told(bar: Bar, unit: str) -> str:
    cap = "" if bar.cap is None else f" of {reading(bar.cap)}"
    return f"{reading(bar.value)}{cap} {unit}".strip()


def _bar(bar: Bar, y: float, scale: Scale, unit: str, paint: Palette) -> str:
    over = bar.cap is not None and bar.value > bar.cap
    length = max(1.0, scale(bar.value) - NAMES)
    parts = [
        row_name(bar.label, y + CELL / 2, NAMES - 12),
        element(
            "rect",
            x=NAMES,
            y=y + 8,
            width=length,
            height=CELL - 16,
            rx=2,
            fill=paint.broken if over else paint.accent,
        ),
        label(
            _told(bar, unit), max(scale(bar.value), scale(bar.cap or 0)) + 8, y + CELL / 2 + 4, fill=paint.ink
        ),
    ]
    if bar.cap is not None:
        parts.append(
            line(scale(bar.cap), y + 3, scale(bar.cap), y + CELL - 3, stroke=paint.ink, stroke_width=1.5)
        )
    return element("g", *parts)
