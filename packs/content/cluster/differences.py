"""Where the members of a cluster differ: in what they are, and in what the judge found."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from gates.engine.verdict import Finding
from packs.content.cluster.shared import SEVERAL, Aspect, aspects
from packs.content.gathered import Gathered, key_of
from packs.content.parts import Block, Cell, Column, Section, Table, Words
from packs.content.source import Source
from packs.content.words import counted

SIDE_BY_SIDE = 4  # members that fit beside each other on a sheet
NAMES, RULES = 24, 44  # width of the first column, in per cent


def differences_section(gathered: Gathered) -> Section | None:
    """What cannot be decided once for all."""
    if len(gathered.members) < SEVERAL:
        return None
    differing = [a for a in aspects(gathered) if len({a[1](member) for member in gathered.members}) > 1]
    rules = list(_differing_rules(gathered))
    blocks: list[Block] = []
    for some in _portions(gathered):
        blocks.append(
            _aspect_table(some, differing)
            if differing
            else Words(text="The members are alike in every aspect compared.")
        )
        if rules:
            blocks.append(_rule_table(some, rules))
    return Section(
        code="differences",
        title="Differences between the members",
        lead=f"{counted(len(differing), 'aspect')} and {counted(len(rules), 'rule').lower()} set the members apart.",
        blocks=tuple(blocks),
    )


def _portions(gathered: Gathered) -> Iterator[Gathered]:
    ordered = tuple(sorted(gathered.members, key=key_of))
    for start in range(0, len(ordered), SIDE_BY_SIDE):
        yield msgspec.structs.replace(gathered, members=ordered[start : start + SIDE_BY_SIDE])


def _columns(some: Gathered, head: str, first: int) -> tuple[Column, ...]:
    width = (100 - first) // len(some.members)
    return (Column(title=head, width=first), *(Column(title=key_of(m), width=width) for m in some.members))


def _span(some: Gathered) -> str:
    keys = [key_of(member) for member in some.members]
    return keys[0] if len(keys) == 1 else f"{keys[0]} to {keys[-1]}"


def _aspect_table(some: Gathered, differing: list[Aspect]) -> Table:
    rows = tuple(
        (Cell(text=name), *(Cell(text=told(member)) for member in some.members)) for name, told in differing
    )
    return Table(title=f"What they are: {_span(some)}", columns=_columns(some, "Aspect", NAMES), rows=rows)


def _findings(member: Source) -> dict[str, Finding]:
    return {finding.code: finding for finding in member.verdict.findings}


def _differing_rules(gathered: Gathered) -> Iterator[tuple[str, str]]:
    """Code and title of the rules whose outcome is not the same for all to whom they apply."""
    found = [_findings(member) for member in gathered.members]
    titles = {code: f.title for one in found for code, f in one.items() if f.severity != "advisory"}
    for code, title in titles.items():
        outcomes = {one[code].outcome for one in found if code in one} - {"not_applicable"}
        if len(outcomes) > 1:
            yield code, title


def _rule_table(some: Gathered, rules: list[tuple[str, str]]) -> Table:
    found = [_findings(member) for member in some.members]
    rows = tuple(
        (
            Cell(text=f"{code} · {title}"),
            *(Cell(mark=one[code].outcome) if code in one else Cell(text="–") for one in found),
        )
        for code, title in rules
    )
    return Table(
        title=f"What the judge found: {_span(some)}", columns=_columns(some, "Rule", RULES), rows=rows
    )
