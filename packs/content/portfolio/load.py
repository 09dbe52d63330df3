"""Change load: which group is asked to absorb how much in which month, and who asks it."""

from __future__ import annotations

import datetime as dt

from initiatives.dossier.change_load import month_of as month_after
from packs.content.decisions import month_of, peaks
from packs.content.gathered import Gathered
from packs.content.parts import Block, Cell, Column, Gap, HeatDrawing, HeatRow, Section, Table
from packs.content.words import count, counted, listing, number
from portfolio.saturation import OTHER, Load

MOST_MONTHS = 9  # fit side by side on paper
MOST_GROUPS = 20
MOST_ASKERS = 5


def load_section(gathered: Gathered) -> Section:
    """The change load of people, in percent of what they can absorb."""
    over = peaks(gathered)
    lead = (
        f"{counted(len(over), 'group is', 'groups are')} asked for more than can be absorbed: "
        f"{listing([load.name for load in over])}."
        if over
        else "No group is asked to absorb more change than it can."
    )
    return Section(code="change-load", title="Change load", lead=lead, blocks=_blocks(gathered))


def _blocks(gathered: Gathered) -> tuple[Block, ...]:
    months = _months(gathered)
    shown = [load for load in gathered.loads if load.month in months]
    if not shown:
        return (Gap(sentence="No dossier states yet which people must absorb change in the months ahead."),)
    by_group: dict[str, list[Load]] = {}
    for load in shown:
        by_group.setdefault(load.group, []).append(load)
    groups = sorted(by_group.values(), key=lambda loads: (-max(load.share for load in loads), loads[0].name))
    return (_heat(groups[:MOST_GROUPS], months), _table(groups))


def _months(gathered: Gathered) -> tuple[dt.date, ...]:
    first = gathered.today.replace(day=1)
    ahead = [load.month for load in gathered.loads if load.month >= first]
    if not ahead:
        return ()
    last = max(ahead)
    months = (month_after(first, later) for later in range(MOST_MONTHS))
    return tuple(month for month in months if month <= last)


def _heat(groups: list[list[Load]], months: tuple[dt.date, ...]) -> HeatDrawing:
    return HeatDrawing(
        title="Hours of change per person, in percent of what each group can absorb.",
        columns=tuple(f"{month:%b %y}" for month in months),
        rows=tuple(
            HeatRow(label=loads[0].name, values=tuple(_percent(loads, month) for month in months))
            for loads in groups
        ),
    )


def _percent(loads: list[Load], month: dt.date) -> float | None:
    load = next((one for one in loads if one.month == month), None)
    return None if load is None or not load.capacity_hours else float(round(load.share * 100))


def _table(groups: list[list[Load]]) -> Table:
    return Table(
        title="The heaviest month of each group",
        columns=(
            Column(title="Group", width=30),
            Column(title="Month", width=18),
            Column(title="Hours a person", width=20, number=True),
            Column(title="Who asks for it", width=32),
        ),
        rows=tuple(_peak(max(loads, key=lambda load: (load.share, load.hours))) for loads in groups),
        note="From 80% of capacity the load is high, above 100% too much, above 120% stop. Change from elsewhere counts as far as it was entered.",
    )


def _peak(load: Load) -> tuple[Cell, ...]:
    share = (
        f"{load.share:.0%} of {number(load.capacity_hours)}" if load.capacity_hours else "no capacity stated"
    )
    return (
        Cell(text=load.name, note=count(load.headcount, "person", "people")),
        Cell(text=month_of(load)),
        Cell(text=number(round(load.hours, 1)), note=share),
        Cell(text=_askers(load)),
    )


def _askers(load: Load) -> str:
    """Those that ask most by name, and how many more ask; change from elsewhere together."""
    hours = [(key, asked) for key, asked in load.parts if not key.startswith(OTHER)]
    elsewhere = sum(asked for key, asked in load.parts if key.startswith(OTHER))
    most = sorted(hours, key=lambda part: (-part[1], part[0]))
    told = [f"{key} {number(round(asked, 1))} h" for key, asked in most[:MOST_ASKERS]]
    told += [f"{number(len(most) - MOST_ASKERS)} more"] if len(most) > MOST_ASKERS else []
    told += [f"change from elsewhere {number(round(elsewhere, 1))} h"] if elsewhere else []
    return ", ".join(told)
