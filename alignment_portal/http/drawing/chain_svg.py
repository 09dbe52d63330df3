"""Drawing the outcome chain: four columns, nodes with their metrics, shields on the claim they guard, broken places marked."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from alignment_portal.http.drawing import layering
from alignment_portal.http.drawing.chain import Chain, ChainLink, ChainNode
from alignment_portal.http.drawing.palette import PALETTES, Palette, Where
from alignment_portal.http.drawing.svg import SIZE, drawing, element, label, line, number, octagon, title
from alignment_portal.http.drawing.text import wrap

HEADS = ("AI output", "Change in the work", "Operational effect", "Outcome")
TITLE, SMALL = 15.0, SIZE
TITLE_LEAD, SMALL_LEAD = 19.0, 17.0
PAD, GAP, HEAD, BREATH = 14.0, 24.0, 44.0, 5.0
LANE = 16.0  # the height a link takes where it passes a column without stopping
MOST_TITLE_LINES, MOST_METRIC_LINES, MOST_BROKEN_LINES = 5, 3, 5
SIGN = 9.0  # radius of the octagon on a broken place
INDENT = 20.0  # of words behind a shield or a sign
SHIELD = "M0 0 C2.5 0 4.6 -.8 6 -2 C7.4 -.8 9.5 0 12 0 C12 6.5 10.5 10.5 6 13 C1.5 10.5 0 6.5 0 0 Z"
Point = tuple[float, float]


@dataclass(frozen=True)
class Sheet:
    width: float
    node: float

    @property
    def step(self) -> float:
        return (self.width - self.node) / 3


SHEETS: dict[Where, Sheet] = {"screen": Sheet(1160, 232), "print": Sheet(760, 164)}


@dataclass(frozen=True)
class Row:
    """One line of words inside a node."""

    words: str
    colour: str
    size: float = SMALL
    lead: float = SMALL_LEAD
    bold: bool = False
    shield: bool = False
    indent: float = 0


@dataclass(frozen=True)
class Plan:
    """Where everything stands."""

    sheet: Sheet
    paint: Palette
    place: Mapping[str, Point]
    tall: Mapping[str, float]

    def middle(self, code: str) -> float:
        return self.place[code][1] + self.tall[code] / 2

    def foot(self) -> float:
        return max((y + self.tall[code] for code, (_, y) in self.place.items()), default=HEAD)

    def points(self, link: ChainLink) -> list[Point]:
        """Where the link leaves, the ends of each lane it passes, and where it arrives."""
        points = [(self.place[link.source][0] + self.sheet.node, self.middle(link.source))]
        for column in range(len(HEADS)):
            if (lane := _lane(link, column)) in self.place:
                x = self.place[lane][0]
                points += [(x, self.middle(lane)), (x + self.sheet.node, self.middle(lane))]
        return [*points, (self.place[link.target][0], self.middle(link.target))]


def outcome_chain_svg(
    chain: Chain, palette: Where = "screen", marks: Mapping[str, str] | None = None, alternative: str = ""
) -> str:
    """The chain as SVG. `marks` adds broken rules: a node's code, or "source>target" for a link, to the sentence."""
    chain = _marked(chain, marks or {})
    paint, sheet = PALETTES[palette], SHEETS[palette]
    rows = {node.code: _rows(node, chain, sheet, paint) for node in chain.nodes}
    plan = _plan(chain, rows, sheet, paint)
    notes, height = _notes(chain, plan)
    inside = [
        *_heads(plan),
        *(_link(link, plan) for link in chain.links),
        *(_node(node, rows[node.code], plan) for node in chain.nodes),
        *_signs(chain, plan),
        *notes,
    ]
    return drawing(
        inside,
        width=sheet.width,
        height=height,
        alternative=alternative or chain.summary(),
        palette=paint,
        links=any(node.href for node in chain.nodes),
    )


def _marked(chain: Chain, marks: Mapping[str, str]) -> Chain:
    nodes = [replace(node, broken=marks.get(node.code, node.broken)) for node in chain.nodes]
    known = {node.code for node in nodes}
    links = [
        replace(link, broken=marks.get(f"{link.source}>{link.target}", link.broken))
        for link in chain.links
        if {link.source, link.target} <= known
    ]
    return Chain(nodes, links, chain.shields)


def _rows(node: ChainNode, chain: Chain, sheet: Sheet, paint: Palette) -> list[Row]:
    room = sheet.node - 2 * PAD
    told = [
        Row(words, paint.ink, TITLE, TITLE_LEAD, bold=True)
        for words in wrap(node.title, room, TITLE, MOST_TITLE_LINES)
    ]
    for metric in node.metrics:
        told += _block(Row("", paint.ink_soft), wrap(metric, room, SMALL, MOST_METRIC_LINES))
    for shield in chain.shields_of(node.code):
        words = wrap(shield.metric, room - INDENT, SMALL, MOST_METRIC_LINES)
        told += _block(Row("", paint.accent, indent=INDENT), words, shield=True)
    return told + _block(Row("", paint.broken, bold=True), wrap(node.broken, room, SMALL, MOST_BROKEN_LINES))


def _block(row: Row, lines: tuple[str, ...], *, shield: bool = False) -> list[Row]:
    """Lines that belong together: a little air above the first, which carries the shield."""
    return [
        replace(row, words=words, shield=shield and first, lead=row.lead + (BREATH if first else 0))
        for words, first in ((words, index == 0) for index, words in enumerate(lines))
    ]


def _plan(chain: Chain, rows: Mapping[str, list[Row]], sheet: Sheet, paint: Palette) -> Plan:
    tall = {code: sum(row.lead for row in told) + 2 * PAD - 4 for code, told in rows.items()}
    columns: list[list[str]] = [[] for _ in HEADS]
    for node in sorted(chain.nodes, key=lambda node: node.kind == "context"):
        columns[node.column].append(node.code)
    edges: list[layering.Edge] = []
    for link in chain.links:
        lanes = [(column, _lane(link, column)) for column in _between(chain, link)]
        for column, lane in lanes:
            columns[column].append(lane)
            tall[lane] = LANE
        edges += pairwise([link.source, *(lane for _, lane in lanes), link.target])
    columns = layering.ordered(columns, edges)
    tops = layering.Stack(tall, GAP).tops(columns, edges)
    place = {
        code: (column * sheet.step, tops[code] + HEAD)
        for column, codes in enumerate(columns)
        for code in codes
    }
    return Plan(sheet, paint, place, tall)


def _between(chain: Chain, link: ChainLink) -> range:
    """The columns a link passes without stopping; each gives it a lane."""
    return range(chain.node(link.source).column + 1, chain.node(link.target).column)


def _lane(link: ChainLink, column: int) -> str:
    return f"{link.source}>{link.target}@{column}"


def _heads(plan: Plan) -> list[str]:
    step, paint = plan.sheet.step, plan.paint
    heads = [label(words, column * step, 16, fill=paint.ink_soft) for column, words in enumerate(HEADS)]
    return [*heads, line(0, 26, plan.sheet.width, 26, stroke=paint.hairline)]


def _node(node: ChainNode, rows: list[Row], plan: Plan) -> str:
    (x, y), paint = plan.place[node.code], plan.paint
    box = element(
        "rect",
        x=x + 0.75,
        y=y,
        width=plan.sheet.node - 1.5,
        height=plan.tall[node.code],
        rx=9,
        fill=paint.ground,
        stroke=paint.broken if node.broken else paint.outline,
        stroke_width=1.75 if node.broken else 1,
        stroke_dasharray="4 3" if node.kind == "context" else None,
    )
    parts = [title("; ".join(filter(None, (node.title, *node.metrics, node.broken)))), box]
    baseline = y + PAD - 6
    for row in rows:
        baseline += row.lead
        if row.shield:
            where = f"translate({number(x + PAD)} {number(baseline - 9)})"
            parts.append(element("path", d=SHIELD, fill=paint.accent, transform=where))
        weight = "600" if row.bold else None
        left = x + PAD + row.indent
        parts.append(
            label(row.words, left, baseline, font_size=row.size, font_weight=weight, fill=row.colour)
        )
    group = element("g", *parts)
    return element("a", group, href=node.href) if node.href else group


def _link(link: ChainLink, plan: Plan) -> str:
    points = plan.points(link)
    colour = plan.paint.broken if link.broken else plan.paint.outline
    bend = (plan.sheet.step - plan.sheet.node) * 0.55
    path = f"M{number(points[0][0])} {number(points[0][1])}"
    for index, ((x1, y1), (x2, y2)) in enumerate(pairwise(points)):
        if index % 2:  # along a lane
            path += f" L{number(x2)} {number(y2)}"
        else:
            end = x2 - 6 if (x2, y2) == points[-1] else x2  # the arrowhead covers the rest
            path += f" C{number(x1 + bend)} {number(y1)} {number(x2 - bend)} {number(y2)} {number(end)} {number(y2)}"
    x, y = points[-1]
    told = link.broken or link.mechanism
    strokes = {"stroke_width": 1.75, "stroke_dasharray": "5 4"} if link.broken else {"stroke_width": 1.25}
    return element(
        "g",
        *([title(told)] if told else []),
        element("path", d=path, fill="none", stroke=colour, **strokes),
        element("path", d=f"M{number(x)} {number(y)} l-8 -4.5 v9 Z", fill=colour),
    )


def _broken_links(chain: Chain) -> list[ChainLink]:
    return [link for link in chain.links if link.broken]


def _signs(chain: Chain, plan: Plan) -> list[str]:
    """An octagon on every broken node, and one with its number on every broken link."""
    corners = [plan.place[node.code] for node in chain.nodes if node.broken]
    drawn = [_sign("!", x + plan.sheet.node - 4, y + 2, plan.paint) for x, y in corners]
    for count, link in enumerate(_broken_links(chain), start=1):
        (x1, y1), (x2, y2) = plan.points(link)[:2]
        drawn.append(_sign(str(count), (x1 + x2) / 2, (y1 + y2) / 2, plan.paint))
    return drawn


def _sign(words: str, x: float, y: float, paint: Palette) -> str:
    return octagon(x, y, SIGN, fill=paint.broken, stroke=paint.ground, stroke_width=1.5) + label(
        words, x, y + 4, font_size=11, font_weight="600", text_anchor="middle", fill=paint.ground
    )


def _notes(chain: Chain, plan: Plan) -> tuple[list[str], float]:
    """What is broken about each marked link, said under the drawing; and the height used."""
    drawn: list[str] = []
    y = plan.foot() + 26
    for count, link in enumerate(_broken_links(chain), start=1):
        told = f"{chain.node(link.source).title} to {chain.node(link.target).title}: {link.broken}"
        drawn.append(_sign(str(count), SIGN + 1, y - 4, plan.paint))
        for words in wrap(told, plan.sheet.width - 30, SMALL):
            drawn.append(label(words, 28, y, fill=plan.paint.broken))
            y += SMALL_LEAD
        y += BREATH
    return drawn, y - PAD
