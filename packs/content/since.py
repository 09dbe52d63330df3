"""What changed since the pack before: kept with the later pack, so that its page and its PDF say the same for ever."""

from __future__ import annotations

import msgspec

from packs.content.differences import Change, SectionChange, what_changed
from packs.content.parts import Cell, Column, PackContent, Said, Section, Table
from packs.content.summary import cut
from packs.content.words import count, counted

MOST = 200  # differences that are kept; more than that is another paper
MOST_PRINTED = 40
LONGEST, LONGEST_PRINTED = 600, 180  # characters of one side of a difference
CONTEXT = 30  # characters of a shared beginning that stay before what differs


class Since(Said, frozen=True):
    """The pack before (none for the first one) and the differences to it, section by section."""

    ref: str = ""
    number: int = 0
    day: str = ""
    sections: tuple[SectionChange, ...] = ()
    left_out: int = 0

    @property
    def amount(self) -> int:
        """How many differences there are."""
        return sum(len(section.changes) for section in self.sections) + self.left_out

    @property
    def first(self) -> tuple[Change, ...]:
        """What changed on the front page."""
        return next((section.changes for section in self.sections if section.code == "summary"), ())


decode_since = msgspec.json.Decoder(Since).decode


def since(before: PackContent, after: PackContent, *, ref: str, number: int, day: str) -> Since:
    """The differences between two packs of one subject, shortened to what people read."""
    kept: list[SectionChange] = []
    room = MOST
    found = what_changed(before, after)
    for section in found:
        some = section.changes[:room]
        room -= len(some)
        if some:
            kept.append(
                msgspec.structs.replace(section, changes=tuple(_shortened(one, LONGEST) for one in some))
            )
    total = sum(len(section.changes) for section in found)
    return Since(ref=ref, number=number, day=day, sections=tuple(kept), left_out=total - (MOST - room))


def _shortened(change: Change, longest: int) -> Change:
    before, after = where_they_differ(change.before, change.after, longest)
    return Change(what=cut(change.what, longest), before=before, after=after)


def where_they_differ(before: str, after: str, longest: int) -> tuple[str, str]:
    """Two texts, each in at most about ``longest`` characters: where one is longer, a beginning that both share is left out."""
    start = 0
    if max(len(before), len(after)) > longest:
        shared = next(
            (at for at, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), 0
        )
        start = before.rfind(" ", 0, max(0, shared - CONTEXT)) + 1
    lead = "… " if start else ""
    return cut(lead + before[start:], longest), cut(lead + after[start:], longest)


def since_section(told: Since) -> Section:
    """The differences as a section of a paper that is not the first of its subject."""
    title = "What changed since the last pack"
    against = f"Compared with {told.ref}, version {told.number}, as of {told.day}"
    if not told.amount:
        return Section(
            code="since", title=title, lead=f"{against}: nothing that the pack says has changed.", blocks=()
        )
    printed = [
        (section.title, _shortened(change, LONGEST_PRINTED))
        for section in told.sections
        for change in section.changes
    ]
    rows = [
        (Cell(text=change.what, note=title), Cell(text=change.before or "–"), Cell(text=change.after or "–"))
        for title, change in printed
    ]
    more = told.amount - min(len(rows), MOST_PRINTED)
    table = Table(
        title="Differences",
        columns=(
            Column(title="What", width=30),
            Column(title="Before", width=35),
            Column(title="Now", width=35),
        ),
        rows=tuple(rows[:MOST_PRINTED]),
        note=f"{counted(more, 'more difference').capitalize()} can be read on the pack's page in the portal."
        if more
        else "",
    )
    return Section(
        code="since", title=title, lead=f"{against}: {count(told.amount, 'difference')}.", blocks=(table,)
    )
