"""System checks for the mistakes a deployment makes. `manage.py check --deploy` runs all of them."""

import os
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004 — Django's name for it

SHORTEST_KEY = 50
SQLITE = "django.db.backends.sqlite3"


@register()
def embedded_is_not_debug_by_accident(**_: Any) -> Sequence[CheckMessage]:
    if settings.PRODUCTION and settings.DEBUG:
        hint = "Remove DEBUG from the environment."
        return [Error("DEBUG is on in production.", hint=hint, id="portal.E001")]
    return []


@register()
def secret_is_long(**_: Any) -> Sequence[CheckMessage]:
    if len(settings.SECRET_KEY) < SHORTEST_KEY:
        hint = "Set SECRET_KEY to 50 random characters or more; a file named in SECRET_KEY_FILE will do."
        return [Error("SECRET_KEY is too short.", hint=hint, id="portal.E002")]
    return []


@register()
def hosts_are_named(**_: Any) -> Sequence[CheckMessage]:
    if settings.PRODUCTION and "*" in settings.ALLOWED_HOSTS:
        hint = "Set ALLOWED_HOSTS to the names people use, separated by commas."
        return [Error("ALLOWED_HOSTS lets every name in.", hint=hint, id="portal.E003")]
    return []


@register()
def links_are_https(**_: Any) -> Sequence[CheckMessage]:
    if settings.PRODUCTION and not settings.PORTAL_URL.startswith("https://"):
        hint = "Set PORTAL_URL to the https address people use."
        return [Error("PORTAL_URL is not an https address.", hint=hint, id="portal.E004")]
    return []


@register()
def var_is_writable(**_: Any) -> Sequence[CheckMessage]:
    folder = settings.VAR if settings.VAR.exists() else settings.VAR.parent
    if not os.access(folder, os.W_OK):
        hint = "Set PORTAL_VAR to a folder the portal may write to."
        return [Error(f"{folder} cannot be written to.", hint=hint, id="portal.E005")]
    return []


@register(deploy=True)
def database_is_for_many(**_: Any) -> Sequence[CheckMessage]:
    if settings.DATABASES["default"]["ENGINE"] == SQLITE:
        hint = "Set DATABASE_URL to a PostgreSQL database."
        return [Warning("SQLite serves one machine only.", hint=hint, id="portal.W006")]
    return []
