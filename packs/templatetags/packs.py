"""What the templates of a pack need: which block it is, the drawings in the right palette, marks for paper."""

import datetime as dt

import segno
from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from alignment_portal.http.drawing import chain as drawn
from alignment_portal.http.drawing.chain_svg import outcome_chain_svg
from alignment_portal.http.drawing.charts import Interval, Limits, interval_svg, power_curve_svg, series_svg
from alignment_portal.http.drawing.grids import Bar, bars_svg, heat_grid_svg
from alignment_portal.http.drawing.opinions import OpinionRow, Person, opinions_svg
from alignment_portal.http.drawing.palette import PALETTES, Where
from alignment_portal.http.drawing.svg import element, title
from alignment_portal.http.templatetags.parts import drawing_of, mark
from packs.content.parts import (
    BarDrawing,
    Block,
    ChainDrawing,
    CurveDrawing,
    HeatDrawing,
    IntervalDrawing,
    OpinionDrawing,
    SeriesDrawing,
    Table,
)

register = template.Library()

# Literal colours: on paper the style sheet's variables reach no drawing. The same as in static/css/tokens.css.
TONES = {
    "blocked": "#a61b1b",
    "learning": "#7c5200",
    "aligned": "#1c4f94",
    "ready": "#176639",
    "suspended": "#673a9b",
    "draft": "#4f5961",
}


@register.filter
def block_template(block: Block) -> str:
    return f"packs/blocks/{block.__struct_config__.tag}.html"


@register.filter
def chain_of(block: ChainDrawing) -> drawn.Chain:
    return drawn.Chain(
        nodes=[drawn.ChainNode(n.code, n.kind, n.title, n.metrics, n.broken) for n in block.nodes],
        links=[
            drawn.ChainLink(link.source, link.target, link.broken, link.mechanism) for link in block.links
        ],
        shields=[drawn.Shield(shield.metric, shield.guards) for shield in block.shields],
    )


@register.simple_tag
def draw_chain(block: ChainDrawing, palette: str = "") -> SafeString:
    chain = chain_of(block)
    svg = outcome_chain_svg(chain, _where(palette), alternative=chain.summary())
    return mark_safe(svg)  # noqa: S308 — escaped where it is written


@register.simple_tag
def draw_intervals(block: IntervalDrawing, palette: str = "") -> SafeString:
    rows = [Interval(row.label, row.estimate, row.low, row.high, row.margin) for row in block.rows]
    svg = interval_svg(rows, title=block.title, unit=block.unit, palette=_where(palette))
    return mark_safe(svg)  # noqa: S308 — escaped where it is written


@register.simple_tag
def draw_series(block: SeriesDrawing, palette: str = "") -> SafeString:
    limits = Limits(block.limits[1], block.limits[0], block.limits[2]) if block.limits else None
    svg = series_svg(
        block.values,
        title=block.title,
        unit=block.unit,
        limits=limits,
        signals=dict(block.marks),
        palette=_where(palette),
    )
    return mark_safe(svg)  # noqa: S308 — escaped where it is written


@register.simple_tag
def draw_curve(block: CurveDrawing, palette: str = "") -> SafeString:
    svg = power_curve_svg(
        block.points,
        title=block.title,
        unit=block.unit,
        claimed=block.claimed,
        detectable=block.detectable,
        target=block.target,
        palette=_where(palette),
    )
    return mark_safe(svg)  # noqa: S308 — escaped where it is written


@register.simple_tag
def draw_opinions(block: OpinionDrawing, palette: str = "") -> SafeString:
    rows = [
        OpinionRow(
            label=row.label,
            people=[Person(one.name, one.place) for one in row.people],
            median=row.median,
            middle=(row.low, row.high),
            words=f"{gettext('consensus')} {row.consensus:.2f}",
            more=ngettext("%(n)d silent", "%(n)d silent", row.silent) % {"n": row.silent}
            if row.silent
            else "",
            flagged=row.flagged,
        )
        for row in block.rows
    ]
    ends = (gettext("against"), gettext("for"))
    svg = opinions_svg(rows, title=block.title, ends=ends, palette=_where(palette))
    return mark_safe(svg)  # noqa: S308 — escaped where it is written


@register.simple_tag
def draw_bars(block: BarDrawing, palette: str = "") -> SafeString:
    bars = [Bar(row.label, row.value, row.cap) for row in block.rows]
    return mark_safe(bars_svg(bars, title=block.title, palette=_where(palette)))  # noqa: S308 — escaped where it is written


@register.simple_tag
def draw_heat(block: HeatDrawing, palette: str = "") -> SafeString:
    rows = [(row.label, row.values) for row in block.rows]
    svg = heat_grid_svg(rows, block.columns, title=block.title, palette=_where(palette))
    return mark_safe(svg)  # noqa: S308 — escaped where it is written


def _where(palette: str) -> Where:
    return "print" if palette == "print" else "screen"


@register.simple_tag
def paper_mark(state: str) -> SafeString:
    """The mark of a state as a drawing with its own colour; its word stands beside it, so it says nothing itself."""
    shown = mark(state)
    colour = TONES[shown.tone]
    filled = shown.icon.endswith("-filled")
    svg = element(
        "svg",
        title(str(shown.word)),
        drawing_of(shown.icon).replace("currentColor", colour),
        xmlns="http://www.w3.org/2000/svg",
        viewBox="0 0 24 24",
        class_="paper-mark",
        fill=colour if filled else "none",
        stroke="none" if filled else colour,
        stroke_width="2",
    )
    return mark_safe(svg)  # noqa: S308 — an icon of this project and a literal colour


@register.simple_tag
def qr_code(address: str) -> SafeString:
    """The address as a square to be scanned; it is printed in words beside it."""
    ink = PALETTES["print"].ink
    code = segno.make(address, error="m")
    svg = code.svg_inline(scale=1, border=0, dark=ink, omitsize=True, title=f"QR code of {address}")
    return mark_safe(svg)  # noqa: S308 — written by segno, which escapes the title


@register.filter
def age_at(since: dt.date, day: dt.date | dt.datetime) -> str:
    """How old something was on a day: 12 days old."""
    then = day.date() if isinstance(day, dt.datetime) else day
    days = max(0, (then - since).days)
    return (
        gettext("seen that day")
        if days == 0
        else ngettext("%(n)d day old", "%(n)d days old", days) % {"n": days}
    )


@register.filter
def has_numbers(block: Table) -> bool:
    return any(column.number for column in block.columns)


@register.filter
def zipped(cells: tuple[object, ...], columns: tuple[object, ...]) -> list[tuple[object, object]]:
    return list(zip(cells, columns, strict=False))


@register.filter
def mark_word(state: str) -> str:
    return str(mark(state).word).lower()
