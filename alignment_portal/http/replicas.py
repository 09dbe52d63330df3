"""Reading from a copy of the database (DATABASE_REPLICA_URL): only what may be a moment old, and only to look at.

Everything else reads and writes the database itself: whoever decides must see what stands, and whoever has just
written must see it. So a route has to be named here; none is taken for safe because it is a GET.
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connections, transaction
from django.http import HttpRequest, HttpResponse

REPLICA = "replica"
SAFE_ROUTES = frozenset(
    {
        "history",
        "history-export",
        "api:history",
    }
)
_may_be_old: ContextVar[bool] = ContextVar("may_be_old", default=False)


class ReplicaRouter:
    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        if not _may_be_old.get() or _is_in_transaction():
            return None
        return REPLICA

    def db_for_write(self, model: Any, **hints: Any) -> str | None:
        return None

    def allow_relation(self, first: Any, second: Any, **hints: Any) -> bool | None:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return False if db == REPLICA else None


def _is_in_transaction() -> bool:
    return bool(transaction.get_connection().in_atomic_block)


class ReplicaMiddleware:
    """Lets the routes named above read from the replica, as long as it answers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _may_be_old.set(False)
        try:
            return self.get_response(request)
        finally:
            _may_be_old.reset(token)

    def process_view(self, request: HttpRequest, *_: Any) -> None:
        match = request.resolver_match
        is_safe = request.method in {"GET", "HEAD"} and match is not None and match.view_name in SAFE_ROUTES
        _may_be_old.set(is_safe and _answers())


def _answers() -> bool:
    """Whether there is one, and it can be reached."""
    if REPLICA not in settings.DATABASES:
        return False
    try:
        connections[REPLICA].ensure_connection()
    except DatabaseError:
        return False
    return True
