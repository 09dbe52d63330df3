"""What people are told."""

from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from alignment_portal import clock


class NoticeQuerySet(models.QuerySet["Notice"]):
    def open_for(self, user_id: UUID) -> "NoticeQuerySet":
        return self.filter(recipient=user_id, settled_at__isnull=True)


class Notice(models.Model):
    """What the portal told a person: once for each deed, until somebody has done it."""

    class Kind(models.TextChoices):
        NEXT_MOVE = "next_move", _("your turn")
        STATUS = "status", _("status moved")
        EXPIRY = "expiry", _("about to expire")

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=12, choices=Kind)
    key = models.CharField(max_length=200)
    initiative = models.ForeignKey("initiatives.Initiative", on_delete=models.PROTECT, related_name="notices")
    sentence = models.TextField()
    link = models.CharField(max_length=300)
    at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["recipient", "settled_at", "-id"], name="notices_open")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["recipient", "initiative", "key"],
                condition=Q(settled_at__isnull=True),
                name="notice_once_a_deed",
            ),
        ]

    def __str__(self) -> str:
        return self.sentence
