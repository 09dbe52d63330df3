"""Which people a dossier names, and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import inspect

from initiatives.dossier.canonical import builtins_of
from initiatives.dossier.document import Dossier
from initiatives.dossier.pointers import find


def _person_paths(kind: inspect.Type, at: str) -> Iterator[str]:
    if isinstance(kind, inspect.Metadata):
        if (kind.extra_json_schema or {}).get("x-person"):
            yield at
        yield from _person_paths(kind.type, at)
    elif isinstance(kind, inspect.UnionType):
        for option in kind.types:
            yield from _person_paths(option, at)
    elif isinstance(kind, inspect.VarTupleType):
        yield from _person_paths(kind.item_type, f"{at}/*")
    elif isinstance(kind, inspect.StructType):
        for field in kind.fields:
            yield from _person_paths(field.type, f"{at}/{field.encode_name}")


PERSON_PATHS: tuple[str, ...] = tuple(
    dict.fromkeys(path.lstrip("/") for path in _person_paths(inspect.type_info(Dossier), ""))
)


def people_in(document: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """(pointer, e-mail) of everybody a plain document names."""
    return tuple(
        (at, email) for path in PERSON_PATHS for at, email in find(document, path) if isinstance(email, str)
    )


def people_named(dossier: Dossier) -> tuple[tuple[str, str], ...]:
    """(pointer, e-mail) of everybody the dossier names, in the order of the document's fields."""
    return people_in(builtins_of(dossier))
