"""How a review ended, and who signed that."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from alignment_portal import clock
from reviews.models.review import PERSON, Review
from reviews.models.stances import Snapshot


class Outcome(models.TextChoices):
    ALIGNED = "aligned", _("aligned")
    NOT_ALIGNED = "not_aligned", _("not aligned")


class Conclusion(models.Model):
    """How the review ended, on which package, with dissent in its own words. INVARIANT: append-only (guard)."""

    review = models.OneToOneField(Review, on_delete=models.PROTECT, related_name="conclusion")
    outcome = models.CharField(max_length=12, choices=Outcome)
    statement = models.TextField(blank=True)
    dissent = models.JSONField(default=list)
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.values), name="conclusion_outcome_is_known"
            ),
            models.CheckConstraint(
                condition=Q(outcome="aligned") | ~Q(statement=""),
                name="conclusion_without_alignment_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.review_id} {self.outcome}"


class Signature(models.Model):
    """Somebody signed a conclusion, having shown anew that it is them. INVARIANT: append-only (guard).

    `fingerprint` is that of everything the conclusion says; `name` is theirs on that day.
    """

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="signatures")
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=40, blank=True)  # their seat; empty for whoever concluded without one
    fingerprint = models.CharField(max_length=64)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering: ClassVar = ["review", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["review", "by"], name="one_signature_a_person"),
            models.CheckConstraint(condition=~Q(fingerprint=""), name="signature_has_a_fingerprint"),
        ]

    def __str__(self) -> str:
        return f"{self.review_id} signed by {self.by_id}"
