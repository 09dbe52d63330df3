"""What an initiative is hoped to bring and what it takes: ranges with an owner and a basis, apart from any evidence."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from alignment_portal import clock
from initiatives.models import Initiative

MOST = 1e12


class Worth(models.Model):
    """Value a year at full scale and the cost of getting there, as somebody stated it. INVARIANT: append-only (guard).

    The one with the highest number counts. No rule and no verdict looks at it: a hope is not a result.
    """

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="worths")
    number = models.PositiveIntegerField()
    value_low = models.FloatField()
    value_likely = models.FloatField()
    value_high = models.FloatField()
    cost_low = models.FloatField()
    cost_likely = models.FloatField()
    cost_high = models.FloatField()
    currency = models.CharField(max_length=3, default="EUR")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    basis = models.TextField()
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["initiative", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["initiative", "number"], name="one_worth_a_number"),
            models.CheckConstraint(
                condition=Q(
                    value_low__gte=-MOST,
                    value_likely__gte=F("value_low"),
                    value_high__gte=F("value_likely"),
                    value_high__lte=MOST,
                ),
                name="worth_value_is_a_range",
            ),
            models.CheckConstraint(
                condition=Q(
                    cost_low__gte=0,
                    cost_likely__gte=F("cost_low"),
                    cost_high__gte=F("cost_likely"),
                    cost_high__lte=MOST,
                ),
                name="worth_cost_is_a_range",
            ),
            models.CheckConstraint(condition=~Q(basis="") & ~Q(currency=""), name="worth_has_a_basis"),
        ]
        # What initiatives state last is added up from the index alone.
        indexes: ClassVar = [
            models.Index(
                fields=["initiative", "number", "currency", "value_likely", "value_low", "value_high"],
                name="worths_added_up",
            ),
            models.Index(
                fields=["currency", "-value_likely", "initiative", "number", "cost_likely"],
                name="worths_dearest_first",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.initiative_id} {self.number}"
