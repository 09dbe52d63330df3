"""The map of opinions in words and as a drawing, from what the reader may see."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alignment_portal.http.drawing.opinions import OpinionRow, Person, opinions_svg
from reviews.consensus import Divergence, interquartile_bounds, place_of
from reviews.models import Part
from reviews.selectors.divergence import agenda_of, opinion_of
from reviews.web.showing import Room


@dataclass(frozen=True)
class Line:
    """One point of the agenda in words."""

    point: str
    title: str
    is_part: bool
    found: Divergence
    why: str
    silent: str


@dataclass(frozen=True)
class Drawn:
    """What the page of a review, the projector and the pack show of the opinions in it."""

    lines: Sequence[Line]
    drawing: str
    title: str
    summary: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def drawn_of(room: Room) -> Drawn | None:
    """Everything about where opinions part; None while all of it is sealed to the reader."""
    lines = [line_of(room, found) for found in agenda_of(room.standing, room.by.email)]
    open_lines = [line for line in lines if line.found.median is not None]
    if not room.revealed or not lines:
        return None
    title = title_of(open_lines)
    return Drawn(
        lines=lines,
        drawing=opinions_svg(
            [_row(room, line) for line in open_lines], title=title, ends=(_("against"), _("for"))
        )
        if open_lines
        else "",
        title=title,
        summary=_(
            "Each circle is a person, the band the middle half, the upright line the median. Agree is 5, with "
            "conditions 4, disagree and commit 2, disagree 1; parts are rated. With so few people this shows what "
            "to talk about and proves nothing."
        ),
        head=(_("Point"), _("Median"), _("Middle half"), _("Consensus"), _("Discuss because"), _("Silent")),
        rows=[_cells(line) for line in lines],
    )


def title_of(lines: Sequence[Line]) -> str:
    asked = [line for line in lines if line.found.reasons]
    if not lines:
        return _("Nobody has taken a side yet.")
    if not asked:
        return _("Nothing has to be discussed: opinions lie close together.")
    if len(lines) == 1:
        return _("There is one point, and it has to be discussed: %(first)s") % {"first": asked[0].title}
    words = ngettext(
        "%(n)d of %(all)d points has to be discussed, first: %(first)s",
        "%(n)d of %(all)d points have to be discussed, first: %(first)s",
        len(asked),
    )
    return words % {"n": len(asked), "all": len(lines), "first": asked[0].title}


def line_of(room: Room, found: Divergence) -> Line:
    rows = {point.row.code: point.row.choose for point in room.points}
    part = next((part for part in Part if part.point == found.point), None)
    words = str(part.label) if part else rows.get(found.point, found.point)
    return Line(
        found.point,
        words[:1].upper() + words[1:],
        part is not None,
        found,
        ", ".join(_why(found)),
        ", ".join(room.named(email) for email in found.silent),
    )


def _why(found: Divergence) -> list[str]:
    words = {
        "range": _("answers lie far apart"),
        "middle": _("the middle half is wide"),
        "share": _("fewer than three quarters are for it"),
        "gap": _("the front line sees it otherwise"),
    }
    return [str(words[reason]) for reason in found.reasons]


def _row(room: Room, line: Line) -> OpinionRow:
    seen = [stance for stance in room.standing.seen_by(room.by.email) if stance.trade_off == line.point]
    placed = [(stance.email, place_of(opinion_of(stance))) for stance in seen]
    silent = len(line.found.silent)
    return OpinionRow(
        label=line.title,
        people=[Person(room.named(email), place) for email, place in placed if place is not None],
        median=line.found.median,
        middle=interquartile_bounds(line.found.places),
        words=_("consensus %(share)s") % {"share": f"{line.found.consensus:.2f}"},
        more=ngettext("%(n)d silent", "%(n)d silent", silent) % {"n": silent} if silent else "",
        flagged=bool(line.found.reasons),
    )


def _cells(line: Line) -> list[str]:
    found = line.found
    figures = [
        "–" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")
        for value in (found.median, found.middle, found.consensus)
    ]
    return [line.title, *figures, line.why or "–", line.silent or "–"]
