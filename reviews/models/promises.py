"""What is promised, and kept: conditions that are met, commitments and their fulfilment."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from alignment_portal import clock
from reviews.models.review import PERSON, Review
from reviews.models.stances import Condition


class Settlement(models.Model):
    """Whoever set a condition says that it is met. INVARIANT: append-only (guard)."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="settlements")
    condition = models.OneToOneField(Condition, on_delete=models.PROTECT, related_name="settlement")
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
    note = models.TextField()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(note=""), name="settlement_says_how")]

    def __str__(self) -> str:
        return f"{self.condition_id} settled"


class GateQuestion(models.Model):
    """A gate asks a condition from now on, or with no gate: none does any more; the last row counts.

    INVARIANT: append-only (guard).
    """

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="gate_questions")
    condition = models.ForeignKey(Condition, on_delete=models.PROTECT, related_name="gate_questions")
    gate = models.CharField(max_length=80, blank=True)
    reason = models.TextField(blank=True)
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(gate="") | ~Q(reason=""), name="gate_question_taken_back_for_a_reason"
            )
        ]

    def __str__(self) -> str:
        return f"{self.condition_id} asked at {self.gate}"


class Commitment(models.Model):
    """What somebody promises, by when, and what it unblocks. INVARIANT: append-only (guard)."""

    ref = models.CharField(max_length=20, unique=True)
    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="commitments")
    condition = models.ForeignKey(Condition, on_delete=models.PROTECT, null=True, related_name="commitments")
    text = models.TextField()
    owner = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="commitments")
    due_on = models.DateField()
    unblocks = models.CharField(max_length=80, blank=True)  # a gate or a shared dependency
    made_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering: ClassVar = ["review", "id"]
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(text=""), name="commitment_has_a_text")]

    def __str__(self) -> str:
        return self.ref


class Fulfilment(models.Model):
    """A commitment was kept, by whose word and how. INVARIANT: append-only (guard)."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="fulfilments")
    commitment = models.OneToOneField(Commitment, on_delete=models.PROTECT, related_name="fulfilment")
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
    note = models.TextField()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(note=""), name="fulfilment_says_how")]

    def __str__(self) -> str:
        return f"{self.commitment_id} kept"
