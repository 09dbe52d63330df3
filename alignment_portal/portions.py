"""Bulk reads about many initiatives: some, named by their keys, or all of them from one query a table. A leaf."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any, Protocol, TypeAlias

from django.db import connection, transaction
from django.db.models import QuerySet

from alignment_portal.prepared import Prepared

Row: TypeAlias = tuple[Any, ...]
AT_ONCE = 2000  # rows fetched from a query that is read on


class Question(Protocol):
    """What can be put to the database once and read on: a QuerySet of rows, or a statement written by hand."""

    def iterator(self, chunk_size: int) -> Iterator[Row]: ...


class Everything:
    """All initiatives in order of key, a portion at a time, however many there are.

    Each table is asked once. Its rows come in the order of the keys, so that every portion reads on from where the
    one before it ended: the number of queries is fixed, and no more than a portion is in memory.

    INVARIANT: keys and rows are of one state of the database: read all of them inside `held_still`.
    """

    def __init__(self) -> None:
        self.keys: dict[str, Row] = {}
        self._begun: dict[object, tuple[Iterator[Row], Row | None]] = {}

    def portions(self, keys: "QuerySet[Any, Row]", size: int) -> Iterator[dict[str, Row]]:
        """The rows of `keys`, whose first column is the key, `size` at a time by that key."""
        rows = keys.iterator(chunk_size=AT_ONCE)
        while portion := {row[0]: row for row in islice(rows, size)}:
            self.keys = portion
            yield portion

    def rows(self, query: Question, name: object) -> Iterator[Row]:
        """The rows of this portion from a query whose first column, by which it is ordered, is the key."""
        rows, row = self._begun.get(name) or (query.iterator(chunk_size=AT_ONCE), None)
        row = row or next(rows, None)
        while row is not None and row[0] in self.keys:
            yield row
            row = next(rows, None)
        self._begun[name] = rows, row


About: TypeAlias = Sequence[str] | Everything | None
Known: TypeAlias = Callable[[datetime | None], "QuerySet[Any]"]


def rows_about(
    about: About,
    known: Known,
    key: str,
    columns: Sequence[str],
    order: Sequence[str] = (),
    *,
    at: datetime | None = None,
) -> Iterator[Row]:
    """Rows (key, *columns), ordered by key and then `order`, about initiatives: these, a portion of all, or all at once.

    They are of what was `known` at that moment, now if none is given. The SQL for one initiative is made once a thread:
    `known` must be a function of a module, and use the moment as it is.
    """
    if about is not None and not isinstance(about, Everything) and len(about) == 1:
        asked = _about_one(known, key, tuple(columns), tuple(order), now=at is None)
        return iter(asked.rows(about[0]) if at is None else asked.rows(about[0], at))
    query = known(at)
    if about is not None and not isinstance(about, Everything):
        query = query.filter(**{f"{key}__in": about})
    rows = query.order_by(key, *order).values_list(key, *columns)
    if isinstance(about, Everything):
        return about.rows(rows, (query.model, *columns))
    return rows.iterator(chunk_size=AT_ONCE)


@lru_cache(maxsize=100)
def _about_one(
    known: Known, key: str, columns: tuple[str, ...], order: tuple[str, ...], *, now: bool
) -> Prepared:
    def asked(one: str, at: datetime | None = None) -> "QuerySet[Any, Row]":
        return known(None if now else at).filter(**{key: one}).order_by(*order).values_list(key, *columns)

    return Prepared(asked)


@contextmanager
def held_still() -> Iterator[None]:
    """Read one state of the database, whoever writes meanwhile, and keep nobody from writing."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic():
            _say("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    else:
        # Django would begin a transaction that locks writers out.
        _say("BEGIN DEFERRED")
        try:
            yield
        finally:
            _say("ROLLBACK")


def _say(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
