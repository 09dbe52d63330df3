"""The S3-compatible store, whose faults are told as operating-system errors, as the rest of the portal expects."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage

P = ParamSpec("P")
T = TypeVar("T")


def told_as_os_errors(function: Callable[P, T]) -> Callable[P, T]:
    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except (BotoCoreError, ClientError) as error:
            message = f"The object store refused or did not answer ({type(error).__name__})"
            raise OSError(message) from error

    return run


class ObjectStore(S3Storage):  # type: ignore[misc]  # publishes no types
    """Objects are written once under a name that is their hash; none is public, none has a signed address."""

    @told_as_os_errors
    def exists(self, name: str) -> bool:
        return bool(super().exists(name))

    @told_as_os_errors
    def save(self, name: str | None, content: File, max_length: int | None = None) -> str:  # type: ignore[type-arg]  # generic only in its stubs
        return str(super().save(name, content, max_length))

    @told_as_os_errors
    def open(self, name: str, mode: str = "rb") -> Any:
        file = super().open(name, mode)
        file.seek(0)  # reads it now, so that a store that is down is known here
        return file

    @told_as_os_errors
    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        folders, files = super().listdir(path)
        return list(folders), list(files)
