"""What the schema refuses, in plain words: names, types, bounds and choices."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import jsonschema
from jsonschema.exceptions import ValidationError

from initiatives.dossier.faults import Fault
from initiatives.dossier.pointers import pointer_to
from initiatives.dossier.schema import dossier_schema

_TYPES = {
    "object": "an object in braces",
    "array": "a list in square brackets",
    "string": "a text in quotation marks",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "null",
}
_DAY = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")


def _is_day(value: object) -> bool:
    if not isinstance(value, str):
        return True
    return bool(_DAY.fullmatch(value)) and jsonschema.FormatChecker().conforms(value, "date")


@cache
def _validator() -> jsonschema.Draft202012Validator:
    checker = jsonschema.FormatChecker(formats=())
    checker.checks("date")(_is_day)
    return jsonschema.Draft202012Validator(dossier_schema(), format_checker=checker)


def shape_faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Every fault the schema finds, each at its innermost place."""
    for error in _validator().iter_errors(document):
        yield from _told(error, tuple(error.absolute_path))


@dataclass(frozen=True)
class Refused:
    """One value that the schema refuses: the keyword that did, what it wanted, and the schema around it."""

    keyword: str
    value: Any
    wanted: Any
    schema: Mapping[str, Any]


def _told(error: ValidationError, at: tuple[str | int, ...]) -> Iterator[Fault]:
    schema: Mapping[str, Any] = cast("Mapping[str, Any]", error.schema)
    refused = Refused(str(error.validator), error.instance, error.validator_value, schema)
    if refused.keyword == "anyOf":
        # A field that may be left empty: only the branch that is not null has something to say.
        for inner in error.context or ():
            if inner.schema != {"type": "null"}:
                yield from _told(inner, (*at, *inner.relative_path))
    elif refused.keyword == "additionalProperties":
        known = list(schema.get("properties", ()))
        for name in sorted(set(refused.value) - set(known)):
            yield Fault(pointer_to((*at, name)), _unknown(name, known), "unknown_field")
    elif refused.keyword == "required":
        # The library tells one missing name an error; its message is the only place that holds it.
        name = error.message.split("'")[1]
        yield Fault(pointer_to((*at, name)), f"“{name}” is missing.", "missing")
    else:
        yield Fault(pointer_to(at), _sentence(refused), _CODES.get(refused.keyword, "invalid"))


def _unknown(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    hint = f"Did you mean “{near[0]}”?" if near else f"Known here: {', '.join(known)}."
    return f"There is no field “{name}” here. {hint}"


_CODES = {
    "type": "type",
    "enum": "choice",
    "pattern": "pattern",
    "format": "date",
    "minimum": "range",
    "maximum": "range",
    "exclusiveMinimum": "range",
    "exclusiveMaximum": "range",
    "minLength": "length",
    "maxLength": "length",
    "maxItems": "too_many",
    "minItems": "too_few",
    "uniqueItems": "duplicate",
}


def _sentence(refused: Refused) -> str:
    return _TEXTS.get(refused.keyword) or _WORDS.get(refused.keyword, _plainly)(refused)


def _shown(value: object) -> str:
    text = f"“{value}”" if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"  # noqa: PLR2004 — enough to recognise it


def _plainly(refused: Refused) -> str:
    return f"{_shown(refused.value)} does not fit here."


def _type(refused: Refused) -> str:
    wanted = refused.wanted
    names = [wanted] if isinstance(wanted, str) else list(wanted)
    words = " or ".join(_TYPES[name] for name in names)
    found = "nothing (null)" if refused.value is None else _kind_of(refused.value)
    return f"This must be {words}, and is {found}."


def _kind_of(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return f"the text {_shown(value)}" if isinstance(value, str) else f"the number {value}"


def _enum(refused: Refused) -> str:
    choices = [str(choice) for choice in refused.wanted if choice is not None]
    near = difflib.get_close_matches(str(refused.value), choices, n=1)
    hint = f" Did you mean “{near[0]}”?" if near else ""
    return f"{_shown(refused.value)} is none of {', '.join(choices)}.{hint}"


def _pattern(refused: Refused) -> str:
    if refused.schema.get("x-person"):
        return f"{_shown(refused.value)} is not an e-mail address."
    hint = refused.schema.get("description") or "It has another form."
    return f"{_shown(refused.value)} is not written as it must be. {hint}"


def _date(refused: Refused) -> str:
    return f"{_shown(refused.value)} is not a date that exists; write it as 2026-06-30."


def _maximum(refused: Refused) -> str:
    if refused.wanted == 1 and refused.schema.get("minimum") == 0:
        share = refused.value
        hint = f" Write {share / 100:g} for {share:g}%." if 1 < share <= 100 else ""  # noqa: PLR2004 — per cent
        return f"{share:g} is more than 1. A share is between 0 and 1.{hint}"
    return f"{_shown(refused.value)} is more than {refused.wanted:g}, the most that can be."


def _minimum(refused: Refused) -> str:
    if refused.wanted == 0:
        return f"{_shown(refused.value)} is negative; it must be 0 or more."
    return f"{_shown(refused.value)} is less than {refused.wanted:g}, the least that can be."


def _above(refused: Refused) -> str:
    return f"{_shown(refused.value)} must be more than {refused.wanted:g}."


def _too_long(refused: Refused) -> str:
    return f"The text has {len(refused.value)} characters; at most {refused.wanted} fit."


def _too_many(refused: Refused) -> str:
    return f"The list has {len(refused.value)} rows; at most {refused.wanted} are allowed."


def _too_few(refused: Refused) -> str:
    return f"The list has {len(refused.value)} rows; it needs {refused.wanted}."


_WORDS = {
    "type": _type,
    "enum": _enum,
    "pattern": _pattern,
    "format": _date,
    "maximum": _maximum,
    "minimum": _minimum,
    "exclusiveMinimum": _above,
    "maxLength": _too_long,
    "maxItems": _too_many,
    "minItems": _too_few,
}
_TEXTS = {
    "minLength": "This must not be empty.",
    "uniqueItems": "Something stands in this list more than once.",
}
