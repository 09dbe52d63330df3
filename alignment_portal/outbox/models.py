import uuid
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import urlsplit

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from alignment_portal import clock
from alignment_portal.accounts.models import User


class EventQuerySet(models.QuerySet["Event"]):
    def due(self) -> "EventQuerySet":
        return self.filter(dispatched_at__isnull=True).order_by("id")

    def after(self, place: int) -> "EventQuerySet":
        """The feed behind a place, in its order."""
        return self.filter(place__gt=place).order_by("place")


class Event(models.Model):
    """Something that happened, kept until everybody concerned has been told."""

    name = models.CharField(max_length=80)
    payload = models.JSONField(default=dict)
    at = models.DateTimeField(default=clock.now)
    next_at = models.DateTimeField(default=clock.wall)
    dispatched_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    # Given when the event is handed over, one after the other: a number drawn inside the transaction that
    # announces could become visible after a higher one, and whoever polls would never see it.
    place = models.PositiveBigIntegerField(null=True, blank=True, unique=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        db_table = "outbox_event"
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=Q(dispatched_at__isnull=True), name="outbox_due"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.payload}"


class FeedHead(models.Model):
    """The last place given out in the feed. Whoever holds this row gives the next one, so places have no gaps."""

    place = models.PositiveBigIntegerField(default=0)

    class Meta:
        db_table = "outbox_feed_head"

    def __str__(self) -> str:
        return str(self.place)


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def kept(self) -> "WebhookQuerySet":
        return self.filter(retired_at__isnull=True)

    def live(self) -> "WebhookQuerySet":
        return self.kept().filter(stopped_at__isnull=True, owner__is_active=True)


class Webhook(models.Model):
    """An address that is told of events, with no more than its owner may see. The secret is kept sealed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="webhooks")
    name = models.CharField(max_length=80)
    url = models.URLField(max_length=500)
    events = models.JSONField(default=list, help_text="Names of events; empty: all of them")
    sealed_secret = models.TextField()
    sealed_former_secret = models.TextField(blank=True)
    former_secret_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    failing_since = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    stop_reason = models.CharField(max_length=300, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        db_table = "outbox_webhook"
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(name=""), name="webhook_has_a_name"),
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True, stop_reason="")
                | Q(stopped_at__isnull=False) & ~Q(stop_reason=""),
                name="webhook_stopped_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def state(self) -> str:
        if self.retired_at is not None:
            return "retired"
        if self.stopped_at is not None:
            return "stopped"
        return "failing" if self.failing_since is not None else "live"


class Delivery(models.Model):
    """One event on its way to one webhook. The row is the truth; a message only says that it is due."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("failed")
        WITHHELD = "withheld", _("withheld")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    created_at = models.DateTimeField(default=clock.wall)
    next_at = models.DateTimeField(default=clock.wall)
    attempts = models.PositiveIntegerField(default=0)
    claim = models.UUIDField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "outbox_delivery"
        ordering: ClassVar = ["-created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["webhook", "event"], name="an_event_once_to_a_webhook"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=Q(state="waiting"), name="deliveries_due"),
            models.Index(fields=["webhook", "-created_at"], name="deliveries_of_a_webhook"),
        ]

    def __str__(self) -> str:
        return f"{self.event.name} to {self.webhook_id}"

    @property
    def message_id(self) -> str:
        """The same for every attempt, so that a receiver can tell a repeat."""
        return f"msg_{self.pk.hex}"


class Attempt(models.Model):
    """What was sent to a webhook once, and what came back."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="log")
    at = models.DateTimeField(default=clock.wall)
    milliseconds = models.PositiveIntegerField(default=0)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    fault = models.CharField(max_length=300, blank=True)
    sent = models.TextField(blank=True)
    received = models.TextField(blank=True)

    class Meta:
        db_table = "outbox_attempt"
        ordering: ClassVar = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.status or self.fault}"


class JobState(models.TextChoices):
    QUEUED = "queued", "queued"
    RUNNING = "running", "running"
    DONE = "done", "done"
    FAILED = "failed", "failed"
    CANCELLED = "cancelled", "cancelled"


SENT_AGAIN_AT_MOST = timedelta(minutes=30)
OPEN = (JobState.QUEUED, JobState.RUNNING)
ENDED = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


class JobQuerySet(models.QuerySet["Job"]):
    def to_send(self, now: datetime) -> "JobQuerySet":
        """What waits and is due. A moment further off than any pause was written before the clock was set back."""
        is_due = Q(next_at__lte=now) | Q(next_at__gt=now + SENT_AGAIN_AT_MOST)
        return self.filter(is_due, state=JobState.QUEUED).order_by("id")

    def running(self) -> "JobQuerySet":
        return self.filter(state=JobState.RUNNING)


class Job(models.Model):
    """One task that an event asks for. The row is the truth; the message that carries its number is a hint.

    INVARIANT: one row an event and task, so nothing is asked for twice; held by one worker at a time, by `token`.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="jobs")
    task = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=JobState, default=JobState.QUEUED)
    opened_at = models.DateTimeField(default=clock.wall)
    next_at = models.DateTimeField(default=clock.wall)  # when a message is sent, or sent again
    sends = models.PositiveIntegerField(default=0)
    errors = models.PositiveSmallIntegerField(default=0)  # of its own
    losses = models.PositiveSmallIntegerField(default=0)  # workers it lost: no fault of the job
    error = models.TextField(blank=True)
    token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    holder = models.CharField(max_length=120, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        db_table = "outbox_job"
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "task"], name="one_job_an_event_and_task"),
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="job_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=JobState.RUNNING, token__isnull=False, lease_until__isnull=False)
                | (~Q(state=JobState.RUNNING) & Q(token__isnull=True, lease_until__isnull=True)),
                name="job_is_held_while_it_runs",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ENDED, finished_at__isnull=False)
                | (~Q(state__in=ENDED) & Q(finished_at__isnull=True)),
                name="job_ends_when_finished",
            ),
            models.CheckConstraint(
                condition=~Q(state=JobState.FAILED) | ~Q(error=""), name="job_failure_says_why"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=Q(state="queued"), name="jobs_waiting"),
            models.Index(fields=["lease_until"], condition=Q(state="running"), name="jobs_held"),
            models.Index(fields=["finished_at"], name="jobs_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.task} for event {self.event_id}"


class Pulse(models.Model):
    """When a chore last came to its end, and what it said: beat's own, a backup, a check of the record."""

    name = models.CharField(max_length=120, primary_key=True)
    at = models.DateTimeField(default=clock.wall)
    words = models.TextField(blank=True)

    class Meta:
        db_table = "outbox_pulse"

    def __str__(self) -> str:
        return f"{self.name} {self.at}"
