"""A dossier at a glance, for whoever edits it: what each section and part holds, in a line."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from initiatives.dossier.document import Dossier
from initiatives.dossier.parts import PART_OF
from initiatives.web.frame import edit_address
from initiatives.web.places import NEW, Place, row_name, row_title, shortened
from initiatives.web.questions import Question, all_questions, asked_by
from initiatives.web.words import SECTIONS, word

_TITLES = frozenset({"title", "name", "description", "decision", "rule", "kpi", "step", "choose", "code"})
FACTS = 3


@dataclass(frozen=True)
class Row:
    """One row of a list: what it is called, a line about it, where it is edited, whether it can move."""

    title: str
    facts: str
    url: str
    anchor: str
    first: bool
    last: bool
    ordered: bool


@dataclass(frozen=True)
class Section:
    name: str
    title: str
    help: str
    url: str
    state: str
    is_empty: bool


@dataclass(frozen=True)
class PartLine:
    """A part inside the part being edited: a list with its rows, or one that may be recorded."""

    name: str
    title: str
    url: str
    add: str
    is_list: bool
    state: str
    rows: tuple[Row, ...] = ()


def outline_of(key: str, document: Mapping[str, Any], sections: Iterable[str]) -> list[Section]:
    return [
        Section(
            name=name,
            title=SECTIONS[name][0],
            help=SECTIONS[name][1],
            url=edit_address(key, name),
            state=state_of(Dossier, name, document.get(name)),
            is_empty=not _counts(document.get(name)),
        )
        for name in sections
    ]


def state_of(struct: type[msgspec.Struct], name: str, value: Any) -> str:
    if isinstance(value, list | tuple):
        return (
            ngettext("%(count)d row", "%(count)d rows", len(value)) % {"count": len(value)}
            if value
            else _("Empty")
        )
    filled = _counts(value)
    return (
        ngettext("%(count)d answer", "%(count)d answers", filled) % {"count": filled}
        if filled
        else _("Empty")
    )


def _counts(value: Any) -> int:
    """How many things are recorded in a part, rows counting as one."""
    if isinstance(value, Mapping):
        return sum(_counts(item) for item in value.values())
    if isinstance(value, list | tuple):
        return len(value)
    return int(value not in (None, "", False))


def parts_of(key: str, place: Place, names: Mapping[str, str], ordered: Collection[str]) -> list[PartLine]:
    """The lists and optional parts inside a part."""
    found = []
    for part in asked_by(place.struct).inner:
        if part.kind == "inline":
            continue
        path = f"{place.path}/{part.name}"
        value = (place.value or {}).get(part.name)
        around = "/".join("*" if step.isdecimal() else step for step in place.pointer.split("/")[1:])
        rows = value if part.kind == "list" else None
        found.append(
            PartLine(
                name=part.name,
                title=part.label,
                url=edit_address(key, path),
                add=edit_address(key, f"{path}/{NEW}"),
                is_list=part.kind == "list",
                state=summary(part.struct, value, names) if part.kind == "optional" and value else "",
                rows=_rows(
                    _List(key, path, f"{around}/{part.name}", part.struct, part.name in ordered),
                    rows or (),
                    names,
                ),
            )
        )
    return found


def rows_of(key: str, place: Place, names: Mapping[str, str], ordered: Collection[str]) -> tuple[Row, ...]:
    around = "/".join("*" if step.isdecimal() else step for step in place.pointer.split("/")[1:])
    name = place.path.rpartition("/")[2]
    return _rows(_List(key, place.path, around, place.struct, name in ordered), place.value or (), names)


@dataclass(frozen=True)
class _List:
    key: str
    path: str
    part_path: str
    struct: type[msgspec.Struct]
    ordered: bool


def _rows(those: _List, rows: Any, names: Mapping[str, str]) -> tuple[Row, ...]:
    part = PART_OF.get(those.part_path)
    if part is None:
        return ()
    return tuple(
        Row(
            title=row_title(row, part, names),
            facts=summary(those.struct, row, names, but=part.key),
            url=edit_address(those.key, f"{those.path}/{row_name(row, part)}"),
            anchor=row_name(row, part),
            first=position == 0,
            last=position == len(rows) - 1,
            ordered=those.ordered,
        )
        for position, row in enumerate(rows)
    )


def summary(
    struct: type[msgspec.Struct],
    value: Mapping[str, Any],
    names: Mapping[str, str],
    but: Collection[str] = (),
) -> str:
    """The first few telling answers of a part, in a line."""
    facts = []
    for prefix, question in all_questions(struct):
        answer = value.get(question.name)
        if (
            prefix
            or question.name in _TITLES
            or question.name in but
            or answer in (None, "", [], (), False)
            or answer == question.default
        ):
            continue
        facts.append(said(question, answer, names))
        if len(facts) == FACTS:
            break
    return " · ".join(facts)


def said(question: Question, answer: Any, names: Mapping[str, str]) -> str:
    """One answer in words, with its unit."""
    words = {**names, **dict(question.choices)}
    if isinstance(answer, list | tuple):
        return shortened(", ".join(words.get(item, str(item)) for item in answer), 60)
    if question.kind == "choice":
        return words.get(answer, word(answer, question.name))
    if question.kind == "truth":
        return question.label.rstrip("?")
    if question.kind == "day":
        return date_format(dt.date.fromisoformat(answer), "j F Y")
    if question.kind in {"number", "integer"}:
        return f"{answer:g} {question.unit}".strip()
    return shortened(words.get(answer, str(answer)), 60)
