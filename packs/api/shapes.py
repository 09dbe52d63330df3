"""The shapes of packs on the wire. Unknown fields are refused by name."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from rest_framework import serializers

from alignment_portal.http.serializers import StrictSerializer
from packs.models import PackBuild, State


class PackIn(StrictSerializer):
    subject = serializers.CharField(max_length=80, help_text="initiative:KEY, for example initiative:AI-0001")


class PackQuery(StrictSerializer):
    initiative = serializers.CharField(required=False, max_length=20)
    state = serializers.ChoiceField(choices=State.choices, required=False)
    cursor = serializers.CharField(required=False)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=200)


class PackFileOut(serializers.Serializer[Any]):
    sha256 = serializers.CharField()
    size = serializers.IntegerField()
    pages = serializers.IntegerField()
    href = serializers.CharField()


class PackOut(serializers.Serializer[Any]):
    ref = serializers.CharField()
    href = serializers.CharField()
    subject = serializers.CharField()
    initiative = serializers.CharField()
    version = serializers.IntegerField()
    state = serializers.ChoiceField(choices=State.choices)
    step = serializers.CharField()
    percent = serializers.IntegerField()
    position = serializers.IntegerField(help_text="Place in the queue; 0 when it is not waiting")
    attempt = serializers.IntegerField()
    error = serializers.CharField()
    as_of = serializers.DateTimeField()
    fingerprint = serializers.CharField()
    stale_since = serializers.DateTimeField(allow_null=True)
    requested_by = serializers.CharField(allow_null=True)
    requested_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    file = PackFileOut(allow_null=True)


class SectionOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    title = serializers.CharField()
    lead = serializers.CharField()
    blocks = serializers.ListField(child=serializers.DictField())


class PackWholeOut(PackOut):
    summary = serializers.DictField()
    sections = SectionOut(many=True)


def pack_body(build: PackBuild, places: Mapping[int, int]) -> Mapping[str, Any]:
    file = getattr(build, "file", None)
    place = reverse("api:packs:pack", args=[build.ref])
    return {
        "ref": build.ref,
        "href": place,
        "subject": build.subject,
        "initiative": build.initiative.key,
        "version": build.number,
        "state": build.state,
        "step": build.step,
        "percent": build.percent,
        "position": places.get(build.pk, 0),
        "attempt": build.attempt,
        "error": build.error,
        "as_of": build.as_of,
        "fingerprint": build.fingerprint,
        "stale_since": build.stale_since,
        "requested_by": build.requested_by.email if build.requested_by else None,
        "requested_at": build.requested_at,
        "finished_at": build.finished_at,
        "file": None
        if file is None
        else {"sha256": file.sha256, "size": file.size, "pages": file.pages, "href": f"{place}pdf/"},
    }


def valid(serializer: StrictSerializer) -> Mapping[str, Any]:
    serializer.is_valid(raise_exception=True)
    data: Mapping[str, Any] = serializer.validated_data
    return data
