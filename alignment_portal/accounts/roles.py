"""The roles, functions and token scopes, as words. Everything else about them is in permissions.py."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    PROGRAMME_MANAGER = "programme_manager", _("programme manager")
    CONTRIBUTOR = "contributor", _("contributor")
    ASSURER = "assurer", _("assurer")
    EXECUTIVE = "executive", _("executive")
    AUDITOR = "auditor", _("auditor")
    ADMINISTRATOR = "administrator", _("administrator")


class Function(models.TextChoices):
    BUSINESS = "business", _("business")
    RISK = "risk", _("risk")
    LEGAL = "legal", _("legal")
    SECURITY = "security", _("security")
    DATA = "data", _("data")
    CHANGE = "change", _("change")
    OPERATIONS = "operations", _("operations")
    TECHNOLOGY = "technology", _("technology")
    FINANCE = "finance", _("finance")
    CUSTOMER = "customer", _("customer")


class Scope(models.TextChoices):
    READ = "read", _("read what its owner may read")
    WRITE = "write", _("write dossiers and records")
    EVIDENCE = "evidence", _("submit and review evidence")
    ENDORSE = "endorse", _("endorse, take stances and decide")
    OBSERVATIONS = "observations", _("push observations and results")
    SCIM = "scim", _("open, change and close accounts for a directory")
    ADMIN = "admin", _("manage people, roles, policy and tokens")
