"""Two people changed the same row: what only one of them touched stands, the rest is for a person to choose."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms


@dataclass(frozen=True)
class Merge:
    """``conflicts`` are for the page that asks; ``merged`` is the whole form as it stands without them."""

    conflicts: tuple[dict[str, Any], ...]
    merged: Mapping[str, Any]

    @property
    def kept(self) -> list[tuple[str, Any]]:
        asked = {conflict["name"] for conflict in self.conflicts}
        return [(name, _sent(value)) for name, value in self.merged.items() if name not in asked]


def merge(
    form: forms.Form, base: Mapping[str, Any], theirs: Mapping[str, Any], mine: Mapping[str, Any]
) -> Merge:
    """Compare what was typed with what is recorded now, against what both began with."""
    conflicts, merged = [], {}
    for name, wanted in mine.items():
        recorded, begun = theirs[name], base.get(name, theirs[name])
        both = (
            _sent(wanted) != _sent(recorded)
            and _sent(wanted) != _sent(begun)
            and _sent(recorded) != _sent(begun)
        )
        merged[name] = recorded if _sent(wanted) == _sent(begun) else wanted
        if both:
            conflicts.append(_conflict(form, name, wanted, recorded))
    return Merge(tuple(conflicts), merged)


def _conflict(form: forms.Form, name: str, mine: Any, theirs: Any) -> dict[str, Any]:
    field = form.fields[name]
    words = {str(value): str(label) for value, label in getattr(field, "choices", ())}
    return {
        "name": name,
        "label": field.label,
        "mine": _sent(mine),
        "theirs": _sent(theirs),
        "mine_words": words.get(_sent(mine), _sent(mine)),
        "theirs_words": words.get(_sent(theirs), _sent(theirs)),
    }


def _sent(value: Any) -> str:
    """As a form sends it."""
    return "" if value is None else str(value)
