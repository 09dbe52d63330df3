"""Packs as they are built: what each says, how far it has come, the file, and every copy that was taken."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import sees_everything
from initiatives.models import Cluster, Initiative

ATTEMPTS = 3  # errors of its own that a build may have
LOSSES = 5  # workers it may lose beside that: no fault of the build
LONGEST_PAUSE = timedelta(minutes=5)


class State(models.TextChoices):
    QUEUED = "queued", "queued"
    BUILDING = "building", "being built"
    READY = "ready", "ready"
    FAILED = "failed", "failed"
    CANCELLED = "cancelled", "cancelled"


RESTING = (State.READY, State.FAILED, State.CANCELLED)


class Audience(models.TextChoices):
    READERS = "readers", _("everybody who may read all of it")
    EXECUTIVES = "executives", _("executives and auditors only")


class OrderState(models.TextChoices):
    WAITING = "waiting", "waiting"
    WRITTEN = "written", "written"
    REFUSED = "refused", "refused"


class PackBuildQuerySet(models.QuerySet["PackBuild"]):
    def visible_to(self, actor: Actor) -> "PackBuildQuerySet":
        """Packs of which the actor may know every initiative; there is none without any."""
        if sees_everything(actor):
            return self
        return self.without(
            Initiative.objects.exclude(pk__in=Initiative.objects.visible_to(actor).values("pk"))
        )

    def without(self, initiatives: "models.QuerySet[Initiative]") -> "PackBuildQuerySet":
        """Packs that hold none of these."""
        inside = PackMember.objects.filter(build=OuterRef("pk"))
        return self.filter(Exists(inside)).exclude(
            Exists(inside.filter(initiative__in=initiatives.values("pk")))
        )

    def ready(self) -> "PackBuildQuerySet":
        return self.filter(state=State.READY)

    def to_claim(self, now: datetime) -> "PackBuildQuerySet":
        """Queued and due. A moment further off than any pause was written before the clock was set back."""
        return self.filter(Q(next_at__lte=now) | Q(next_at__gt=now + LONGEST_PAUSE), state=State.QUEUED)


class PackBuild(models.Model):
    """One pack. INVARIANT: what it says never changes (guard); `key` is unique, so nothing is built twice.

    The row is the truth and a message only a hint: a worker holds it by `token` until `lease_until`.
    """

    ref = models.CharField(max_length=20, unique=True)
    subject = models.CharField(max_length=80)
    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="packs", null=True)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="packs", null=True)
    audience = models.CharField(max_length=12, choices=Audience, default=Audience.READERS)
    number = models.PositiveIntegerField()  # the version of the subject's pack
    key = models.CharField(max_length=64, unique=True)
    fingerprint = models.CharField(max_length=64)  # of the content
    content = models.TextField()
    dossier = models.TextField()
    verdict = models.TextField()
    changes = models.TextField(blank=True)  # packs.content.since.Since; empty in packs older than that
    as_of = models.DateTimeField()
    anchor_seq = models.PositiveBigIntegerField()
    anchor_hash = models.CharField(max_length=64)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    requested_at = models.DateTimeField(default=clock.now)

    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    step = models.CharField(max_length=120, blank=True)
    percent = models.PositiveSmallIntegerField(default=0)
    attempt = models.PositiveSmallIntegerField(default=0)
    errors = models.PositiveSmallIntegerField(default=0)
    losses = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=clock.wall)
    lease_until = models.DateTimeField(null=True, blank=True)
    token = models.UUIDField(null=True, blank=True)
    holder = models.CharField(max_length=120, blank=True)
    error = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    stale_since = models.DateTimeField(null=True, blank=True)

    objects = PackBuildQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subject", "number"], name="one_pack_a_version"),
            models.CheckConstraint(
                condition=Q(subject__startswith="initiative:", initiative__isnull=False, cluster__isnull=True)
                | Q(subject__startswith="cluster:", initiative__isnull=True, cluster__isnull=False)
                | Q(subject="portfolio", initiative__isnull=True, cluster__isnull=True),
                name="pack_has_one_subject",
            ),
            models.CheckConstraint(condition=Q(audience__in=Audience.values), name="pack_audience_is_known"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="pack_state_is_known"),
            models.CheckConstraint(condition=Q(percent__lte=100), name="pack_percent_is_a_percentage"),
            models.CheckConstraint(condition=Q(number__gte=1), name="pack_versions_count_from_one"),
            models.CheckConstraint(condition=~Q(content="") & ~Q(subject=""), name="pack_says_something"),
            # Held while it is built, and by nobody otherwise.
            models.CheckConstraint(
                condition=Q(state=State.BUILDING, token__isnull=False, lease_until__isnull=False)
                | (~Q(state=State.BUILDING) & Q(token__isnull=True, lease_until__isnull=True)),
                name="pack_is_held_while_built",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.FAILED) | ~Q(error=""), name="pack_failure_says_why"
            ),
            models.CheckConstraint(
                condition=Q(state__in=RESTING, finished_at__isnull=False)
                | (~Q(state__in=RESTING) & Q(finished_at__isnull=True)),
                name="pack_rests_when_finished",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=Q(state="queued"), name="packs_waiting"),
            models.Index(fields=["lease_until"], condition=Q(state="building"), name="packs_held"),
            models.Index(fields=["initiative", "-number"], name="packs_of_initiative"),
            models.Index(fields=["subject", "audience", "-number"], name="packs_of_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.subject} version {self.number}"

    @property
    def is_resting(self) -> bool:
        return self.state in RESTING

    @property
    def about(self) -> str:
        """The short name of the subject: a key, the code of a cluster, or the portfolio."""
        return self.subject.partition(":")[2] or self.subject

    @property
    def title(self) -> str:
        """The subject in words."""
        subject = self.initiative or self.cluster
        return subject.title if subject is not None else str(_("The portfolio"))


class PackMember(models.Model):
    """An initiative that a pack speaks of. INVARIANT: append-only (guard); who may not read it may not read the pack."""

    build = models.ForeignKey(PackBuild, on_delete=models.PROTECT, related_name="members")
    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["build", "initiative"], name="one_pack_member_an_initiative"),
        ]

    def __str__(self) -> str:
        return f"{self.initiative_id} in {self.build_id}"


class PackOrder(models.Model):
    """A paper of many initiatives that somebody asked for: a job judges them and puts it into words, then answers here."""

    subject = models.CharField(max_length=80)
    audience = models.CharField(max_length=12, choices=Audience, default=Audience.READERS)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
    build = models.ForeignKey(PackBuild, on_delete=models.PROTECT, null=True, related_name="orders")
    refusal = models.TextField(blank=True)  # why there is no pack, in a sentence
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, build__isnull=True, refusal="")
                | Q(answered_at__isnull=False, build__isnull=False, refusal="")
                | (Q(answered_at__isnull=False, build__isnull=True) & ~Q(refusal="")),
                name="pack_order_has_one_answer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} for {self.by_id}"

    @property
    def answer(self) -> OrderState:
        """What its own columns say; whether its job was given up is looked up by ``packs.selectors.packs``."""
        if self.answered_at is None:
            return OrderState.WAITING
        return OrderState.WRITTEN if self.build_id else OrderState.REFUSED


class PackFile(models.Model):
    """The built PDF, kept under its hash. INVARIANT: append-only (guard); one a build."""

    build = models.OneToOneField(PackBuild, on_delete=models.PROTECT, related_name="file")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    pages = models.PositiveIntegerField()
    stored_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(size__gt=0) & Q(pages__gt=0), name="pack_file_is_not_empty"),
        ]
        indexes: ClassVar = [models.Index(fields=["sha256"], name="pack_files_by_hash")]

    def __str__(self) -> str:
        return self.sha256


class PackCopy(models.Model):
    """A copy that somebody took, with their name on it. INVARIANT: append-only (guard)."""

    file = models.ForeignKey(PackFile, on_delete=models.PROTECT, related_name="copies")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering: ClassVar = ["-at"]
        indexes: ClassVar = [models.Index(fields=["sha256"], name="pack_copies_by_hash")]

    def __str__(self) -> str:
        return f"{self.file_id} for {self.user_id}"


class PackReading(models.Model):
    """Who opened a pack on a day, on the page or by REST. INVARIANT: append-only for 90 days (guard), then cleared in time."""

    build = models.ForeignKey(PackBuild, on_delete=models.PROTECT, related_name="readings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering: ClassVar = ["-at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["build", "user", "day"], name="one_pack_reading_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.build_id} by {self.user_id}"
