"""What changed between two dossiers, field by field; rows are matched by their key, not by their position."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from initiatives.dossier.canonical import builtins_of
from initiatives.dossier.document import Dossier
from initiatives.dossier.parts import PART_OF, PartList
from initiatives.dossier.pointers import pointer_to


class Difference(msgspec.Struct, frozen=True):
    """One changed field or row.

    ``pointer`` leads into the newer document, or for something removed into the older one. ``words`` say it in plain English.
    """

    pointer: str
    before: Any
    after: Any
    words: str


def differences(before: Dossier | None, after: Dossier) -> tuple[Difference, ...]:
    """Every difference, in the order of the document. Without a ``before`` each section that holds something is one."""
    new = builtins_of(after)
    if before is None:
        return tuple(
            Difference(f"/{name}", None, value, f"{_words(name)} recorded")
            for name, value in new.items()
            if value
        )
    return tuple(_compared(builtins_of(before), new, "", "", ""))


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _compared(before: Any, after: Any, at: str, path: str, subject: str) -> Iterator[Difference]:
    if before == after and type(before) is type(after):
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in after:
            inner = f"{path}/{name}" if path else str(name)
            yield from _compared(
                before.get(name), after[name], f"{at}{pointer_to((name,))}", inner, _join(subject, name)
            )
    elif path in PART_OF and isinstance(before, list | tuple) and isinstance(after, list | tuple):
        yield from _rows_compared(before, after, at, path)
    else:
        yield Difference(at, before, after, f"{subject}: {_shown(before)} → {_shown(after)}")


def _join(subject: str, name: str) -> str:
    words = name.replace("_", " ")
    return f"{subject}, {words}" if subject else _words(name)


def _name_of(row: Mapping[str, Any], part: PartList) -> tuple[Any, ...]:
    return tuple(row[field] for field in part.key)


def _called(row: Mapping[str, Any], part: PartList) -> str:
    return f"{part.noun} {', '.join(str(value) for value in _name_of(row, part) if value not in (None, ''))}"


def _rows_compared(before: Any, after: Any, at: str, path: str) -> Iterator[Difference]:
    part = PART_OF[path]
    old = {_name_of(row, part): (position, row) for position, row in enumerate(before)}
    new = {_name_of(row, part): (position, row) for position, row in enumerate(after)}
    for name, (position, row) in old.items():
        if name not in new:
            yield Difference(f"{at}/{position}", row, None, f"{_capital(_called(row, part))} removed")
    for name, (position, row) in new.items():
        if name in old:
            yield from _compared(
                old[name][1], row, f"{at}/{position}", f"{path}/*", _capital(_called(row, part))
            )
        else:
            yield Difference(f"{at}/{position}", None, row, f"{_capital(_called(row, part))} added")
    if [name for name in old if name in new] != [name for name in new if name in old]:
        names = [", ".join(map(str, name)) for name in new]
        yield Difference(
            at, [", ".join(map(str, name)) for name in old], names, f"{_capital(part.noun)} order changed"
        )


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _shown(value: Any) -> str:
    if value is None or value in ("", [], ()):
        return "empty"
    text = f"“{value}”" if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= 80 else f"{text[:79]}…"  # noqa: PLR2004 — a line to read, the values are beside it
