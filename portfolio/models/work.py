"""Work in the queues of shared functions: begun only under the cap, moved by people, told by its moves."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from alignment_portal import clock
from initiatives.models import Initiative
from portfolio.models.register import Bottleneck


class WorkState(models.TextChoices):
    QUEUED = "queued", "queued"
    STARTED = "started", "started"
    BLOCKED = "blocked", "blocked"
    DONE = "done", "done"
    WITHDRAWN = "withdrawn", "withdrawn"


IN_FLIGHT = (WorkState.STARTED, WorkState.BLOCKED)  # what is blocked keeps its place: it was begun


class WorkItem(models.Model):
    """One piece of gate work that a dossier asks of a shared function.

    INVARIANT: no more than the cap of a bottleneck are in flight, those under an exception aside (guard, which locks
    the bottleneck). What it is about never changes (guard); its moves tell how it went.
    """

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="work")
    bottleneck = models.ForeignKey(Bottleneck, on_delete=models.PROTECT, related_name="work")
    gate = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=WorkState, default=WorkState.QUEUED)
    days_low = models.FloatField(default=0.0)
    days_likely = models.FloatField(default=0.0)
    days_high = models.FloatField(default=0.0)
    needed_by = models.DateField(null=True)
    queued_at = models.DateTimeField(default=clock.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    exception = models.ForeignKey("CapException", on_delete=models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["bottleneck", "queued_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["initiative", "bottleneck", "gate"], name="one_item_a_demand"),
            models.CheckConstraint(condition=Q(state__in=WorkState.values), name="work_state_is_known"),
            models.CheckConstraint(
                condition=Q(days_low__gte=0, days_likely__gte=F("days_low"), days_high__gte=F("days_likely")),
                name="work_days_are_in_order",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[*IN_FLIGHT, WorkState.DONE]) | Q(started_at__isnull=False),
                name="work_that_was_begun_has_a_start",
            ),
            models.CheckConstraint(
                condition=Q(state=WorkState.DONE, finished_at__isnull=False)
                | (~Q(state=WorkState.DONE) & Q(finished_at__isnull=True)),
                name="work_is_finished_when_done",
            ),
            models.CheckConstraint(
                condition=Q(started_at__isnull=True) | Q(started_at__gte=F("queued_at")),
                name="work_starts_after_it_is_queued",
            ),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True) | Q(finished_at__gte=F("started_at")),
                name="work_ends_after_it_starts",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["bottleneck"], condition=Q(state__in=["started", "blocked"]), name="work_in_flight"
            ),
            models.Index(fields=["bottleneck", "state", "exception"], name="work_by_queue"),
            # A queue in its order, and how it flows, from indexes alone.
            models.Index(
                fields=["bottleneck", "state", "queued_at", "id", "days_likely"], name="work_in_order"
            ),
            models.Index(fields=["bottleneck", "started_at", "state"], name="work_as_begun"),
            models.Index(
                fields=["bottleneck", "finished_at", "queued_at", "started_at", "state"], name="work_as_done"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.initiative_id} at {self.bottleneck_id}"

    @property
    def is_in_flight(self) -> bool:
        return self.state in IN_FLIGHT


class WorkMove(models.Model):
    """One step of an item, from its queueing on. INVARIANT: append-only (guard)."""

    item = models.ForeignKey(WorkItem, on_delete=models.PROTECT, related_name="moves")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10)
    reason = models.TextField(blank=True)
    at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["item", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["item", "number"], name="one_move_a_number"),
            models.CheckConstraint(condition=Q(state__in=WorkState.values), name="work_move_state_is_known"),
        ]
        indexes: ClassVar = [models.Index(fields=["at"], name="work_moves_in_time")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.state}"


class CapException(models.Model):
    """An executive's decision that one item may be in flight above the cap, until a day. INVARIANT: append-only (guard)."""

    item = models.ForeignKey(WorkItem, on_delete=models.PROTECT, related_name="exceptions")
    reason = models.TextField()
    until = models.DateField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering: ClassVar = ["-decided_at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(reason=""), name="cap_exception_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} until {self.until}"


class Closure(models.Model):
    """Days on which nobody of a shared function works, first and last included."""

    bottleneck = models.ForeignKey(Bottleneck, on_delete=models.PROTECT, related_name="closures")
    starts_on = models.DateField()
    ends_on = models.DateField()
    reason = models.CharField(max_length=200)

    class Meta:
        ordering: ClassVar = ["bottleneck", "starts_on"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="closure_days_are_in_order"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="closure_has_a_reason"),
            models.UniqueConstraint(fields=["bottleneck", "starts_on"], name="one_closure_a_start"),
        ]

    def __str__(self) -> str:
        return f"{self.bottleneck_id} {self.starts_on} to {self.ends_on}"
