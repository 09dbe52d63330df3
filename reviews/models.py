"""Alignment reviews: who agreed to which trade-off, on which package, in their own words."""

import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from alignment_portal import clock

PERSON = settings.AUTH_USER_MODEL


class SubjectKind(models.TextChoices):
    INITIATIVE = "initiative", _("initiative")
    CLUSTER = "cluster", _("cluster")
    PORTFOLIO = "portfolio", _("portfolio")


class State(models.TextChoices):
    DRAFTING = "drafting", _("being drafted")
    PRE_READ = "pre_read", _("pre-read")
    MEETING = "meeting", _("meeting")
    CONCLUDED = "concluded", _("concluded")
    LAPSED = "lapsed", _("lapsed")


class Outcome(models.TextChoices):
    ALIGNED = "aligned", _("aligned")
    NOT_ALIGNED = "not_aligned", _("not aligned")


class Answer(models.TextChoices):
    AGREE = "agree", _("agree")
    CONDITIONS = "agree_with_conditions", _("agree with conditions")
    DISAGREE = "disagree", _("disagree")
    ABSTAIN = "abstain", _("abstain")


class ReviewQuerySet(models.QuerySet["Review"]):
    def visible(self, initiatives: "models.QuerySet[Any]", *, everything: bool) -> "ReviewQuerySet":
        """Reviews about initiatives the reader may see; the portfolio is for those who see everything."""
        if everything:
            return self
        return self.filter(
            Q(initiative__in=initiatives.values("pk"))
            | Q(cluster__in=initiatives.exclude(cluster=None).values("cluster"))
        )


class Review(models.Model):
    """One alignment review. Its state follows from its times, so that it can be told for any moment."""

    ref = models.CharField(max_length=20, unique=True)
    subject_kind = models.CharField(max_length=12, choices=SubjectKind)
    initiative = models.ForeignKey(
        "initiatives.Initiative", on_delete=models.PROTECT, null=True, related_name="reviews"
    )
    cluster = models.ForeignKey(
        "initiatives.Cluster", on_delete=models.PROTECT, null=True, related_name="reviews"
    )
    purpose = models.TextField()
    decision_sought = models.TextField(blank=True)
    pre_read_at = models.DateTimeField(null=True)
    meeting_at = models.DateTimeField(null=True)
    required_roles = models.JSONField(default=list)
    quorum = models.FloatField(default=0.75)
    policy_version = models.CharField(max_length=40)
    opened_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True)
    concluded_at = models.DateTimeField(null=True)
    lapsed_at = models.DateTimeField(null=True)
    lapse_reason = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-opened_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(subject_kind="initiative", initiative__isnull=False, cluster__isnull=True)
                | Q(subject_kind="cluster", initiative__isnull=True, cluster__isnull=False)
                | Q(subject_kind="portfolio", initiative__isnull=True, cluster__isnull=True),
                name="review_has_one_subject",
            ),
            models.CheckConstraint(condition=Q(quorum__gt=0, quorum__lte=1), name="review_quorum_is_a_share"),
            models.CheckConstraint(condition=~Q(purpose=""), name="review_has_a_purpose"),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(pre_read_at__isnull=False),
                name="review_sent_has_a_deadline",
            ),
            models.CheckConstraint(
                condition=Q(concluded_at__isnull=True) | Q(sent_at__isnull=False),
                name="review_concluded_was_sent",
            ),
            models.CheckConstraint(
                condition=Q(pre_read_at__isnull=True)
                | Q(meeting_at__isnull=True)
                | Q(meeting_at__gte=F("pre_read_at")),
                name="review_read_before_it_meets",
            ),
            models.CheckConstraint(
                condition=Q(lapsed_at__isnull=True) | ~Q(lapse_reason=""), name="review_lapse_has_a_reason"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["initiative", "-opened_at"], name="reviews_of_initiative"),
            models.Index(fields=["cluster", "-opened_at"], name="reviews_of_cluster"),
        ]

    def __str__(self) -> str:
        return self.ref

    def state_at(self, moment: datetime) -> State:
        if self.lapsed_at is not None and self.lapsed_at <= moment:
            return State.LAPSED
        if self.concluded_at is not None and self.concluded_at <= moment:
            return State.CONCLUDED
        if self.sent_at is None or self.sent_at > moment:
            return State.DRAFTING
        return State.MEETING if self.is_pre_read_over(moment) else State.PRE_READ

    def is_pre_read_over(self, moment: datetime) -> bool:
        return self.pre_read_at is not None and self.pre_read_at <= moment

    @property
    def is_open(self) -> bool:
        return self.concluded_at is None and self.lapsed_at is None


class Participant(models.Model):
    """Somebody whose stance is asked for."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="participants")
    user = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=40)
    required = models.BooleanField(default=False)
    saw_stances = models.BooleanField(default=False)  # others' stances were open to them when they joined
    invited_at = models.DateTimeField(default=clock.now)
    invited_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    left_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["review", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["review", "user"], condition=Q(left_at__isnull=True), name="one_seat_a_person"
            ),
            models.CheckConstraint(condition=~Q(role=""), name="participant_has_a_role"),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True) | Q(left_at__gte=F("invited_at")),
                name="participant_leaves_later",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.review_id} {self.user_id} {self.role}"


class ReviewTradeOff(models.Model):
    """We do A, and accept B, because C. What somebody took a stance on is withdrawn, never reworded."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="trade_offs")
    code = models.CharField(max_length=64)
    choose = models.TextField()
    accept = models.TextField()
    because = models.TextField(blank=True)
    until = models.CharField(max_length=200, blank=True)
    change_our_mind = models.TextField(blank=True)
    from_dossier = models.BooleanField(default=False)
    proposed_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField(default=clock.now)
    withdrawn_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawal_reason = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["review", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["review", "code"], name="one_review_trade_off_a_code"),
            models.CheckConstraint(
                condition=~Q(choose="") & ~Q(accept=""), name="trade_off_names_both_sides"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | ~Q(withdrawal_reason=""),
                name="trade_off_withdrawn_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.review_id} {self.code}"


class Snapshot(models.Model):
    """The package as it stood when stances were given: material fingerprints by initiative. Append-only (guard).

    ``packages`` maps an initiative's key to ``{"material": …, "sections": {name: fingerprint}}``.
    """

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="snapshots")
    digest = models.CharField(max_length=64)
    packages = models.JSONField(default=dict)
    taken_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["review", "digest"], name="one_snapshot_a_package"),
        ]

    def __str__(self) -> str:
        return f"{self.review_id} {self.digest[:12]}"


class Stance(models.Model):
    """One person's answer to one trade-off; a change of mind is a further version. INVARIANT: append-only (guard).

    With an `origin` it repeats that answer, conditions included, on a package that changed since.
    """

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="stances")
    trade_off = models.ForeignKey(ReviewTradeOff, on_delete=models.PROTECT, related_name="stances")
    user = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="stances")
    version = models.PositiveIntegerField(default=1)
    answer = models.CharField(max_length=24, choices=Answer)
    reason = models.TextField(blank=True)
    commits = models.BooleanField(default=False)  # disagrees, and will help to make it work
    will_do = models.TextField(blank=True)
    origin = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="reaffirmations")
    sealed = models.BooleanField()
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="stances")
    nonce = models.UUIDField(default=uuid.uuid4)  # keeps the digest in the audit record from being guessed
    given_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering: ClassVar = ["review", "trade_off", "user", "version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["trade_off", "user", "version"], name="one_stance_a_version"),
            models.CheckConstraint(condition=Q(answer__in=Answer.values), name="stance_answer_is_known"),
            models.CheckConstraint(
                condition=~Q(answer__in=["disagree", "abstain"]) | ~Q(reason=""),
                name="stance_dissent_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(commits=False) | (Q(answer="disagree") & ~Q(will_do="")),
                name="stance_commits_though_it_disagrees",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.review_id} {self.trade_off_id} {self.user_id} v{self.version}"


class Condition(models.Model):
    """What must happen for an agreement to hold. INVARIANT: append-only (guard)."""

    ref = models.CharField(max_length=20, unique=True)
    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="conditions")
    stance = models.ForeignKey(Stance, on_delete=models.PROTECT, related_name="conditions")
    text = models.TextField()

    class Meta:
        ordering: ClassVar = ["review", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(text=""), name="condition_has_a_text"),
        ]

    def __str__(self) -> str:
        return self.ref


class Settlement(models.Model):
    """Whoever set a condition says that it is met. INVARIANT: append-only (guard)."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="settlements")
    condition = models.OneToOneField(Condition, on_delete=models.PROTECT, related_name="settlement")
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
    note = models.TextField()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(note=""), name="settlement_says_how")]

    def __str__(self) -> str:
        return f"{self.condition_id} settled"


class Commitment(models.Model):
    """What somebody promises, by when, and what it unblocks. INVARIANT: append-only (guard)."""

    ref = models.CharField(max_length=20, unique=True)
    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="commitments")
    condition = models.ForeignKey(Condition, on_delete=models.PROTECT, null=True, related_name="commitments")
    text = models.TextField()
    owner = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="commitments")
    due_on = models.DateField()
    unblocks = models.CharField(max_length=80, blank=True)  # a gate or a shared dependency
    made_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering: ClassVar = ["review", "id"]
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(text=""), name="commitment_has_a_text")]

    def __str__(self) -> str:
        return self.ref


class Fulfilment(models.Model):
    """A commitment was kept, by whose word and how. INVARIANT: append-only (guard)."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="fulfilments")
    commitment = models.OneToOneField(Commitment, on_delete=models.PROTECT, related_name="fulfilment")
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
    note = models.TextField()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(note=""), name="fulfilment_says_how")]

    def __str__(self) -> str:
        return f"{self.commitment_id} kept"


class Conclusion(models.Model):
    """How the review ended, on which package, with dissent in its own words. INVARIANT: append-only (guard)."""

    review = models.OneToOneField(Review, on_delete=models.PROTECT, related_name="conclusion")
    outcome = models.CharField(max_length=12, choices=Outcome)
    statement = models.TextField(blank=True)
    dissent = models.JSONField(default=list)
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.values), name="conclusion_outcome_is_known"
            ),
            models.CheckConstraint(
                condition=Q(outcome="aligned") | ~Q(statement=""),
                name="conclusion_without_alignment_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.review_id} {self.outcome}"
