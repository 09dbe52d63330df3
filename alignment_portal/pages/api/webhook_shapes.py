"""What webhooks and the feed look like over HTTP."""

from typing import Any

from rest_framework import serializers

from alignment_portal.feed import WORDS
from alignment_portal.http.serializers import StrictSerializer
from alignment_portal.outbox.models import Attempt, Delivery, Webhook

EVENTS = sorted(WORDS)


class WebhookIn(StrictSerializer):
    name = serializers.CharField(max_length=80)
    url = serializers.CharField(max_length=500)
    events = serializers.ListField(
        child=serializers.CharField(max_length=80),
        required=False,
        max_length=50,
        help_text="Names of events; empty: all",
    )
    owner = serializers.UUIDField(required=False, help_text="Whose eyes it has; one’s own when left out")


class WebhookChange(StrictSerializer):
    name = serializers.CharField(max_length=80, required=False)
    url = serializers.CharField(max_length=500, required=False)
    events = serializers.ListField(child=serializers.CharField(max_length=80), required=False, max_length=50)


class WebhookOut(serializers.Serializer[Webhook]):
    id = serializers.UUIDField()
    owner = serializers.UUIDField(source="owner_id")
    name = serializers.CharField()
    url = serializers.CharField()
    events = serializers.ListField(child=serializers.CharField())
    state = serializers.ChoiceField(choices=["live", "failing", "stopped", "retired"])
    stop_reason = serializers.CharField(allow_blank=True)
    failing_since = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    former_secret_until = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class OpenedWebhookOut(WebhookOut):
    secret = serializers.CharField(help_text="Shown once: it checks the signatures")


class StopIn(StrictSerializer):
    reason = serializers.CharField(max_length=300)


class DeliveryQuery(StrictSerializer):
    state = serializers.ChoiceField(choices=Delivery.State.choices, required=False)
    cursor = serializers.CharField(required=False)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=200)


class DeliveryOut(serializers.Serializer[Delivery]):
    id = serializers.UUIDField()
    message_id = serializers.CharField()
    event = serializers.IntegerField(source="event.place", allow_null=True)
    type = serializers.CharField(source="event.name")
    state = serializers.ChoiceField(choices=Delivery.State.choices)
    attempts = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    next_at = serializers.DateTimeField(
        allow_null=True, help_text="When it is tried again; after the end, when it was settled"
    )
    finished_at = serializers.DateTimeField(allow_null=True)


class AttemptOut(serializers.Serializer[Attempt]):
    at = serializers.DateTimeField()
    milliseconds = serializers.IntegerField()
    status = serializers.IntegerField(allow_null=True)
    fault = serializers.CharField(allow_blank=True)
    sent = serializers.CharField(allow_blank=True)
    received = serializers.CharField(allow_blank=True)


class DeliveryWithLog(DeliveryOut):
    log = AttemptOut(many=True)


class EventsQuery(StrictSerializer):
    after = serializers.IntegerField(
        required=False, min_value=0, max_value=2**62, default=0, help_text="The `cursor` of the answer before"
    )
    limit = serializers.IntegerField(required=False, min_value=1, max_value=200, default=100)
    type = serializers.ListField(
        child=serializers.ChoiceField(choices=EVENTS), required=False, default=list, max_length=50
    )


class EventOut(serializers.Serializer[Any]):
    id = serializers.IntegerField(help_text="Its place in the feed")
    type = serializers.CharField()
    timestamp = serializers.DateTimeField()
    data = serializers.DictField(help_text="The ids concerned; look the rest up")  # type: ignore[assignment]  # a declared field, not the property


class FeedOut(serializers.Serializer[Any]):
    results = EventOut(many=True)
    cursor = serializers.IntegerField(help_text="Send as `after` next time, also when `results` is empty")
    latest = serializers.IntegerField(help_text="The newest place of all")
    next = serializers.URLField()


class EventTypeOut(serializers.Serializer[Any]):
    type = serializers.CharField()
    words = serializers.CharField()
