from typing import ClassVar

from django.db import models
from django.db.models import Q

GENESIS = "0" * 64


class Head(models.Model):
    """The newest link of a stream. INVARIANT: it only moves to the entry that follows it; held by guards."""

    stream = models.CharField(max_length=20, primary_key=True)
    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=GENESIS)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "audit_head"

    def __str__(self) -> str:
        return f"{self.stream} {self.seq} {self.hash}"


class EntryQuerySet(models.QuerySet["Entry"]):
    def about(self, initiative: str) -> "EntryQuerySet":
        return self.filter(initiative_key=initiative)


class Entry(models.Model):
    """One recorded change. INVARIANT: append-only, gapless, each naming the hash before it; held by guards."""

    stream = models.CharField(max_length=20)
    seq = models.BigIntegerField()
    prev = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    actor_id = models.UUIDField(null=True)
    # The roles held when acting. Never a name: a chain cannot forget, so people stay behind their id.
    actor_label = models.CharField(max_length=200)
    via = models.CharField(max_length=10)
    action = models.CharField(max_length=80)
    initiative_key = models.CharField(max_length=40, blank=True)
    subject = models.CharField(max_length=120)
    payload = models.TextField()

    objects = EntryQuerySet.as_manager()

    class Meta:
        db_table = "audit_entry"
        ordering: ClassVar = ["-seq"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["stream", "seq"], name="audit_one_entry_a_place"),
            models.UniqueConstraint(fields=["stream", "prev"], name="audit_no_fork"),
            models.CheckConstraint(condition=Q(seq__gte=1), name="audit_seq_from_one"),
            models.CheckConstraint(
                condition=Q(at__lte=models.F("recorded_at")), name="audit_not_in_the_future"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["initiative_key", "-seq"], name="audit_by_initiative"),
            models.Index(fields=["action", "-seq"], name="audit_by_action"),
            models.Index(fields=["actor_id", "-seq"], name="audit_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.action} {self.subject}"
