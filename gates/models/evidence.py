"""Evidence, its files, and what reviewers said of it."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from alignment_portal import clock
from gates.models.columns import person


class Form(models.TextChoices):
    FILE = "file", _("file")
    LINK = "link", _("link")
    ATTESTATION = "attestation", _("attestation")
    MEASUREMENT = "measurement", _("measured value")


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
