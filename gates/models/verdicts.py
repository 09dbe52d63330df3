"""Verdicts and what they found."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from alignment_portal import clock
from gates.models.columns import Status
from gates.models.policy import PolicyVersion

LEVELS = ("blocked", "learning_only", "aligned", "scale_ready")


class FindingSet(models.Model):
    """The findings of a verdict as canonical JSON, kept once however often they were found again."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    body = models.TextField()

    def __str__(self) -> str:
        return self.sha256


class Evaluation(models.Model):
    """A recorded verdict: what status may rest on while `inputs_rev` still is the initiative's."""

    initiative = models.ForeignKey(
        "initiatives.Initiative", on_delete=models.PROTECT, related_name="evaluations"
    )
    at = models.DateTimeField(default=clock.now)
    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="evaluations")
    fingerprint = models.CharField(max_length=64)
    inputs_rev = models.BigIntegerField()
    facts_sha256 = models.CharField(max_length=64)
    level = models.CharField(max_length=16)
    lane = models.CharField(max_length=10)
    status = models.CharField(max_length=16, choices=Status)
    findings = models.ForeignKey(FindingSet, on_delete=models.PROTECT, related_name="evaluations")
    suspenders = models.JSONField(default=list)  # codes of suspenders that failed
    suspenders_changed = models.BooleanField(default=False)
    awaiting_endorsement = models.JSONField(default=list)  # gates whose evidence is complete but unendorsed
    valid_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["initiative", "-id"], name="evaluations_by_initiative"),
            models.Index(
                fields=["initiative", "at"], condition=Q(suspenders_changed=True), name="evaluations_breaches"
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(level__in=LEVELS), name="evaluation_level_is_known"),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("at")),
                name="evaluation_valid_after_made",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.level} at {self.at:%Y-%m-%d %H:%M}"
