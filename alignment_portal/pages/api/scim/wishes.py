"""What a directory wants of an account, out of a whole user or the operations of a PATCH."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from alignment_portal.pages.api.scim.filters import Path, path_of
from alignment_portal.pages.api.scim.patching import Operation
from alignment_portal.pages.api.scim.protocol import ENTERPRISE, Body, ScimFault, text, truth

# Attributes of SCIM that directories send by themselves and the portal does not keep: passed over.
NOT_KEPT = frozenset(
    {
        "nickname", "profileurl", "usertype", "preferredlanguage", "locale", "phonenumbers", "ims", "photos",
        "addresses", "entitlements", "roles", "x509certificates", "groups", "id", "meta", "schemas",
        ENTERPRISE.lower(),
    }
)  # fmt: skip
# Parts of a name that have no place in the one name that is kept.
NOT_KEPT_OF_NAME = frozenset({"middlename", "honorificprefix", "honorificsuffix"})
CLEARED = frozenset({"title", "externalid"})


@dataclass
class Wish:
    """None: not spoken of."""

    email: str | None = None
    mail: str | None = None
    display: str = ""
    formatted: str = ""
    given: str = ""
    family: str = ""
    title: str | None = None
    time_zone: str | None = None
    external_id: str | None = None
    active: bool | None = None

    @property
    def whole_name(self) -> str:
        """One name is kept: the one shown, else the whole one, else both its halves; half a name changes nothing."""
        halves = f"{self.given} {self.family}" if self.given and self.family else ""
        return self.display or self.formatted or halves


def wish_of(body: Body) -> Wish:
    """A whole user. A password is passed over too: people come by single sign-on."""
    attributes = {
        name: value
        for name, value in body.items()
        if name.lower() != "password" and (not name.lower().startswith("urn:") or "core" in name.lower())
    }
    return wished(Operation("replace", path_of(name), value) for name, value in attributes.items())


def wished(operations: Iterable[Operation]) -> Wish:
    """Raises ScimFault for an attribute that no user has, and for a value that cannot be meant."""
    wish = Wish()
    for operation in operations:
        path, value = operation.path, operation.value
        if path.name in NOT_KEPT:
            continue
        setter = _SETTERS.get(path.name)
        if setter is None:
            raise ScimFault(f"A user has no attribute “{path.name}” that is changed here.", "invalidPath")
        if operation.deed == "remove":
            if path.name not in CLEARED:
                raise ScimFault(f"{path.name} cannot be taken away, only changed.", "mutability")
            value = ""
        setter(wish, path, value)
    return wish


def _email(wish: Wish, path: Path, value: Any) -> None:
    wish.email = text(value, "userName")


def _external(wish: Wish, path: Path, value: Any) -> None:
    wish.external_id = "" if value is None else text(value, "externalId")


def _display(wish: Wish, path: Path, value: Any) -> None:
    wish.display = "" if value is None else text(value, "displayName")


def _title(wish: Wish, path: Path, value: Any) -> None:
    wish.title = "" if value is None else text(value, "title")


def _zone(wish: Wish, path: Path, value: Any) -> None:
    wish.time_zone = None if value in (None, "") else text(value, "timezone")


def _active(wish: Wish, path: Path, value: Any) -> None:
    wish.active = truth(value, "active")


def _name(wish: Wish, path: Path, value: Any) -> None:
    parts = {path.part: value} if path.part else value
    if parts is None:
        return
    if not isinstance(parts, Mapping):
        raise ScimFault("name is an object with formatted, or with givenName and familyName.")
    for part, inner in parts.items():
        told = "" if inner is None else text(inner, f"name.{part}")
        match part.lower():
            case "formatted":
                wish.formatted = told
            case "givenname":
                wish.given = told
            case "familyname":
                wish.family = told
            case other if other not in NOT_KEPT_OF_NAME:
                raise ScimFault(f"A name has no “{part}”.", "invalidPath")


def _emails(wish: Wish, path: Path, value: Any) -> None:
    """The address for work, or the first: `emails`, `emails[type eq "work"].value` and `emails.value`."""
    if path.part not in {"", "value"}:
        return
    if path.part == "value" or isinstance(value, str):
        if all((term.name, term.value) in {("type", "work"), ("primary", True)} for term in path.only):
            wish.mail = text(value, "emails.value")
        return
    rows = value if isinstance(value, list) else [value]
    if not all(isinstance(row, Mapping) for row in rows):
        raise ScimFault("emails is a list of objects with value, type and primary.")
    chosen = sorted(rows, key=lambda row: (row.get("primary") is not True, row.get("type") != "work"))
    if chosen and chosen[0].get("value") is not None:
        wish.mail = text(chosen[0]["value"], "emails.value")


_SETTERS: Mapping[str, Callable[[Wish, Path, Any], None]] = {
    "username": _email,
    "externalid": _external,
    "displayname": _display,
    "name": _name,
    "title": _title,
    "timezone": _zone,
    "active": _active,
    "emails": _emails,
}
