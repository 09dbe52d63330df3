"""The whole document over HTTP: read it, put it back, and the schema it follows."""

from collections.abc import Sequence

from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import api_view, permission_classes
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal.accounts.actors import Actor
from alignment_portal.http.etags import etag_of, named_versions
from alignment_portal.http.pagination import paged
from alignment_portal.http.requests import actor_of
from alignment_portal.refusals import Invalid, NotFound, Stale, TooLarge
from initiatives.api import shapes
from initiatives.api.initiatives import names_of
from initiatives.dossier.canonical import pretty_json
from initiatives.dossier.reading import MAX_BYTES
from initiatives.dossier.schema import dossier_schema
from initiatives.models import Initiative
from initiatives.selectors import initiative_or_404, load_dossiers, versions_of
from initiatives.services.dossiers import parsed, save_dossier

WHOLE = {"application/json": shapes.schema_of("Dossier")}
NEW = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="`*`: only where there is no dossier yet."
)


@extend_schema(
    operation_id="dossier_schema",
    responses={200: {"type": "object", "additionalProperties": True}},
    auth=[],
)
@api_view(["GET"])
@permission_classes([AllowAny])
def schema(request: Request) -> Response:
    """The JSON Schema of a dossier (draft 2020-12)."""
    return Response(dossier_schema(), content_type="application/schema+json")


@extend_schema(
    methods=["GET"],
    operation_id="dossier_read",
    parameters=[shapes.AtQuery],
    responses={200: WHOLE["application/json"]},
)
@extend_schema(
    methods=["PUT"],
    operation_id="dossier_save",
    parameters=[NEW],
    request=WHOLE,
    responses={200: shapes.SavedBody, 201: shapes.SavedBody},
)
@api_view(["GET", "PUT"])
def dossier(request: Request, key: str) -> HttpResponse:
    """The whole document. PUT creates or changes it; putting back what was read changes nothing."""
    return _put(request, key) if request.method == "PUT" else _read(request, key)


def _read(request: Request, key: str) -> HttpResponse:
    at = shapes.given(shapes.AtQuery, request.query_params.dict()).get("at")
    found = initiative_or_404(actor_of(request), key)
    loaded = load_dossiers([key], at).get(found.key)
    if loaded is None:
        raise NotFound(f"{key} had no dossier at that time.", code="dossier_not_found")
    tag = etag_of(loaded.fingerprint)
    if tag in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304, headers={"ETag": tag})
    text = pretty_json(loaded.dossier)
    return HttpResponse(text, content_type="application/json", headers={"ETag": tag})


def _put(request: Request, key: str) -> Response:
    shapes.given(shapes.NoQuery, request.query_params.dict())
    dossier = parsed(_raw(request))
    if dossier.initiative.key != key:
        raise Invalid(
            f"The document is about {dossier.initiative.key}, and the address about {key}.",
            pointer="/initiative/key",
            code="key_mismatch",
        )
    named = named_versions(request)
    by = actor_of(request)
    try:
        saved = save_dossier(
            by=by,
            document=dossier,
            expected=None if "*" in named else _meant(named, _seen(by, key)),
            create=request.headers.get("If-None-Match", "").strip() == "*",
            blindly="*" in named,
        )
    except Stale as refusal:
        current = _seen(by, key)
        refusal.current = {"etag": etag_of(current.fingerprint)} if current else None
        raise
    body = {
        "key": key,
        "version": saved.version,
        "fingerprint": saved.initiative.fingerprint,
        "changed": saved.changed,
        "created": saved.created,
    }
    headers = {
        "ETag": etag_of(saved.initiative.fingerprint),
        "Location": reverse("api:initiatives:dossier", args=[key]),
    }
    return Response(body, status=201 if saved.created else 200, headers=headers)


def _seen(by: Actor, key: str) -> Initiative | None:
    return Initiative.objects.visible_to(by).filter(key=key).first()


def _meant(named: Sequence[str], current: Initiative | None) -> str | None:
    """The version that is to be changed: of those named, the current one if it is among them."""
    names = names_of(current) if current else frozenset()
    return next((name for name in named if name in names), named[0] if named else None)


def _raw(request: Request) -> bytes:
    """The bytes as they came: only they show a name that stands twice."""
    kind = request.content_type.partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise UnsupportedMediaType(request.content_type or "nothing")
    if int(request.headers.get("Content-Length") or 0) > MAX_BYTES:
        raise TooLarge("At most 2 MB can be read as a dossier.")
    raw: bytes = request.body
    return raw


@extend_schema(
    operation_id="dossier_versions", parameters=[shapes.PageQuery], responses=shapes.VersionBody(many=True)
)
@api_view(["GET"])
def versions(request: Request, key: str) -> Response:
    """Every version that was saved, newest first; read one with `?at=` on the dossier."""
    shapes.given(shapes.PageQuery, request.query_params.dict())
    rows = versions_of(initiative_or_404(actor_of(request), key))
    return paged(request, rows, lambda row: shapes.VersionBody(row).data, ordering=("-number",))
