"""What was said: answers, each on the package as it stood, and the conditions they carry."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from alignment_portal import clock
from reviews.models.review import PERSON, Review, ReviewTradeOff


class Answer(models.TextChoices):
    AGREE = "agree", _("agree")
    CONDITIONS = "agree_with_conditions", _("agree with conditions")
    DISAGREE = "disagree", _("disagree")
    ABSTAIN = "abstain", _("abstain")


class Part(models.TextChoices):
    """What is rated in every review beside its trade-offs; as a point of it, `part:outcome_chain`."""

    OUTCOME_CHAIN = "outcome_chain", _("outcome chain")
    OPERATING_MODEL = "operating_model", _("operating model")
    CHANGE_LOAD = "change_load", _("change load")

    @property
    def point(self) -> str:
        """No code of a trade-off holds a colon, so that this is never one."""
        return f"part:{self.value}"


PART_POINTS = tuple(part.point for part in Part)


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
    """One person's answer to one trade-off or part; a change of mind is a further version. INVARIANT: append-only (guard).

    With an `origin` it repeats that answer, conditions included, on a package that changed since or after a while.
    With a `deputy`, that one gave it in the person's place.
    """

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="stances")
    trade_off = models.ForeignKey(ReviewTradeOff, on_delete=models.PROTECT, null=True, related_name="stances")
    part = models.CharField(max_length=16, choices=Part, blank=True)
    user = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="stances")
    deputy = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)
    answer = models.CharField(max_length=24, choices=Answer)
    rating = models.PositiveSmallIntegerField(null=True)  # of a part: 5, I would defend it before the board
    reason = models.TextField(blank=True)
    commits = models.BooleanField(default=False)  # disagrees, and will help to make it work
    will_do = models.TextField(blank=True)
    origin = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="reaffirmations")
    sealed = models.BooleanField()
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="stances")
    nonce = models.UUIDField(default=uuid.uuid4)  # keeps the digest in the audit record from being guessed
    given_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering: ClassVar = ["review", "trade_off", "part", "user", "version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["trade_off", "user", "version"], name="one_stance_a_version"),
            models.UniqueConstraint(
                fields=["review", "part", "user", "version"],
                condition=~Q(part=""),
                name="one_stance_on_a_part_a_version",
            ),
            models.CheckConstraint(
                condition=Q(trade_off__isnull=False, part="", rating__isnull=True)
                | (
                    Q(trade_off__isnull=True, part__in=Part.values)
                    & ~Q(answer="abstain", rating__isnull=False)
                ),
                name="stance_is_on_a_trade_off_or_a_part",
            ),
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__gte=1, rating__lte=5),
                name="stance_rates_from_1_to_5",
            ),
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
        return f"{self.review_id} {self.point} {self.user_id} v{self.version}"

    @property
    def point(self) -> str:
        """What it is about: the code of a trade-off, or of a part."""
        return self.trade_off.code if self.trade_off else Part(self.part).point


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
