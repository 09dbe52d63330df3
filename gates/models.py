"""What the judge keeps: policies, evidence and what people said of it, verdicts, and every move of status.

Every table but Notice, Standing and ReplayWindow only grows; endings are rows of their own. The guards that hold
this against any client are in migrations/_guards.py.
"""

from datetime import timedelta
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from alignment_portal import clock

WAIVER_DAYS = 30
WAIVER_RENEWALS = 1
REINSTATEMENT_LIFE = timedelta(days=14)
LEVELS = ("blocked", "learning_only", "aligned", "scale_ready")


class Form(models.TextChoices):
    FILE = "file", _("file")
    LINK = "link", _("link")
    ATTESTATION = "attestation", _("attestation")
    MEASUREMENT = "measurement", _("measured value")


class Status(models.TextChoices):
    DRAFT = "draft", _("draft")
    IN_REVIEW = "in_review", _("in review")
    LEARNING_ONLY = "learning_only", _("learning only")
    ALIGNED = "aligned", _("aligned")
    SCALE_READY = "scale_ready", _("scale ready")
    SUSPENDED = "suspended", _("suspended")
    RETIRED = "retired", _("retired")


def person(*, null: bool = False) -> "models.ForeignKey[models.Model, models.Model]":
    """Somebody who did something: kept for good, and reached from here only."""
    return models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=null)


class PolicyVersion(models.Model):
    """A policy as it was proposed; INVARIANT: one is in force, confirmed by somebody who did not propose it."""

    version = models.CharField(max_length=40, unique=True)
    sha256 = models.CharField(max_length=64, unique=True)
    text = models.TextField()
    reason = models.TextField(blank=True)
    proposed_by = person(null=True)  # nobody: it came with the portal
    proposed_at = models.DateTimeField(default=clock.now)
    confirmed_by = person(null=True)
    adopted_at = models.DateTimeField(null=True, blank=True)
    is_current = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["-adopted_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["is_current"], condition=Q(is_current=True), name="one_current_policy"
            ),
            models.CheckConstraint(
                condition=Q(is_current=False) | Q(adopted_at__isnull=False), name="current_policy_is_adopted"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("proposed_by")),
                name="policy_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(proposed_by__isnull=True)
                | Q(adopted_at__isnull=True)
                | Q(confirmed_by__isnull=False),
                name="policy_adopted_by_two",
            ),
        ]

    def __str__(self) -> str:
        return self.version


class PolicyGate(models.Model):
    """A gate of a policy that executives endorse, repeated here so that the database can ask for it itself."""

    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="gates")
    gate = models.CharField(max_length=40)
    waivable = models.BooleanField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["policy", "gate"], name="policy_gate_once")]

    def __str__(self) -> str:
        return f"{self.policy} {self.gate}"


class PolicyQuestion(models.Model):
    """A question of such a gate that is answered by evidence."""

    policy_gate = models.ForeignKey(PolicyGate, on_delete=models.PROTECT, related_name="questions")
    question = models.CharField(max_length=20)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["policy_gate", "question"], name="policy_question_once")
        ]

    def __str__(self) -> str:
        return f"{self.policy_gate} {self.question}"


class Blob(models.Model):
    """A stored file, known by what is in it."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=10)
    stored_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(size__gt=0), name="blob_is_not_empty")]

    def __str__(self) -> str:
        return self.sha256


class Evidence(models.Model):
    """One item offered for one question. Never changed: a correction is a new version that supersedes it."""

    ref = models.CharField(max_length=20, unique=True)
    initiative = models.ForeignKey(
        "initiatives.Initiative", on_delete=models.PROTECT, related_name="evidence"
    )
    question = models.CharField(max_length=20)
    form = models.CharField(max_length=12, choices=Form)
    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    statement = models.TextField(max_length=4000)
    link = models.CharField(max_length=2000, blank=True)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, blank=True, related_name="evidence")
    filename = models.CharField(max_length=150, blank=True)
    measures = models.JSONField(default=dict, blank=True)
    deployment = models.CharField(max_length=64, blank=True)
    control = models.CharField(max_length=64, blank=True)
    observed_on = models.DateField()
    expires_on = models.DateField(null=True, blank=True)
    submitted_by = person()
    submitted_at = models.DateTimeField(default=clock.now)
    # The first version of the same item, and the one this replaces; each is replaced at most once.
    first = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="versions"
    )
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    version = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["-id"]
        verbose_name_plural = "evidence"
        indexes: ClassVar = [models.Index(fields=["initiative", "question"], name="evidence_by_question")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["first", "version"], name="evidence_version_once"),
            models.CheckConstraint(condition=Q(form__in=Form.values), name="evidence_form_is_known"),
            models.CheckConstraint(
                condition=Q(form=Form.FILE, blob__isnull=False) | (~Q(form=Form.FILE) & Q(blob__isnull=True)),
                name="evidence_file_has_blob",
            ),
            models.CheckConstraint(
                condition=(Q(form=Form.LINK) & ~Q(link="")) | (~Q(form=Form.LINK) & Q(link="")),
                name="evidence_link_has_address",
            ),
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True) | Q(expires_on__gt=F("observed_on")),
                name="evidence_expires_after_observed",
            ),
            models.CheckConstraint(
                condition=Q(version=1, supersedes__isnull=True, first__isnull=True)
                | Q(version__gt=1, supersedes__isnull=False, first__isnull=False),
                name="evidence_version_has_lineage",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="evidence_has_a_title"),
        ]

    def __str__(self) -> str:
        return self.ref


class EvidenceReview(models.Model):
    """An assurer's answer to one item, with the reason. INVARIANT: by nobody who submitted any version of it."""

    evidence = models.OneToOneField(Evidence, on_delete=models.PROTECT, related_name="review")
    accepted = models.BooleanField()
    reason = models.TextField(max_length=4000)
    submitted_by = person()  # repeated, so that the table itself can tell maker from checker
    by = person()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(by=F("submitted_by")), name="review_maker_is_not_checker"),
            models.CheckConstraint(condition=~Q(reason=""), name="review_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.evidence} {'accepted' if self.accepted else 'rejected'}"


class EvidenceWithdrawal(models.Model):
    """Its submitters no longer stand by it; the item itself stays where it was."""

    evidence = models.OneToOneField(Evidence, on_delete=models.PROTECT, related_name="withdrawal")
    reason = models.TextField(max_length=4000)
    by = person()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(reason=""), name="withdrawal_has_a_reason")
        ]

    def __str__(self) -> str:
        return f"{self.evidence} withdrawn"


class Endorsement(models.Model):
    """A named executive's yes to one gate, tied by `seen` to the evidence accepted at that moment."""

    ref = models.CharField(max_length=20, unique=True)
    initiative = models.ForeignKey(
        "initiatives.Initiative", on_delete=models.PROTECT, related_name="endorsements"
    )
    gate = models.CharField(max_length=40)
    statement = models.TextField(max_length=4000)
    seen = models.CharField(max_length=64)
    by = person()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["initiative", "gate"], name="endorsements_by_gate")]

    def __str__(self) -> str:
        return self.ref


class EndorsedEvidence(models.Model):
    """One item an endorsement rests on. INVARIANT: its endorser submitted no version of it."""

    endorsement = models.ForeignKey(Endorsement, on_delete=models.PROTECT, related_name="rests_on")
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="endorsed_in")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["endorsement", "evidence"], name="endorsed_evidence_once")
        ]

    def __str__(self) -> str:
        return f"{self.endorsement} rests on {self.evidence}"


class EndorsementWithdrawal(models.Model):
    endorsement = models.OneToOneField(Endorsement, on_delete=models.PROTECT, related_name="withdrawal")
    reason = models.TextField(max_length=4000)
    by = person()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(reason=""), name="endorsement_withdrawal_reason")
        ]

    def __str__(self) -> str:
        return f"{self.endorsement} withdrawn"


class Waiver(models.Model):
    """A time-boxed exception to one rule, asked for; it counts once another person, an executive, accepts it."""

    ref = models.CharField(max_length=20, unique=True)
    initiative = models.ForeignKey("initiatives.Initiative", on_delete=models.PROTECT, related_name="waivers")
    rule = models.CharField(max_length=20)
    reason = models.TextField(max_length=4000)
    compensating_control = models.TextField(max_length=4000)
    horizon = models.CharField(max_length=2)
    until = models.DateField()
    renews = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="renewed_by"
    )
    renewals = models.PositiveSmallIntegerField(default=0)
    requested_by = person()
    requested_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["initiative", "rule"], name="waivers_by_rule")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(renewals__lte=WAIVER_RENEWALS), name="waiver_renewed_once"),
            models.CheckConstraint(
                condition=Q(renewals=0, renews__isnull=True) | Q(renewals__gt=0, renews__isnull=False),
                name="waiver_renewal_names_the_first",
            ),
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(compensating_control=""), name="waiver_has_reason_and_control"
            ),
        ]

    def __str__(self) -> str:
        return self.ref


class WaiverAnswer(models.Model):
    """An executive's yes or no to a waiver. INVARIANT: who asked does not answer."""

    waiver = models.OneToOneField(Waiver, on_delete=models.PROTECT, related_name="answer")
    accepted = models.BooleanField()
    reason = models.TextField(max_length=4000)
    requested_by = person()
    by = person()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(by=F("requested_by")), name="waiver_asker_does_not_answer"),
            models.CheckConstraint(condition=~Q(reason=""), name="waiver_answer_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.waiver} {'accepted' if self.accepted else 'declined'}"


class WaiverWithdrawal(models.Model):
    waiver = models.OneToOneField(Waiver, on_delete=models.PROTECT, related_name="withdrawal")
    reason = models.TextField(max_length=4000)
    by = person()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(reason=""), name="waiver_withdrawal_reason")
        ]

    def __str__(self) -> str:
        return f"{self.waiver} withdrawn"


class FindingSet(models.Model):
    """The findings of a verdict as canonical JSON, kept once however often they were found again."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    body = models.TextField()

    def __str__(self) -> str:
        return self.sha256


class Evaluation(models.Model):
    """A recorded verdict: what status may rest on while `inputs_rev` still is the initiative's."""

    initiative = models.ForeignKey(
        "initiatives.Initiative", on_delete=models.PROTECT, related_name="evaluations"
    )
    at = models.DateTimeField(default=clock.now)
    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="evaluations")
    fingerprint = models.CharField(max_length=64)
    inputs_rev = models.BigIntegerField()
    facts_sha256 = models.CharField(max_length=64)
    level = models.CharField(max_length=16)
    lane = models.CharField(max_length=10)
    status = models.CharField(max_length=16, choices=Status)
    findings = models.ForeignKey(FindingSet, on_delete=models.PROTECT, related_name="evaluations")
    suspenders = models.JSONField(default=list)  # codes of suspenders that failed
    suspenders_changed = models.BooleanField(default=False)
    awaiting_endorsement = models.JSONField(default=list)  # gates whose evidence is complete but unendorsed
    valid_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["initiative", "-id"], name="evaluations_by_initiative"),
            models.Index(
                fields=["initiative", "at"], condition=Q(suspenders_changed=True), name="evaluations_breaches"
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(level__in=LEVELS), name="evaluation_level_is_known"),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("at")),
                name="evaluation_valid_after_made",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.level} at {self.at:%Y-%m-%d %H:%M}"


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
