"""Every move of status, and what lets somebody back in."""

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q

from alignment_portal import clock
from gates.models.columns import Status, person
from gates.models.verdicts import LEVELS, Evaluation

REINSTATEMENT_LIFE = timedelta(days=14)


class Reinstatement(models.Model):
    """A proposal to lift a suspension, with the root cause; a second person, an executive, confirms it."""

    initiative = models.ForeignKey(
        "initiatives.Initiative", on_delete=models.PROTECT, related_name="reinstatements"
    )
    to_status = models.CharField(max_length=16, choices=Status)
    root_cause = models.TextField(max_length=4000)
    remedy = models.TextField(max_length=4000)
    gate = models.CharField(max_length=40)
    proposed_by = person()
    proposed_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(to_status__in=LEVELS[1:]), name="reinstatement_to_a_judged_status"
            ),
            models.CheckConstraint(
                condition=~Q(root_cause="") & ~Q(remedy=""), name="reinstatement_names_the_cause"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.initiative_id} back to {self.to_status}"


class StatusMove(models.Model):
    """One move of status. INVARIANT: the only way a status changes; the row's insertion changes it (guards)."""

    initiative = models.ForeignKey("initiatives.Initiative", on_delete=models.PROTECT, related_name="moves")
    number = models.PositiveIntegerField()
    from_status = models.CharField(max_length=16, choices=Status)
    to_status = models.CharField(max_length=16, choices=Status)
    by = person(null=True)  # nobody: the portal itself
    at = models.DateTimeField(default=clock.now)
    reason = models.TextField(max_length=4000)
    evaluation = models.ForeignKey(
        Evaluation, on_delete=models.PROTECT, null=True, blank=True, related_name="moves"
    )
    reinstatement = models.OneToOneField(
        Reinstatement, on_delete=models.PROTECT, null=True, blank=True, related_name="move"
    )

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["initiative", "number"], name="move_number_once"),
            models.CheckConstraint(
                condition=Q(from_status__in=Status.values, to_status__in=Status.values),
                name="move_status_is_known",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="move_has_a_reason"),
            # Nobody but people let an initiative rise; the portal may only lower it.
            models.CheckConstraint(
                condition=Q(by__isnull=False)
                | Q(from_status__in=LEVELS[1:], to_status__in=["learning_only", "aligned", "suspended"]),
                name="move_by_the_portal_lowers",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status}"


class ReplayWindow(models.Model):
    """Open only while a portfolio's past is loaded into an empty portal: verdicts may be as old as their moment."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    opened_at = models.DateTimeField(default=clock.wall)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(id=1), name="one_replay_window")]

    def __str__(self) -> str:
        return f"replay from {self.opened_at} until {self.closed_at}"
