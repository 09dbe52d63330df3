"""Week by week: what the model said of itself, what people did with it, and what the portal would have said."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from gates.engine.weeks import Week
from gates.engine.words import day
from gates.selectors.looking_back import weeks_in
from gates.web.frame import page, visit


@dataclass(frozen=True)
class Head:
    code: str
    title: str
    is_model: bool
    unit: str


@dataclass(frozen=True)
class Cell:
    """One metric in one week: its value, and whether that is as it should be, as icon, word and colour."""

    title: str
    value: str
    tone: str
    icon: str
    word: str


@dataclass(frozen=True)
class Row:
    """One week with a cell for every metric of the table."""

    week: Week
    cells: tuple[Cell | None, ...]


WEEKS_BEFORE = 3
MARKS = {
    "met": ("ready", "circle-check", _("Within its limits:")),
    "watch": ("learning", "alert-triangle", _("Watch:")),
    "broken": ("blocked", "circle-x-filled", _("Beyond its limits:")),
    "unjudged": ("draft", "", _("Not judged:")),
}


@require_GET
def weeks(request: HttpRequest, key: str) -> HttpResponse:
    at = visit(request, key)
    told = weeks_in(at.case, key)
    shown = told if request.GET.get("show") == "all" else _worth_showing(told)
    heads = _heads(shown)
    rows = [Row(week, tuple(_cell(week, head) for head in heads)) for week in reversed(shown)]
    return page(
        at,
        "weeks",
        current="measurement",
        rows=rows,
        heads=heads,
        sides=_sides(heads),
        lead=_lead(told),
        left_out=len(told) - len(shown),
        crumbs=[{"label": _("Measurement"), "url": f"/initiatives/{key}/measurement/"}],
    )


def _worth_showing(told: Sequence[Week]) -> Sequence[Week]:
    """All weeks since going live, and the few before them; earlier ones only where something was said."""
    first = next((place for place, week in enumerate(told) if week.since_launch is not None), len(told))
    return [week for place, week in enumerate(told) if place >= first - WEEKS_BEFORE or week.flags]


def _heads(told: Sequence[Week]) -> list[Head]:
    found = {
        one.metric: Head(one.metric, one.title, one.is_model, one.unit)
        for week in told
        for one in week.readings
    }
    return sorted(found.values(), key=lambda head: not head.is_model)


def _sides(heads: Sequence[Head]) -> list[tuple[str, int]]:
    """What stands above the columns, and over how many of them."""
    model = sum(head.is_model for head in heads)
    sides = (
        (gettext("What the model says of itself"), model),
        (gettext("What people do with it"), len(heads) - model),
    )
    return [(title, columns) for title, columns in sides if columns]


def _cell(week: Week, head: Head) -> Cell | None:
    """None when the metric was not read in this week."""
    told = next((one for one in week.readings if one.metric == head.code and one.value), None)
    return None if told is None else Cell(head.title, told.value, *(str(part) for part in MARKS[told.tone]))


def _lead(told: Sequence[Week]) -> str:
    """The contrast in two sentences: the model's own figures, and when the portal would have stopped it."""
    live = [week for week in told if week.since_launch is not None]
    if not live:
        return gettext("Nothing has been read since it went live.") if told else ""
    first = next((week for week in live if week.stops), None)
    said = [
        ngettext(
            "In the one week shown since it went live",
            "In the %(n)d weeks shown since it went live",
            len(live),
        )
        % {"n": len(live)}
        + " "
        + _of_the_model(live)
    ]
    if first is not None:
        said.append(
            gettext("The portal says stop from week %(n)d, which ended on %(day)s: %(rules)s.")
            % {
                "n": first.since_launch,
                "day": day(first.ends),
                "rules": ", ".join(dict.fromkeys(flag.code for flag in first.flags if flag.stops)),
            }
        )
    else:
        said.append(gettext("In none of them did the portal say stop."))
    return " ".join(said)


def _of_the_model(live: Sequence[Week]) -> str:
    """How the model’s own figures stood: beyond a limit, to be watched from a week on, or within all of them."""
    own = [(week.since_launch, one) for week in live for one in week.readings if one.is_model and one.value]
    if not own:
        return gettext("the model reported no figure of itself.")
    if any(one.tone == "broken" for _number, one in own):
        return gettext("the model’s own figures did not all hold.")
    watched: dict[str, int | None] = {}
    for number, one in own:
        if one.tone == "watch":
            watched.setdefault(one.title, number)
    if watched:
        told = [
            gettext("%(title)s was to be watched from week %(n)d") % {"title": title, "n": number}
            for title, number in watched.items()
        ]
        return gettext("none of the model’s own figures crossed its limit to stop at; %(watched)s.") % {
            "watched": "; ".join(told)
        }
    if any(one.tone == "unjudged" for _number, one in own):
        return gettext("none of the model’s own figures was found beyond a limit; not all of them have one.")
    return gettext("every figure the model reports of itself stayed within its limits.")
