from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from alignment_portal import clock
from initiatives.models.constraints import filled, once, person, text
from initiatives.models.initiative import Initiative


class DossierVersion(models.Model):
    """A dossier as it was saved once, as canonical JSON. INVARIANT: append-only (guard); the tables of the parts follow it."""

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    package = models.PositiveIntegerField(default=1)
    fingerprint = models.CharField(max_length=64)
    material_fingerprint = models.CharField(max_length=64)
    document = models.TextField()
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = person()

    class Meta:
        ordering: ClassVar = ["initiative", "-number"]
        get_latest_by: ClassVar = ["number"]
        constraints: ClassVar = [
            once("number", name="one_dossier_a_version"),
            models.CheckConstraint(
                condition=Q(number__gte=1, package__gte=1), name="dossier_versions_count_from_one"
            ),
            filled("document", "dossier_version_holds_a_document"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["initiative", "-number", "recorded_at"], name="dossiers_latest_first")
        ]

    def __str__(self) -> str:
        return f"{self.initiative_id} version {self.number}"


class Draft(models.Model):
    """What somebody typed into a form and has not yet saved."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="drafts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="drafts")
    section = models.CharField(max_length=80)
    body = models.JSONField(default=dict)
    based_on = models.PositiveIntegerField()
    saved_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            once("user", "section", name="one_draft_a_section"),
            filled("section", "draft_names_its_section"),
        ]

    def __str__(self) -> str:
        return f"{self.section} of {self.initiative_id}"


class Incident(models.Model):
    """Something went wrong in operation. INVARIANT: only its closing is added later, once (guards)."""

    ref = models.CharField(max_length=20, unique=True)
    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="incidents")
    severity = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    description = text()
    deployment = models.CharField(max_length=64, blank=True)
    opened_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = person()
    closed_at = models.DateTimeField(null=True, blank=True)
    closing_recorded_at = models.DateTimeField(null=True, blank=True)
    closed_by = person()
    cause = text()

    class Meta:
        ordering: ClassVar = ["-opened_at", "ref"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(severity__gte=1, severity__lte=4), name="incident_severity_is_known"
            ),
            filled("title", "incident_has_a_title"),
            models.CheckConstraint(
                condition=Q(opened_at__lte=models.F("recorded_at")), name="incident_is_not_in_the_future"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closing_recorded_at__isnull=True, cause="")
                | (
                    Q(
                        closed_at__gte=models.F("opened_at"),
                        closing_recorded_at__gte=models.F("closed_at"),
                    )
                    & ~Q(cause="")
                ),
                name="incident_is_closed_with_a_cause",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["initiative", "-opened_at"], name="incidents_by_initiative"),
            models.Index(fields=["initiative"], condition=Q(closed_at__isnull=True), name="open_incidents"),
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"
