"""Questions asked so often that building their SQL costs more than the answer."""

import threading
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeAlias

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import DateTimeField, QuerySet

Rows = list[tuple[Any, ...]]
Value: TypeAlias = str | date | datetime


class Prepared:
    """One question, a `values_list`, with texts, days and moments in it: its SQL is made once a thread, by the ORM as ever.

    The question must ask with each value as it is: one that makes another of it, such as the day of a moment, is refused
    when the SQL is made. It is put to the database that is written to, never to a copy. With `moments_as_kept` moments
    are not made aware: in UTC as always, on SQLite without saying so.
    """

    def __init__(self, question: Callable[..., QuerySet[Any, Any]], *, moments_as_kept: bool = False) -> None:
        self.question = question
        self.moments_as_kept = moments_as_kept
        self.made = threading.local()

    def rows(self, *values: Value) -> Rows:
        connection = connections[DEFAULT_DB_ALIAS]
        if getattr(self.made, "connection", None) is not connection:
            self._make(connection, values)
        compiler, sql, made, places, converters = self.made.parts
        given, params = _as_params(connection, values), list(made)
        for place, number in places:
            params[place] = given[number]
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            found = cursor.fetchall()
        # Most answers need no conversion, and this costs as much for a row of which nothing is converted.
        return [tuple(row) for row in compiler.apply_converters(found, converters)] if converters else found

    def _make(self, connection: Any, values: Sequence[Value]) -> None:
        (compiler, sql, params), first = self._asked(connection, values, 1)
        (_, other_sql, other_params), second = self._asked(connection, values, 2)
        marks = list(zip(first, second, strict=True))
        # Where the two differ, there stands a value: they were asked the same but for their values.
        places = []
        for place, pair in enumerate(zip(params, other_params, strict=True)):
            if pair[0] != pair[1]:
                if pair not in marks:
                    raise ValueError(f"{self.question} asks with something that it makes of a value.")
                places.append((place, marks.index(pair)))
        if sql != other_sql:
            raise ValueError(f"What {self.question} asks depends on a value.")
        columns = [column[0] for column in compiler.select]
        converters = compiler.get_converters(columns)
        if self.moments_as_kept:
            converters = {
                place: found for place, found in converters.items() if not _is_moment(columns[place])
            }
        self.made.parts = (compiler, sql, params, places, converters)
        self.made.connection = connection

    def _asked(self, connection: Any, values: Sequence[Value], time: int) -> tuple[Any, list[Any]]:
        """The compiler, the SQL and its parameters, asked with values that stand nowhere else; and those values."""
        marks = [_mark_like(value, number, time) for number, value in enumerate(values)]
        compiler = self.question(*marks).query.get_compiler(connection=connection)
        return (compiler, *compiler.as_sql()), _as_params(connection, marks)


class PreparedAmong:
    """The same for a question about any number of values, such as `code__in`: `question` gets them as a list, and then the rest.

    The SQL is made for 1, 2, 4, 8 … values; the last one is said again to fill up.
    """

    def __init__(self, question: Callable[..., QuerySet[Any, Any]]) -> None:
        self.question = question
        self.made: dict[int, Prepared] = {}

    def rows(self, among: Collection[Value], *values: Value) -> Rows:
        if not among:
            return []
        asked = list(among)
        size = 1 << (len(asked) - 1).bit_length()
        asked += asked[-1:] * (size - len(asked))
        return self._of(size).rows(*asked, *values)

    def _of(self, size: int) -> Prepared:
        if size not in self.made:
            self.made[size] = Prepared(lambda *asked: self.question(list(asked[:size]), *asked[size:]))
        return self.made[size]


def _mark_like(value: Value, number: int, time: int) -> Value:
    if isinstance(value, datetime):
        return datetime(1800 + time, 1, 1, tzinfo=UTC) + timedelta(hours=number)
    if isinstance(value, date):
        return date(1500 + 100 * time, 1, 1) + timedelta(days=number)
    return f"\x1avalue {number} of {time}\x1a"


def _as_params(connection: Any, values: Sequence[Value]) -> list[Any]:
    return [_as_param(connection.ops, value) for value in values]


def _as_param(ops: Any, value: Value) -> Any:
    if isinstance(value, datetime):
        return ops.adapt_datetimefield_value(value)
    return ops.adapt_datefield_value(value) if isinstance(value, date) else value


def _is_moment(column: Any) -> bool:
    return isinstance(column.output_field, DateTimeField)
