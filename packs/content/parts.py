"""What a pack is made of: frozen values that the page and the PDF render alike, and that compare part by part."""

from __future__ import annotations

import datetime as dt
from typing import dataclass_transform

import msgspec


# What the line below says of this class, type checkers do not pass on to the classes built on it.
@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Said(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something the pack says."""


class Cell(Said, frozen=True):
    """One cell of a table. ``mark`` is a state shown as icon and word; ``since`` is a day whose age is printed."""

    text: str = ""
    note: str = ""
    mark: str = ""
    since: dt.date | None = None


class Column(Said, frozen=True):
    """A column: its head, its width in per cent of the table, and whether it holds numbers."""

    title: str
    width: int
    number: bool = False


class Table(Said, frozen=True, tag="table"):
    """Rows that read across; the first cell of a row names it."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


class Words(Said, frozen=True, tag="words"):
    """A paragraph, with a small heading when it needs one."""

    text: str
    title: str = ""


class Pairs(Said, frozen=True, tag="pairs"):
    """Names and values, one below the other."""

    title: str
    rows: tuple[tuple[str, str], ...]


class Quote(Said, frozen=True, tag="quote"):
    """Somebody's own words, unchanged."""

    text: str
    who: str
    mark: str = ""


class Gap(Said, frozen=True, tag="gap"):
    """What is missing, and who has the next move: stands where a section would otherwise be empty."""

    sentence: str


class ChainNode(Said, frozen=True):
    """A box of the drawn chain; ``broken`` says in words what is wrong with it."""

    code: str
    kind: str
    title: str
    metrics: tuple[str, ...] = ()
    broken: str = ""


class ChainLink(Said, frozen=True):
    """An arrow of the drawn chain."""

    source: str
    target: str
    mechanism: str = ""
    broken: str = ""


class Shield(Said, frozen=True):
    """A counter-metric on the node whose claim it guards."""

    metric: str
    guards: str


class ChainDrawing(Said, frozen=True, tag="chain"):
    """The outcome chain, to be drawn."""

    title: str
    nodes: tuple[ChainNode, ...]
    links: tuple[ChainLink, ...]
    shields: tuple[Shield, ...] = ()


class Interval(Said, frozen=True):
    """One estimate with its 95 % interval; ``margin`` is the line it may not cross."""

    label: str
    estimate: float
    low: float
    high: float
    margin: float | None = None


class IntervalDrawing(Said, frozen=True, tag="intervals"):
    """Estimates with their intervals on one axis, to be drawn; the sentence says what they show."""

    title: str
    rows: tuple[Interval, ...]
    unit: str = ""


class SeriesDrawing(Said, frozen=True, tag="series"):
    """Readings in order of time with control limits, to be drawn; ``marks`` says which places break a rule, and how."""

    title: str
    values: tuple[tuple[str, float], ...]
    unit: str = ""
    limits: tuple[float, float, float] | None = None  # lower, centre, upper
    marks: tuple[tuple[int, str], ...] = ()


class CurveDrawing(Said, frozen=True, tag="curve"):
    """The chance of showing an effect by its size, to be drawn."""

    title: str
    points: tuple[tuple[float, float], ...]
    unit: str = ""
    claimed: float | None = None
    detectable: float | None = None
    target: float = 0.8


class Placed(Said, frozen=True):
    """A person and their place on the scale from 1 to 5."""

    name: str
    place: int


class OpinionLine(Said, frozen=True):
    """Where everybody stands on one point; low and high are the quartiles."""

    label: str
    people: tuple[Placed, ...]
    median: float
    low: float
    high: float
    consensus: float
    silent: int = 0
    flagged: bool = False


class OpinionDrawing(Said, frozen=True, tag="opinions"):
    """Where opinions part, to be drawn; the numbers stand in the table below it."""

    title: str
    rows: tuple[OpinionLine, ...]


class Bar(Said, frozen=True):
    """One bar lying down, against a cap where there is one."""

    label: str
    value: float
    cap: float | None = None


class BarDrawing(Said, frozen=True, tag="bars"):
    """Bars against their caps, to be drawn; the numbers stand in the table beside it."""

    title: str
    rows: tuple[Bar, ...]


class HeatRow(Said, frozen=True):
    """One row of a heat grid; None is an empty cell."""

    label: str
    values: tuple[float | None, ...]


class HeatDrawing(Said, frozen=True, tag="heat"):
    """A grid with the number in each cell, to be drawn."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[HeatRow, ...]


Block = (
    Table
    | Words
    | Pairs
    | Quote
    | Gap
    | ChainDrawing
    | IntervalDrawing
    | SeriesDrawing
    | CurveDrawing
    | OpinionDrawing
    | BarDrawing
    | HeatDrawing
)


class Section(Said, frozen=True):
    """One part of the pack; ``lead`` says in one sentence what the reader should take from it."""

    code: str
    title: str
    lead: str
    blocks: tuple[Block, ...]


class Deed(Said, frozen=True):
    """Who must do what by when."""

    who: str
    what: str
    by: str = ""


class Answer(Said, frozen=True):
    """One of the three questions, answered."""

    question: str
    state: str  # yes | no | not_yet
    sentence: str


BEFORE = "before "  # opens the day by which a deed is due


class Summary(Said, frozen=True):
    """The one page that stands alone."""

    decision: str
    level: str
    verdict: str
    why: str  # the lane, and the facts that decide it
    answers: tuple[Answer, ...]
    blocks: tuple[str, ...]  # what blocks, in words
    blocks_lead: str
    deeds: tuple[Deed, ...]
    more_deeds: int = 0
    waivers: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    more_conditions: int = 0

    @property
    def deeds_have_a_day(self) -> bool:
        """Whether the deeds say by when, not only how long they take."""
        return any(deed.by.startswith(BEFORE) for deed in self.deeds)


class Decision(Said, frozen=True):
    """One decision that is asked for: what, why now, who decides, and which initiatives it is about."""

    what: str
    why: str = ""
    who: str = ""
    about: tuple[str, ...] = ()


class Overview(Said, frozen=True):
    """The one page that stands alone, of a paper about several initiatives."""

    sentence: str
    decisions: tuple[Decision, ...]
    counts: Table
    glance: tuple[tuple[str, str], ...]
    more_decisions: int = 0


class Member(Said, frozen=True):
    """One initiative of a paper about several: what its own page is headed with, and that page."""

    key: str
    title: str
    horizon: str
    status: str
    level: str
    is_draft: bool
    summary: Summary


class PackContent(Said, frozen=True):
    """Everything a pack says, in the order in which it is read. Holds no clock time but the records'.

    The pack of one initiative opens with its ``summary``; one of several with an ``overview``, and ends with the
    page of each of its ``members``.
    """

    subject: str
    key: str
    title: str
    subtitle: str
    status: str
    level: str
    is_draft: bool
    classification: str
    owner: str
    sponsor: str
    horizon: str
    policy: str
    dossier_fingerprint: str
    facts: tuple[tuple[str, str], ...]  # for the cover
    sections: tuple[Section, ...]
    audience: str = ""  # for whom, in words
    summary: Summary | None = None
    overview: Overview | None = None
    members: tuple[Member, ...] = ()


def encode(content: Said) -> str:
    """Canonical JSON: the same content always gives the same text."""
    return msgspec.json.encode(content, order="sorted").decode()


decode = msgspec.json.Decoder(PackContent).decode
