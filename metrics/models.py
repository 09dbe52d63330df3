"""What is measured. Metric, Baseline, ComparisonPlan and Guard are projections of the dossier; the rest are records."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Abs
from django.utils.translation import gettext_lazy as _

from alignment_portal import clock

LARGEST = 1e15  # as in the dossier; the check also keeps NaN and infinity out on both databases


class Layer(models.TextChoices):
    MODEL_HEALTH = "model_health", _("model health")
    OPERATIONAL = "operational", _("operational")
    OUTCOME = "outcome", _("outcome")
    COUNTER = "counter", _("counter-metric")


class Direction(models.TextChoices):
    HIGHER = "higher_better", _("higher is better")
    LOWER = "lower_better", _("lower is better")
    BAND = "within_band", _("within a band is better")


class Method(models.TextChoices):
    AB_TEST = "ab_test", _("A/B test")
    BEFORE_AFTER = "before_after", _("before and after")
    SERIES = "interrupted_time_series", _("interrupted time series")
    MATCHED = "matched_cohorts", _("matched cohorts")
    WEDGE = "stepped_wedge", _("stepped wedge")


class Measure(models.TextChoices):
    PROPORTION = "proportion", _("share")
    MEAN = "mean", _("mean")
    COUNT = "count", _("count")


def known(field: str, choices: type[models.TextChoices], name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{field}__in": choices.values}), name=name)


def number(field: str, name: str) -> models.CheckConstraint:
    """A finite number: NaN compares above everything on PostgreSQL and is stored as NULL on SQLite."""
    return models.CheckConstraint(
        condition=Q(**{f"{field}__gte": -LARGEST, f"{field}__lte": LARGEST}), name=name
    )


class MetricQuerySet(models.QuerySet["Metric"]):
    def in_dossier(self) -> "MetricQuerySet":
        return self.filter(left_dossier_at__isnull=True)


class Metric(models.Model):
    """One number of an initiative. A metric that left the dossier stays, for its records point to it."""

    initiative = models.ForeignKey("initiatives.Initiative", on_delete=models.PROTECT, related_name="metrics")
    code = models.CharField(max_length=64)
    position = models.PositiveIntegerField(default=0)
    title = models.CharField(max_length=200)
    layer = models.CharField(max_length=20, choices=Layer)
    unit = models.CharField(max_length=200)
    direction = models.CharField(max_length=20, choices=Direction)
    node = models.CharField(max_length=64, blank=True)
    measure = models.CharField(max_length=12, choices=Measure)
    owner_email = models.EmailField(blank=True)
    cadence_days = models.PositiveIntegerField(null=True)
    monitored = models.BooleanField(default=False)
    headline = models.BooleanField(default=False)
    claimed = models.FloatField(null=True)
    tags = models.JSONField(default=list)
    left_dossier_at = models.DateTimeField(null=True)

    objects = MetricQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["initiative", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["initiative", "code"], name="one_metric_a_code"),
            known("layer", Layer, "metric_layer_is_known"),
            known("direction", Direction, "metric_direction_is_known"),
            known("measure", Measure, "metric_measure_is_known"),
            models.CheckConstraint(
                condition=Q(cadence_days__isnull=True) | Q(cadence_days__gte=1), name="metric_cadence_is_days"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Baseline(models.Model):
    """The measured value before the change."""

    metric = models.OneToOneField(Metric, on_delete=models.CASCADE, related_name="baseline")
    value = models.FloatField()
    spread = models.FloatField(null=True)
    sample_size = models.PositiveIntegerField(null=True)
    period_start = models.DateField(null=True)
    period_end = models.DateField(null=True)
    extracted_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            number("value", "baseline_value_is_a_number"),
            models.CheckConstraint(
                condition=Q(spread__isnull=True) | Q(spread__gte=0), name="baseline_spread_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(period_start__isnull=True)
                | Q(period_end__isnull=True)
                | Q(period_end__gte=F("period_start")),
                name="baseline_period_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric_id} {self.value}"


class ComparisonPlan(models.Model):
    """How the effect will be told from noise."""

    metric = models.OneToOneField(Metric, on_delete=models.CASCADE, related_name="plan")
    method = models.CharField(max_length=30, choices=Method)
    primary = models.BooleanField(default=True)
    alpha = models.FloatField()
    power = models.FloatField()
    start_on = models.DateField(null=True)
    end_on = models.DateField(null=True)
    launch_on = models.DateField(null=True)
    frozen_on = models.DateField(null=True)
    sample_per_arm = models.PositiveIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            known("method", Method, "plan_method_is_known"),
            models.CheckConstraint(condition=Q(alpha__gte=0, alpha__lte=1), name="plan_alpha_is_a_share"),
            models.CheckConstraint(condition=Q(power__gte=0, power__lte=1), name="plan_power_is_a_share"),
            models.CheckConstraint(
                condition=Q(start_on__isnull=True) | Q(end_on__isnull=True) | Q(end_on__gte=F("start_on")),
                name="plan_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric_id} {self.method}"


class Guard(models.Model):
    """This counter-metric guards that claim."""

    metric = models.ForeignKey(Metric, on_delete=models.CASCADE, related_name="guards")
    claim = models.ForeignKey(Metric, on_delete=models.CASCADE, related_name="guarded_by")
    margin = models.FloatField(null=True)
    gaming = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["metric", "claim"], name="one_guard_a_claim"),
            models.CheckConstraint(condition=~Q(metric=F("claim")), name="no_metric_guards_itself"),
            models.CheckConstraint(
                condition=Q(margin__isnull=True) | Q(margin__gt=0), name="guard_margin_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric_id} guards {self.claim_id}"


class Observation(models.Model):
    """One value of one period. INVARIANT: append-only (guard); a correction is a further revision.

    The unique index begins with the metric, which needs none of its own. It must stay the only one that does: PostgreSQL
    would at times take the other one, and read all of a metric to sort it (`metrics/selectors/recent.py`). So the index
    that leads to the last entries begins with what is the same number, and is not the column.
    """

    metric = models.ForeignKey(Metric, on_delete=models.PROTECT, related_name="observations", db_index=False)
    deployment = models.CharField(max_length=64, blank=True)
    segment = models.CharField(max_length=64, blank=True)
    period_start = models.DateField()
    period_end = models.DateField()
    revision = models.PositiveIntegerField(default=1)
    value = models.FloatField()
    numerator = models.FloatField(null=True)
    denominator = models.FloatField(null=True)
    sample_size = models.PositiveIntegerField(null=True)
    spread = models.FloatField(null=True)  # standard deviation between the cases
    source = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["metric", "deployment", "segment", "period_start", "period_end", "revision"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["metric", "segment", "deployment", "period_end", "period_start", "revision"],
                name="one_value_a_period_and_revision",
            ),
            number("value", "observation_value_is_a_number"),
            models.CheckConstraint(condition=Q(revision__gte=1), name="observation_revision_from_one"),
            models.CheckConstraint(
                condition=Q(period_end__gte=F("period_start")), name="observation_period_in_order"
            ),
            models.CheckConstraint(
                condition=Q(numerator__isnull=True, denominator__isnull=True)
                | Q(numerator__gte=0, numerator__lte=LARGEST, denominator__gt=0, denominator__lte=LARGEST),
                name="observation_ratio_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(spread__isnull=True) | Q(spread__gte=0, spread__lte=LARGEST),
                name="observation_spread_not_negative",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                Abs("metric"), F("recorded_at").desc(), F("id").desc(), name="observations_latest_first"
            )
        ]

    def __str__(self) -> str:
        return f"{self.metric_id} {self.period_start}–{self.period_end} {self.value}"


class DriftReading(models.Model):
    """How far a distribution moved in one period. INVARIANT: append-only (guard)."""

    metric = models.ForeignKey(Metric, on_delete=models.PROTECT, related_name="drift_readings")
    deployment = models.CharField(max_length=64, blank=True)
    period_start = models.DateField()
    period_end = models.DateField()
    revision = models.PositiveIntegerField(default=1)
    psi = models.FloatField()
    n_expected = models.PositiveBigIntegerField()
    n_actual = models.PositiveBigIntegerField()
    bins = models.PositiveIntegerField()
    source = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["metric", "deployment", "period_start", "period_end", "revision"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["metric", "deployment", "period_start", "period_end", "revision"],
                name="one_drift_a_revision",
            ),
            models.CheckConstraint(condition=Q(psi__gte=0, psi__lte=LARGEST), name="drift_is_not_negative"),
            models.CheckConstraint(condition=Q(bins__gte=2), name="drift_has_bins"),
            models.CheckConstraint(
                condition=Q(n_expected__gte=1, n_actual__gte=1), name="drift_has_cases_on_both_sides"
            ),
            models.CheckConstraint(
                condition=Q(period_end__gte=F("period_start")), name="drift_period_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric_id} {self.period_end} {self.psi}"


class MetricResult(models.Model):
    """What a comparison showed, computed from summary figures. INVARIANT: append-only (guard)."""

    metric = models.ForeignKey(Metric, on_delete=models.PROTECT, related_name="results")
    method = models.CharField(max_length=30, choices=Method)
    read_on = models.DateField()
    n = models.PositiveBigIntegerField(default=0)
    figures = models.TextField()  # what was sent, as canonical JSON
    estimate = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    p_value = models.FloatField(null=True)
    claimed = models.FloatField(null=True)
    code = models.CharField(max_length=30)
    sentence = models.TextField()
    details = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64)  # of the dossier whose plan and margins were used
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["metric", "recorded_at", "id"]
        get_latest_by: ClassVar = ["recorded_at", "id"]
        constraints: ClassVar = [
            known("method", Method, "result_method_is_known"),
            models.CheckConstraint(
                condition=Q(low__lte=F("estimate"), high__gte=F("estimate")),
                name="result_interval_holds_estimate",
            ),
            models.CheckConstraint(
                condition=Q(p_value__isnull=True) | Q(p_value__gte=0, p_value__lte=1),
                name="result_p_is_a_share",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["metric", "-recorded_at"], name="results_latest_first")]

    def __str__(self) -> str:
        return f"{self.metric_id} {self.code}"


class Acknowledgement(models.Model):
    """Somebody looked at a signal and wrote down its cause. INVARIANT: append-only (guard)."""

    metric = models.ForeignKey(Metric, on_delete=models.PROTECT, related_name="acknowledgements")
    rule = models.CharField(max_length=20)
    period_end = models.DateField()
    cause = models.TextField()
    at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["metric", "at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(cause=""), name="acknowledgement_names_a_cause"),
            models.CheckConstraint(condition=~Q(rule=""), name="acknowledgement_names_a_rule"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.metric_id} {self.period_end}"
