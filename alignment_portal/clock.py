"""The one clock. Services, selectors and views ask here; pure cores are handed the answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)


def wall() -> datetime:
    """The real time, whatever moment is being replayed."""
    return datetime.now(UTC)


def now() -> datetime:
    """The time it is for this piece of work, aware and in UTC."""
    return _moment.get() or wall()


@contextmanager
def at_moment(moment: datetime) -> Iterator[None]:
    """Work as if it were `moment`: for loading history and for replays."""
    if moment.tzinfo is None:
        message = "A moment needs a time zone."
        raise ValueError(message)
    token = _moment.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _moment.reset(token)
