"""The shapes of packs on the wire. Unknown fields are refused by name."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from rest_framework import serializers

from alignment_portal.http.serializers import StrictSerializer
from packs.content.differences import SectionChange
from packs.content.since import Since
from packs.models import Audience, OrderState, PackBuild, PackOrder, State
from packs.selectors.genuineness import Checked
from packs.selectors.packs import told_of

LARGEST = 30 * 1024 * 1024


class PackIn(StrictSerializer):
    subject = serializers.CharField(
        max_length=80, help_text="initiative:KEY, cluster:CODE or portfolio, for example initiative:AI-0001"
    )
    audience = serializers.ChoiceField(choices=Audience.choices, required=False, help_text="For whom it is")


class PackOrderOut(serializers.Serializer[Any]):
    order = serializers.IntegerField()
    subject = serializers.CharField()
    audience = serializers.ChoiceField(choices=Audience.choices)
    state = serializers.ChoiceField(choices=OrderState.choices)
    pack = serializers.CharField(allow_null=True, help_text="Its reference, once it is written")
    refusal = serializers.CharField(help_text="Why there is none, in a sentence")
    asked_at = serializers.DateTimeField()


def order_body(order: PackOrder) -> dict[str, Any]:
    told = told_of(order)
    return {
        "order": order.pk,
        "subject": order.subject,
        "audience": order.audience,
        "state": told.state,
        "pack": order.build.ref if order.build else None,
        "refusal": told.refusal,
        "asked_at": order.at,
    }


class PackQuery(StrictSerializer):
    initiative = serializers.CharField(required=False, max_length=20)
    subject = serializers.CharField(required=False, max_length=80)
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
    title = serializers.CharField()
    initiative = serializers.CharField(allow_null=True, help_text="Its key; null for several")
    audience = serializers.ChoiceField(choices=Audience.choices)
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


class PackMemberOut(serializers.Serializer[Any]):
    key = serializers.CharField()
    title = serializers.CharField()
    horizon = serializers.CharField()
    status = serializers.CharField()
    level = serializers.CharField()
    is_draft = serializers.BooleanField()
    summary = serializers.DictField()


class PackChangeOut(serializers.Serializer[Any]):
    what = serializers.CharField()
    before = serializers.CharField(required=False)
    after = serializers.CharField(required=False)


class PackSectionChangeOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    title = serializers.CharField()
    changes = PackChangeOut(many=True)


class PackSinceOut(serializers.Serializer[Any]):
    ref = serializers.CharField(help_text="The pack before; empty for the first one")
    number = serializers.IntegerField()
    day = serializers.CharField()
    sections = PackSectionChangeOut(many=True)
    left_out = serializers.IntegerField()


class PackWholeOut(PackOut):
    is_draft = serializers.BooleanField()
    summary = serializers.DictField(allow_null=True, help_text="The front page of one initiative")
    overview = serializers.DictField(allow_null=True, help_text="The front page of several")
    sections = SectionOut(many=True)
    members = PackMemberOut(many=True)
    since = PackSinceOut()


class PackReadingOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    email = serializers.CharField()
    at = serializers.DateTimeField()
    way = serializers.ChoiceField(choices=["opened", "copy"])
    sha256 = serializers.CharField(allow_blank=True, help_text="Of the copy that was taken")


class CheckIn(StrictSerializer):
    """One of the two: the PDF itself, or what its sheets carry."""

    fingerprint = serializers.CharField(
        required=False, max_length=64, help_text="Whole, its first sixteen characters, or a reference"
    )
    file = serializers.FileField(required=False, help_text="The PDF")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if bool(attrs.get("fingerprint")) == bool(attrs.get("file")):
            raise serializers.ValidationError(
                {"fingerprint": "Send a fingerprint or the PDF, one of the two."}
            )
        if attrs.get("file") and attrs["file"].size > LARGEST:
            raise serializers.ValidationError({"file": "This file is larger than any pack."})
        return attrs


class CheckedOut(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=["genuine", "altered", "unknown"])
    ref = serializers.CharField(allow_null=True)
    version = serializers.IntegerField(allow_null=True)
    as_of = serializers.DateTimeField(allow_null=True)
    is_current = serializers.BooleanField()
    may_read = serializers.BooleanField(help_text="Whether you may read it; if not, the rest is left out")
    subject = serializers.CharField(allow_null=True)
    copy_of = serializers.CharField(allow_null=True, help_text="Whose copy it is")
    copied_at = serializers.DateTimeField(allow_null=True)
    newest = serializers.CharField(allow_null=True)
    changes = PackSectionChangeOut(many=True)


def checked_body(checked: Checked) -> Mapping[str, Any]:
    build, copy = checked.build, checked.copy
    return {
        "state": checked.state,
        "ref": build.ref if build else None,
        "version": build.number if build else None,
        "as_of": build.as_of if build else None,
        "is_current": checked.is_current,
        "may_read": checked.may_read,
        "subject": build.subject if build and checked.may_read else None,
        "copy_of": copy.user.name if copy else None,
        "copied_at": copy.at if copy else None,
        "newest": checked.latest.ref if checked.latest else None,
        "changes": [change_body(section) for section in checked.changes],
    }


def change_body(section: SectionChange) -> Mapping[str, Any]:
    return {
        "code": section.code,
        "title": section.title,
        "changes": [{"what": one.what, "before": one.before, "after": one.after} for one in section.changes],
    }


def since_body(since: Since) -> Mapping[str, Any]:
    return {
        "ref": since.ref,
        "number": since.number,
        "day": since.day,
        "sections": [change_body(section) for section in since.sections],
        "left_out": since.left_out,
    }


def pack_body(build: PackBuild, places: Mapping[int, int]) -> Mapping[str, Any]:
    file = getattr(build, "file", None)
    place = reverse("api:packs:pack", args=[build.ref])
    return {
        "ref": build.ref,
        "href": place,
        "subject": build.subject,
        "title": build.title,
        "initiative": build.initiative.key if build.initiative else None,
        "audience": build.audience,
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
