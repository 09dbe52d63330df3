"""The dossier's own questions, read from its schema: what a form asks, in which words, within which bounds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import msgspec
from msgspec import inspect

from initiatives.web.words import PARTS, choices_for, section_word

Kind = Literal[
    "line", "text", "lines", "number", "integer", "truth", "day", "choice", "choices", "person", "people",
    "reference", "references", "pairs",
]  # fmt: skip
LONG_TEXT = 400  # from here on a question is answered in an area, not on a line

# Which codes of the same dossier (or of the portfolio's register) answer a question, by the field's name.
REFERS: Mapping[str, str] = {
    "node": "nodes",
    "from": "nodes",
    "to": "nodes",
    "path": "nodes",
    "metric": "metrics",
    "derived_from": "metrics",
    "counter_metric": "counters",
    "group": "groups",
    "deployment": "deployments",
    "bottleneck": "bottlenecks",
    "cluster": "clusters",
}
OPEN_REFERENCES = frozenset({"clusters", "bottlenecks", "dependencies"})  # a new code may be typed


@dataclass(frozen=True)
class Question:
    """One field of one part."""

    name: str
    label: str
    kind: Kind
    help: str = ""
    good: str = ""
    unit: str = ""
    required: bool = False
    nullable: bool = False
    default: Any = None
    choices: tuple[tuple[str, str], ...] = ()
    longest: int | None = None
    least: float | None = None
    most: float | None = None
    refers: str = ""


@dataclass(frozen=True)
class Inner:
    """A part inside a part: written out in the same form, or a page of its own."""

    name: str
    label: str
    struct: type[msgspec.Struct]
    kind: Literal["inline", "optional", "list"]


@dataclass(frozen=True)
class Asked:
    """Everything one part asks, in the order of the document."""

    questions: tuple[Question, ...]
    inner: tuple[Inner, ...]

    def question(self, name: str) -> Question:
        return next(question for question in self.questions if question.name == name)


@cache
def asked_by(struct: type[msgspec.Struct]) -> Asked:
    info = inspect.type_info(struct)
    if not isinstance(info, inspect.StructType):
        message = f"{struct} is no part of a dossier."
        raise TypeError(message)
    questions: list[Question] = []
    inner: list[Inner] = []
    for field in info.fields:
        if field.encode_name == "schema":
            continue
        bare, words, nullable = _unwrapped(field.type)
        part = _inner(field, bare, words, nullable=nullable)
        if part is not None:
            inner.append(part)
        else:
            questions.append(_question(struct, field, bare, words, nullable=nullable))
    return Asked(tuple(questions), tuple(inner))


def _unwrapped(kind: inspect.Type) -> tuple[inspect.Type, dict[str, Any], bool]:
    """The type itself, the words around it (the outermost win), and whether it may be empty."""
    if isinstance(kind, inspect.Metadata):
        bare, words, nullable = _unwrapped(kind.type)
        return bare, {**words, **(kind.extra_json_schema or {})}, nullable
    if isinstance(kind, inspect.UnionType):
        found = [option for option in kind.types if not isinstance(option, inspect.NoneType)]
        bare, words, _ = _unwrapped(found[0])
        return bare, words, len(found) < len(kind.types)
    return kind, {}, False


def _inner(
    field: inspect.Field, bare: inspect.Type, words: Mapping[str, Any], *, nullable: bool
) -> Inner | None:
    label = PARTS.get(field.encode_name) or section_word(field.encode_name)
    if isinstance(bare, inspect.StructType):
        return Inner(field.encode_name, label, bare.cls, "optional" if nullable else "inline")
    if isinstance(bare, inspect.VarTupleType):
        item, _, _ = _unwrapped(bare.item_type)
        if isinstance(item, inspect.StructType):
            return Inner(field.encode_name, label, item.cls, "list")
    return None


def _question(
    struct: type[msgspec.Struct],
    field: inspect.Field,
    bare: inspect.Type,
    words: Mapping[str, Any],
    *,
    nullable: bool,
) -> Question:
    kind, choices, refers = _kind(struct, field.encode_name, bare, words)
    default = None if field.default is msgspec.NODEFAULT else field.default
    label = words.get("title") or field.encode_name.replace("_", " ").capitalize()
    text_required = isinstance(bare, inspect.StrType) and bool(bare.min_length)
    return Question(
        name=field.encode_name,
        label=label,
        kind=kind,
        help="" if kind in {"person", "reference"} and _is_form_help(words) else words.get("description", ""),
        good=next(iter(words.get("examples") or ()), ""),
        unit=words.get("x-unit", ""),
        required=(field.required or text_required) and not nullable,
        nullable=nullable,
        default=default,
        choices=choices,
        longest=getattr(bare, "max_length", None) if isinstance(bare, inspect.StrType) else None,
        least=_first(getattr(bare, "ge", None), getattr(bare, "gt", None)),
        most=_first(getattr(bare, "le", None), getattr(bare, "lt", None)),
        refers=refers,
    )


def _is_form_help(words: Mapping[str, Any]) -> bool:
    """Help that says how a value is written; a list to choose from needs none of it."""
    return str(words.get("description", "")).startswith(("The e-mail of", "A short stable name"))


def _first(*values: float | None) -> float | None:
    return next((value for value in values if value is not None), None)


def _kind(
    struct: type[msgspec.Struct], name: str, bare: inspect.Type, words: Mapping[str, Any]
) -> tuple[Kind, tuple[tuple[str, str], ...], str]:
    refers = "dependencies" if (struct.__name__, name) == ("Dependency", "code") else REFERS.get(name, "")
    if isinstance(bare, inspect.VarTupleType):
        return _kind_of_list(bare, refers)
    if isinstance(bare, inspect.LiteralType):
        return "choice", tuple(choices_for([str(value) for value in bare.values])), ""
    if isinstance(bare, inspect.StrType):
        if words.get("x-person"):
            return "person", (), ""
        if refers and bare.pattern:
            return "reference", (), refers
        return ("text" if (bare.max_length or 0) > LONG_TEXT else "line"), (), ""
    plain: Mapping[type, Kind] = {
        inspect.BoolType: "truth",
        inspect.DateType: "day",
        inspect.IntType: "integer",
        inspect.FloatType: "number",
    }
    return plain[type(bare)], (), ""


def _kind_of_list(bare: inspect.VarTupleType, refers: str) -> tuple[Kind, tuple[tuple[str, str], ...], str]:
    item, words, _ = _unwrapped(bare.item_type)
    if isinstance(item, inspect.TupleType):
        return "pairs", (), ""
    if isinstance(item, inspect.LiteralType):
        return "choices", tuple(choices_for([str(value) for value in item.values])), ""
    if words.get("x-person"):
        return "people", (), ""
    if refers and getattr(item, "pattern", None):
        return "references", (), refers
    return "lines", (), ""


def all_questions(struct: type[msgspec.Struct]) -> Iterator[tuple[str, Question]]:
    """The questions of a form with those of parts written out in it: (prefix, question)."""
    asked = asked_by(struct)
    for question in asked.questions:
        yield "", question
    for part in asked.inner:
        if part.kind == "inline":
            for question in asked_by(part.struct).questions:
                yield part.name, question
