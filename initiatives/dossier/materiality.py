"""Which differences between two dossiers undo an agreement, and which are the work of a tidy hand.

A difference in a material part is of substance, but for three kinds: a measured value of a baseline that moved by less
than 5 %, a text that differs only in case, spacing or punctuation, and rows in another order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from initiatives.dossier.differences import Difference, differences
from initiatives.dossier.document import Dossier

TOLERATED_MOVE = 0.05
# The material parts, as initiatives.dossier.canonical names them, by where they stand in the document.
PART_AT: Mapping[str, str] = {
    "/outcome_chain": "outcome_chain",
    "/metrics": "metrics",
    "/risk_posture": "risk_posture",
    "/non_negotiables": "risk_posture",
    "/operating_model": "operating_model",
    "/initiative/scope": "scope",
    "/initiative/horizon": "scope",
}
_MEASURED = re.compile(r"/metrics/\d+/baseline/(value|spread|sample_size|denominator)")
_MARKS = re.compile(r"[^\w\s]")


class Change(msgspec.Struct, frozen=True):
    """One difference in a material part; without ``substance`` it leaves agreements as they are."""

    section: str
    difference: Difference
    substance: bool


def material_changes(before: Dossier, after: Dossier) -> tuple[Change, ...]:
    """Every difference in the material parts, in the order of the document."""
    found = ((_part_of(one.pointer), one) for one in differences(before, after))
    return tuple(Change(part, one, not is_tolerated(one)) for part, one in found if part)


def _part_of(pointer: str) -> str:
    parts = (part for at, part in PART_AT.items() if pointer == at or pointer.startswith(f"{at}/"))
    return next(parts, "")


def is_tolerated(difference: Difference) -> bool:
    """Whether a difference is too small to ask anybody again."""
    before, after = difference.before, difference.after
    if isinstance(before, str) and isinstance(after, str):
        return _bare(before) == _bare(after)
    if isinstance(before, list | tuple) and isinstance(after, list | tuple):
        return _is_reordered(before, after)
    if _MEASURED.fullmatch(difference.pointer) and _are_numbers(before, after):
        return bool(abs(after - before) < TOLERATED_MOVE * abs(before))
    return False


def _bare(text: str) -> str:
    """A text without what a typo is made of; where it holds digits, marks may be signs and stay."""
    words = " ".join(text.casefold().split())
    return words if any(letter.isdigit() for letter in words) else " ".join(_MARKS.sub(" ", words).split())


def _is_reordered(before: Any, after: Any) -> bool:
    if not all(isinstance(item, str) for item in (*before, *after)):
        return False
    return sorted(before) == sorted(after)


def _are_numbers(*values: object) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
