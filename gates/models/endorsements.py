"""Endorsements of gates, and what they saw."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from alignment_portal import clock
from gates.models.columns import person
from gates.models.evidence import Evidence


class Endorsement(models.Model):
    """A named executive's yes to one gate, tied by `seen` to the evidence accepted at that moment."""

    ref = models.CharField(max_length=20, unique=True)
    initiative = models.ForeignKey(
        "initiatives.Initiative", on_delete=models.PROTECT, related_name="endorsements"
    )
    gate = models.CharField(max_length=40)
    statement = models.TextField(max_length=4000)
    seen = models.CharField(max_length=64)
    by = person()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["initiative", "gate"], name="endorsements_by_gate")]

    def __str__(self) -> str:
        return self.ref


class EndorsedEvidence(models.Model):
    """One item an endorsement rests on. INVARIANT: its endorser submitted no version of it."""

    endorsement = models.ForeignKey(Endorsement, on_delete=models.PROTECT, related_name="rests_on")
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="endorsed_in")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["endorsement", "evidence"], name="endorsed_evidence_once")
        ]

    def __str__(self) -> str:
        return f"{self.endorsement} rests on {self.evidence}"


class EndorsementWithdrawal(models.Model):
    endorsement = models.OneToOneField(Endorsement, on_delete=models.PROTECT, related_name="withdrawal")
    reason = models.TextField(max_length=4000)
    by = person()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(reason=""), name="endorsement_withdrawal_reason")
        ]

    def __str__(self) -> str:
        return f"{self.endorsement} withdrawn"
