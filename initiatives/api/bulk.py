"""Many dossiers in one call: all or nothing, or one by one with a result for each. Sent again, it changes nothing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django.db import IntegrityError, transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal.http.idempotency import idempotent
from alignment_portal.http.problems import problem_of, refusal_behind
from alignment_portal.http.requests import actor_of
from alignment_portal.http.serializers import StrictSerializer, refuse_trial_in_address
from alignment_portal.refusals import Fault, Invalid, Refusal
from initiatives.api import shapes
from initiatives.services.dossiers import SavedDossier, save_dossier, save_dossiers

MOST = 100


class BulkItem(StrictSerializer):
    dossier = serializers.JSONField(help_text="The whole document")
    fingerprint = serializers.CharField(
        required=False, max_length=64, help_text="Change it only while this is its fingerprint"
    )


class BulkIn(StrictSerializer):
    items = serializers.ListField(child=BulkItem(), min_length=1, max_length=MOST)
    all_or_nothing = serializers.BooleanField(required=False, default=True)
    dry_run = serializers.BooleanField(
        required=False, default=False, help_text="Say what would become of each, and change nothing"
    )


class BulkResult(serializers.Serializer[Any]):
    key = serializers.CharField(allow_blank=True)
    outcome = serializers.ChoiceField(choices=["created", "changed", "unchanged", "refused"])
    version = serializers.IntegerField(allow_null=True)
    fingerprint = serializers.CharField(allow_null=True)
    problem = serializers.DictField(allow_null=True)


class BulkOut(serializers.Serializer[Any]):
    results = BulkResult(many=True, help_text="In the order of what was sent")
    committed = serializers.BooleanField()
    saved = serializers.IntegerField()
    refused = serializers.IntegerField()


@extend_schema(operation_id="initiatives_bulk", request=BulkIn, responses=BulkOut)
@api_view(["POST"])
@idempotent
def bulk(request: Request) -> Response:
    """Create or change up to 100 initiatives by their whole documents.

    All or nothing unless `all_or_nothing` is false: then each is saved or refused by itself. `dry_run` does the
    same and takes it back, so that it promises nothing that would be refused.
    """
    refuse_trial_in_address(request)
    asked = shapes.given(BulkIn, shapes.an_object(request.data))
    items: list[Mapping[str, Any]] = asked["items"]
    with transaction.atomic():
        results = _together(request, items) if asked["all_or_nothing"] else _each(request, items)
        if asked["dry_run"]:
            transaction.set_rollback(True)
    refused = sum(row["outcome"] == "refused" for row in results)
    counts = {"saved": len(results) - refused, "refused": refused}
    return Response({"results": results, "committed": not asked["dry_run"], **counts})


def _together(request: Request, items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    saved = save_dossiers(
        by=actor_of(request), documents=[(_raw(item), item.get("fingerprint")) for item in items]
    )
    return [_saved(row) for row in saved]


def _raw(item: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode(item["dossier"])


def _each(request: Request, items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    times = Counter(_key_of(item) for item in items)
    return [
        _refused(request, item, _twice(place, _key_of(item)))
        if times[_key_of(item)] > 1 and _key_of(item)
        else _one(request, item, place)
        for place, item in enumerate(items)
    ]


def _twice(place: int, key: str) -> Invalid:
    return Invalid(f"{key} stands twice.", pointer=f"/items/{place}/dossier/initiative/key", code="twice")


def _refused(request: Request, item: Mapping[str, Any], refusal: Refusal) -> dict[str, Any]:
    return {
        "key": _key_of(item),
        "outcome": "refused",
        "version": None,
        "fingerprint": None,
        "problem": problem_of(refusal, request.path),
    }


def _one(request: Request, item: Mapping[str, Any], place: int) -> dict[str, Any]:
    try:
        saved = save_dossier(by=actor_of(request), document=_raw(item), expected=item.get("fingerprint"))
    except (Refusal, IntegrityError) as error:
        refusal = refusal_behind(error)
        if refusal is None:
            raise
        return _refused(request, item, _placed(refusal, place))
    return _saved(saved)


def _placed(refusal: Refusal, place: int) -> Refusal:
    """The same refusal with pointers into what was sent."""
    if not isinstance(refusal, Invalid):
        return refusal
    faults = [
        Fault(f"/items/{place}/dossier{fault.pointer}", fault.sentence, fault.code)
        for fault in refusal.faults
    ]
    return Invalid(refusal.sentence, faults=faults, code=refusal.code)


def _key_of(item: Mapping[str, Any]) -> str:
    document = item["dossier"]
    section = document.get("initiative") if isinstance(document, Mapping) else None
    key = section.get("key") if isinstance(section, Mapping) else None
    return key[:40] if isinstance(key, str) else ""


def _saved(saved: SavedDossier) -> dict[str, Any]:
    return {
        "key": saved.initiative.key,
        "outcome": "created" if saved.created else "changed" if saved.changed else "unchanged",
        "version": saved.version,
        "fingerprint": saved.initiative.fingerprint,
        "problem": None,
    }
