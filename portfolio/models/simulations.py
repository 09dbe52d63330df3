"""What-ifs: a question, the facts it was asked of, and the answer, computed by a job that holds the row by a lease."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from alignment_portal import clock

ATTEMPTS = 3
LEASE = timedelta(seconds=60)


class JobState(models.TextChoices):
    QUEUED = "queued", "queued"
    RUNNING = "running", "running"
    DONE = "done", "done"
    FAILED = "failed", "failed"
    CANCELLED = "cancelled", "cancelled"


OVER = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


class SimulationQuerySet(models.QuerySet["Simulation"]):
    def to_claim(self, now: datetime) -> "SimulationQuerySet":
        """Waiting, or left behind by a worker whose lease ran out."""
        return self.filter(Q(state=JobState.QUEUED) | Q(state=JobState.RUNNING, lease_until__lt=now))


class Simulation(models.Model):
    """One saved scenario. INVARIANT: what was asked of which facts never changes (guard).

    The row is the truth and a message only a hint: a worker holds it by `token` until `lease_until`.
    """

    ref = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=200)
    levers = models.JSONField(default=dict)
    facts = models.JSONField(default=dict)  # the portfolio as it stood when it was asked
    runs = models.PositiveIntegerField()
    seed = models.PositiveIntegerField()
    as_of = models.DateTimeField(default=clock.now)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    state = models.CharField(max_length=10, choices=JobState, default=JobState.QUEUED)
    percent = models.PositiveSmallIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    result = models.JSONField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = SimulationQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="simulation_state_is_known"),
            models.CheckConstraint(condition=Q(percent__lte=100), name="simulation_percent_is_a_percentage"),
            models.CheckConstraint(
                condition=Q(runs__gte=1, runs__lte=10_000), name="simulation_runs_are_bounded"
            ),
            models.CheckConstraint(condition=~Q(title=""), name="simulation_has_a_title"),
            models.CheckConstraint(
                condition=Q(state=JobState.RUNNING, token__isnull=False, lease_until__isnull=False)
                | (~Q(state=JobState.RUNNING) & Q(token__isnull=True, lease_until__isnull=True)),
                name="simulation_is_held_while_it_runs",
            ),
            models.CheckConstraint(
                condition=Q(state=JobState.DONE, result__isnull=False)
                | (~Q(state=JobState.DONE) & Q(result__isnull=True)),
                name="simulation_has_a_result_when_done",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OVER, finished_at__isnull=False)
                | (~Q(state__in=OVER) & Q(finished_at__isnull=True)),
                name="simulation_ends_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"

    @property
    def is_over(self) -> bool:
        return self.state in OVER


class ScenarioChoice(models.Model):
    """That the paper of the portfolio shows a what-if from now on, or no longer. INVARIANT: append-only (guard)."""

    simulation = models.ForeignKey(Simulation, on_delete=models.PROTECT, related_name="choices")
    shown = models.BooleanField()
    at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.simulation_id} {'shown' if self.shown else 'left out'}"
