"""What directories ask for: `userName eq "ann@example.org"`, parts joined by `and`, and the paths of a PATCH."""

import json
import re
from dataclasses import dataclass

from alignment_portal.pages.api.scim.protocol import CORE, ENTERPRISE, ScimFault

_TERM = re.compile(r'\s*([A-Za-z][\w.:-]*)\s+(\w+)\s+("(?:[^"\\]|\\.)*"|[\w.-]+)\s*', re.ASCII)
_AND = re.compile(r"and\s+", re.IGNORECASE)
_PATH = re.compile(r"([A-Za-z$][\w.-]*?)(?:\[(.+)\])?(?:\.([A-Za-z$]\w*))?", re.ASCII)
_PREFIXES = tuple(f"{CORE}{kind}:".lower() for kind in ("User", "Group"))
LONGEST = 2000


@dataclass(frozen=True)
class Term:
    """`name eq value`; the name in small letters."""

    name: str
    value: str | bool


@dataclass(frozen=True)
class Path:
    """`name`, `name.part`, `name[only].part`, in small letters but for values."""

    name: str
    only: tuple[Term, ...] = ()
    part: str = ""


def _bare(name: str) -> str:
    name = name.lower()
    return next((name.removeprefix(prefix) for prefix in _PREFIXES if name.startswith(prefix)), name)


def terms_of(text: str) -> tuple[Term, ...]:
    """All of them must hold. Raises ScimFault for what is more than `eq` and `and`."""
    found: list[Term] = []
    place = 0
    if len(text) > LONGEST:
        raise ScimFault("This filter is too long.", "invalidFilter")
    while True:
        match = _TERM.match(text, place)
        if match is None or match[2].lower() != "eq":
            raise _not_understood(text)
        found.append(Term(_bare(match[1]), _value(match[3], text)))
        place = match.end()
        if place == len(text):
            return tuple(found)
        joined = _AND.match(text, place)
        if joined is None:
            raise _not_understood(text)
        place = joined.end()


def _value(text: str, whole: str) -> str | bool:
    try:
        value = json.loads(text if text.startswith('"') else text.lower())
    except ValueError as error:
        raise _not_understood(whole) from error
    if isinstance(value, str | bool) and "\x00" not in str(value):
        return value
    raise _not_understood(whole)


def _not_understood(text: str) -> ScimFault:
    sentence = (
        f"The filter “{text[:80]}” is not understood: attributes are compared with eq and joined with and."
    )
    return ScimFault(sentence, "invalidFilter")


def path_of(text: str) -> Path:
    """Raises ScimFault where it is no path of SCIM."""
    bare = _bare(text.strip())
    if bare.startswith(ENTERPRISE.lower()):
        return Path(ENTERPRISE.lower())
    plain = text.strip()[len(text.strip()) - len(bare) :]  # the values of a filter keep their letters
    match = _PATH.fullmatch(plain)
    if match is None or len(text) > LONGEST:
        raise ScimFault(f"There is no path “{text[:80]}”.", "invalidPath")
    only = terms_of(match[2]) if match[2] else ()
    name, _, part = match[1].lower().partition(".")
    return Path(name, only, part or (match[3] or "").lower())
