"""The heat grid of change: groups by months, in percent of what people can absorb."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alignment_portal.http.drawing.grids import heat_grid_svg
from initiatives.dossier.change_load import month_of
from portfolio.saturation import OVER

MOST_MONTHS = 12
MOST_GROUPS = 20


@dataclass(frozen=True)
class Heat:
    drawing: str
    title: str
    summary: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def heat_of(loads: Sequence[dict[str, Any]], today: dt.date) -> Heat | None:
    """The months ahead, or the last ones when nothing lies ahead; None where no change falls on anybody."""
    months = _months([row["month"] for row in loads], today)
    shown = [row for row in loads if row["month"] in months]
    if not shown:
        return None
    groups = heaviest(shown)
    by_place = {(row["group"], row["month"]): row for row in shown}
    names = {row["group"]: row["name"] for row in shown}
    heads = [date_format(month, "M y") for month in months]
    grid = [(names[group], [_percent(by_place.get((group, month))) for month in months]) for group in groups]
    title = _title(shown)
    return Heat(
        drawing=heat_grid_svg(grid, heads, title=title),
        title=title,
        summary=_summary(shown, groups),
        head=(_("Group"), *heads),
        rows=tuple(
            (names[group], *(_told(by_place.get((group, month))) for month in months)) for group in groups
        ),
    )


def _months(found: Sequence[dt.date], today: dt.date) -> list[dt.date]:
    if not found:
        return []
    ahead = [month for month in found if month >= month_of(today)]
    first = min(ahead) if ahead else month_of(max(found), 1 - MOST_MONTHS)
    first = max(first, min(found))
    last = min(max(ahead or found), month_of(first, MOST_MONTHS - 1))
    return [month for month in (month_of(first, later) for later in range(MOST_MONTHS)) if month <= last]


def heaviest(loads: Sequence[dict[str, Any]]) -> list[str]:
    """The heaviest peak first; a group without any stated capacity heads them."""
    peaks: dict[str, float] = {}
    for row in loads:
        share = float("inf") if row["share"] is None else row["share"]
        peaks[row["group"]] = max(peaks.get(row["group"], 0.0), share)
    return sorted(peaks, key=lambda group: (-peaks[group], group))[:MOST_GROUPS]


def _percent(row: dict[str, Any] | None) -> float | None:
    return None if row is None or row["share"] is None else round(row["share"] * 100)


def _told(row: dict[str, Any] | None) -> str:
    if row is None:
        return "–"
    hours = f"{row['hours_per_person']:.1f} h"
    return hours if row["share"] is None else f"{row['share']:.0%}, {hours}"


def _title(loads: Sequence[dict[str, Any]]) -> str:
    known = [row for row in loads if row["share"] is not None]
    over = sorted((row for row in known if row["share"] > OVER), key=lambda row: -row["share"])
    if not over:
        return _("No group is asked for more change than it can absorb.")
    worst = over[0]
    groups = len({row["group"] for row in over})
    words = {
        "group": worst["name"],
        "share": f"{worst['share'] * 100:.0f}",
        "month": date_format(worst["month"], "F Y"),
        "others": groups - 1,
    }
    if groups == 1:
        return (
            _("%(group)s: %(share)s%% of what people can absorb in %(month)s; nobody else is over.") % words
        )
    return (
        ngettext(
            "%(group)s: %(share)s%% of what people can absorb in %(month)s; %(others)s more group is over.",
            "%(group)s: %(share)s%% of what people can absorb in %(month)s; %(others)s more groups are over.",
            groups - 1,
        )
        % words
    )


def _summary(loads: Sequence[dict[str, Any]], groups: Sequence[str]) -> str:
    words = [
        _(
            "Hours of adoption, training and new work per person, in percent of the group’s capacity for change."
        ),
        _(
            "From 80% it is high, above 100% too much, above 120% stop. Change from elsewhere counts as far as it was entered."
        ),
    ]
    unstated = sorted({row["name"] for row in loads if row["share"] is None})
    if unstated:
        words.append(_("No capacity is stated for %(groups)s.") % {"groups": ", ".join(unstated)})
    every = {row["group"] for row in loads}
    if len(every) > len(groups):
        words.append(
            _("The %(shown)s heaviest of %(all)s groups are shown.")
            % {"shown": len(groups), "all": len(every)}
        )
    return " ".join(words)
