"""Who may write: only services. A leaf, so that the lowest storey can use it as well.

`audit.guard` enforces it on every connection and is where the apps import `service` from.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, transaction

P = ParamSpec("P")
T = TypeVar("T")

logger = logging.getLogger(__name__)
_writing: ContextVar[bool] = ContextVar("writing", default=False)


def is_writing() -> bool:
    return _writing.get()


@contextmanager
def writes_allowed() -> Iterator[None]:
    """Let writes pass without opening a transaction: for frameworks' own bookkeeping and test set-up."""
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


@contextmanager
def by_the_way() -> Iterator[None]:
    """For notes of a use, which must not keep anybody from it: what cannot be written now is left out."""
    try:
        yield
    except OperationalError as error:
        logger.warning("A use was not noted: %s", error)


def service(function: Callable[P, T]) -> Callable[P, T]:
    """Mark a function as a writer: it runs in one transaction, and may call other services."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        with writes_allowed(), transaction.atomic():
            return function(*args, **kwargs)

    return run
