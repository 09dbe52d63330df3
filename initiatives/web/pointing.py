"""From a JSON pointer to the page where that very field is edited."""

from collections.abc import Mapping
from typing import Any

import msgspec

from initiatives.dossier.document import Dossier
from initiatives.dossier.parts import PART_OF
from initiatives.dossier.pointers import steps_of
from initiatives.web.frame import edit_address
from initiatives.web.places import row_name
from initiatives.web.questions import Inner, asked_by


def link_of(key: str, document: Mapping[str, Any], pointer: str) -> str:
    """The edit page of the place a pointer names, with the field as fragment; empty when there is none."""
    if not pointer.startswith("/"):
        return ""
    path: list[str] = []
    parts: list[str] = []
    struct: type[msgspec.Struct] = Dossier
    value: Any = document
    in_list = False
    for step in steps_of(pointer):
        if in_list:
            part = PART_OF.get("/".join(parts))
            if part is None or not step.isdecimal() or int(step) >= len(value or ()):
                break
            value = value[int(step)]
            path.append(row_name(value, part))
            parts.append("*")
            in_list = False
            continue
        inner = _inner(struct, step)
        if inner is None:
            return f"{edit_address(key, '/'.join(path))}#id_{step}"
        if inner.kind == "inline" and path:
            rest = steps_of(pointer)[-1]
            return f"{edit_address(key, '/'.join(path))}#id_{step}__{rest}"
        struct, value, in_list = inner.struct, (value or {}).get(step), inner.kind == "list"
        path.append(step)
        parts.append(step)
    return edit_address(key, "/".join(path)) if path else ""


def _inner(struct: type, step: str) -> Inner | None:
    return next((part for part in asked_by(struct).inner if part.name == step), None)
