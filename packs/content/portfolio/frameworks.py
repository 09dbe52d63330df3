"""Frameworks of others beside the policy: how many of their requirements the portfolio supports, and what is missing."""

from __future__ import annotations

from packs.content.gathered import Gathered, Held
from packs.content.parts import Cell, Column, Section, Table
from packs.content.words import counted


def frameworks_section(gathered: Gathered) -> Section | None:
    """One row for each framework; None where none can be read."""
    held = gathered.frameworks
    if not held:
        return None
    missing, asked = sum(one.missing for one in held), sum(one.requirements for one in held)
    lead = (
        f"{counted(missing, f'of {asked} requirements is', f'of {asked} requirements are')} missing in at least one initiative."
        if missing
        else "Nothing that they ask for is missing in any initiative."
    )
    return Section(
        code="frameworks",
        title="Frameworks of others",
        lead=lead,
        blocks=(_table(held),),
    )


def _table(held: tuple[Held, ...]) -> Table:
    return Table(
        title="Requirements over the portfolio",
        columns=(
            Column(title="Framework", width=29),
            Column(title="Requirements", width=14, number=True),
            Column(title="Supported", width=12, number=True),
            Column(title="Missing", width=11, number=True),
            Column(title="Missing most often", width=34),
        ),
        rows=tuple(
            (
                Cell(
                    text=one.title,
                    note=f"Version {one.version}" if one.version[:1].isdigit() else one.version,
                ),
                Cell(text=str(one.requirements)),
                Cell(text=str(one.met)),
                Cell(text=str(one.missing)),
                _most(one),
            )
            for one in held
        ),
        note=(
            "Supported: every initiative it applies to meets it. Missing: at least one does not. The rest applies to none. "
            "Our reading of these frameworks in our own words; the portal shows each requirement with its rules and evidence."
        ),
    )


def _most(one: Held) -> Cell:
    if not one.missing:
        return Cell(text="Nothing")
    missed, of = one.most_missed
    return Cell(text=f"{one.most}: {one.most_words}", note=f"In {missed} of {of} initiatives")
