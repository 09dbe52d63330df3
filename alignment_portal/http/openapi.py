"""What every operation of the API has in common, told to the generated OpenAPI document once."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from alignment_portal.http.pagination import CursorPage

PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem document; `code` is stable, `detail` is for people.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "instance": {"type": "string"},
        "request_id": {"type": "string"},
        "next_mover": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail", "code"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer into what was sent"},
                    "detail": {"type": "string"},
                    "code": {"type": "string"},
                },
            },
        },
        "blockers": {"type": "array", "items": {"type": "object", "additionalProperties": True}},
        "current": {"type": "object", "additionalProperties": True},
    },
}
COMMON = {
    "400": "What was sent is wrong in shape or meaning.",
    "401": "Sign in, or send a token that is live.",
    "403": "Your roles or the token’s scopes do not include this.",
    "404": "There is nothing here, or it is not yours to see.",
    "405": "This address does not do that.",
    "406": "The answer cannot be given in the form asked for.",
    "429": "Too many requests; see Retry-After.",
    "503": "The database or the file store does not answer just now; see Retry-After.",
}
CHANGING = {
    "409": "What is recorded forbids it; `blockers` say what.",
    "412": "It was changed since you read it.",
    "413": "What was sent is too large.",
    "415": "This form of content is not understood here.",
    "422": "Understood, and refused for what it says.",
    "428": "Send If-Match with the ETag you read.",
}
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "maxLength": 255},
    "description": "The same request sent again under the same key is answered again and not done again.",
}
FIELDS = {
    "name": "fields",
    "in": "query",
    "schema": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,60}(,[a-z][a-z0-9_]{0,60}){0,49}$"},
    "description": "Only these fields of the answer, or of each of its `results`; separated by commas.",
}
KNOWN = {
    "name": "If-None-Match",
    "in": "header",
    "schema": {"type": "string"},
    "description": "The ETag you have; the answer is 304 while nothing has changed.",
}
SCIM = "/scim/v2/"
MATCH = {
    "name": "If-Match",
    "in": "header",
    "schema": {"type": "string"},
    "description": "The ETag you read, of whichever answer about the thing, also with `fields` or `expand`.",
}


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the base registers its subclasses
    target_class = "alignment_portal.http.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A token from Settings, beginning with `ap_`.",
        }


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the base registers its subclasses
    target_class = "alignment_portal.http.authentication.PageSession"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


def add_common(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:  # noqa: FBT001 — the hook's form
    """Add the problem documents and the headers every operation understands."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    for path, operations in result.get("paths", {}).items():
        for method, operation in operations.items():
            if isinstance(operation, dict) and "responses" in operation:
                # SCIM has its own form of lists and errors, and knows none of our headers.
                (_complete_scim if SCIM in path else _complete)(method, operation)
    return result


def _complete_scim(method: str, operation: dict[str, Any]) -> None:
    content = {"application/scim+json": {"schema": {"$ref": "#/components/schemas/ErrorOut"}}}
    _add_refusals(method, operation, content)


def _as_page(operation: dict[str, Any]) -> None:
    """Every list of this API is answered a page at a time; the generator sees only the rows."""
    for answer in operation["responses"].get("200", {}).get("content", {}).values():
        if answer.get("schema", {}).get("type") == "array":
            answer["schema"] = CursorPage().get_paginated_response_schema(answer["schema"])


def _as_read(operation: dict[str, Any]) -> None:
    """What ShapingMiddleware does for every read in JSON."""
    if "application/json" in operation["responses"].get("200", {}).get("content", {}):
        operation.setdefault("parameters", []).extend([FIELDS, KNOWN])
        operation["responses"]["304"] = {"description": "You have it already."}


def _complete(method: str, operation: dict[str, Any]) -> None:
    if method == "get":
        _as_page(operation)
        _as_read(operation)
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    _add_refusals(method, operation, content)
    header = {"post": KEY, "put": MATCH, "patch": MATCH, "delete": MATCH}.get(method)
    named = {parameter.get("name") for parameter in operation.get("parameters", [])}
    if header and header["name"] not in named:
        operation.setdefault("parameters", []).append(header)


def _add_refusals(method: str, operation: dict[str, Any], content: dict[str, Any]) -> None:
    for status, words in {**COMMON, **(CHANGING if method != "get" else {})}.items():
        operation["responses"].setdefault(status, {"description": words, "content": content})
