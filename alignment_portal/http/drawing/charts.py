"""Charts of measurement: a series with its limits, effects with intervals, the power of a plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alignment_portal.http.drawing.palette import PALETTES, Palette, Where
from alignment_portal.http.drawing.scale import Scale, reading
from alignment_portal.http.drawing.svg import (
    SIZE,
    drawing,
    element,
    label,
    line,
    number,
    octagon,
    row_name,
    title,
)
from alignment_portal.http.drawing.text import shorten, width_of

WIDTH, HEIGHT = 720.0, 320.0
LEFT, RIGHT, TOP, BOTTOM = 56.0, 132.0, 20.0, 40.0


@dataclass(frozen=True)
class Limits:
    centre: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Interval:
    """One estimate with its interval, and the margin it must stay within, if there is one."""

    label: str
    estimate: float
    low: float
    high: float
    margin: float | None = None


def _frame(scale: Scale, paint: Palette, unit: str) -> list[str]:
    """Level hairlines with their numbers; the unit stands over the axis."""
    drawn = [label(unit, 0, 12, fill=paint.ink_soft)] if unit else []
    for tick in scale.ticks():
        y = scale(tick)
        drawn.append(line(LEFT, y, WIDTH - RIGHT, y, stroke=paint.hairline))
        drawn.append(label(reading(tick), LEFT - 8, y + 4, text_anchor="end", fill=paint.ink_soft))
    return drawn


def _path(points: Sequence[tuple[float, float]], **attributes: str | float) -> str:
    d = " ".join(f"{'L' if index else 'M'}{number(x)} {number(y)}" for index, (x, y) in enumerate(points))
    return element("path", d=d, fill="none", stroke_linejoin="round", stroke_linecap="round", **attributes)


def _beside(words: str, y: float, colour: str) -> str:
    return label(shorten(words, RIGHT - 10, SIZE), WIDTH - RIGHT + 10, y + 4, fill=colour)


def _apart(heights: Sequence[float], least: float = 16) -> list[float]:
    """Heights of labels moved down just enough that none covers the one above."""
    moved: dict[int, float] = {}
    last = float("-inf")
    for index in sorted(range(len(heights)), key=heights.__getitem__):
        moved[index] = last = max(heights[index], last + least)
    return [moved[index] for index in range(len(heights))]


def series_svg(
    values: Sequence[tuple[str, float]],
    *,
    title: str,
    unit: str = "",
    limits: Limits | None = None,
    signals: Mapping[int, str] | None = None,
    palette: Where = "screen",
) -> str:
    """Values in time order with control limits named at the line; `signals` marks the values that broke a rule."""
    paint, signals = PALETTES[palette], signals or {}
    held = (limits.lower, limits.centre, limits.upper) if limits else ()
    scale = Scale.around([*(value for _, value in values), *held], HEIGHT - BOTTOM, TOP + 8)
    step = (WIDTH - RIGHT - LEFT) / max(1, len(values) - 1)
    points = [(LEFT + index * step, scale(value)) for index, (_, value) in enumerate(values)]
    inside = _frame(scale, paint, unit)
    if limits:
        inside += _limits(limits, scale, paint)
    inside.append(_path(points, stroke=paint.accent, stroke_width=2))
    for index, (x, y) in enumerate(points):
        inside.append(
            _point(
                x, y, signals.get(index, ""), f"{values[index][0]}: {reading(values[index][1])} {unit}", paint
            )
        )
    return drawing(
        [*inside, *_dates([name for name, _ in values], step, paint)],
        width=WIDTH,
        height=HEIGHT,
        alternative=title,
        palette=paint,
    )


def _limits(limits: Limits, scale: Scale, paint: Palette) -> list[str]:
    named = (("upper limit", limits.upper), ("centre", limits.centre), ("lower limit", limits.lower))
    heights = _apart([scale(value) for _, value in named])
    drawn = []
    for (name, value), height in zip(named, heights, strict=True):
        dash = None if name == "centre" else "6 4"
        drawn.append(
            line(LEFT, scale(value), WIDTH - RIGHT, scale(value), stroke=paint.second, stroke_dasharray=dash)
        )
        drawn.append(_beside(f"{name} {reading(value)}", height, paint.second))
    return drawn


def _point(x: float, y: float, signal: str, words: str, paint: Palette) -> str:
    told = title(f"{words}. {signal}" if signal else words)
    mark = (
        octagon(x, y, 7, fill=paint.broken, stroke=paint.ground, stroke_width=1.5)
        if signal
        else element("circle", cx=x, cy=y, r=3, fill=paint.accent)
    )
    return element("g", told, mark)


def _dates(names: Sequence[str], step: float, paint: Palette) -> list[str]:
    """As many names under the axis as fit without touching; always the first."""
    widest = max((width_of(name, SIZE) for name in names), default=0) + 16
    every = max(1, -int(-widest // max(step, 1)))
    return [
        label(name, LEFT + index * step, HEIGHT - BOTTOM + 22, text_anchor="middle", fill=paint.ink_soft)
        for index, name in enumerate(names)
        if index % every == 0
    ]


def interval_svg(rows: Sequence[Interval], *, title: str, unit: str = "", palette: Where = "screen") -> str:
    """Each effect as a dot on its interval, on one axis with the line of no effect; margins as short upright lines."""
    paint, names, row_height = PALETTES[palette], 210.0, 44.0
    every = [
        part
        for row in rows
        for part in (row.estimate, row.low, row.high, *([] if row.margin is None else [row.margin]))
    ]
    scale = Scale.around([0.0, *every], names + 20, WIDTH - 150)
    foot = TOP + row_height * len(rows)
    inside = [label(unit, 0, 12, fill=paint.ink_soft)] if unit else []
    for tick in scale.ticks():
        heavy = abs(tick) < scale.step / 1e6
        inside.append(
            line(scale(tick), TOP, scale(tick), foot, stroke=paint.outline if heavy else paint.hairline)
        )
        inside.append(
            label(
                reading(0 if heavy else tick),
                scale(tick),
                foot + 18,
                text_anchor="middle",
                fill=paint.ink_soft,
            )
        )
    for index, row in enumerate(rows):
        inside += _interval(row, TOP + (index + 0.5) * row_height, scale, names, paint)
    return drawing(inside, width=WIDTH, height=foot + 30, alternative=title, palette=paint)


def _interval(row: Interval, y: float, scale: Scale, room: float, paint: Palette) -> list[str]:
    drawn = [row_name(row.label, y, room)]
    drawn.append(line(scale(row.low), y, scale(row.high), y, stroke=paint.accent, stroke_width=2))
    drawn += [
        line(scale(end), y - 5, scale(end), y + 5, stroke=paint.accent, stroke_width=2)
        for end in (row.low, row.high)
    ]
    drawn.append(element("circle", cx=scale(row.estimate), cy=y, r=5, fill=paint.accent))
    if row.margin is not None:
        x = scale(row.margin)
        drawn.append(line(x, y - 14, x, y + 14, stroke=paint.second, stroke_width=2, stroke_dasharray="3 3"))
    told = f"{reading(row.estimate)} ({reading(row.low)} to {reading(row.high)})"
    return [*drawn, label(told, WIDTH, y + 4, text_anchor="end", fill=paint.ink)]


def power_curve_svg(
    curve: Sequence[tuple[float, float]],
    *,
    title: str,
    unit: str = "",
    claimed: float | None = None,
    detectable: float | None = None,
    target: float = 0.8,
    palette: Where = "screen",
) -> str:
    """The chance of seeing an effect by its size, with the target, the claim and the smallest effect the plan can tell."""
    paint, foot = PALETTES[palette], HEIGHT - BOTTOM
    up = Scale(0, 1, foot, TOP + 30, 0.2)
    named = (("claimed", claimed), ("smallest detectable", detectable))
    marks = sorted((value, name) for name, value in named if value is not None)
    across = Scale.around([*(size for size, _ in curve), *(value for value, _ in marks)], LEFT, WIDTH - RIGHT)
    inside = _frame(up, paint, "power")
    inside += [
        label(reading(tick), across(tick), foot + 20, text_anchor="middle", fill=paint.ink_soft)
        for tick in across.ticks()
    ]
    for row, words in enumerate(("effect", *([unit] if unit else []))):
        told = shorten(words, RIGHT - 18, SIZE)
        inside.append(label(told, WIDTH - RIGHT + 16, foot + 4 + row * 16, fill=paint.ink_soft))
    inside.append(
        line(LEFT, up(target), WIDTH - RIGHT, up(target), stroke=paint.second, stroke_dasharray="6 4")
    )
    inside.append(_beside(f"asked for: {reading(target)}", up(target), paint.second))
    inside.append(
        _path([(across(size), up(power)) for size, power in curve], stroke=paint.accent, stroke_width=2)
    )
    for row, (value, name) in enumerate(marks):
        x, y = across(value), TOP + 6 + row * 16
        dash = None if name == "claimed" else "2 3"
        inside.append(line(x, y + 4, x, foot, stroke=paint.ink, stroke_dasharray=dash))
        inside.append(label(f"{name} {reading(value)}", x + 6, y))
    return drawing(inside, width=WIDTH, height=HEIGHT, alternative=title, palette=paint)
