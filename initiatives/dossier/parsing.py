"""From a document to a dossier, or to every fault in it at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from initiatives.dossier.canonical import builtins_of
from initiatives.dossier.coherence import coherence_faults
from initiatives.dossier.document import Dossier
from initiatives.dossier.faults import DossierFaults, Fault
from initiatives.dossier.parts import PART_LISTS
from initiatives.dossier.pointers import find, pointer_to, steps_of
from initiatives.dossier.reading import read
from initiatives.dossier.references import people_in
from initiatives.dossier.shape import shape_faults

MAX_FAULTS = 500


def parse(document: bytes | str | Mapping[str, Any] | Dossier) -> Dossier:
    """The dossier a document holds. E-mails are lower-cased. Raises DossierFaults with every fault."""
    if isinstance(document, Dossier):
        document = builtins_of(document)
    reading = read(document)
    plain = _with_lower_case_emails(reading.value)
    too_many = list(_too_many_rows(plain))
    if too_many:
        raise DossierFaults(_ordered([*reading.faults, *too_many]))
    dossier, shape = _shaped(plain)
    coherence = list(coherence_faults(plain))
    faults = _one_a_place([*reading.faults, *shape, *coherence])
    if faults or dossier is None:
        raise DossierFaults(_ordered(faults))
    return dossier


def _shaped(plain: dict[str, Any]) -> tuple[Dossier | None, list[Fault]]:
    """The quick decoder decides; only what it refuses is gone through again for every reason in words."""
    try:
        return msgspec.convert(plain, Dossier), []
    except msgspec.ValidationError as error:
        return None, list(shape_faults(plain)) or [_decoder_fault(error)]


def _decoder_fault(error: msgspec.ValidationError) -> Fault:
    """What the decoder alone refuses, in its own words and at its own place."""
    words, _, place = str(error).partition(" - at `$")
    steps = place.rstrip("`").replace("[", ".").replace("]", "").split(".")
    return Fault(pointer_to(step for step in steps if step), f"{words}.")


def _with_lower_case_emails(plain: dict[str, Any]) -> dict[str, Any]:
    for at, email in people_in(plain):
        if "@" in email and email != email.lower():
            *above, last = steps_of(at)
            place: Any = plain
            for step in above:
                place = place[int(step)] if isinstance(place, list) else place[step]
            place[int(last) if isinstance(place, list) else last] = email.lower()
    return plain


def _too_many_rows(plain: Mapping[str, Any]) -> list[Fault]:
    return [
        Fault(at, f"The list has {len(value)} rows; at most {part.cap} are allowed.", "too_many")
        for part in PART_LISTS
        for at, value in find(plain, part.path)
        if isinstance(value, list) and len(value) > part.cap
    ]


def _one_a_place(faults: list[Fault]) -> list[Fault]:
    """Leave out what only follows from a fault told already: the same place, or below a wrong one."""
    kept: dict[str, Fault] = {}
    for fault in faults:
        kept.setdefault(fault.pointer, fault)
    return list(kept.values())


def _ordered(faults: list[Fault]) -> list[Fault]:
    ordered = sorted(faults, key=_place)
    if len(ordered) <= MAX_FAULTS:
        return ordered
    rest = f"There are {len(ordered) - MAX_FAULTS} more faults, not listed."
    return [*ordered[:MAX_FAULTS], Fault("", rest, "more")]


def _place(fault: Fault) -> tuple[int, list[str]]:
    """Sections in the order of the document, rows in theirs."""
    steps = steps_of(fault.pointer)
    section = _SECTION_ORDER.get(steps[0], len(_SECTION_ORDER)) if steps else -1
    return section, [step.zfill(9) for step in steps]


_SECTION_ORDER = {name: position for position, name in enumerate(Dossier.__struct_fields__)}
