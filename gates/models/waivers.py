"""Exceptions from rules, for a while, and who accepted them."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from alignment_portal import clock
from gates.models.columns import person

WAIVER_DAYS = 30
WAIVER_RENEWALS = 1


class Waiver(models.Model):
    """A time-boxed exception to one rule, asked for; it counts once another person, an executive, accepts it."""

    ref = models.CharField(max_length=20, unique=True)
    initiative = models.ForeignKey("initiatives.Initiative", on_delete=models.PROTECT, related_name="waivers")
    rule = models.CharField(max_length=20)
    reason = models.TextField(max_length=4000)
    compensating_control = models.TextField(max_length=4000)
    horizon = models.CharField(max_length=2)
    until = models.DateField()
    renews = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="renewed_by"
    )
    renewals = models.PositiveSmallIntegerField(default=0)
    requested_by = person()
    requested_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["initiative", "rule"], name="waivers_by_rule")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(renewals__lte=WAIVER_RENEWALS), name="waiver_renewed_once"),
            models.CheckConstraint(
                condition=Q(renewals=0, renews__isnull=True) | Q(renewals__gt=0, renews__isnull=False),
                name="waiver_renewal_names_the_first",
            ),
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(compensating_control=""), name="waiver_has_reason_and_control"
            ),
        ]

    def __str__(self) -> str:
        return self.ref


class WaiverAnswer(models.Model):
    """An executive's yes or no to a waiver. INVARIANT: who asked does not answer."""

    waiver = models.OneToOneField(Waiver, on_delete=models.PROTECT, related_name="answer")
    accepted = models.BooleanField()
    reason = models.TextField(max_length=4000)
    requested_by = person()
    by = person()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(by=F("requested_by")), name="waiver_asker_does_not_answer"),
            models.CheckConstraint(condition=~Q(reason=""), name="waiver_answer_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.waiver} {'accepted' if self.accepted else 'declined'}"


class WaiverWithdrawal(models.Model):
    waiver = models.OneToOneField(Waiver, on_delete=models.PROTECT, related_name="withdrawal")
    reason = models.TextField(max_length=4000)
    by = person()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(reason=""), name="waiver_withdrawal_reason")
        ]

    def __str__(self) -> str:
        return f"{self.waiver} withdrawn"
