"""Columns that several tables here share."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


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
