from typing import ClassVar

from django.db import models

from alignment_portal import clock


class ReferenceCounter(models.Model):
    """The last number given out for a kind of reference, such as 7 for AI-0007."""

    prefix = models.CharField(max_length=8, primary_key=True)
    value = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.prefix}-{self.value:04d}"


class IdempotencyKey(models.Model):
    """The answer to a POST, kept so that the same request sent again is answered and not done again."""

    caller = models.CharField(max_length=80)
    route = models.CharField(max_length=200)
    key = models.CharField(max_length=255)
    body_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    at = models.DateTimeField(default=clock.wall)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["caller", "route", "key"], name="one_answer_a_key"),
        ]

    def __str__(self) -> str:
        return f"{self.route} {self.key}"
