"""What these calls take and answer. The parts of a dossier are described by its own schema and by nothing else."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, get_args

from django.http import QueryDict
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from alignment_portal.http.serializers import StrictSerializer, checked
from alignment_portal.refusals import Fault, Invalid
from initiatives.dossier.scalars import Archetype, Horizon
from initiatives.dossier.schema import dossier_schema
from initiatives.models import Initiative, Status
from initiatives.selectors import ORDERS, ListRow

EXPANDABLE = ("dossier", "verdict")
VERDICTS = ("blocked", "learning_only", "aligned", "scale_ready")
MAX_LIMIT = 200


@extend_schema_field(OpenApiTypes.STR)
class Names(serializers.Field):  # type: ignore[type-arg]  # the stubs' parameters mean nothing here
    """Choices separated by commas: ``status=draft,in_review``."""

    def __init__(self, choices: Sequence[str], **more: Any) -> None:
        super().__init__(**more)
        self.choices = tuple(choices)

    def to_internal_value(self, data: Any) -> tuple[str, ...]:
        names = tuple(name.strip() for name in str(data).split(",") if name.strip())
        for name in names:
            if name not in self.choices:
                raise serializers.ValidationError(
                    f"“{name}” is none of {', '.join(self.choices)}.", code="choice"
                )
        return names

    def to_representation(self, value: Any) -> Any:
        return ",".join(value)


class ListQuery(StrictSerializer):
    status = Names(Status.values, required=False)
    verdict = Names(VERDICTS, required=False)
    archetype = Names(get_args(Archetype), required=False)
    horizon = Names(get_args(Horizon), required=False)
    cluster = serializers.CharField(required=False)
    owner = serializers.CharField(required=False, help_text="An e-mail, or `me`")
    q = serializers.CharField(required=False, help_text="Words of the key, title or summary")
    order = serializers.ChoiceField(
        choices=[f"{sign}{name}" for name in ORDERS for sign in ("", "-")],
        required=False,
        help_text="By `key`, and what is sought by `-changed`, unless it is said",
    )
    cursor = serializers.CharField(required=False)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=MAX_LIMIT, default=50)
    expand = Names(EXPANDABLE, required=False)


class ExpandQuery(StrictSerializer):
    expand = Names(EXPANDABLE, required=False)


class AtQuery(StrictSerializer):
    at = serializers.DateTimeField(required=False, help_text="As it was known at this moment")


class PageQuery(StrictSerializer):
    cursor = serializers.CharField(required=False)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=MAX_LIMIT)


class NoQuery(StrictSerializer):
    """A call without query parameters."""


class PersonBody(serializers.Serializer[Any]):
    email = serializers.EmailField()
    name = serializers.CharField()


class JudgedBody(serializers.Serializer[Any]):
    """The last recorded verdict; `GET …/verdict/` judges afresh."""

    level = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField()
    gate = serializers.CharField()


class NextMoveBody(serializers.Serializer[Any]):
    person = serializers.CharField()
    deed = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)


class RowBody(serializers.Serializer[Any]):
    key = serializers.CharField()
    title = serializers.CharField()
    archetype = serializers.CharField()
    horizon = serializers.CharField()
    cluster = serializers.CharField(allow_null=True)
    owner = PersonBody()
    status = serializers.CharField()
    status_since = serializers.DateTimeField()
    judged = JudgedBody()
    next_move = NextMoveBody()
    version = serializers.IntegerField()
    changed_at = serializers.DateTimeField()
    expanded = serializers.DictField(required=False, help_text="What `expand` asked for, by its name")


class InitiativeBody(RowBody):
    sponsor = PersonBody(allow_null=True)
    team = serializers.ListField(child=serializers.EmailField())
    summary = serializers.CharField()
    scope = serializers.DictField()
    lane = serializers.CharField(allow_null=True)
    decision_sought = serializers.CharField()
    learning_question = serializers.CharField()
    learning_ends_on = serializers.DateField(allow_null=True)
    planned_launch_on = serializers.DateField(allow_null=True)
    classification = serializers.CharField()
    package = serializers.IntegerField()
    fingerprint = serializers.CharField()
    material_fingerprint = serializers.CharField()
    created_at = serializers.DateTimeField()
    similar = serializers.ListField(child=serializers.DictField(), required=False)


class SavedBody(serializers.Serializer[Any]):
    key = serializers.CharField()
    version = serializers.IntegerField()
    fingerprint = serializers.CharField()
    changed = serializers.BooleanField()
    created = serializers.BooleanField()


class VersionBody(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    package = serializers.IntegerField()
    fingerprint = serializers.CharField()
    material_fingerprint = serializers.CharField()
    recorded_at = serializers.DateTimeField()
    recorded_by = serializers.CharField(source="recorded_by.name", default="The portal")


class HelpIn(StrictSerializer):
    email = serializers.EmailField()


class MemberBody(serializers.Serializer[Any]):
    email = serializers.EmailField(source="user.email")
    name = serializers.CharField(source="user.name")
    kind = serializers.CharField()
    since = serializers.DateTimeField()


class IncidentIn(StrictSerializer):
    severity = serializers.IntegerField(help_text="1 is the worst, 4 the mildest")
    title = serializers.CharField(allow_blank=True)
    description = serializers.CharField(required=False, allow_blank=True, max_length=4000)
    deployment = serializers.CharField(required=False, allow_blank=True, max_length=64)
    opened_at = serializers.DateTimeField(required=False, help_text="Now, when left out")


class IncidentClosing(StrictSerializer):
    cause = serializers.CharField(allow_blank=True, max_length=4000)
    closed_at = serializers.DateTimeField(required=False, help_text="Now, when left out")


class IncidentBody(serializers.Serializer[Any]):
    ref = serializers.CharField()
    severity = serializers.IntegerField()
    title = serializers.CharField()
    description = serializers.CharField()
    deployment = serializers.CharField()
    opened_at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    cause = serializers.CharField()


def given(shape: type[StrictSerializer], data: Any) -> dict[str, Any]:
    """The values of a request body or query; raises with every fault."""
    return checked(shape, data)


def asked(shape: type[StrictSerializer], query: QueryDict) -> dict[str, Any]:
    """The values of a query; a list of names may stand several times (`expand=dossier&expand=verdict`)."""
    lists = _lists_in(shape)
    twice = [name for name in query if name not in lists and len(query.getlist(name)) > 1]
    if twice:
        raise Invalid(f"“{twice[0]}” stands twice; say it once.", pointer=f"/{twice[0]}", code="twice")
    return given(
        shape, {name: ",".join(query.getlist(name)) if name in lists else query[name] for name in query}
    )


@cache
def _lists_in(shape: type[StrictSerializer]) -> frozenset[str]:
    return frozenset(name for name, field in shape().fields.items() if isinstance(field, Names))


def an_object(data: Any) -> Mapping[str, Any]:
    """The body of a request that must be one JSON object."""
    if isinstance(data, Mapping):
        return data
    raise Invalid("Send one JSON object, in braces.", code="type")


def relative_to(refusal: Invalid, prefix: str) -> Invalid:
    """The same refusal with pointers into what was sent, where that was only a part of the document."""
    faults = [
        Fault(
            fault.pointer.removeprefix(prefix) if fault.pointer.startswith(f"{prefix}/") else fault.pointer,
            fault.sentence,
            fault.code,
        )
        for fault in refusal.faults
    ]
    return Invalid(refusal.sentence, faults=faults, code=refusal.code)


@cache
def schema_of(name: str) -> dict[str, Any]:
    """The JSON Schema of a part of the dossier, or of all of it, with every reference written out."""
    whole = dossier_schema()
    start = whole["$defs"].get(name, {key: whole[key] for key in whole if not key.startswith("$")})
    schema: dict[str, Any] = _written_out(start, whole["$defs"])
    return schema


def _written_out(value: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        if "$ref" in value:
            return _written_out(definitions[value["$ref"].removeprefix("#/$defs/")], definitions)
        return {name: _written_out(inner, definitions) for name, inner in value.items()}
    return [_written_out(inner, definitions) for inner in value] if isinstance(value, list) else value


def partial(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The same schema with no field required: for changes."""
    return {name: value for name, value in schema.items() if name != "required"}


def row_body(row: ListRow) -> dict[str, Any]:
    """One row of the list as it is answered."""
    return {
        "key": row.key,
        "title": row.title,
        "archetype": row.archetype,
        "horizon": row.horizon,
        "cluster": row.cluster__code,
        "owner": {"email": row.owner__email, "name": row.owner__name},
        "status": row.status,
        "status_since": row.status_since,
        "judged": {
            "level": row.judged_level,
            "at": row.judged_at,
            "reason": row.judged_reason,
            "gate": row.judged_gate,
        },
        "next_move": {
            "person": row.next_mover_name,
            "deed": row.next_deed,
            "since": row.next_since,
        },
        "version": row.version,
        "changed_at": row.changed_at,
    }


def initiative_body(initiative: Initiative, team: Sequence[str], scope: Mapping[str, Any]) -> dict[str, Any]:
    cluster, sponsor = initiative.cluster, initiative.sponsor
    flat = {
        **vars(initiative),
        "cluster__code": cluster.code if cluster else None,
        "owner__email": initiative.owner.email,
        "owner__name": initiative.owner.name,
    }
    plain = (
        "summary",
        "decision_sought",
        "learning_question",
        "learning_ends_on",
        "planned_launch_on",
        "classification",
        "package",
        "fingerprint",
        "material_fingerprint",
        "created_at",
    )
    return {
        **row_body(ListRow(**{name: flat[name] for name in ListRow._fields})),
        **{name: flat[name] for name in plain},
        "lane": initiative.lane or None,
        "sponsor": {"email": sponsor.email, "name": sponsor.name} if sponsor else None,
        "team": list(team),
        "scope": scope,
    }
