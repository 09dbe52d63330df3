"""Which dates of a review stand in whose calendar."""

from typing import ClassVar

from django.db import models

from reviews.models.review import PERSON, Review


class MailedInvitation(models.Model):
    """The last calendar file somebody was sent for a review; `dates` is the digest of what it said, empty once taken back."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(PERSON, on_delete=models.CASCADE, related_name="+")
    dates = models.CharField(max_length=64, blank=True)
    mailed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["review", "person"], name="one_invitation_a_person")
        ]

    def __str__(self) -> str:
        return f"{self.review_id} to {self.person_id}"
