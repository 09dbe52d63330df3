"""One moment of the database, read beside everybody who goes on working."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections

ALIAS = "snapshot"
# Both see the database as it is at the first statement and take no lock that a writer would wait for.
_BEGIN = {
    "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    "sqlite": "BEGIN DEFERRED",
}


@contextmanager
def snapshot() -> Iterator[str]:
    """A connection of its own, by the alias given, whose every answer is of the same moment."""
    connection = connections["default"].copy(ALIAS)
    connections[ALIAS] = connection
    try:
        with connection.cursor() as cursor:
            cursor.execute(_BEGIN[connection.vendor])
            # The moment is that of the first table that is read.
            cursor.execute("SELECT count(*) FROM django_migrations")
            cursor.fetchall()
        yield ALIAS
    finally:
        connection.close()
        del connections[ALIAS]
