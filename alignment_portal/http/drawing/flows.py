"""The cumulative flow of a queue: how much came, was begun and was done, week by week."""

from collections.abc import Sequence
from dataclasses import dataclass

from alignment_portal.http.drawing.palette import PALETTES, Where
from alignment_portal.http.drawing.scale import Scale, reading
from alignment_portal.http.drawing.svg import SIZE, drawing, element, label, line, number
from alignment_portal.http.drawing.text import width_of

WIDTH, HEIGHT = 720.0, 260.0
LEFT, TOP, BOTTOM = 44.0, 12.0, 30.0
LEAST_APART = 18.0


@dataclass(frozen=True)
class Layer:
    """One curve: its name at the end of it, and how many by the end of each week."""

    name: str
    values: Sequence[float]


def cumulative_flow_svg(
    weeks: Sequence[str], layers: Sequence[Layer], *, title: str, palette: Where = "screen"
) -> str:
    """Areas one upon the other, the first layer the highest; the gap between two curves is what stands there."""
    paint = PALETTES[palette]
    ends = [f"{layer.name} {reading(layer.values[-1])}" for layer in layers if layer.values]
    right = WIDTH - max((width_of(end, SIZE) for end in ends), default=0) - 14
    scale = Scale.around([0.0, *(value for layer in layers for value in layer.values)], HEIGHT - BOTTOM, TOP)
    step = (right - LEFT) / max(1, len(weeks) - 1)
    inside = [
        mark
        for tick in scale.ticks()
        for mark in (
            line(LEFT, scale(tick), right, scale(tick), stroke=paint.hairline),
            label(reading(tick), LEFT - 8, scale(tick) + 4, text_anchor="end", fill=paint.ink_soft),
        )
    ]
    fills = (paint.band, paint.second, paint.accent)
    lows: list[float] = []
    for place, layer in enumerate(layers):
        tops = [(LEFT + at * step, scale(value)) for at, value in enumerate(layer.values)]
        corners = [(LEFT, scale(0)), *tops, (LEFT + max(0, len(layer.values) - 1) * step, scale(0))]
        points = " ".join(f"{number(x)},{number(y)}" for x, y in corners)
        inside.append(element("polygon", points=points, fill=fills[place % len(fills)]))
        lows.append(tops[-1][1] if tops else scale(0))
    last = float("-inf")
    for end, low in sorted(zip(ends, lows, strict=False), key=lambda pair: pair[1]):
        last = max(low + 4, last + LEAST_APART)
        inside.append(label(end, right + 8, last, fill=paint.ink))
    for at in sorted({0, len(weeks) // 2, len(weeks) - 1} & set(range(len(weeks)))):
        anchor = "start" if at == 0 else "end" if at == len(weeks) - 1 else "middle"
        inside.append(label(weeks[at], LEFT + at * step, HEIGHT - 8, text_anchor=anchor, fill=paint.ink_soft))
    return drawing(inside, width=WIDTH, height=HEIGHT, alternative=title, palette=paint)
