"""Alignment reviews: opening, reading, changing, ending."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal.accounts.actors import Actor
from alignment_portal.http.etags import etag_of, require_match, with_etag
from alignment_portal.http.idempotency import idempotent
from alignment_portal.http.pagination import paged
from alignment_portal.http.requests import actor_of
from alignment_portal.refusals import Invalid, NotFound
from gates.selectors.agreement import review_terms
from initiatives.models import Cluster, Initiative
from initiatives.selectors import load_dossiers
from reviews.api import bodies, shapes
from reviews.models import Review
from reviews.selectors.reviews import review_or_404, visible_reviews
from reviews.services.conclusions import conclude_review
from reviews.services.opening import change_review, lapse_review, open_review

SUBJECTS = "Name the subject as initiative:KEY, cluster:CODE or portfolio."


@extend_schema(
    methods=["GET"],
    operation_id="reviews_list",
    parameters=[shapes.ListQuery],
    responses=shapes.ReviewRow(many=True),
)
@extend_schema(
    methods=["POST"], operation_id="reviews_open", request=shapes.ReviewIn, responses={201: shapes.ReviewOut}
)
@api_view(["GET", "POST"])
def reviews(request: Request) -> Response:
    """Reviews about what you may see, newest first; and opening one."""
    return _open(request) if request.method == "POST" else _list(request)


def _list(request: Request) -> Response:
    by = actor_of(request)
    asked = bodies.valid(shapes.ListQuery(data=request.query_params.dict()))
    rows = visible_reviews(by).select_related("conclusion")
    if "subject" in asked:
        about = _subject(by, asked["subject"])
        field = "cluster" if isinstance(about, Cluster) else "initiative"
        rows = rows.filter(subject_kind="portfolio") if about is None else rows.filter(**{field: about})
    if "running" in asked:
        running = {"concluded_at__isnull": True, "lapsed_at__isnull": True}
        rows = rows.filter(**running) if asked["running"] else rows.exclude(**running)
    return paged(request, rows, bodies.row_body, ordering=("-opened_at", "-id"))


def _subject(by: Actor, name: str) -> Initiative | Cluster | None:
    """What a review is about, if the actor may see it; None is the whole portfolio."""
    kind, _, code = name.partition(":")
    visible = Initiative.objects.visible_to(by)
    found: Initiative | Cluster | None = None
    if name == "portfolio":
        return None
    if kind == "initiative":
        found = visible.filter(key=code).first()
    elif kind == "cluster":
        found = Cluster.objects.filter(code=code, initiatives__in=visible).first()
    else:
        raise Invalid(SUBJECTS, pointer="/subject", code="unknown_subject")
    if found is None:
        raise NotFound(f"There is no {kind} {code} that you may see.", code="subject_not_found")
    return found


def _keys(subject: Initiative | Cluster | None) -> Sequence[str]:
    if isinstance(subject, Initiative):
        return [subject.key]
    return [] if subject is None else list(subject.initiatives.values_list("key", flat=True))


@idempotent
def _open(request: Request) -> Response:
    by = actor_of(request)
    given = bodies.valid(shapes.ReviewIn(data=request.data))
    subject = _subject(by, given.pop("subject"))
    keys = _keys(subject)
    terms = review_terms([loaded.dossier for loaded in load_dossiers(keys).values()] if keys else [])
    people = [(row["email"], row["role"]) for row in given.pop("participants", [])]
    review = open_review(
        by=by,
        subject=subject,
        required_roles=terms.required_roles,
        quorum=terms.quorum,
        reaffirm_days=terms.reaffirm_days,
        policy_version=terms.policy_version,
        participants=people,
        **given,
    )
    return answer(
        request, review, status=201, headers={"Location": reverse("api:reviews:review", args=[review.ref])}
    )


def answer(
    request: Request, review: Review, *, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """A review as its reader may see it, under a tag that moves with it and with the seal."""
    body = bodies.review_body(review_or_404(actor_of(request), review.ref), actor_of(request))
    return Response(body, status=status, headers={**(headers or {}), "ETag": etag_of(tag_of(body))})


def tag_of(body: dict[str, Any]) -> str:
    return f"{body['version']}-{body['state']}-{'open' if body['stances_open'] else 'sealed'}"


@extend_schema(methods=["GET"], operation_id="reviews_read", responses=shapes.ReviewOut)
@extend_schema(
    methods=["PATCH"], operation_id="reviews_change", request=shapes.ReviewChange, responses=shapes.ReviewOut
)
@api_view(["GET", "PATCH"])
@with_etag
def review(request: Request, ref: str) -> Response:
    """One review: who takes part, on which trade-offs, and what is missing. `send: true` puts it before them."""
    by = actor_of(request)
    found = review_or_404(by, ref)
    if request.method == "PATCH":
        body = bodies.review_body(found, by)
        require_match(request, tag_of(body), body=body)
        given = bodies.valid(shapes.ReviewChange(data=request.data))
        send = given.pop("send")
        found = change_review(by=by, review=found, changes=given, send=send)
    return answer(request, found)


@extend_schema(
    operation_id="reviews_conclude", request=shapes.ConclusionIn, responses={200: shapes.ReviewOut}
)
@api_view(["POST"])
@idempotent
def conclude(request: Request, ref: str) -> Response:
    """End it as aligned, when nothing is missing, or openly as not aligned. A refusal names every blocker."""
    found = review_or_404(actor_of(request), ref)
    given = bodies.valid(shapes.ConclusionIn(data=request.data))
    conclude_review(by=actor_of(request), review=found, **given)
    return answer(request, found)


@extend_schema(operation_id="reviews_lapse", request=shapes.ReasonIn, responses={200: shapes.ReviewOut})
@api_view(["POST"])
@idempotent
def lapse(request: Request, ref: str) -> Response:
    """Let a review lapse that no longer holds."""
    found = review_or_404(actor_of(request), ref)
    given = bodies.valid(shapes.ReasonIn(data=request.data))
    return answer(request, lapse_review(by=actor_of(request), review=found, **given))
