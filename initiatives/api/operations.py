"""Deployments and incidents over HTTP."""

import re
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal.http.etags import etag_of, require_match, with_etag
from alignment_portal.http.idempotency import idempotent
from alignment_portal.http.pagination import paged
from alignment_portal.http.requests import actor_of
from alignment_portal.refusals import Invalid, NotFound
from initiatives.api import shapes
from initiatives.api.initiatives import names_of
from initiatives.dossier.canonical import builtins_of
from initiatives.models import Incident, Initiative
from initiatives.selectors import current_dossier, initiative_or_404
from initiatives.services.operations import (
    change_deployment,
    close_incident,
    record_incident,
    register_deployment,
)

ROW = shapes.schema_of("Deployment")
_PLACE = re.compile(r"/deployments/[0-9]+")
ROWS = {"type": "object", "properties": {"results": {"type": "array", "items": ROW}}}


def _rows(found: Initiative) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = builtins_of(current_dossier(found).dossier)["deployments"]
    return rows


def _row(found: Initiative, code: str) -> dict[str, Any]:
    for row in _rows(found):
        if row["code"] == code:
            return row
    raise NotFound(f"{found.key} has no deployment “{code}”.", code="deployment_not_found")


def _without_place(refusal: Invalid) -> Invalid:
    """Pointers into the one row that was sent, not into the document it joins."""
    found = [_PLACE.match(fault.pointer) for fault in refusal.faults]
    for place in {match[0] for match in found if match is not None}:
        refusal = shapes.relative_to(refusal, place)
    return refusal


@extend_schema(methods=["GET"], operation_id="deployments_list", responses={200: ROWS})
@extend_schema(
    methods=["POST"],
    operation_id="deployments_register",
    request={"application/json": ROW},
    responses={201: ROW},
)
@api_view(["GET", "POST"])
@with_etag
def deployments(request: Request, key: str) -> Response:
    """Where the AI runs for real; part of the dossier."""
    found = initiative_or_404(actor_of(request), key)
    if request.method == "POST":
        return _register(request, found)
    shapes.given(shapes.NoQuery, request.query_params.dict())
    body = {"results": _rows(found), "next": None, "previous": None}
    return Response(body, headers={"ETag": etag_of(found.version)})


@idempotent
def _register(request: Request, found: Initiative) -> Response:
    row = shapes.an_object(request.data)
    try:
        saved = register_deployment(by=actor_of(request), initiative=found, deployment=row)
    except Invalid as refusal:
        raise _without_place(refusal) from refusal
    code = str(row["code"])
    headers = {
        "Location": reverse("api:initiatives:deployment", args=[found.key, code]),
        "ETag": etag_of(saved.version),
    }
    return Response(_row(saved.initiative, code), status=201, headers=headers)


@extend_schema(methods=["GET"], operation_id="deployments_read", responses={200: ROW})
@extend_schema(
    methods=["PATCH"],
    operation_id="deployments_change",
    request={"application/json": shapes.partial(ROW)},
    responses={200: ROW},
)
@api_view(["GET", "PATCH"])
@with_etag
def deployment(request: Request, key: str, code: str) -> Response:
    """One deployment; PATCH changes some of its fields, such as `state`."""
    found = initiative_or_404(actor_of(request), key)
    row, version = _row(found, code), found.version
    if request.method == "PATCH":
        require_match(request, version, body=row, also=names_of(found))
        changes = shapes.an_object(request.data)
        try:
            saved = change_deployment(by=actor_of(request), initiative=found, code=code, changes=changes)
        except Invalid as refusal:
            raise _without_place(refusal) from refusal
        row, version = _row(saved.initiative, code), saved.version
    return Response(row, headers={"ETag": etag_of(version)})


@extend_schema(
    methods=["GET"],
    operation_id="incidents_list",
    parameters=[shapes.PageQuery],
    responses=shapes.IncidentBody(many=True),
)
@extend_schema(
    methods=["POST"],
    operation_id="incidents_record",
    request=shapes.IncidentIn,
    responses={201: shapes.IncidentBody},
)
@api_view(["GET", "POST"])
def incidents(request: Request, key: str) -> Response:
    """What went wrong in operation, newest first."""
    found = initiative_or_404(actor_of(request), key)
    if request.method == "POST":
        return _record(request, found)
    shapes.given(shapes.PageQuery, request.query_params.dict())
    return paged(request, found.incidents.all(), _body, ordering=("-opened_at", "-ref"))


def _body(incident: Incident) -> Any:
    return shapes.IncidentBody(incident).data


@idempotent
def _record(request: Request, found: Initiative) -> Response:
    asked = shapes.given(shapes.IncidentIn, request.data)
    incident = record_incident(by=actor_of(request), initiative=found, **asked)
    address = reverse("api:initiatives:incident", args=[found.key, incident.ref])
    return Response(_body(incident), status=201, headers={"Location": address})


def _incident(request: Request, key: str, ref: str) -> Incident:
    found = initiative_or_404(actor_of(request), key)
    incident = found.incidents.filter(ref=ref).first()
    if incident is None:
        raise NotFound(f"{key} has no incident {ref}.", code="incident_not_found")
    return incident


@extend_schema(operation_id="incidents_read", responses=shapes.IncidentBody)
@api_view(["GET"])
@with_etag
def incident(request: Request, key: str, ref: str) -> Response:
    """One incident."""
    found = _incident(request, key, ref)
    return Response(_body(found), headers={"ETag": etag_of("closed" if found.closed_at else "open")})


@extend_schema(
    operation_id="incidents_close", request=shapes.IncidentClosing, responses={200: shapes.IncidentBody}
)
@api_view(["POST"])
@idempotent
def closing(request: Request, key: str, ref: str) -> Response:
    """Close an incident with its cause. It is closed once."""
    found = _incident(request, key, ref)
    asked = shapes.given(shapes.IncidentClosing, request.data)
    return Response(_body(close_incident(by=actor_of(request), incident=found, **asked)))
