"""The list of initiatives, and the first section of each dossier."""

import base64
import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlencode

import orjson
from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal.accounts.actors import Actor
from alignment_portal.http.etags import etag_of, require_match, with_etag
from alignment_portal.http.idempotency import idempotent
from alignment_portal.http.requests import actor_of
from alignment_portal.refusals import Invalid
from initiatives.api import shapes
from initiatives.api.expanding import expanded
from initiatives.dossier.canonical import builtins_of
from initiatives.dossier.document import Dossier
from initiatives.models import Initiative
from initiatives.selectors import (
    InitiativeFilter,
    InitiativePage,
    current_dossier,
    initiative_or_404,
    initiative_table,
)
from initiatives.selectors.alike import similar_to
from initiatives.selectors.written import written_page
from initiatives.services.dossiers import change_section, register_initiative
from initiatives.services.people import invite

JSON = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC


@extend_schema(
    methods=["GET"],
    operation_id="initiatives_list",
    parameters=[shapes.ListQuery],
    responses=shapes.RowBody(many=True),
)
@extend_schema(
    methods=["POST"],
    operation_id="initiatives_register",
    request={"application/json": shapes.partial(shapes.schema_of("Initiative"))},
    responses={201: shapes.InitiativeBody},
)
@api_view(["GET", "POST"])
def initiative_list(request: Request) -> HttpResponse:
    """The initiatives one may see, and registering one. `title` and `archetype` are enough to begin."""
    return _register(request) if request.method == "POST" else _listed(request)


def _listed(request: Request) -> HttpResponse:
    by = actor_of(request)
    asked = shapes.asked(shapes.ListQuery, request.query_params)
    usual = "-changed" if asked.get("q") else "key"
    order, limit = asked.pop("order", usual), asked.pop("limit")
    place = _place_of(asked.pop("cursor", ""), order)
    if asked.get("owner") == "me":
        asked["owner"] = by.email
    wanted = asked.pop("expand", ())
    page, bodies = _page_of(by, InitiativeFilter(**asked), wanted, order=order, limit=limit, **place)
    links = _links(request, page, order)
    body = {"results": bodies, **links}
    response = HttpResponse(orjson.dumps(body, option=JSON), content_type="application/json")
    named = {"next": links["next"], "prev": links["previous"]}
    if header := ", ".join(f'<{url}>; rel="{name}"' for name, url in named.items() if url):
        response["Link"] = header
    return response


def _page_of(
    by: Actor, narrowed: InitiativeFilter, wanted: Collection[str], **place: Any
) -> tuple[InitiativePage[Any], orjson.Fragment | list[dict[str, Any]]]:
    """A page, and its rows as they are answered: written by the database where it can, else made here."""
    if not wanted and (written := written_page(by, shapes.row_body, narrowed, **place)):
        return written, orjson.Fragment(f"[{','.join(written.rows)}]")
    page = initiative_table(by, narrowed, **place)
    more = expanded([row.key for row in page.rows], wanted)
    bodies = map(shapes.row_body, page.rows)
    return page, [body | more[body["key"]] for body in bodies] if more else list(bodies)


def _place_of(cursor: str, order: str) -> dict[str, tuple[str, str]]:
    """Where a page begins; a cursor goes with the order it was given for."""
    if not cursor:
        return {}
    try:
        way, asked, value, key = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except (ValueError, TypeError, RecursionError) as error:
        raise _foreign_cursor() from error
    if way not in {"after", "before"} or asked != order:
        raise _foreign_cursor()
    return {str(way): (str(value), str(key))}


def _foreign_cursor() -> Invalid:
    sentence = "This cursor does not belong to this list. Begin again without one."
    return Invalid(sentence, pointer="/cursor", code="invalid_cursor")


def _links(request: Request, page: InitiativePage[Any], order: str) -> dict[str, str | None]:
    return {
        "next": _link(request, "after", order, page.next),
        "previous": _link(request, "before", order, page.previous),
    }


def _link(request: Request, way: str, order: str, mark: tuple[str, str] | None) -> str | None:
    if mark is None:
        return None
    cursor = base64.urlsafe_b64encode(json.dumps([way, order, *mark]).encode()).decode()
    query = urlencode({**request.query_params.dict(), "cursor": cursor})
    return request.build_absolute_uri(f"{request.path}?{query}")


@idempotent
def _register(request: Request) -> Response:
    by = actor_of(request)
    section = shapes.an_object(request.data)
    try:
        saved = register_initiative(by=by, section=section)
    except Invalid as refusal:
        raise shapes.relative_to(refusal, "/initiative") from refusal
    initiative = initiative_or_404(by, saved.initiative.key)
    alike = similar_to(by, title=initiative.title, summary=initiative.summary, but=initiative.key)
    similar = [{"key": row.key, "title": row.title} for row in alike]
    address = reverse("api:initiatives:initiative", args=[initiative.key])
    headers = {"Location": address, "ETag": tag_of(initiative)}
    return Response({**body_of(initiative), "similar": similar}, status=201, headers=headers)


def body_of(initiative: Initiative, dossier: Dossier | None = None) -> dict[str, Any]:
    section = (dossier or current_dossier(initiative).dossier).initiative
    scope: Mapping[str, Any] = {
        name: getattr(section.scope, name) for name in section.scope.__struct_fields__
    }
    return shapes.initiative_body(initiative, section.team, scope)


def tag_of(initiative: Initiative) -> str:
    """The version, which changes are matched against, and a digest of what else the answer shows."""
    shown = [initiative.status, str(initiative.status_since), str(initiative.judged_at), initiative.next_deed]
    digest = hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:12]
    return etag_of(f"{initiative.version}.{digest}")


@extend_schema(
    methods=["GET"],
    operation_id="initiatives_read",
    parameters=[shapes.ExpandQuery],
    responses=shapes.InitiativeBody,
)
@extend_schema(
    methods=["PATCH"],
    operation_id="initiatives_change",
    request={"application/json": shapes.partial(shapes.schema_of("Initiative"))},
    responses=shapes.InitiativeBody,
)
@api_view(["GET", "PATCH"])
@with_etag
def initiative(request: Request, key: str) -> Response:
    """One initiative; PATCH changes fields of its first section, the others stay."""
    asked = shapes.asked(shapes.ExpandQuery, request.query_params)
    found = initiative_or_404(actor_of(request), key)
    if request.method == "PATCH":
        found = _changed(request, found)
    if wanted := asked.get("expand"):
        # What it carries changes by itself, so the digest is taken over all of it.
        body = {**body_of(found), **expanded([found.key], wanted)[found.key]}
        digest = hashlib.sha256(orjson.dumps(body, option=JSON, default=str)).hexdigest()[:32]
        return Response(body, headers={"ETag": etag_of(f"{found.version}.{digest}")})
    return Response(body_of(found), headers={"ETag": tag_of(found)})


def _changed(request: Request, found: Initiative) -> Initiative:
    by = actor_of(request)
    require_version(request, found)
    changes = shapes.an_object(request.data)
    section = builtins_of(current_dossier(found).dossier)["initiative"]
    if isinstance(changes.get("scope"), Mapping):
        changes = {**changes, "scope": {**section["scope"], **changes["scope"]}}
    try:
        change_section(
            by=by,
            initiative=found,
            section="initiative",
            value={**section, **changes},
            expected_version=found.version,
        )
    except Invalid as refusal:
        raise shapes.relative_to(refusal, "/initiative") from refusal
    return initiative_or_404(by, found.key)


def require_version(request: Request, found: Initiative) -> None:
    """If-Match must name the version of the dossier, by the tag of any answer about it.

    What the portal itself noted since does not matter.
    """
    require_match(request, tag_of(found).strip('"'), body=body_of(found), also=names_of(found))


def names_of(initiative: Initiative) -> frozenset[str]:
    """What the tags of answers call the current version: its number, or its fingerprint."""
    return frozenset({str(initiative.version), initiative.fingerprint})


@extend_schema(methods=["GET"], operation_id="invitations_list", responses=shapes.MemberBody(many=True))
@extend_schema(
    methods=["POST"],
    operation_id="invitations_send",
    request=shapes.HelpIn,
    responses={201: shapes.MemberBody},
)
@api_view(["GET", "POST"])
def invitations(request: Request, key: str) -> Response:
    """Who belongs to the initiative and how, and asking somebody to help."""
    found = initiative_or_404(actor_of(request), key)
    if request.method == "POST":
        return _invited(request, found)
    shapes.given(shapes.NoQuery, request.query_params.dict())
    rows = found.memberships.select_related("user").order_by("kind", "user__name", "pk")
    return Response({"results": shapes.MemberBody(rows, many=True).data, "next": None, "previous": None})


@idempotent
def _invited(request: Request, found: Initiative) -> Response:
    asked = shapes.given(shapes.HelpIn, request.data)
    membership = invite(by=actor_of(request), initiative=found, email=asked["email"])
    return Response(shapes.MemberBody(membership).data, status=201)
