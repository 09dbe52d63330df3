"""What the calls about work in the queues take and answer."""

from typing import Any

from rest_framework import serializers

from alignment_portal.http.serializers import StrictSerializer
from portfolio.models import WorkState


class WorkQuery(StrictSerializer):
    bottleneck = serializers.CharField(required=False, max_length=64)
    state = serializers.ChoiceField(choices=WorkState.choices, required=False)
    initiative = serializers.CharField(required=False, max_length=20)
    cursor = serializers.CharField(required=False)
    limit = serializers.IntegerField(required=False, min_value=1)


class ExceptionOut(serializers.Serializer[Any]):
    until = serializers.DateField()
    reason = serializers.CharField()
    decided_by = serializers.EmailField()


class WorkOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    initiative = serializers.CharField()
    bottleneck = serializers.CharField()
    gate = serializers.CharField()
    state = serializers.CharField()
    days_low = serializers.FloatField()
    days_likely = serializers.FloatField()
    days_high = serializers.FloatField()
    needed_by = serializers.DateField(allow_null=True)
    queued_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    age_days = serializers.FloatField(help_text="Days since it was queued, until now or until it was done")
    in_work_days = serializers.FloatField(allow_null=True, help_text="Days since it was begun")
    exception = ExceptionOut(allow_null=True)
    version = serializers.IntegerField()


class MoveIn(StrictSerializer):
    to = serializers.CharField(max_length=10, help_text="started, blocked, done or queued")
    reason = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    version = serializers.IntegerField(required=False, help_text="Move it only if it still is this version")


class ExceptionIn(StrictSerializer):
    reason = serializers.CharField(max_length=2000)
    until = serializers.DateField()


class LittleOut(serializers.Serializer[Any]):
    number = serializers.FloatField(help_text="L: how much was there on average")
    rate_per_day = serializers.FloatField(help_text="λ: how much was there at all, a day")
    days = serializers.FloatField(help_text="W: mean days each spent there; number = rate_per_day · days")


class WeekOut(serializers.Serializer[Any]):
    ends_on = serializers.DateField()
    queued = serializers.IntegerField()
    started = serializers.IntegerField()
    done = serializers.IntegerField()


class FlowOut(serializers.Serializer[Any]):
    done = serializers.IntegerField()
    per_week = serializers.FloatField()
    lead_days = serializers.FloatField(allow_null=True, help_text="Median, from queue to done")
    wait_days = serializers.FloatField(allow_null=True, help_text="Median, from queue to start")
    work_days = serializers.FloatField(allow_null=True, help_text="Median, from start to done")
    little = LittleOut()
    weeks = WeekOut(many=True)


class ClosureIn(StrictSerializer):
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    reason = serializers.CharField(max_length=200)


class ClosureOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    reason = serializers.CharField()


class ClosureList(serializers.Serializer[Any]):
    results = ClosureOut(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
