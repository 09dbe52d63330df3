"""Questions asked so often that building their SQL costs more than the answer."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet

# Stands where the value comes, while the SQL is made.
MARK = "\x1avalue\x1a"
Rows = list[tuple[Any, ...]]


class Prepared:
    """One question with one text in it, a `values_list`: its SQL is made once a thread, by the ORM as ever.

    It is put to the database that is written to, never to a copy.
    """

    def __init__(self, question: Callable[[str], QuerySet[Any, Any]]) -> None:
        self.question = question
        self.made = threading.local()

    def rows(self, value: str) -> Rows:
        connection = connections[DEFAULT_DB_ALIAS]
        if getattr(self.made, "connection", None) is not connection:
            self._make(connection)
        compiler, sql, params, converters = self.made.parts
        with connection.cursor() as cursor:
            cursor.execute(sql, [value if param == MARK else param for param in params])
            found = cursor.fetchall()
        return [tuple(row) for row in compiler.apply_converters(found, converters)]

    def _make(self, connection: Any) -> None:
        compiler = self.question(MARK).query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        converters = compiler.get_converters([column[0] for column in compiler.select])
        self.made.parts = (compiler, sql, params, converters)
        self.made.connection = connection
