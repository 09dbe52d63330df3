"""From bytes to plain values: what JSON itself, our size caps and our text rules refuse."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from initiatives.dossier.faults import DossierFaults, Fault
from initiatives.dossier.pointers import Step, pointer_to

MAX_BYTES = 2_000_000
MAX_DEPTH = 16
MAX_VALUES = 200_000
MAX_TEXT = 4000  # of the longest field; any other text is shorter
MAX_NAME = 200
_EXACT = 2**53
_DIGITS = 25
# Tabs and line ends are text; the other control characters and lone surrogates cannot be stored or printed.
EARLIEST, LATEST = "1900", "2199"  # years; a day far off is a slip, or stands for none
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Unreadable:
    """A number that JSON does not have, kept in place until its pointer is known."""

    text: str


class Members(dict[str, Any]):
    """An object as it was read, with the names that stood in it more than once."""

    twice: tuple[str, ...] = ()


@dataclass
class Reading:
    """A document as plain values, and what is wrong with it already."""

    value: Any
    faults: list[Fault] = field(default_factory=list)


def _members(pairs: list[tuple[str, Any]]) -> Members:
    members = Members(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        members.twice = tuple(sorted({name for name in names if names.count(name) > 1}))
    return members


def _number(text: str) -> int | float | Unreadable:
    value = float(text)
    if not math.isfinite(value):
        return Unreadable(text)
    return int(value) if value.is_integer() and abs(value) < _EXACT else value


def _integer(text: str) -> int | Unreadable:
    return int(text) if len(text) <= _DIGITS else Unreadable(text)


def text_of(raw: bytes) -> str:
    """Decode UTF-8; a byte order mark at the start is passed over. Raises DossierFaults."""
    if len(raw) > MAX_BYTES:
        size = f"{len(raw) / 1e6:.1f}"
        raise DossierFaults([Fault("", f"The document is {size} MB; at most 2 MB can be read.", "too_large")])
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DossierFaults([Fault("", "The document is UTF-16; save it as UTF-8.", "encoding")])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        sentence = f"The document is not UTF-8: byte {error.start + 1} cannot be read. Save it as UTF-8."
        raise DossierFaults([Fault("", sentence, "encoding")]) from error


def loaded(text: str) -> Any:
    """The JSON value of a text; objects keep the names that stood twice. Raises DossierFaults."""
    if not text.strip():
        raise DossierFaults([Fault("", "The document is empty.", "syntax")])
    try:
        return json.loads(
            text,
            object_pairs_hook=_members,
            parse_constant=Unreadable,
            parse_float=_number,
            parse_int=_integer,
        )
    except json.JSONDecodeError as error:
        sentence = f"This is not JSON: {error.msg} in line {error.lineno}, column {error.colno}."
        raise DossierFaults([Fault("", sentence, "syntax")]) from error
    except RecursionError as error:
        raise DossierFaults([_too_deep()]) from error


def _too_deep() -> Fault:
    return Fault("", f"The document is nested more than {MAX_DEPTH} levels deep.", "too_deep")


def read(document: bytes | str | Mapping[str, Any]) -> Reading:
    """Read a document and collect what is wrong with its texts, numbers and names.

    Raises DossierFaults at once where nothing further could be told: no JSON, too large, too deep, no object.
    """
    if isinstance(document, str):
        document = document.encode("utf-8", "surrogatepass")
    value = loaded(text_of(document)) if isinstance(document, bytes) else document
    if not isinstance(value, Mapping):
        raise DossierFaults([Fault("", "A dossier is one JSON object, in braces.", "type")])
    reading = Reading(None)
    reading.value = _Cleaner(reading.faults).clean(value, ())
    return reading


class _Cleaner:
    """Copies a value into plain dicts and lists, noting what may not stand in it."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        self.count = 0

    def clean(self, value: Any, at: tuple[Step, ...]) -> Any:
        self.count += 1
        if len(at) > MAX_DEPTH:
            raise DossierFaults([_too_deep()])
        if self.count > MAX_VALUES:
            raise DossierFaults(
                [Fault("", f"The document holds more than {MAX_VALUES:,} values.", "too_large")]
            )
        if isinstance(value, Mapping):
            return self._object(value, at)
        if isinstance(value, list | tuple):
            return [self.clean(item, (*at, position)) for position, item in enumerate(value)]
        return self._scalar(value, at)

    def _object(self, value: Mapping[Any, Any], at: tuple[Step, ...]) -> dict[str, Any]:
        for name in getattr(value, "twice", ()):
            sentence = f"“{name}” stands here more than once; keep one of them."
            self.faults.append(Fault(pointer_to((*at, name)), sentence, "duplicate_name"))
        long = [name for name in value if len(str(name)) > MAX_NAME]
        if long:
            sentence = f"A name in this object has {len(str(long[0]))} characters; none is that long."
            self.faults.append(Fault(pointer_to(at), sentence, "unknown_field"))
        return {
            str(name): self.clean(item, (*at, str(name))) for name, item in value.items() if name not in long
        }

    def _scalar(self, value: Any, at: tuple[Step, ...]) -> Any:
        if isinstance(value, Unreadable) or (isinstance(value, float) and not math.isfinite(value)):
            text = value.text if isinstance(value, Unreadable) else str(value)
            sentence = f"{text[:40]} is not a number that can be kept; write an ordinary number or null."
            self.faults.append(Fault(pointer_to(at), sentence, "number"))
            return None
        if isinstance(value, float):
            return int(value) if value.is_integer() and abs(value) < _EXACT else value
        if isinstance(value, dt.date):
            return value.isoformat()
        if isinstance(value, str) and len(value) > MAX_TEXT:
            sentence = f"The text has {len(value)} characters; at most {MAX_TEXT} fit."
            self.faults.append(Fault(pointer_to(at), sentence, "length"))
            return ""  # nothing further is looked for in it
        if isinstance(value, str) and _DAY.fullmatch(value) and not EARLIEST <= value[:4] <= LATEST:
            sentence = f"{value} is no day that anything could be planned for; write one between {EARLIEST} and {LATEST}, or none."
            self.faults.append(Fault(pointer_to(at), sentence, "range"))
        if isinstance(value, str) and (found := _UNPRINTABLE.search(value)):
            sentence = (
                f"The text holds the character U+{ord(found[0]):04X}, which cannot be printed; remove it."
            )
            self.faults.append(Fault(pointer_to(at), sentence, "text"))
        return value
