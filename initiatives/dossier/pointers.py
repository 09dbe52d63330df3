"""JSON pointers (RFC 6901), and finding values in a document by a path with ``*`` for every row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

Step = str | int


def pointer_to(steps: Iterable[Step]) -> str:
    """The pointer of a path of keys and positions; the whole document is the empty pointer."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)


def steps_of(pointer: str) -> tuple[str, ...]:
    """The unescaped steps of a pointer. Raises ValueError when it does not begin with a slash."""
    if not pointer:
        return ()
    if not pointer.startswith("/"):
        message = f"“{pointer}” is not a JSON pointer: it begins with a slash or is empty."
        raise ValueError(message)
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer[1:].split("/"))


def find(document: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every (pointer, value) that ``path`` leads to; what is absent or of another shape is passed over."""
    yield from _find(document, tuple(path.split("/")), "")


def _find(value: Any, steps: Sequence[str], at: str) -> Iterator[tuple[str, Any]]:
    if not steps:
        yield at, value
    elif steps[0] == "*":
        if isinstance(value, list | tuple):
            for position, item in enumerate(value):
                yield from _find(item, steps[1:], f"{at}/{position}")
    elif isinstance(value, Mapping) and steps[0] in value:
        yield from _find(value[steps[0]], steps[1:], f"{at}{pointer_to(steps[:1])}")


def rows(document: Any, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every (pointer, object) of the lists at ``path``."""
    for at, value in find(document, f"{path}/*"):
        if isinstance(value, Mapping):
            yield at, value
