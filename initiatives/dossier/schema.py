"""The published JSON Schema of a dossier (draft 2020-12), generated from the document itself."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from initiatives.dossier.document import SCHEMA, Dossier
from initiatives.dossier.parts import PART_LISTS
from initiatives.dossier.pointers import find

DIALECT = "https://json-schema.org/draft/2020-12/schema"
IDENTIFIER = "urn:alignment-portal:schema:dossier:1"
ADDRESS = "/api/v1/schema/dossier.json"


def _referred(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").removeprefix("#/$defs/")
    return definitions[name] if name else schema


def _list_at(path: str, definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema of the list at a part's path."""
    schema: dict[str, Any] = definitions["Dossier"]
    for step in path.split("/"):
        schema = _referred(schema["items"] if step == "*" else schema["properties"][step], definitions)
    return schema


@cache
def dossier_schema() -> dict[str, Any]:
    """The whole schema. Callers share one object: copy it before changing anything."""
    (_,), definitions = msgspec.json.schema_components([Dossier], ref_template="#/$defs/{name}")
    for part in PART_LISTS:
        _list_at(part.path, definitions)["maxItems"] = part.cap
    for _at, kept in find(definitions, "Initiative/properties/team"):
        kept["uniqueItems"] = True
    return {
        "$schema": DIALECT,
        "$id": IDENTIFIER,
        "title": f"Dossier ({SCHEMA})",
        "description": "Everything programme managers record about one AI initiative, as one document.",
        **definitions.pop("Dossier"),
        "$defs": definitions,
    }
