"""Where in a dossier one edits: an address such as `metrics/handling-time/comparison` as a part with its value."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import msgspec

from initiatives.dossier.document import Dossier
from initiatives.dossier.parts import PART_OF, PartList
from initiatives.dossier.pointers import pointer_to
from initiatives.web.questions import asked_by
from initiatives.web.words import section_word, word

NEW = "_new"  # codes begin with a letter or a digit, so no row can be called this
_PLAIN = re.compile(r"[\w.@+-]*")
Step = str | int


@dataclass(frozen=True)
class Place:
    """One part of one document. `value` is the plain value there: None where nothing is recorded yet."""

    kind: Literal["form", "list"]
    struct: type[msgspec.Struct]
    path: str
    pointer: str
    title: str
    value: Any
    optional: bool = False
    part: PartList | None = None  # of the list itself, or of the list the row stands in
    row: str | None = None  # the row's name in the address; `_new` for one to be added
    above: tuple[tuple[str, str], ...] = ()  # (path, title) of the places around it

    @property
    def section(self) -> str:
        return self.path.partition("/")[0]

    @property
    def is_row(self) -> bool:
        return self.row is not None

    @property
    def is_new(self) -> bool:
        return self.row == NEW


class NoPlace(LookupError):
    """There is nothing of this name in a dossier, or no such row in this one."""


def row_name(row: Mapping[str, Any], part: PartList) -> str:
    """What a row is called in an address: its key where that can be read, else a short hash of it."""
    values = ["" if row.get(field) is None else str(row.get(field)) for field in part.key]
    name = "~".join(values)
    if name.strip("~") and not name.startswith("_") and all(_PLAIN.fullmatch(value) for value in values):
        return name
    return hashlib.sha256("\0".join(values).encode()).hexdigest()[:12]


def row_title(row: Mapping[str, Any], part: PartList, names: Mapping[str, str] = MappingProxyType({})) -> str:
    """What people call a row: its title, else its key in words."""
    for field in ("title", "name", "description", "rule", "decision", "kpi", "step", "choose"):
        if row.get(field):
            return shortened(str(row[field]))
    words = [
        word(row[field], field) if _is_word(row[field]) else names.get(row[field], str(row[field]))
        for field in part.key
        if row.get(field)
    ]
    return " → ".join(words) if "from" in part.key else ", ".join(words)


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and "@" not in value and bool(re.fullmatch(r"[a-z]+(_[a-z]+)*", value))


def shortened(text: str, longest: int = 80) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def place_at(document: Mapping[str, Any], path: str) -> Place:
    """Follow an address through the dossier's types and this document. Raises NoPlace."""
    steps = [step for step in path.strip("/").split("/") if step]
    if not steps:
        raise NoPlace(path)
    return _Walk(document).along(steps)


class _Walk:
    def __init__(self, document: Mapping[str, Any]) -> None:
        self.value: Any = document
        self.struct: type[msgspec.Struct] = Dossier
        self.pointer: list[Step] = []
        self.names: list[str] = []  # the path of the part list, with * for every row
        self.above: list[tuple[str, str]] = []
        self.title = ""
        self.kind: Literal["form", "list"] = "form"
        self.optional = False
        self.part: PartList | None = None
        self.row: str | None = None

    def along(self, steps: Sequence[str]) -> Place:
        done: list[str] = []
        for step in steps:
            if done:
                self.above.append(("/".join(done), self.title))
            into = self._into_row if self.kind == "list" else self._into_part
            name = into(step)
            done.append(name)
        return Place(
            kind=self.kind,
            struct=self.struct,
            path="/".join(done),
            pointer=pointer_to(self.pointer),
            title=self.title,
            value=self.value,
            optional=self.optional,
            part=self.part,
            row=self.row,
            above=tuple(self.above),
        )

    def _into_part(self, step: str) -> str:
        name = step.replace("-", "_")
        found = next((part for part in asked_by(self.struct).inner if part.name == name), None)
        if found is None or self.row == NEW:
            raise NoPlace(name)
        self.value = (self.value or {}).get(name)
        self.struct, self.title = found.struct, section_word(name)
        self.kind = "list" if found.kind == "list" else "form"
        self.optional = found.kind == "optional"
        self.pointer.append(name)
        self.names.append(name)
        self.row = None
        self.part = PART_OF.get("/".join(self.names)) if self.kind == "list" else None
        return name

    def _into_row(self, name: str) -> str:
        part = self.part
        if part is None:
            raise NoPlace(name)
        rows = self.value or []
        self.names.append("*")
        self.kind, self.row = "form", name
        if name == NEW:
            self.value, self.title = None, f"Add: {part.noun}"
            self.pointer.append("-")
            return name
        for position, row in enumerate(rows):
            if row_name(row, part) == name:
                self.value, self.title = row, row_title(row, part) or name
                self.pointer.append(position)
                return name
        raise NoPlace(name)
