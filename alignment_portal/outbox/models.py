from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

from alignment_portal import clock


class EventQuerySet(models.QuerySet["Event"]):
    def due(self, now: datetime) -> "EventQuerySet":
        return self.filter(dispatched_at__isnull=True, next_at__lte=now).order_by("id")


class Event(models.Model):
    """Something that happened, kept until everybody concerned has been told."""

    name = models.CharField(max_length=80)
    payload = models.JSONField(default=dict)
    at = models.DateTimeField(default=clock.now)
    next_at = models.DateTimeField(default=clock.wall)
    dispatched_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)

    objects = EventQuerySet.as_manager()

    class Meta:
        db_table = "outbox_event"
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=Q(dispatched_at__isnull=True), name="outbox_due"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.payload}"
