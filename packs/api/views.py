"""Asking for packs, following and reading them, for programs."""

from dataclasses import asdict
from typing import Any

import msgspec
from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, PolymorphicProxySerializer, extend_schema
from rest_framework.decorators import api_view, parser_classes
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal.accounts.permissions import Action, require
from alignment_portal.http.etags import etag_of, with_etag
from alignment_portal.http.idempotency import idempotent
from alignment_portal.http.openapi import PROBLEM
from alignment_portal.http.pagination import paged
from alignment_portal.http.requests import actor_of
from packs.api import shapes
from packs.models import Audience, PackBuild, PackOrder
from packs.selectors.access import visible_packs
from packs.selectors.genuineness import check_words
from packs.selectors.packs import content_of, order_or_404, pack_or_404, places_in_queue, since_of
from packs.selectors.readings import readings_of
from packs.services.checking import check_upload
from packs.services.copies import take_copy
from packs.services.ordering import ask_for_pack
from packs.services.readings import note_reading
from packs.services.requests import cancel_pack, retry_pack


@extend_schema(
    methods=["GET"],
    operation_id="packs_list",
    parameters=[shapes.PackQuery],
    responses=shapes.PackOut(many=True),
)
@extend_schema(
    methods=["POST"],
    operation_id="packs_request",
    request=shapes.PackIn,
    responses={
        202: PolymorphicProxySerializer(
            component_name="PackAsked",
            serializers=[shapes.PackOut, shapes.PackOrderOut],
            resource_type_field_name=None,
        )
    },
)
@api_view(["GET", "POST"])
@idempotent
def packs(request: Request) -> Response:
    """The packs one may read, newest first; POST asks for the pack of a subject and answers where to follow it.

    A paper of more than a hundred initiatives is an order first: a job judges them and writes it.
    """
    by = actor_of(request)
    if request.method == "POST":
        given = shapes.valid(shapes.PackIn(data=request.data))
        audience = given.get("audience", Audience.READERS)
        found = ask_for_pack(by=by, subject=given["subject"], audience=audience)
        return _ordered(found) if isinstance(found, PackOrder) else _accepted(found)
    asked = shapes.valid(shapes.PackQuery(data=request.query_params.dict()))
    rows = visible_packs(by)
    if asked.get("subject"):
        rows = rows.filter(subject=asked["subject"])
    if asked.get("initiative"):
        rows = rows.filter(initiative__key=asked["initiative"])
    if asked.get("state"):
        rows = rows.filter(state=asked["state"])
    places = places_in_queue()
    return paged(request, rows, lambda build: shapes.pack_body(build, places), ordering="-id")


def _ordered(order: PackOrder) -> Response:
    place = reverse("api:packs:order", args=[order.pk])
    return Response(shapes.order_body(order), status=202, headers={"Location": place})


@extend_schema(operation_id="packs_order", responses=shapes.PackOrderOut)
@api_view(["GET"])
def order(request: Request, number: int) -> Response:
    """What became of an order of yours: waiting, written with the pack's reference, or refused with the reason."""
    return Response(shapes.order_body(order_or_404(actor_of(request), number)))


def _accepted(build: PackBuild) -> Response:
    place = reverse("api:packs:pack", args=[build.ref])
    return Response(shapes.pack_body(build, places_in_queue()), status=202, headers={"Location": place})


@extend_schema(operation_id="packs_read", responses=shapes.PackWholeOut)
@api_view(["GET"])
@with_etag
def pack(request: Request, ref: str) -> Response:
    """One pack: how far it has come, and everything it says. That you opened it is noted, once a day."""
    by = actor_of(request)
    build = pack_or_404(by, ref)
    note_reading(by=by, build=build)
    content = content_of(build)
    said: dict[str, Any] = {
        "is_draft": content.is_draft,
        **{
            name: msgspec.to_builtins(getattr(content, name))
            for name in ("summary", "overview", "sections", "members")
        },
        "since": shapes.since_body(since_of(build)),
    }
    moving = f"{build.ref}-{build.state}-{build.attempt}-{build.percent}-{build.stale_since or ''}"
    return Response(
        {**shapes.pack_body(build, places_in_queue()), **said},
        headers={"ETag": etag_of(moving.replace(" ", "T"))},
    )


@extend_schema(
    operation_id="packs_pdf",
    responses={
        (200, "application/pdf"): OpenApiResponse(
            OpenApiTypes.BINARY, description="A copy with your name on it"
        ),
        (409, "application/problem+json"): OpenApiResponse(PROBLEM, description="It is not built yet."),
    },
)
@api_view(["GET"])
def pdf(request: Request, ref: str) -> HttpResponse:
    """The PDF, stamped with the reader and the time. Each copy is kept in the record."""
    by = actor_of(request)
    copy = take_copy(by=by, build=pack_or_404(by, ref))
    headers = {"Content-Disposition": f'attachment; filename="{copy.name}"', "Cache-Control": "no-store"}
    return HttpResponse(copy.body, content_type="application/pdf", headers=headers)


@extend_schema(operation_id="packs_cancel", request=None, responses=shapes.PackOut)
@api_view(["POST"])
@idempotent
def cancel(request: Request, ref: str) -> Response:
    """Stop a build that is not finished."""
    by = actor_of(request)
    stopped = cancel_pack(by=by, build=pack_or_404(by, ref))
    return Response(shapes.pack_body(stopped, places_in_queue()))


@extend_schema(operation_id="packs_retry", request=None, responses={202: shapes.PackOut})
@api_view(["POST"])
@idempotent
def retry(request: Request, ref: str) -> Response:
    """Build again what failed or was cancelled."""
    by = actor_of(request)
    return _accepted(retry_pack(by=by, build=pack_or_404(by, ref)))


@extend_schema(operation_id="packs_readers", responses=shapes.PackReadingOut(many=True))
@api_view(["GET"])
def readers(request: Request, ref: str) -> Response:
    """Who opened this pack and who took a copy, newest first."""
    by = actor_of(request)
    build = pack_or_404(by, ref)
    require(by, Action.HISTORY_READ)
    return Response([asdict(reading) for reading in readings_of(build)])


@extend_schema(
    operation_id="packs_verify",
    request={"application/json": shapes.CheckIn, "multipart/form-data": shapes.CheckIn},
    responses=shapes.CheckedOut,
)
@api_view(["POST"])
@parser_classes([JSONParser, MultiPartParser])
def verify(request: Request) -> Response:
    """Is a PDF genuine, is it current, and what changed since? What it says is only told to those who may read it."""
    by = actor_of(request)
    given = shapes.valid(shapes.CheckIn(data=request.data))
    file = given.get("file")
    checked = check_upload(by=by, body=file.read()) if file else check_words(by, given["fingerprint"])
    return Response(shapes.checked_body(checked))
