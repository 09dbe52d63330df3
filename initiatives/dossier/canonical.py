"""The one way to write a dossier down, and the fingerprints taken over it.

Canonical JSON: keys sorted, no white space, UTF-8 without escapes, whole numbers without a fraction. Two documents that
say the same have the same bytes, so their SHA-256 is the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import msgspec

from initiatives.dossier.document import SECTIONS, Dossier

_EXACT = 2**53  # beyond it a float no longer holds every whole number


def builtins_of(dossier: Dossier) -> dict[str, Any]:
    """The dossier as plain dicts, lists, texts and numbers, every field written out."""
    plain: dict[str, Any] = msgspec.to_builtins(dossier)
    return plain


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    if isinstance(value, Mapping):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_whole(item) for item in value]
    return value


def canonical_json(value: Any) -> str:
    """The canonical text of a dossier or of anything JSON can hold. Raises ValueError for NaN and infinity."""
    plain = msgspec.to_builtins(value)
    return json.dumps(
        _whole(plain), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def pretty_json(dossier: Dossier) -> str:
    """The form for people: sections and fields in the order in which they are read, indented, ending in a newline."""
    return json.dumps(_whole(builtins_of(dossier)), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def digest(text: str) -> str:
    """SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def fingerprint(dossier: Dossier) -> str:
    """SHA-256 of the canonical JSON of the whole dossier."""
    return digest(canonical_json(dossier))


def section_fingerprints(dossier: Dossier) -> dict[str, str]:
    """One fingerprint a section."""
    return {name: digest(canonical_json(getattr(dossier, name))) for name in SECTIONS}


def material_parts(dossier: Dossier) -> dict[str, Any]:
    """What an agreement rests on, by name; a change in any of these makes a stance stale."""
    return {
        "outcome_chain": dossier.outcome_chain,
        "metrics": dossier.metrics,
        "risk_posture": {"posture": dossier.risk_posture, "non_negotiables": dossier.non_negotiables},
        "operating_model": dossier.operating_model,
        "scope": {"scope": dossier.initiative.scope, "horizon": dossier.initiative.horizon},
    }


def material_section_fingerprints(dossier: Dossier) -> dict[str, str]:
    """One fingerprint for each material part: outcome_chain, metrics, risk_posture, operating_model, scope."""
    return {name: digest(canonical_json(part)) for name, part in material_parts(dossier).items()}


def material_fingerprint(dossier: Dossier) -> str:
    """SHA-256 over the material parts together."""
    return digest(canonical_json(material_parts(dossier)))
