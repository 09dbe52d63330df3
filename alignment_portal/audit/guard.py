"""The write guard: outside a service, no statement that changes a row reaches the database."""

import re
from collections.abc import Callable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from alignment_portal.audit import triggers
from alignment_portal.writing import is_writing, service, writes_allowed

__all__ = ["is_writing", "service", "writes_allowed"]

_WRITE = re.compile(
    r"^\s*(?:with\b.*?\b)?(insert|update|delete|replace|truncate|merge|copy)\b", re.IGNORECASE | re.DOTALL
)
_TABLE = re.compile(r"\b(?:into|update|from|truncate(?:\s+table)?)\s+(?:only\s+)?[\"`]?(\w+)", re.IGNORECASE)
# The frameworks' own bookkeeping, which no service of ours writes.
EXEMPT = frozenset(
    {
        "django_session",
        "django_migrations",
        "django_content_type",
        "auth_permission",
        "django_site",
        "socialaccount_socialaccount",  # when somebody last came by single sign-on
    }
)

_migrating = False


class WriteOutsideServiceError(RuntimeError):
    """A programming fault, never an answer to a person: the write has to move into a service."""


def refuse_stray_writes(
    execute: Callable[..., Any],
    sql: str,
    params: object,
    many: bool,  # noqa: FBT001 — Django's own form of a wrapper
    context: dict[str, Any],
) -> Any:
    if not is_writing() and not _migrating and _changes_rows(sql):
        message = f"A row may only be changed in a @service. Refused: {sql[:120]}"
        raise WriteOutsideServiceError(message)
    return execute(sql, params, many, context)


def _changes_rows(sql: str) -> bool:
    write = _WRITE.match(sql)
    if write is None or (sql.lstrip()[:4].lower() == "with" and not _data_changing_cte(sql)):
        return False
    table = _TABLE.search(sql, write.start(1))
    return table is None or table.group(1) not in EXEMPT


def _data_changing_cte(sql: str) -> bool:
    return (
        re.search(r"[\s(](insert\s+into|update\s+\"?\w+\"?\s+set|delete\s+from)\b", sql, re.IGNORECASE)
        is not None
    )


def watch_connection(*, connection: BaseDatabaseWrapper, **_: object) -> None:
    if refuse_stray_writes not in connection.execute_wrappers:
        connection.execute_wrappers.append(refuse_stray_writes)


def before_migrating(*, using: str, **_: object) -> None:
    # SQLite rebuilds a table to alter it and silently loses its triggers, so all come off and go back on.
    global _migrating  # noqa: PLW0603 — one process migrates at a time
    _migrating = True
    triggers.remove_all(using)


def after_migrating(*, using: str, **_: object) -> None:
    global _migrating  # noqa: PLW0603 — one process migrates at a time
    triggers.install_all(using)
    _migrating = False
