"""Questions asked so often that building their SQL costs more than the answer."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import DateTimeField, QuerySet

# Stands where the value comes, while the SQL is made.
MARK = "\x1avalue\x1a"
Rows = list[tuple[Any, ...]]


class Prepared:
    """One question with one text in it, a `values_list`: its SQL is made once a thread, by the ORM as ever.

    It is put to the database that is written to, never to a copy. With `moments_as_kept` moments are not made aware:
    in UTC as always, on SQLite without saying so.
    """

    def __init__(
        self, question: Callable[[str], QuerySet[Any, Any]], *, moments_as_kept: bool = False
    ) -> None:
        self.question = question
        self.moments_as_kept = moments_as_kept
        self.made = threading.local()

    def rows(self, value: str) -> Rows:
        connection = connections[DEFAULT_DB_ALIAS]
        if getattr(self.made, "connection", None) is not connection:
            self._make(connection)
        compiler, sql, params, converters = self.made.parts
        with connection.cursor() as cursor:
            cursor.execute(sql, [value if param == MARK else param for param in params])
            found = cursor.fetchall()
        # Most answers need no conversion, and this costs as much for a row of which nothing is converted.
        return [tuple(row) for row in compiler.apply_converters(found, converters)] if converters else found

    def _make(self, connection: Any) -> None:
        compiler = self.question(MARK).query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        columns = [column[0] for column in compiler.select]
        converters = compiler.get_converters(columns)
        if self.moments_as_kept:
            converters = {
                place: found for place, found in converters.items() if not _is_moment(columns[place])
            }
        self.made.parts = (compiler, sql, params, converters)
        self.made.connection = connection


def _is_moment(column: Any) -> bool:
    return isinstance(column.output_field, DateTimeField)
