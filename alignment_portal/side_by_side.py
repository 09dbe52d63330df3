"""Statements around a question, where the ORM has none: about many places at once, and of how many. A leaf."""

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet

Row = tuple[Any, ...]


def side_by_side(
    question: QuerySet[Any, Any], stand_ins: Sequence[Hashable], places: Iterable[Sequence[Any]]
) -> list[Row]:
    """What a `values_list` finds at each place, as the database keeps it: on SQLite a day is a text.

    Where ``question`` holds one of the ``stand_ins``, each of ``places`` has its own value. Every part keeps its own
    order and its own end, and so is quick from an index; the ORM makes its SQL once, and takes no ordered parts of a
    union on SQLite. Which place a row is of has to follow from the row. Nothing is asked where there is no place.
    """
    part, params = question.query.get_compiler(connection=connection).as_sql()
    given: list[Any] = []
    parts = 0
    for place in places:
        parts += 1
        meant = dict(zip(stand_ins, place, strict=True))
        given += [meant.get(param, param) for param in params]
    if not parts:
        return []
    sql = " UNION ALL ".join([f"SELECT * FROM ({part}) AS one"] * parts)  # noqa: S608 — made by the ORM
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall())


def how_many_of_each(question: QuerySet[Any, Any], column: str) -> list[Row]:
    """Each value of a column of what a `values` finds, also of one that is counted itself, and the number of its rows."""
    part, params = question.query.get_compiler(connection=connection).as_sql()
    name = connection.ops.quote_name(column)
    sql = f"SELECT {name}, COUNT(*) FROM ({part}) AS one GROUP BY {name}"  # noqa: S608 — made by the ORM
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())
