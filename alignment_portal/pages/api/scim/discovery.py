"""What a directory may ask before it begins: what is supported, and which attributes are kept."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal.pages.api.scim import shapes as docs
from alignment_portal.pages.api.scim.protocol import (
    BASE,
    CORE,
    GROUP,
    MOST,
    USER,
    Body,
    NotThere,
    ScimView,
    list_response,
)
from alignment_portal.refusals import Forbidden, NotFound

_CONFIG = {
    "schemas": [f"{CORE}ServiceProviderConfig"],
    "patch": {"supported": True},
    "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
    "filter": {"supported": True, "maxResults": MOST},
    "changePassword": {"supported": False},
    "sort": {"supported": False},
    "etag": {"supported": False},
    "authenticationSchemes": [
        {
            "type": "oauthbearertoken",
            "name": "Token of the portal",
            "description": "A token with the scope scim, of an administrator or of a service account that has this role.",
            "primary": True,
        }
    ],
}


ANYTHING = {200: {"type": "object", "additionalProperties": True}}


class ServiceProviderConfig(ScimView):
    @extend_schema(operation_id="scim_config", responses=ANYTHING)
    def get(self, request: Request) -> Response:
        """What is supported of SCIM 2.0."""
        where = request.build_absolute_uri(f"{BASE}/ServiceProviderConfig")
        return Response({**_CONFIG, "meta": {"resourceType": "ServiceProviderConfig", "location": where}})


class ResourceTypes(ScimView):
    @extend_schema(operation_id="scim_resource_types", responses=docs.DescriptionListOut)
    def get(self, request: Request) -> Response:
        """Users and groups."""
        return _listed(request, _types(request))


class OneResourceType(ScimView):
    @extend_schema(operation_id="scim_resource_type", responses=ANYTHING)
    def get(self, request: Request, name: str) -> Response:
        """One of them."""
        return _found(_types(request), name)


class Schemas(ScimView):
    @extend_schema(operation_id="scim_schemas", responses=docs.DescriptionListOut)
    def get(self, request: Request) -> Response:
        """The attributes that are kept; others of SCIM are passed over."""
        return _listed(request, _schemas(request))


class OneSchema(ScimView):
    @extend_schema(operation_id="scim_schema", responses=ANYTHING)
    def get(self, request: Request, name: str) -> Response:
        """The attributes of one resource."""
        return _found(_schemas(request), name)


@extend_schema(exclude=True)
class LeftOut(ScimView):
    """`/Me`, `/Bulk` and searching by POST, which ServiceProviderConfig says are not there."""

    def post(self, request: Request) -> Response:
        raise NotThere(
            f"{request.path.removeprefix(BASE)} is not supported here; ServiceProviderConfig says what is."
        )


@extend_schema(exclude=True)
class Me(LeftOut):
    def get(self, request: Request) -> Response:
        return self.post(request)

    def put(self, request: Request) -> Response:
        return self.post(request)

    def patch(self, request: Request) -> Response:
        return self.post(request)

    def delete(self, request: Request) -> Response:
        return self.post(request)


@extend_schema(exclude=True)
class Nothing(ScimView):
    """Every other address under SCIM, so that the answer is an error of SCIM there as well."""

    def get(self, request: Request, rest: str) -> Response:
        raise NotFound("There is no such resource.")

    def post(self, request: Request, rest: str) -> Response:
        return self.get(request, rest)

    def put(self, request: Request, rest: str) -> Response:
        return self.get(request, rest)

    def patch(self, request: Request, rest: str) -> Response:
        return self.get(request, rest)

    def delete(self, request: Request, rest: str) -> Response:
        return self.get(request, rest)


def _types(request: Request) -> list[Body]:
    return [_type(request, "User", USER), _type(request, "Group", GROUP)]


def _schemas(request: Request) -> list[Body]:
    return [_schema(request, USER, "User", _USER), _schema(request, GROUP, "Group", _GROUP)]


def _found(rows: Sequence[Body], name: str) -> Response:
    for row in rows:
        if row["id"] == name:
            return Response(row)
    raise NotFound("There is no such resource.")


def _listed(request: Request, rows: Sequence[Body]) -> Response:
    if "filter" in request.query_params:
        # SOURCE: RFC 7644, section 4: nobody shall believe that the list was filtered.
        raise Forbidden("This list is always answered whole, without a filter.")
    return list_response(request, len(rows), lambda start, end: rows[start:end], always=("name", "endpoint"))


def _type(request: Request, name: str, schema: str) -> dict[str, Any]:
    return {
        "schemas": [f"{CORE}ResourceType"],
        "id": name,
        "name": name,
        "endpoint": f"/{name}s",
        "schema": schema,
        "meta": {
            "resourceType": "ResourceType",
            "location": request.build_absolute_uri(f"{BASE}/ResourceTypes/{name}"),
        },
    }


def _schema(request: Request, schema: str, name: str, attributes: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "schemas": [f"{CORE}Schema"],
        "id": schema,
        "name": name,
        "attributes": attributes,
        "meta": {
            "resourceType": "Schema",
            "location": request.build_absolute_uri(f"{BASE}/Schemas/{schema}"),
        },
    }


def _attribute(name: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    usual = {
        "multiValued": False,
        "required": False,
        "caseExact": False,
        "mutability": "readWrite",
        "returned": "default",
        "uniqueness": "none",
    }
    return {"name": name, "type": kind, **usual, **more}


_READ_ONLY = {"mutability": "readOnly"}
_MANY = {"multiValued": True}
_USER = [
    _attribute("userName", required=True, uniqueness="server", returned="always"),
    _attribute("externalId", caseExact=True),
    _attribute("displayName"),
    _attribute("name", "complex", subAttributes=[_attribute("formatted")]),
    _attribute("title"),
    _attribute("timezone"),
    _attribute("active", "boolean"),
    _attribute("emails", "complex", **_MANY, subAttributes=[_attribute("value"), _attribute("type")]),
    _attribute("groups", "complex", **_MANY, **_READ_ONLY, subAttributes=[_attribute("value", **_READ_ONLY)]),
]
_GROUP = [
    _attribute("displayName", required=True, **_READ_ONLY, returned="always"),
    _attribute("members", "complex", **_MANY, subAttributes=[_attribute("value", mutability="immutable")]),
]
