import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import sees_everything
from initiatives.dossier.scalars import Archetype, Horizon, Lane
from initiatives.models.constraints import (
    between,
    choice,
    code,
    count,
    day,
    figure,
    filled,
    in_order,
    known,
    line,
    once,
    person,
    text,
)


class Status(models.TextChoices):
    DRAFT = "draft", "draft"
    IN_REVIEW = "in_review", "in review"
    LEARNING_ONLY = "learning_only", "learning-only"
    ALIGNED = "aligned", "aligned"
    SCALE_READY = "scale_ready", "scale-ready"
    SUSPENDED = "suspended", "suspended"
    RETIRED = "retired", "retired"


RUNNING = (Status.LEARNING_ONLY, Status.ALIGNED, Status.SCALE_READY)
VERDICTS = ("blocked", "learning_only", "aligned", "scale_ready")
CLASSIFICATIONS = ("public", "internal", "confidential", "restricted")


class Cluster(models.Model):
    """Several initiatives that share one package."""

    code = models.CharField(max_length=64, unique=True)
    title = models.CharField(max_length=200)

    class Meta:
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [filled("title", "cluster_has_a_title")]

    def __str__(self) -> str:
        return self.title


class InitiativeQuerySet(models.QuerySet["Initiative"]):
    def visible_to(self, actor: Actor) -> "InitiativeQuerySet":
        """Those the actor may know of; everybody who reads initiatives begins here."""
        if sees_everything(actor):
            return self
        if actor.user_id is None:
            return self.none()
        return self.filter(
            Exists(Membership.objects.filter(initiative=OuterRef("pk"), user_id=actor.user_id))
        )

    def live(self) -> "InitiativeQuerySet":
        return self.filter(Exists(Deployment.objects.filter(initiative=OuterRef("pk"), state="live")))

    def current(self) -> "InitiativeQuerySet":
        return self.exclude(status=Status.RETIRED)


class Initiative(models.Model):
    """One AI use case under review.

    INVARIANT: `key` never changes and `inputs_rev` never falls (guards); `status`, `status_since` and
    `verdict_evaluation_id` change only with a recorded move (guard of the gates). The `judged_…` and `next_…` columns
    repeat the last recorded verdict for lists and decide nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=200)
    archetype = choice()
    horizon = choice("H1")
    cluster = models.ForeignKey(
        Cluster, on_delete=models.PROTECT, null=True, blank=True, related_name="initiatives"
    )
    owner = person(null=False, related_name="owned_initiatives")
    sponsor = person(related_name="sponsored_initiatives")
    summary = text()
    lane = choice("")
    decision_sought = text()
    learning_question = text()
    learning_ends_on = day()
    planned_launch_on = day()
    classification = choice("internal")

    status = models.CharField(max_length=20, choices=Status, default=Status.DRAFT)
    status_since = models.DateTimeField(default=clock.now)
    verdict_evaluation_id = models.BigIntegerField(null=True, blank=True)
    inputs_rev = models.BigIntegerField(default=0)
    version = models.PositiveIntegerField(default=0)
    package = models.PositiveIntegerField(default=1)
    fingerprint = models.CharField(max_length=64, blank=True)
    material_fingerprint = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)

    judged_level = choice("")
    judged_at = models.DateTimeField(null=True, blank=True)
    judged_reason = text()
    judged_gate = line()
    next_mover_name = line()
    next_deed = text()
    next_since = models.DateTimeField(null=True, blank=True)

    objects = InitiativeQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["key"]
        constraints: ClassVar = [
            filled("key", "initiative_has_a_key"),
            filled("title", "initiative_has_a_title"),
            known("archetype", Archetype, "initiative_archetype_is_known"),
            known("horizon", Horizon, "initiative_horizon_is_known"),
            known("lane", Lane, "initiative_lane_is_known", empty=""),
            models.CheckConstraint(
                condition=Q(classification__in=CLASSIFICATIONS), name="initiative_classification_is_known"
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="initiative_status_is_known"),
            models.CheckConstraint(
                condition=Q(judged_level__in=["", *VERDICTS]), name="initiative_judged_level_is_known"
            ),
            # What runs rests on a recorded verdict; nothing else does.
            models.CheckConstraint(
                condition=Q(status__in=RUNNING, verdict_evaluation_id__isnull=False)
                | (~Q(status__in=RUNNING) & Q(verdict_evaluation_id__isnull=True)),
                name="initiative_status_rests_on_a_verdict",
            ),
            between("inputs_rev", "initiative_inputs_are_counted", 0, 2**62),
            models.CheckConstraint(condition=Q(package__gte=1), name="initiative_package_from_one"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["status", "key"], name="initiatives_by_status"),
            models.Index(fields=["judged_level", "key"], name="initiatives_by_verdict"),
            models.Index(fields=["judged_level", "horizon", "status"], name="initiatives_counted"),
            models.Index(fields=["-changed_at", "key"], name="initiatives_by_change"),
            models.Index(fields=["title", "key"], name="initiatives_by_title"),
            # Who waits longest, and whose learning ends first, is found at the beginning of these.
            models.Index(fields=["judged_level", "next_since", "key", "status"], name="initiatives_by_wait"),
            models.Index(
                fields=["judged_level", "learning_ends_on", "key", "status"],
                name="initiatives_judged_learning",
            ),
            models.Index(fields=["status", "learning_ends_on", "key"], name="initiatives_learning"),
            # Launches are counted by day, and the first of a quarter found, from the index alone.
            models.Index(
                fields=["horizon", "planned_launch_on", "key", "status"], name="initiatives_by_launch"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.title}"


class Membership(models.Model):
    """How somebody belongs to an initiative: by its dossier, or because they were asked to help."""

    class Kind(models.TextChoices):
        OWNER = "owner", "owner"
        SPONSOR = "sponsor", "sponsor"
        TEAM = "team", "team"
        NAMED = "named", "named as an owner of something"
        INVITED = "invited", "invited"

    OWN: ClassVar = (Kind.OWNER, Kind.SPONSOR, Kind.TEAM)

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="initiative_memberships"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    since = models.DateTimeField(default=clock.now)
    invited_by = person()

    class Meta:
        ordering: ClassVar = ["initiative", "kind", "user"]
        constraints: ClassVar = [
            once("user", "kind", name="one_membership_of_a_kind"),
            models.CheckConstraint(
                condition=Q(kind__in=["owner", "sponsor", "team", "named", "invited"]),
                name="membership_kind_is_known",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["user", "initiative"], name="memberships_by_person")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind} {self.initiative_id}"


class PartRow(models.Model):
    """A row of one part of a dossier. Its id is computed from its key, so that parts can point to each other."""

    id = models.UUIDField(primary_key=True, editable=False)
    initiative: Any = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="%(class)s_rows")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class Scope(PartRow):
    """How far the initiative may reach at its horizon."""

    description = text()
    categories = models.JSONField(default=list)
    volume_share_limit = figure()
    people_affected = count()
    audience = choice("internal")
    personal_data = choice("none")
    everything_else_to = line()

    class Meta:
        constraints: ClassVar = [
            once(name="one_scope"),
            between("volume_share_limit", "scope_limit_is_a_share", 0, 1),
            models.CheckConstraint(
                condition=Q(audience__in=["internal", "customer"]), name="scope_audience_is_known"
            ),
            models.CheckConstraint(
                condition=Q(personal_data__in=["none", "employees", "customers"]),
                name="scope_personal_data_is_known",
            ),
        ]


class Deployment(PartRow):
    """One place where the AI runs for real."""

    code = code()
    title = line()
    state = choice("planned")
    horizon = choice("H1")
    mode = choice("advisory")
    live_from = day()
    live_until = day()
    categories = models.JSONField(default=list)
    volume_share = figure()
    model_version = line()

    class Meta:
        constraints: ClassVar = [
            once("code", name="one_deployment_a_code"),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "live", "paused", "retired"]),
                name="deployment_state_is_known",
            ),
            known("horizon", Horizon, "deployment_horizon_is_known"),
            models.CheckConstraint(
                condition=Q(mode__in=["advisory", "binding"]), name="deployment_mode_is_known"
            ),
            between("volume_share", "deployment_volume_is_a_share", 0, 1),
            in_order("live_from", "live_until", "deployment_dates_in_order"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["initiative"], condition=Q(state="live"), name="live_deployments"),
        ]
