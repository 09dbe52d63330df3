"""What the calls about the portfolio take and answer."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from alignment_portal.http.serializers import StrictSerializer
from portfolio.models import DependencyKind, DependencyState, Funding

CODE = r"^[a-z0-9][a-z0-9._-]{0,63}\Z"


class NoQuery(StrictSerializer):
    """A call without query parameters."""


class AtQuery(StrictSerializer):
    at = serializers.DateTimeField(required=False, help_text="As it was known at this moment")


class DependencyChange(StrictSerializer):
    title = serializers.CharField(max_length=200, required=False)
    kind = serializers.ChoiceField(choices=DependencyKind.choices, required=False)
    owner = serializers.EmailField(required=False, allow_null=True)
    funding = serializers.ChoiceField(choices=Funding.choices, required=False)
    state = serializers.ChoiceField(choices=DependencyState.choices, required=False)
    due_on = serializers.DateField(required=False, allow_null=True)
    duration_days = serializers.FloatField(required=False, allow_null=True, min_value=0, max_value=10_000)
    price = serializers.FloatField(required=False, allow_null=True, min_value=0, max_value=1e12)
    note = serializers.CharField(max_length=4000, required=False, allow_blank=True)


class DependencyIn(DependencyChange):
    code = serializers.RegexField(CODE, max_length=64)
    title = serializers.CharField(max_length=200)
    kind = serializers.ChoiceField(choices=DependencyKind.choices)


class DependencyOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.CharField()
    owner = serializers.EmailField(allow_null=True)
    funding = serializers.CharField()
    state = serializers.CharField()
    due_on = serializers.DateField(allow_null=True)
    duration_days = serializers.FloatField(allow_null=True, help_text="Work days, once owned and funded")
    price = serializers.FloatField(allow_null=True)
    note = serializers.CharField()
    version = serializers.IntegerField()
    needed_by = serializers.ListField(
        child=serializers.CharField(), help_text="Keys of the initiatives you may see that wait for it"
    )


class DependencyList(serializers.Serializer[Any]):
    results = DependencyOut(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class BottleneckChange(StrictSerializer):
    title = serializers.CharField(max_length=200, required=False)
    people = serializers.IntegerField(required=False, min_value=1, max_value=100_000)
    cap = serializers.IntegerField(required=False, min_value=1, max_value=100_000)
    hours_per_week = serializers.FloatField(required=False, min_value=0.5, max_value=168)
    fresh_days = serializers.FloatField(required=False, allow_null=True, min_value=0, max_value=10_000)
    price_per_person = serializers.FloatField(required=False, allow_null=True, min_value=0, max_value=1e12)


class BottleneckIn(BottleneckChange):
    code = serializers.RegexField(CODE, max_length=64)
    title = serializers.CharField(max_length=200)
    cap = serializers.IntegerField(min_value=1, max_value=100_000)


class BottleneckOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    title = serializers.CharField()
    people = serializers.IntegerField()
    cap = serializers.IntegerField()
    hours_per_week = serializers.FloatField()
    fresh_days = serializers.FloatField(allow_null=True, help_text="Work days")
    price_per_person = serializers.FloatField(allow_null=True, help_text="A year")
    version = serializers.IntegerField()
    in_flight = serializers.IntegerField(help_text="Against the cap")
    excepted = serializers.IntegerField(help_text="In flight above the cap, by an executive's decision")
    queued = serializers.IntegerField()
    open = serializers.IntegerField(help_text="All that is in flight or queued")


class BottleneckList(serializers.Serializer[Any]):
    results = BottleneckOut(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class LoadOut(serializers.Serializer[Any]):
    group = serializers.CharField()
    name = serializers.CharField()
    called = serializers.ListField(
        child=serializers.CharField(),
        help_text="Every name it goes by: more than one where initiatives use one code for different groups",
    )
    month = serializers.DateField()
    hours_per_person = serializers.FloatField()
    capacity_hours = serializers.FloatField()
    headcount = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True)
    band = serializers.ChoiceField(choices=["free", "high", "over", "stop"])
    excess_hours = serializers.FloatField()
    initiatives = serializers.ListField(child=serializers.DictField())
    other_changes = serializers.ListField(child=serializers.DictField())
    others_hours = serializers.FloatField(help_text="Of initiatives that you may not see")


class LoadList(serializers.Serializer[Any]):
    results = LoadOut(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class SummaryOut(serializers.Serializer[Any]):
    initiatives = serializers.IntegerField()
    by_status = serializers.DictField(child=serializers.IntegerField())
    by_horizon = serializers.DictField(child=serializers.IntegerField())
    by_verdict = serializers.DictField(child=serializers.IntegerField())
    by_blocking_gate = serializers.DictField(child=serializers.IntegerField())
    bottlenecks = BottleneckOut(many=True)
    dependencies = DependencyOut(many=True)
    overloaded = LoadOut(many=True)


def valid(serializer: StrictSerializer) -> Mapping[str, Any]:
    serializer.is_valid(raise_exception=True)
    data: Mapping[str, Any] = serializer.validated_data
    return data
