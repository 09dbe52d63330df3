"""What a link of the portal says, for chat tools that show a card: only what the caller's token may read."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.http.requests import actor_of
from alignment_portal.http.serializers import StrictSerializer
from alignment_portal.pages.api.serializers import valid
from alignment_portal.refusals import Invalid, NotFound
from initiatives.models import Initiative
from initiatives.selectors import initiative_or_404
from packs.selectors.packs import pack_or_404
from reviews.selectors.reviews import review_or_404


class LinkQuery(StrictSerializer):
    url = serializers.CharField(max_length=2000, help_text="An address of this portal")


class LinkOut(serializers.Serializer[Any]):
    url = serializers.CharField()
    kind = serializers.ChoiceField(choices=["initiative", "review", "pack"])
    key = serializers.CharField()
    title = serializers.CharField()
    verdict = serializers.CharField(allow_null=True, help_text="Of the initiative, as last recorded")
    status = serializers.CharField(help_text="Of the initiative, review or pack")
    summary = serializers.CharField(help_text="One sentence for the card")


@extend_schema(operation_id="unfurl", parameters=[LinkQuery], responses=LinkOut)
@api_view(["GET"])
def unfurl(request: Request) -> Response:
    """The title, verdict and status behind an address of the portal. What you may not read is not found."""
    address = valid(LinkQuery(data=request.query_params.dict()))["url"]
    name, known = _resolved(address)
    by = actor_of(request)
    if name.startswith("packs:") and "ref" in known:
        body = _pack(by, known["ref"])
    elif name.startswith("reviews:") and "ref" in known:
        body = _review(by, known["ref"])
    elif "key" in known:
        body = _initiative(by, known["key"])
    else:
        raise NotFound("This address is no initiative, review or pack.", code="no_card")
    return Response({"url": address, **body}, headers={"Cache-Control": "private, max-age=60"})


def _resolved(address: str) -> tuple[str, Mapping[str, str]]:
    """The name and the parts of the page at an address of ours; nothing is ever fetched."""
    elsewhere = Invalid("This is not an address of this portal.", pointer="/url", code="elsewhere")
    home = urlsplit(settings.PORTAL_URL)
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise elsewhere from error
    if parts.netloc and (parts.scheme, parts.netloc) != (home.scheme, home.netloc):
        raise elsewhere
    try:
        match = resolve(parts.path)
    except Resolver404 as error:
        raise NotFound("There is nothing at this address.", code="no_card") from error
    return match.view_name, {name: str(value) for name, value in match.kwargs.items()}


def _initiative(by: Actor, key: str) -> dict[str, Any]:
    found: Initiative = initiative_or_404(by, key)
    level = found.judged_level
    said = found.judged_reason or "Not judged yet."
    return {
        "kind": "initiative",
        "key": found.key,
        "title": found.title,
        "verdict": level or None,
        "status": found.status,
        "summary": said,
    }


def _review(by: Actor, ref: str) -> dict[str, Any]:
    found = review_or_404(by, ref)
    about = found.initiative
    return {
        "kind": "review",
        "key": found.ref,
        "title": about.title if about is not None else str(found.cluster or "The portfolio"),
        "verdict": (about.judged_level or None) if about is not None else None,
        "status": str(found.state_at(clock.now())),
        "summary": found.purpose,
    }


def _pack(by: Actor, ref: str) -> dict[str, Any]:
    found = pack_or_404(by, ref)
    return {
        "kind": "pack",
        "key": found.ref,
        "title": found.title,
        "verdict": (found.initiative.judged_level or None) if found.initiative is not None else None,
        "status": str(found.state),
        "summary": f"Alignment pack, version {found.number}, as of {found.as_of:%-d %B %Y}.",
    }
