"""A review: what it is about, who takes part, and the trade-offs put before them."""

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
    reaffirm_days = models.PositiveSmallIntegerField(
        null=True
    )  # how long an agreement holds; no end when empty
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
            models.CheckConstraint(
                condition=Q(reaffirm_days__isnull=True) | Q(reaffirm_days__gte=1),
                name="review_holds_a_day_at_least",
            ),
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


class Delegation(models.Model):
    """A participant named a deputy, who answers for the seat until this is withdrawn."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="delegations")
    seat = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="delegations")
    deputy = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    named_at = models.DateTimeField(default=clock.now)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["review", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["seat"], condition=Q(withdrawn_at__isnull=True), name="one_deputy_a_seat"
            ),
            models.UniqueConstraint(
                fields=["review", "deputy"], condition=Q(withdrawn_at__isnull=True), name="one_seat_a_deputy"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="delegation_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.seat_id} by {self.deputy_id}"


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
