"""Evidence over HTTP: offering it, reading it, reviewing and withdrawing it."""

import json
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict, StreamingHttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal.http.etags import etag_of, with_etag
from alignment_portal.http.idempotency import idempotent
from alignment_portal.http.pagination import paged
from alignment_portal.http.requests import actor_of
from alignment_portal.refusals import Invalid, NotFound
from gates.api import shapes
from gates.models import Evidence
from gates.selectors.evidence import evidence_body, evidence_table, file_headers
from gates.selectors.files import pieces_of
from gates.services.evidence import offer_evidence, review_evidence, withdraw_evidence
from gates.services.offers import Offer
from initiatives.models import Initiative
from initiatives.selectors import initiative_or_404

NOT_IN_AN_OFFER = ("supersedes", "file")


def _rows(found: Initiative) -> QuerySet[Evidence]:
    return evidence_table().filter(initiative=found)


def _item(request: Request, key: str, ref: str) -> Evidence:
    found = initiative_or_404(actor_of(request), key)
    row = _rows(found).filter(ref=ref).first()
    if row is None:
        raise NotFound(f"{key} has no evidence {ref}.", code="evidence_not_found")
    return row


@extend_schema(
    methods=["GET"],
    operation_id="evidence_list",
    parameters=[shapes.EvidenceQuery],
    responses=shapes.EvidenceBody(many=True),
)
@extend_schema(
    methods=["POST"],
    operation_id="evidence_submit",
    request={"application/json": shapes.EvidenceIn, "multipart/form-data": shapes.EvidenceIn},
    responses={201: shapes.SubmittedBody},
)
@api_view(["GET", "POST"])
def evidence(request: Request, key: str) -> Response:
    """What was offered, newest first; POST offers more: JSON for links, attestations and measured values, else multipart."""
    found = initiative_or_404(actor_of(request), key)
    if request.method == "POST":
        return _submit(request, found)
    asked = shapes.given(shapes.EvidenceQuery, request.query_params.dict())
    rows = _rows(found)
    if "question" in asked:
        rows = rows.filter(question=asked["question"])
    return paged(request, rows, evidence_body, ordering=("-id",))


@idempotent
def _submit(request: Request, found: Initiative) -> Response:
    asked = shapes.given(shapes.EvidenceIn, _plain(request.data))
    offer = Offer(
        **{name: value for name, value in asked.items() if name not in {*NOT_IN_AN_OFFER, "measures"}},
        measures=_measures(asked.get("measures")),
    )
    items = offer_evidence(
        by=actor_of(request),
        initiative=found,
        offer=offer,
        files=asked.get("file", ()),
        supersedes=_superseded(found, asked.get("supersedes", "")),
    )
    rows = {row.pk: row for row in _rows(found).filter(pk__in=[item.pk for item in items])}
    body = {"results": [evidence_body(rows[item.pk]) for item in items]}
    address = reverse("api:gates:item", args=[found.key, items[0].ref])
    return Response(body, status=201, headers={"Location": address})


def _plain(data: Any) -> Any:
    """A form's fields as JSON would have them: one value each, files as a list, numbers written as JSON."""
    if not isinstance(data, QueryDict):
        return data
    plain: dict[str, Any] = {name: data[name] for name in data if name != "file"}
    if "file" in data:
        plain["file"] = data.getlist("file")
    for name in ("expires_on",):
        if plain.get(name) == "":
            del plain[name]
    if isinstance(plain.get("measures"), str):
        plain["measures"] = _decoded(plain["measures"])
    return plain


def _decoded(text: str) -> Any:
    if not text.strip():
        return {}
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Invalid("Write the measured values as one JSON object.", pointer="/measures") from error


def _measures(value: Any) -> dict[str, float]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Invalid("Write the measured values as one JSON object.", pointer="/measures")
    return value


def _superseded(found: Initiative, ref: str) -> Evidence | None:
    if not ref:
        return None
    earlier = Evidence.objects.filter(initiative=found, ref=ref).first()
    if earlier is None:
        raise Invalid(f"{found.key} has no evidence {ref}.", pointer="/supersedes", code="evidence_not_found")
    return earlier


@extend_schema(operation_id="evidence_read", responses=shapes.EvidenceBody)
@api_view(["GET"])
@with_etag
def item(request: Request, key: str, ref: str) -> Response:
    """One item, with what was said of it."""
    body = evidence_body(_item(request, key, ref))
    return Response(body, headers={"ETag": etag_of(f"{ref}-{body['state']}")})


@extend_schema(
    operation_id="evidence_file", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY}
)
@api_view(["GET"])
def file(request: Request, key: str, ref: str) -> StreamingHttpResponse:
    """The file, to be saved and never to be shown: its content was compared with its hash this moment."""
    row = _item(request, key, ref)
    if row.blob is None:
        raise NotFound(f"{ref} has no file.", code="file_not_found")
    return StreamingHttpResponse(pieces_of(row.blob), headers=file_headers(row))


@extend_schema(
    operation_id="evidence_review", request=shapes.JudgementIn, responses={201: shapes.EvidenceBody}
)
@api_view(["POST"])
@idempotent
def reviews(request: Request, key: str, ref: str) -> Response:
    """Accept or reject, with a reason; once."""
    row = _item(request, key, ref)
    asked = shapes.given(shapes.JudgementIn, request.data)
    review_evidence(by=actor_of(request), evidence=row, **asked)
    return Response(evidence_body(_item(request, key, ref)), status=201)


@extend_schema(
    operation_id="evidence_withdraw", request=shapes.GroundsIn, responses={201: shapes.EvidenceBody}
)
@api_view(["POST"])
@idempotent
def withdrawal(request: Request, key: str, ref: str) -> Response:
    """Say that the item no longer stands. It stays readable."""
    row = _item(request, key, ref)
    asked = shapes.given(shapes.GroundsIn, request.data)
    withdraw_evidence(by=actor_of(request), evidence=row, **asked)
    return Response(evidence_body(_item(request, key, ref)), status=201)
