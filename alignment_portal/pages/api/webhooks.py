"""Webhooks and the feed of events, for programs."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal import feed
from alignment_portal.accounts.models import User
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.http.etags import etag_of, require_match, with_etag
from alignment_portal.http.idempotency import idempotent
from alignment_portal.http.pagination import paged
from alignment_portal.http.requests import actor_of
from alignment_portal.outbox import deliveries
from alignment_portal.outbox import webhooks as services
from alignment_portal.outbox.models import Delivery, Webhook
from alignment_portal.pages.api import webhook_shapes as shapes
from alignment_portal.pages.api.serializers import valid
from alignment_portal.refusals import NotFound

SECRET_ANSWER = {"Cache-Control": "no-store"}


def _body(webhook: Webhook) -> Mapping[str, Any]:
    return shapes.WebhookOut(webhook).data


def _opened(opened: services.Opened, status: int) -> Response:
    # Never kept under an Idempotency-Key: an answer with a secret in it is stored nowhere.
    address = reverse("api:webhook", args=[opened.webhook.pk])
    headers = {**SECRET_ANSWER, "Location": address, "ETag": etag_of(opened.webhook.version)}
    return Response({**_body(opened.webhook), "secret": opened.secret}, status=status, headers=headers)


def _found(request: Request, webhook_id: UUID) -> Webhook:
    require(actor_of(request), Action.WEBHOOK_MANAGE)
    webhook = Webhook.objects.kept().filter(pk=webhook_id).first()
    if webhook is None:
        raise NotFound("There is no such webhook.")
    return webhook


@extend_schema(methods=["GET"], operation_id="webhooks_list", responses=shapes.WebhookOut(many=True))
@extend_schema(
    methods=["POST"],
    operation_id="webhooks_open",
    request=shapes.WebhookIn,
    responses={201: shapes.OpenedWebhookOut},
)
@api_view(["GET", "POST"])
def webhooks(request: Request) -> Response:
    """The webhooks of the portal, and opening one. The secret that checks its signatures is shown once."""
    require(actor_of(request), Action.WEBHOOK_MANAGE)
    if request.method == "GET":
        return paged(request, Webhook.objects.kept(), _body, ordering=("name", "id"))
    given = dict(valid(shapes.WebhookIn(data=request.data)))
    owner = User.objects.filter(pk__in=[given.pop("owner", None) or actor_of(request).user_id]).first()
    if owner is None:
        raise NotFound("There is no such person.")
    opened = services.open_webhook(
        by=actor_of(request), owner=owner, known=feed.WORDS, **{"events": [], **given}
    )
    return _opened(opened, 201)


@extend_schema(methods=["GET"], operation_id="webhooks_read", responses=shapes.WebhookOut)
@extend_schema(
    methods=["PATCH"],
    operation_id="webhooks_change",
    request=shapes.WebhookChange,
    responses=shapes.WebhookOut,
)
@extend_schema(methods=["DELETE"], operation_id="webhooks_retire", responses={204: None})
@api_view(["GET", "PATCH", "DELETE"])
@with_etag
def webhook(request: Request, webhook_id: UUID) -> Response:
    """One webhook; DELETE ends it for good."""
    found = _found(request, webhook_id)
    if request.method == "DELETE":
        services.retire_webhook(by=actor_of(request), webhook=found)
        return Response(status=204)
    if request.method == "PATCH":
        require_match(request, found.version, body=_body(found))
        given = dict(valid(shapes.WebhookChange(data=request.data)))
        now = {"name": found.name, "url": found.url, "events": found.events}
        found = services.change_webhook(
            by=actor_of(request), webhook=found, version=found.version, known=feed.WORDS, **{**now, **given}
        )
    return Response(_body(found))


@extend_schema(operation_id="webhooks_rotate", request=None, responses={200: shapes.OpenedWebhookOut})
@api_view(["POST"])
def secret(request: Request, webhook_id: UUID) -> Response:
    """A new secret, shown once; the former one signs beside it for a day."""
    return _opened(services.rotate_secret(by=actor_of(request), webhook=_found(request, webhook_id)), 200)


@extend_schema(operation_id="webhooks_stop", request=shapes.StopIn, responses=shapes.WebhookOut)
@api_view(["POST"])
@idempotent
def stop(request: Request, webhook_id: UUID) -> Response:
    """Send nothing more until it is started."""
    found = _found(request, webhook_id)
    given = valid(shapes.StopIn(data=request.data))
    return Response(_body(services.stop_webhook(by=actor_of(request), webhook=found, reason=given["reason"])))


@extend_schema(operation_id="webhooks_start", request=None, responses=shapes.WebhookOut)
@api_view(["POST"])
@idempotent
def start(request: Request, webhook_id: UUID) -> Response:
    """Start it again; what it missed is in the feed."""
    return Response(_body(services.start_webhook(by=actor_of(request), webhook=_found(request, webhook_id))))


@extend_schema(operation_id="webhooks_test", request=None, responses={202: shapes.DeliveryOut})
@api_view(["POST"])
@idempotent
def test(request: Request, webhook_id: UUID) -> Response:
    """Send it an event of its own, to see whether the receiver understands."""
    sent = deliveries.send_test(by=actor_of(request), webhook=_found(request, webhook_id))
    return _accepted(sent)


def _accepted(delivery: Delivery) -> Response:
    address = reverse("api:webhook-delivery", args=[delivery.webhook_id, delivery.pk])
    return Response(shapes.DeliveryOut(delivery).data, status=202, headers={"Location": address})


@extend_schema(
    operation_id="deliveries_list",
    parameters=[shapes.DeliveryQuery],
    responses=shapes.DeliveryOut(many=True),
)
@api_view(["GET"])
def delivery_list(request: Request, webhook_id: UUID) -> Response:
    """What was sent to a webhook, newest first."""
    found = _found(request, webhook_id)
    asked = valid(shapes.DeliveryQuery(data=request.query_params.dict()))
    rows = Delivery.objects.filter(webhook=found).select_related("event")
    if "state" in asked:
        rows = rows.filter(state=asked["state"])
    return paged(request, rows, lambda row: shapes.DeliveryOut(row).data, ordering=("-created_at", "id"))


def _delivery(request: Request, webhook_id: UUID, delivery_id: UUID) -> Delivery:
    rows = Delivery.objects.filter(webhook=_found(request, webhook_id), pk=delivery_id)
    delivery = rows.select_related("event").prefetch_related("log").first()
    if delivery is None:
        raise NotFound("There is no such delivery.")
    return delivery


@extend_schema(operation_id="deliveries_read", responses=shapes.DeliveryWithLog)
@api_view(["GET"])
def delivery(request: Request, webhook_id: UUID, delivery_id: UUID) -> Response:
    """One delivery with every attempt: what was sent, and what came back."""
    return Response(shapes.DeliveryWithLog(_delivery(request, webhook_id, delivery_id)).data)


@extend_schema(operation_id="deliveries_replay", request=None, responses={202: shapes.DeliveryOut})
@api_view(["POST"])
@idempotent
def replay(request: Request, webhook_id: UUID, delivery_id: UUID) -> Response:
    """Send it again, under the same id, so that a receiver that knows it already may leave it."""
    found = _delivery(request, webhook_id, delivery_id)
    return _accepted(deliveries.replay(by=actor_of(request), delivery=found))


# --- the feed ----------------------------------------------------------------------------------------------


@extend_schema(
    operation_id="events_list",
    parameters=[shapes.EventsQuery],
    responses={
        200: shapes.FeedOut,
        410: OpenApiResponse(description="Events behind this cursor are gone, or there were none."),
    },
)
@api_view(["GET"])
def events(request: Request) -> Response:
    """What happened, oldest first, behind a cursor; only what the caller may see."""
    query = {**request.query_params.dict(), "type": request.query_params.getlist("type")}
    asked = valid(shapes.EventsQuery(data=query))
    page = feed.read(actor_of(request), after=asked["after"], limit=asked["limit"], kinds=asked["type"])
    following = request.query_params.copy()
    following["after"] = str(page.cursor)
    address = request.build_absolute_uri(f"{request.path}?{following.urlencode()}")
    body = {"results": page.results, "cursor": page.cursor, "latest": page.latest, "next": address}
    return Response(shapes.FeedOut(body).data, headers={"Link": f'<{address}>; rel="next"'})


@extend_schema(operation_id="event_types_list", responses=shapes.EventTypeOut(many=True))
@api_view(["GET"])
def event_types(request: Request) -> Response:
    """Every kind of event there is, in words."""
    rows = [{"type": name, "words": words} for name, words in sorted(feed.WORDS.items())]
    return Response({"results": rows, "next": None, "previous": None})
