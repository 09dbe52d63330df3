"""What the calls about metrics take and answer."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from alignment_portal.http.serializers import StrictSerializer
from metrics.control_charts import Watch
from metrics.models import Metric, MetricResult
from metrics.selectors import SeriesRow


class SeriesQuery(StrictSerializer):
    at = serializers.DateTimeField(required=False, help_text="As it was known at this moment")
    deployment = serializers.CharField(required=False, allow_blank=True, default="")
    segment = serializers.CharField(required=False, allow_blank=True, default="")


class PageQuery(StrictSerializer):
    cursor = serializers.CharField(required=False)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=200)


class HistogramIn(StrictSerializer):
    expected = serializers.ListField(child=serializers.FloatField())
    actual = serializers.ListField(child=serializers.FloatField())


class ReadingIn(StrictSerializer):
    """Described here for the reader; checked row by row in metrics.services.readings."""

    initiative = serializers.CharField()
    metric = serializers.CharField()
    period_start = serializers.DateField()
    period_end = serializers.DateField(help_text="The last day of the period, at most today")
    value = serializers.FloatField(required=False, allow_null=True)
    numerator = serializers.FloatField(required=False, allow_null=True, min_value=0)
    denominator = serializers.FloatField(required=False, allow_null=True, help_text="Above 0")
    sample_size = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    spread = serializers.FloatField(
        required=False, allow_null=True, min_value=0, help_text="Standard deviation between the cases"
    )
    histogram = HistogramIn(required=False, help_text="In place of a value: cases by bin, for drift")
    segment = serializers.CharField(required=False, allow_blank=True, max_length=64)
    deployment = serializers.CharField(required=False, allow_blank=True, max_length=64)
    source = serializers.CharField(  # type: ignore[assignment]  # a name that the framework uses too
        required=False, allow_blank=True, max_length=200
    )


class ReadingsIn(StrictSerializer):
    observations = ReadingIn(many=True)


class RecordedOut(serializers.Serializer[Any]):
    received = serializers.IntegerField()
    added = serializers.IntegerField()
    revised = serializers.IntegerField()
    unchanged = serializers.IntegerField()


class MetricOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    title = serializers.CharField()
    layer = serializers.CharField()
    unit = serializers.CharField()
    direction = serializers.CharField()
    measure = serializers.CharField()
    node = serializers.CharField()
    owner = serializers.CharField(allow_null=True)
    cadence_days = serializers.IntegerField(allow_null=True)
    monitored = serializers.BooleanField()
    headline = serializers.BooleanField()
    claimed = serializers.FloatField(allow_null=True)
    tags = serializers.ListField(child=serializers.CharField())
    baseline = serializers.DictField(allow_null=True)
    plan = serializers.DictField(allow_null=True)
    guards = serializers.ListField(child=serializers.DictField())


class SeriesOut(serializers.Serializer[Any]):
    metric = serializers.CharField()
    unit = serializers.CharField()
    deployment = serializers.CharField(allow_null=True)
    readings = serializers.ListField(child=serializers.DictField())
    chart = serializers.DictField(allow_null=True)


class ResultIn(StrictSerializer):
    """Described here for the reader; checked by metrics.services.figures against the plan's method."""

    figures = serializers.DictField(
        help_text="By `kind`: shares, means, rates, pairs, paired_means, clusters, series, staggered or estimate as "
        "the plan's method needs, or observed: from the observations of its segments"
    )
    read_on = serializers.DateField()
    guards = serializers.ListField(child=serializers.DictField(), required=False)
    assigned = serializers.DictField(required=False)
    covariates = serializers.ListField(child=serializers.DictField(), required=False)
    matched = serializers.DictField(required=False)
    log_completeness = serializers.FloatField(required=False, min_value=0, max_value=1)
    other_changes = serializers.CharField(required=False, allow_blank=True)
    periods = serializers.ListField(child=serializers.DictField(), required=False)


class VariationIn(StrictSerializer):
    variation = serializers.CharField(max_length=200, help_text="Its name or number on the platform")
    users = serializers.IntegerField(min_value=1)
    conversions = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    mean = serializers.FloatField(required=False, allow_null=True)
    stddev = serializers.FloatField(required=False, allow_null=True, min_value=0)
    assigned = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, help_text="Randomised, when more than `users`"
    )


class ExperimentGuardIn(StrictSerializer):
    metric = serializers.CharField(max_length=64, help_text="The code of a counter-metric")
    variations = VariationIn(many=True)


class ExperimentIn(StrictSerializer):
    """Described here for the reader; checked by metrics.services.experiments."""

    variations = VariationIn(many=True, help_text="At least two; the first is the control unless named")
    read_on = serializers.DateField()
    control = serializers.CharField(required=False, allow_null=True)
    treatment = serializers.CharField(
        required=False, allow_null=True, help_text="Needed when there are more than two variations"
    )
    guards = ExperimentGuardIn(many=True, required=False)
    log_completeness = serializers.FloatField(required=False, allow_null=True, min_value=0, max_value=1)
    other_changes = serializers.CharField(required=False, allow_blank=True)


class ResultOut(serializers.Serializer[Any]):
    metric = serializers.CharField()
    method = serializers.CharField()
    code = serializers.CharField()
    sentence = serializers.CharField()
    read_on = serializers.DateField()
    effect = serializers.DictField(help_text="Oriented so that positive is better, with its 95% interval")
    p_value = serializers.FloatField(allow_null=True)
    claimed = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField()
    details = serializers.DictField()
    recorded_at = serializers.DateTimeField()
    recorded_by = serializers.CharField(allow_null=True)
    dossier = serializers.CharField(help_text="Fingerprint of the dossier whose plan and margins were used")


def valid(serializer: StrictSerializer) -> Mapping[str, Any]:
    serializer.is_valid(raise_exception=True)
    data: Mapping[str, Any] = serializer.validated_data
    return data


BASELINE = ("value", "spread", "sample_size", "period_start", "period_end", "extracted_on")
PLAN = (
    "method",
    "primary",
    "alpha",
    "power",
    "start_on",
    "end_on",
    "launch_on",
    "frozen_on",
    "sample_per_arm",
)
PLAIN = (
    "code",
    "title",
    "layer",
    "unit",
    "direction",
    "measure",
    "node",
    "cadence_days",
    "monitored",
    "headline",
    "claimed",
    "tags",
)


def metric_body(metric: Metric) -> dict[str, Any]:
    return {
        **{name: getattr(metric, name) for name in PLAIN},
        "owner": metric.owner_email or None,
        "baseline": _part(getattr(metric, "baseline", None), BASELINE),
        "plan": _part(getattr(metric, "plan", None), PLAN),
        "guards": [
            {"metric": guard.claim.code, "margin": guard.margin, "gaming": guard.gaming}
            for guard in metric.guards.all()
        ],
    }


def _part(row: object | None, names: tuple[str, ...]) -> dict[str, Any] | None:
    return None if row is None else {name: getattr(row, name) for name in names}


def series_body(metric: Metric, series: SeriesRow, chart: Watch | None) -> dict[str, Any]:
    return {
        "metric": metric.code,
        "unit": metric.unit,
        "deployment": series.deployment,
        "readings": [
            {name: getattr(reading, name) for name in type(reading).__struct_fields__}
            for reading in series.readings
        ],
        "chart": None if chart is None else chart_body(chart),
    }


def chart_body(chart: Watch) -> dict[str, Any]:
    """Limits beside each reading, and the patterns found; places count from 0."""
    return {
        "centre": chart.centre,
        "provisional": chart.is_provisional,
        "points": [{"lower": p.lower, "upper": p.upper, "z": p.z} for p in chart.points],
        "signals": [
            {"rule": s.rule, "place": s.index, "consequence": s.consequence, "sentence": s.sentence}
            for s in chart.signals
        ],
    }


def result_body(result: MetricResult) -> dict[str, Any]:
    by = result.recorded_by
    return {
        "metric": result.metric.code,
        "method": result.method,
        "code": result.code,
        "sentence": result.sentence,
        "read_on": result.read_on,
        "effect": {"estimate": result.estimate, "low": result.low, "high": result.high},
        "p_value": result.p_value,
        "claimed": result.claimed,
        "n": result.n,
        "details": result.details,
        "recorded_at": result.recorded_at,
        "recorded_by": by.email if by else None,
        "dossier": result.fingerprint,
    }
