"""What is held about a person, and erasing the person, for programs."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal.accounts.models import User
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.http.idempotency import idempotent
from alignment_portal.http.requests import actor_of
from alignment_portal.http.serializers import StrictSerializer
from alignment_portal.operations.erasing import erase_person, holdings_of
from alignment_portal.operations.person_data import export_person
from alignment_portal.pages.api.serializers import valid


class PersonRecordsOut(serializers.Serializer[Any]):
    kind = serializers.CharField(help_text="The table")
    by = serializers.ListField(
        child=serializers.CharField(), help_text="The columns that point at the person"
    )
    rows = serializers.ListField(child=serializers.DictField())


class NamedInOut(serializers.Serializer[Any]):
    initiative = serializers.CharField()
    versions = serializers.ListField(child=serializers.IntegerField())


class NamedInRecordsOut(serializers.Serializer[Any]):
    kind = serializers.CharField(help_text="The table: verdicts, snapshots, conclusions or signatures")
    count = serializers.IntegerField()


class PersonDataOut(serializers.Serializer[Any]):
    format = serializers.CharField()
    made_at = serializers.DateTimeField()
    person = serializers.DictField()
    records = PersonRecordsOut(many=True)
    named_in_dossiers = NamedInOut(many=True)
    named_in_packs = serializers.ListField(child=serializers.CharField())
    named_in_records = NamedInRecordsOut(many=True)
    history = serializers.ListField(child=serializers.DictField())


class HoldingOut(serializers.Serializer[Any]):
    sentence = serializers.CharField()
    address = serializers.CharField(help_text="The page where it is handed over")


class HoldingsOut(serializers.Serializer[Any]):
    erased_at = serializers.DateTimeField(allow_null=True)
    holdings = HoldingOut(many=True)


class ErasureIn(StrictSerializer):
    reason = serializers.CharField(max_length=500, help_text="The ground; kept for good, so without a name")


class ErasedOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField(help_text="The pseudonym")
    email = serializers.EmailField()
    erased_at = serializers.DateTimeField()
    dossier_versions = serializers.IntegerField(help_text="Versions that keep the former address")
    packs = serializers.IntegerField(help_text="Packs that keep the former name")
    records = serializers.IntegerField(
        help_text="Verdicts, conclusions and the like that keep name or address"
    )


@extend_schema(operation_id="people_data", responses=PersonDataOut)
@api_view(["GET"])
def data(request: Request, person_id: UUID) -> Response:
    """Everything held about a person: oneself, or anybody for administrators. That it was read is recorded."""
    by = actor_of(request)
    if by.user_id != person_id:
        require(by, Action.PEOPLE_MANAGE)
    person = get_object_or_404(User, pk=person_id)
    return Response(export_person(by=by, person=person), headers={"Cache-Control": "no-store"})


@extend_schema(methods=["GET"], operation_id="people_holdings", responses=HoldingsOut)
@extend_schema(methods=["POST"], operation_id="people_erase", request=ErasureIn, responses=ErasedOut)
@api_view(["GET", "POST"])
def erasure(request: Request, person_id: UUID) -> Response:
    """What has to be handed over before a person can be erased, and erasing them for good."""
    require(actor_of(request), Action.PEOPLE_MANAGE)
    person = get_object_or_404(User, pk=person_id)
    return _erase(request, person) if request.method == "POST" else _holdings(person)


def _holdings(person: User) -> Response:
    body = {"erased_at": person.erased_at, "holdings": holdings_of(person)}
    return Response(HoldingsOut(body).data)


@idempotent
def _erase(request: Request, person: User) -> Response:
    given = valid(ErasureIn(data=request.data))
    erased = erase_person(by=actor_of(request), person=person, reason=given["reason"])
    body = {
        "id": erased.person.pk,
        "name": erased.person.name,
        "email": erased.person.email,
        "erased_at": erased.person.erased_at,
        "dossier_versions": erased.dossier_versions,
        "packs": erased.packs,
        "records": erased.records,
    }
    return Response(ErasedOut(body).data)
