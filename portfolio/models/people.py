"""Groups of people with their capacity for change, and change that comes from elsewhere than AI."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from alignment_portal import clock


class PeopleGroup(models.Model):
    """A group as it was recorded at one moment; the one with the highest number counts. INVARIANT: append-only (guard).

    What stands here goes before what dossiers say of the size and capacity of the group of that code. In the months
    of its peak season a group has only `peak_share` of its capacity for change.
    """

    code = models.CharField(max_length=64)
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    headcount = models.PositiveIntegerField()
    capacity_hours = models.FloatField(default=12.0)  # per person and month
    peak_months = models.JSONField(default=list)  # of 1 to 12
    peak_share = models.FloatField(default=1.0)
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["code", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["code", "number"], name="one_people_group_a_number"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(code=""), name="people_group_has_a_name"),
            models.CheckConstraint(
                condition=Q(headcount__gte=1, headcount__lte=10_000_000), name="people_group_has_people"
            ),
            models.CheckConstraint(
                condition=Q(capacity_hours__gt=0, capacity_hours__lte=744), name="people_group_has_capacity"
            ),
            models.CheckConstraint(
                condition=Q(peak_share__gt=0, peak_share__lte=1), name="people_group_peak_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.number}"


class OtherChange(models.Model):
    """Change that a group absorbs beside AI, entered by hand. INVARIANT: only its end may be written later (guard)."""

    group = models.CharField(max_length=64)  # the code of a registered group
    title = models.CharField(max_length=200)
    hours_per_person = models.FloatField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["starts_on", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(title=""), name="other_change_has_a_title"),
            models.CheckConstraint(
                condition=Q(hours_per_person__gt=0, hours_per_person__lte=10_000),
                name="other_change_has_hours",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="other_change_days_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.title
