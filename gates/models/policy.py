"""Policies as they were proposed and adopted, and what of them is looked up."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from alignment_portal import clock
from gates.models.columns import person


class PolicyVersion(models.Model):
    """A policy as it was proposed; INVARIANT: one is in force, confirmed by somebody who did not propose it."""

    version = models.CharField(max_length=40, unique=True)
    sha256 = models.CharField(max_length=64, unique=True)
    text = models.TextField()
    reason = models.TextField(blank=True)
    proposed_by = person(null=True)  # nobody: it came with the portal
    proposed_at = models.DateTimeField(default=clock.now)
    confirmed_by = person(null=True)
    adopted_at = models.DateTimeField(null=True, blank=True)
    is_current = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["-adopted_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["is_current"], condition=Q(is_current=True), name="one_current_policy"
            ),
            models.CheckConstraint(
                condition=Q(is_current=False) | Q(adopted_at__isnull=False), name="current_policy_is_adopted"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("proposed_by")),
                name="policy_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(proposed_by__isnull=True)
                | Q(adopted_at__isnull=True)
                | Q(confirmed_by__isnull=False),
                name="policy_adopted_by_two",
            ),
        ]

    def __str__(self) -> str:
        return self.version


class PolicyGate(models.Model):
    """A gate of a policy that executives endorse, repeated here so that the database can ask for it itself."""

    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="gates")
    gate = models.CharField(max_length=40)
    waivable = models.BooleanField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["policy", "gate"], name="policy_gate_once")]

    def __str__(self) -> str:
        return f"{self.policy} {self.gate}"


class PolicyQuestion(models.Model):
    """A question of such a gate that is answered by evidence."""

    policy_gate = models.ForeignKey(PolicyGate, on_delete=models.PROTECT, related_name="questions")
    question = models.CharField(max_length=20)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["policy_gate", "question"], name="policy_question_once")
        ]

    def __str__(self) -> str:
        return f"{self.policy_gate} {self.question}"
