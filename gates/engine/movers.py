"""Who has the next move: from a role to a role in words and a person who can act."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from gates.engine.verdict import NextMove
from gates.engine.view import View

ROLES = {
    "owner": "initiative owner",
    "sponsor": "executive sponsor",
    "business_outcome": "business owner",
    "operation": "operations owner",
    "on_call": "on-call owner",
    "incidents": "incident owner",
    "monitoring": "monitoring owner",
    "model_health": "model owner",
    "data": "data owner",
    "platform": "platform owner",
    "risk": "risk owner",
    "change": "change owner",
}
FUNCTIONS = (
    "business",
    "risk",
    "legal",
    "security",
    "data",
    "change",
    "operations",
    "technology",
    "finance",
    "customer",
)


def is_role(role: str) -> bool:
    """Whether a policy file may name this role as the one who acts."""
    kind, _, function = role.partition(":")
    return role in ROLES or (kind in {"assurer", "executive"} and function in FUNCTIONS)


def in_words(role: str) -> str:
    """A role as people read it; anything unknown is already in words."""
    kind, _, function = role.partition(":")
    if kind == "assurer":
        return f"{function} reviewer"
    if kind == "executive":
        return f"{function} executive"
    return ROLES.get(role, role)


def _candidates(view: View, role: str) -> Iterator[tuple[str, str | None]]:
    initiative = view.dossier.initiative
    kind, _, function = role.partition(":")
    if kind == "assurer":
        yield from ((role, person.email) for person in view.people_with("assurer", function))
    elif kind == "executive":
        yield from ((role, person.email) for person in view.people_with("executive", function))
    elif role not in {"owner", "sponsor"}:
        yield role, view.owner_of(role)
    if role != "sponsor":
        yield (
            ("owner" if kind in ROLES else "sponsor"),
            initiative.owner if kind in ROLES else initiative.sponsor,
        )
    yield "sponsor", initiative.sponsor
    yield from (("executive", person.email) for person in view.people_with("executive"))


def resolve(view: View, move: NextMove) -> NextMove:
    """The move with its role in words, a person who can act, and its full path."""
    asked = (move.role, move.person)
    if asked not in view.movers:
        view.movers[asked] = _mover(view, *asked)
    role, person, person_name = view.movers[asked]
    return msgspec.structs.replace(
        move, role=role, person=person, person_name=person_name, place=path(view, move.place)
    )


def _mover(view: View, role: str, person: str) -> tuple[str, str, str]:
    """The role in words, and the e-mail and the name of a person who can act, who is this one if they can."""
    if not (person and view.is_active(person)):
        role, person = next(
            ((r, e) for r, e in _candidates(view, role) if e and view.is_active(e)),
            (role, person or _named(view, role)),
        )
    return in_words(role), person, view.name(person) if person else ""


def _named(view: View, role: str) -> str:
    """Somebody named for it although the portal does not know them as active: better than nobody."""
    initiative = view.dossier.initiative
    named = view.owner_of(role) if role in ROLES else None
    return named or (initiative.sponsor if role == "sponsor" else initiative.owner) or ""


def path(view: View, place: str) -> str:
    """Full path of a place; relative ones lie under the initiative's page."""
    return place if place.startswith("/") else f"/initiatives/{view.dossier.initiative.key}/{place}"
