"""What changed between two packs of the same subject, section by section and row by row."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

import msgspec

from packs.content.parts import (
    Block,
    Cell,
    Member,
    Overview,
    PackContent,
    Pairs,
    Said,
    Summary,
    Table,
    encode,
)
from packs.content.words import title_of

SHORT = 160


class Change(Said, frozen=True):
    """One difference in words: what it is about, and the two sides where there are two."""

    what: str
    before: str = ""
    after: str = ""


class SectionChange(Said, frozen=True):
    """The differences of one section."""

    code: str
    title: str
    changes: tuple[Change, ...]


def fingerprint_of(part: Said) -> str:
    """SHA-256 of what a part says."""
    return hashlib.sha256(encode(part).encode()).hexdigest()


def section_fingerprints(content: PackContent) -> Mapping[str, str]:
    """The fingerprint of each section, the summary first."""
    sections = {section.code: fingerprint_of(section) for section in content.sections}
    front = content.summary or content.overview
    return {"summary": fingerprint_of(front) if front else "", **sections}


def what_changed(before: PackContent, after: PackContent) -> tuple[SectionChange, ...]:
    """Sections that say something else than before, in the order of the pack; none when the packs say the same."""
    then, now = section_fingerprints(before), section_fingerprints(after)
    old = {section.code: section for section in before.sections}
    found = []
    if front := tuple(_front(before, after)):
        found.append(SectionChange(code="summary", title="Summary", changes=front))
    for section in after.sections:
        if then.get(section.code) == now[section.code]:
            continue
        earlier = old[section.code].blocks if section.code in old else ()
        changes = tuple(_blocks(earlier, section.blocks))
        found.append(SectionChange(code=section.code, title=section.title, changes=changes))
    return tuple(found)


def _front(before: PackContent, after: PackContent) -> Iterator[Change]:
    yield from _if_other("Status", title_of(before.status).lower(), title_of(after.status).lower())
    if before.summary and after.summary:
        yield from _summary(before.summary, after.summary)
    if before.overview and after.overview:
        yield from _overview(before.overview, after.overview)
    yield from _members(before.members, after.members)


def _summary(before: Summary, after: Summary) -> Iterator[Change]:
    yield from _if_other("Verdict", before.verdict, after.verdict)
    yield from _if_other("Decision sought", before.decision, after.decision)
    for line in after.blocks:
        if line not in before.blocks:
            yield Change(what="Stands in the way now", after=line)
    for line in before.blocks:
        if line not in after.blocks:
            yield Change(what="No longer named first", before=line)


def _overview(before: Overview, after: Overview) -> Iterator[Change]:
    yield from _if_other("In a sentence", before.sentence, after.sentence)
    then, now = ({decision.what: decision for decision in one.decisions} for one in (before, after))
    for what in now:
        if what not in then:
            yield Change(what="Decision sought now", after=what)
    for what in then:
        if what not in now:
            yield Change(what="Decision no longer among the first", before=what)
    told = dict(before.glance)
    for name, words in after.glance:
        yield from _if_other(name, told.get(name, ""), words)


def _members(before: tuple[Member, ...], after: tuple[Member, ...]) -> Iterator[Change]:
    """Who joined, who left, and whose verdict or status is another."""
    then, now = ({member.key: member for member in members} for members in (before, after))
    for key in sorted(then.keys() | now.keys()):
        was, stands = then.get(key), now.get(key)
        name = f"{key} {(stands or was or after[0]).title}"
        yield from _if_other(name, _told(was), _told(stands))


def _told(member: Member | None) -> str:
    if member is None:
        return "Not in this paper"
    status = "" if member.status == member.level else f" (status {title_of(member.status).lower()})"
    return f"{member.summary.verdict}{status}"


def _if_other(what: str, before: str, after: str) -> Iterator[Change]:
    if before != after:
        yield Change(what=what, before=before, after=after)


def _blocks(before: tuple[Block, ...], after: tuple[Block, ...]) -> Iterator[Change]:
    """Rows by the table they stand in and what names them; anything else by what it says."""
    then, now = dict(_lines(before)), dict(_lines(after))
    for name, words in now.items():
        if name not in then:
            yield Change(what=name, after=words)
        elif then[name] != words:
            yield Change(what=name, before=then[name], after=words)
    for name, words in then.items():
        if name not in now:
            yield Change(what=name, before=words)


def _lines(blocks: tuple[Block, ...]) -> Iterator[tuple[str, str]]:
    for block in blocks:
        if isinstance(block, Table):
            yield from _numbered((f"{block.title}: {_cell(row[0])}", _row(row[1:])) for row in block.rows)
        elif isinstance(block, Pairs):
            yield from ((f"{block.title}: {name}", value) for name, value in block.rows)
        else:
            yield from _said(block)


def _said(block: Block) -> Iterator[tuple[str, str]]:
    """A paragraph, quotation or drawing: known by its title, or by its own words."""
    words = " ".join(_texts(msgspec.to_builtins(block)))
    title = getattr(block, "title", "") or getattr(block, "who", "") or words[:SHORT]
    yield title, words


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if name not in {"type", "title"}:
                yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, int | float):
        yield str(value)


def _numbered(rows: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Rows of the same name told apart by their place among them."""
    seen: dict[str, int] = {}
    for name, words in rows:
        seen[name] = seen.get(name, 0) + 1
        yield (name if seen[name] == 1 else f"{name} ({seen[name]})"), words


def _row(cells: tuple[Cell, ...]) -> str:
    return " · ".join(part for cell in cells if (part := _cell(cell)))


def _cell(cell: Cell) -> str:
    parts = (
        title_of(cell.mark).lower() if cell.mark else "",
        cell.text,
        f"({cell.note})" if cell.note else "",
    )
    return " ".join(part for part in parts if part)
