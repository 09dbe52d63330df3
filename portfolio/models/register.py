"""What is scarce: shared dependencies, and shared functions with a cap on work in flight."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from alignment_portal import clock

LARGEST = 1e12  # bounds also keep NaN and infinity out on both databases


def _amount(field: str, name: str) -> models.CheckConstraint:
    condition = Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gte": 0, f"{field}__lte": LARGEST})
    return models.CheckConstraint(condition=condition, name=name)


class DependencyKind(models.TextChoices):
    PLATFORM = "platform", _("platform")
    DATA = "data", _("data")
    CONTROL = "control", _("control")
    CONTRACT = "contract", _("contract")
    PEOPLE = "people", _("people")


class Funding(models.TextChoices):
    UNFUNDED = "unfunded", _("unfunded")
    REQUESTED = "requested", _("requested")
    FUNDED = "funded", _("funded")


class DependencyState(models.TextChoices):
    OPEN = "open", _("open")
    IN_PROGRESS = "in_progress", _("in progress")
    DELIVERED = "delivered", _("delivered")
    DROPPED = "dropped", _("dropped")


class SharedDependency(models.Model):
    """Something several initiatives wait for. Each change leaves a DependencyVersion."""

    code = models.CharField(max_length=64, unique=True)
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=DependencyKind)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    funding = models.CharField(max_length=12, choices=Funding, default=Funding.UNFUNDED)
    state = models.CharField(max_length=12, choices=DependencyState, default=DependencyState.OPEN)
    due_on = models.DateField(null=True)
    duration_days = models.FloatField(null=True)  # work days of delivery, once owned and funded
    price = models.FloatField(null=True)  # what it takes to deliver it, in the portfolio's money
    note = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["code"]
        verbose_name_plural = "shared dependencies"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=DependencyKind.values), name="dependency_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(funding__in=Funding.values), name="dependency_funding_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=DependencyState.values), name="dependency_state_is_known"
            ),
            models.CheckConstraint(condition=~Q(title=""), name="dependency_has_a_title"),
            _amount("duration_days", "dependency_duration_is_a_number"),
            _amount("price", "dependency_price_is_a_number"),
        ]

    def __str__(self) -> str:
        return self.code


class DependencyVersion(models.Model):
    """A shared dependency as it was recorded at one moment. INVARIANT: append-only (guard)."""

    dependency = models.ForeignKey(SharedDependency, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=12)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    funding = models.CharField(max_length=12)
    state = models.CharField(max_length=12)
    due_on = models.DateField(null=True)
    duration_days = models.FloatField(null=True)
    price = models.FloatField(null=True)
    note = models.TextField(blank=True)
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["dependency", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dependency", "number"], name="one_dependency_a_version"),
        ]

    def __str__(self) -> str:
        return f"{self.dependency_id} v{self.number}"


class Bottleneck(models.Model):
    """A shared function and its cap on work in flight. Each change leaves a BottleneckVersion."""

    code = models.CharField(max_length=64, unique=True)
    title = models.CharField(max_length=200)
    people = models.PositiveIntegerField(default=1)
    cap = models.PositiveIntegerField()
    hours_per_week = models.FloatField(default=40.0)  # that one person gives to this work
    fresh_days = models.FloatField(null=True)  # work days for which what it delivers stays valid
    price_per_person = models.FloatField(null=True)  # a year, in the portfolio's money
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(people__gte=1, people__lte=100_000), name="bottleneck_has_people"
            ),
            models.CheckConstraint(condition=Q(cap__gte=1, cap__lte=100_000), name="bottleneck_has_a_cap"),
            models.CheckConstraint(condition=~Q(title=""), name="bottleneck_has_a_title"),
            models.CheckConstraint(
                condition=Q(hours_per_week__gt=0, hours_per_week__lte=168), name="bottleneck_gives_hours"
            ),
            _amount("fresh_days", "bottleneck_freshness_is_a_number"),
            _amount("price_per_person", "bottleneck_price_is_a_number"),
        ]

    def __str__(self) -> str:
        return self.code


class BottleneckVersion(models.Model):
    """A bottleneck as it was recorded at one moment. INVARIANT: append-only (guard)."""

    bottleneck = models.ForeignKey(Bottleneck, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    people = models.PositiveIntegerField()
    cap = models.PositiveIntegerField()
    hours_per_week = models.FloatField(default=40.0)
    fresh_days = models.FloatField(null=True)
    price_per_person = models.FloatField(null=True)
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["bottleneck", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bottleneck", "number"], name="one_bottleneck_a_version"),
        ]

    def __str__(self) -> str:
        return f"{self.bottleneck_id} v{self.number}"
