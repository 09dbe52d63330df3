"""The shapes of people, roles, tokens and history on the wire. Unknown fields are refused by name."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from alignment_portal.accounts.models import ApiToken, RoleGrant, User
from alignment_portal.accounts.roles import Function, Role, Scope
from alignment_portal.http.serializers import StrictSerializer


class PersonIn(StrictSerializer):
    email = serializers.EmailField()
    name = serializers.CharField(max_length=120)
    title = serializers.CharField(max_length=120, required=False, allow_blank=True)
    function = serializers.ChoiceField(choices=Function.choices, required=False, allow_blank=True)
    time_zone = serializers.CharField(max_length=64, required=False)
    password = serializers.CharField(required=False, write_only=True, trim_whitespace=False)


class PersonChange(StrictSerializer):
    email = serializers.EmailField(required=False)
    name = serializers.CharField(max_length=120, required=False)
    title = serializers.CharField(max_length=120, required=False, allow_blank=True)
    function = serializers.ChoiceField(choices=Function.choices, required=False, allow_blank=True)
    time_zone = serializers.CharField(max_length=64, required=False)
    active = serializers.BooleanField(required=False)
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True)


class GrantOut(serializers.Serializer[RoleGrant]):
    id = serializers.IntegerField()
    role = serializers.ChoiceField(choices=Role.choices)
    function = serializers.CharField()
    granted_at = serializers.DateTimeField()
    revoked_at = serializers.DateTimeField(allow_null=True)


class PersonOut(serializers.Serializer[User]):
    id = serializers.UUIDField()
    email = serializers.EmailField()
    name = serializers.CharField()
    title = serializers.CharField()
    function = serializers.CharField()
    time_zone = serializers.CharField()
    active = serializers.BooleanField(source="is_active")
    deactivated_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()
    service = serializers.BooleanField(source="is_service")
    roles = GrantOut(source="current_grants", many=True)


class ServiceAccountIn(StrictSerializer):
    name = serializers.CharField(max_length=120)
    email = serializers.EmailField(help_text="How the record and dossiers name it")


class RoleIn(StrictSerializer):
    role = serializers.ChoiceField(choices=Role.choices)
    function = serializers.ChoiceField(choices=Function.choices, required=False, allow_blank=True)


class TokenIn(StrictSerializer):
    name = serializers.CharField(max_length=80)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Scope.choices), min_length=1)
    expires_at = serializers.DateTimeField(required=False, allow_null=True)
    person = serializers.UUIDField(required=False, help_text="For whom; oneself when left out")
    rate = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=100_000,
        help_text="Requests a minute; the usual number when left out",
    )


class TokenOut(serializers.Serializer[ApiToken]):
    id = serializers.IntegerField()
    person = serializers.UUIDField(source="user_id")
    name = serializers.CharField()
    prefix = serializers.CharField()
    scopes = serializers.ListField(child=serializers.CharField())
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    rate = serializers.IntegerField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)


class IssuedTokenOut(TokenOut):
    token = serializers.CharField(help_text="Shown once")


class HistoryQuery(StrictSerializer):
    actor = serializers.CharField(required=False)
    action = serializers.CharField(required=False)
    initiative = serializers.CharField(required=False)
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)
    cursor = serializers.CharField(required=False)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=200)


class EntryOut(serializers.Serializer[Any]):
    seq = serializers.IntegerField()
    at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    actor = serializers.CharField()
    actor_id = serializers.UUIDField(allow_null=True)
    roles = serializers.CharField()
    via = serializers.CharField()
    action = serializers.CharField()
    sentence = serializers.CharField()
    initiative = serializers.CharField()
    subject = serializers.CharField()
    reason = serializers.CharField()
    hash = serializers.CharField()
    details = serializers.DictField()


def valid(serializer: StrictSerializer) -> Mapping[str, Any]:
    serializer.is_valid(raise_exception=True)
    data: Mapping[str, Any] = serializer.validated_data
    return data
