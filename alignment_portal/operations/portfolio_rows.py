"""The portfolio as one file: every record that an auditor would look for, row by row, and nothing secret.

People are named by e-mail, everything else by the id it has, so that what points to it still does. What is worked
out from a dossier (the tables of its parts) is not in the file: it is worked out again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
from django.apps import apps
from django.db.models import Field, ForeignKey, Model

from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import User
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.operations.actions import Actions
from alignment_portal.operations.backing_up import as_json
from alignment_portal.operations.snapshot import snapshot
from initiatives.models import PartRow

FORMAT = "portfolio/2"
CHUNK = 2000
APPS = ("initiatives", "metrics", "portfolio", "reviews", "gates")
# Somebody's own half-written texts, views and notices: no part of the portfolio.
LEFT_OUT = frozenset({"initiatives.draft", "initiatives.savedview", "gates.notice"})
USER, GRANT, MEMBER, COUNTER = (
    "accounts.user",
    "accounts.rolegrant",
    "accounts.groupmember",
    "http.referencecounter",
)
# Of people what dossiers and verdicts need. No password, factor, token, session or visit.
PERSON = (
    "email", "name", "title", "function", "time_zone", "external_id", "is_active", "deactivated_at", "date_joined",
    "is_service", "erased_at",
)  # fmt: skip
# Nothing points to these by their id, and a portal that takes the file may hold some of its own.
WITHOUT_ID = frozenset({GRANT, MEMBER})
ORDER = {
    USER: ("email",),
    GRANT: ("user__email", "role", "function", "granted_at", "pk"),
    MEMBER: ("user__email", "group"),
}
AnyField: TypeAlias = "Field[Any, Any]"


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One part of the file; what it does not know it refuses."""


class Rows(_Part, frozen=True):
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


class PortfolioRows(_Part, frozen=True):
    format: str
    tables: dict[str, Rows]


def tables() -> dict[str, type[Model]]:
    """Every table of the file by its name, in the order of the file."""
    found = {
        model._meta.label_lower: model
        for app in APPS
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
        if not issubclass(model, PartRow) and model._meta.label_lower not in LEFT_OUT
    }
    found |= {label: apps.get_model(label) for label in (USER, GRANT, MEMBER, COUNTER)}
    return {label: found[label] for label in sorted(found)}


def fields_of(label: str, model: type[Model]) -> dict[str, AnyField]:
    """The columns of a table in the file; one that names a person has the name of the field, and holds an e-mail."""
    fields = {
        field.name if names_a_person(field) else field.attname: field
        for field in model._meta.local_concrete_fields
        if not field.generated
    }
    if label == USER:
        return {name: fields[name] for name in PERSON}
    if label in WITHOUT_ID:
        del fields["id"]
    return fields


def names_a_person(field: AnyField) -> bool:
    return isinstance(field, ForeignKey) and field.related_model is User


# --- writing the file --------------------------------------------------------------------------------------


def portfolio_bytes() -> bytes:
    """The same portfolio gives the same bytes: every table, row and name in its place."""
    with snapshot() as alias:
        return b"".join(_pieces(alias))


def write_portfolio(place: Path) -> tuple[int, str]:
    """One moment of the portfolio into a file that only its owner may read; its size and SHA-256."""
    digest, size = hashlib.sha256(), 0
    partial = place.with_name(place.name + ".partial")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file, snapshot() as alias:
        for piece in _pieces(alias):
            digest.update(piece)
            size += file.write(piece)
    partial.replace(place)
    return size, digest.hexdigest()


@service
def note_export(*, by: Actor, fingerprint: str) -> None:
    """So that the record of this portal vouches for the file that another one takes in."""
    record(by=by, action=Actions.PORTFOLIO_EXPORTED, subject="portfolio", fingerprint=fingerprint)


def _pieces(alias: str) -> Iterator[bytes]:
    """JSON with a line for each row, so that two files can be compared line by line."""
    emails = dict(User.objects.using(alias).values_list("pk", "email"))
    yield b'{\n"format": ' + _json(FORMAT) + b',\n"tables": {'
    for place, (label, model) in enumerate(tables().items()):
        fields = fields_of(label, model)
        yield (
            b"," * bool(place)
            + b"\n"
            + _json(label)
            + b': {"columns": '
            + _json(list(fields))
            + b', "rows": ['
        )
        named = [at for at, field in enumerate(fields.values()) if names_a_person(field)]
        for number, row in enumerate(_rows(label, model, list(fields.values()), alias)):
            values = list(row)
            for at in named:
                values[at] = None if values[at] is None else emails[values[at]]
            yield b"," * bool(number) + b"\n" + _json(values)
        yield b"\n]}"
    yield b"\n}\n}\n"


def _rows(label: str, model: type[Model], fields: list[AnyField], alias: str) -> Iterator[tuple[Any, ...]]:
    rows = model._base_manager.using(alias).order_by(*ORDER.get(label, ("pk",)))
    yield from rows.values_list(*(field.attname for field in fields)).iterator(chunk_size=CHUNK)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=as_json).encode()
