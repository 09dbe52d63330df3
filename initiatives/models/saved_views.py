from typing import ClassVar

from django.conf import settings
from django.db import models

from alignment_portal import clock
from initiatives.models.constraints import filled


class SavedView(models.Model):
    """A list of initiatives as somebody arranged it: its filters, order, columns and density as an address."""

    name = models.CharField(max_length=80)
    query = models.CharField(max_length=2000, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="saved_views")
    shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "name"], name="one_saved_view_a_name"),
            filled("name", "saved_view_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name
