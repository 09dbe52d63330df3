"""The operations of a PATCH (RFC 7644, section 3.5.2), in the forms that directories send."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from alignment_portal.pages.api.scim.filters import Path, path_of
from alignment_portal.pages.api.scim.protocol import MESSAGES, Body, ScimFault

PATCH = f"{MESSAGES}PatchOp"
MOST = 1000  # operations in one request
DEEDS = frozenset({"add", "replace", "remove"})


@dataclass(frozen=True)
class Operation:
    deed: str  # add, replace or remove
    path: Path
    value: Any


def operations_of(body: Body) -> Iterator[Operation]:
    """One for each attribute that is named. Raises ScimFault where the request is no PATCH of SCIM."""
    listed = next((value for name, value in body.items() if name.lower() == "operations"), None)
    if not isinstance(listed, list) or not 0 < len(listed) <= MOST:
        raise ScimFault(f"Operations is a list of 1 to {MOST} operations.", "invalidSyntax")
    for given in listed:
        if not isinstance(given, Mapping):
            raise ScimFault("An operation is an object with op, path and value.", "invalidSyntax")
        yield from _operation(given)


def _operation(given: Body) -> Iterator[Operation]:
    deed = str(given.get("op", "")).lower()
    if deed not in DEEDS:
        raise ScimFault(f"There is no operation “{str(given.get('op'))[:40]}”.", "invalidSyntax")
    path, value = given.get("path"), given.get("value")
    if path is not None:
        if not isinstance(path, str):
            raise ScimFault("A path is a text.", "invalidPath")
        yield Operation(deed, path_of(path), value)
        return
    if deed == "remove":
        raise ScimFault("Say which attribute is removed, in path.", "noTarget")
    if not isinstance(value, Mapping):
        raise ScimFault("Without a path, the value is an object of attributes.")
    for name, inner in value.items():
        if name.lower() != "schemas":
            yield Operation(deed, path_of(name), inner)
