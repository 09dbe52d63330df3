"""Read and replace one section, field or row of a dossier; what comes back is a plain document still to be parsed."""

from __future__ import annotations

from typing import Any

from initiatives.dossier.canonical import builtins_of
from initiatives.dossier.document import Dossier
from initiatives.dossier.pointers import steps_of


def value_at(dossier: Dossier, pointer: str) -> Any:
    """The plain value at a JSON pointer. Raises LookupError when nothing is there."""
    value: Any = builtins_of(dossier)
    for step in steps_of(pointer):
        value = _child(value, step, pointer)
    return value


def _child(value: Any, step: str, pointer: str) -> Any:
    if isinstance(value, dict) and step in value:
        return value[step]
    if isinstance(value, list | tuple) and step.isdecimal() and int(step) < len(value):
        return value[int(step)]
    message = f"There is nothing at {pointer}."
    raise LookupError(message)


def with_value(dossier: Dossier, pointer: str, value: Any) -> dict[str, Any]:
    """The whole document, as plain values, with the one at ``pointer`` replaced; ``-`` as last step adds a row.

    Raises LookupError when the place does not exist.
    """
    document = builtins_of(dossier)
    *above, last = steps_of(pointer)
    place: Any = document
    for step in above:
        child = _child(place, step, pointer)
        if isinstance(child, tuple):
            child = list(child)
        place[int(step) if isinstance(place, list) else step] = child
        place = child
    if isinstance(place, list) and last == "-":
        place.append(value)
    else:
        _child(place, last, pointer)
        place[int(last) if isinstance(place, list) else last] = value
    return document


def with_section(dossier: Dossier, section: str, value: Any) -> dict[str, Any]:
    """The whole document, as plain values, with one section replaced. Raises LookupError for no such section."""
    return with_value(dossier, f"/{section}", value)
