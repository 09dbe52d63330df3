"""Files by the hash of their content: kept once, never changed, checked at every reading. A leaf.

On a folder of this machine, or in an S3-compatible store (FILES_BUCKET). Nobody is ever given an address of a
stored file: the portal hands it out, after its own checks.
"""

import errno
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage

from alignment_portal.refusals import Conflict, Unavailable

PIECE = 1024 * 1024
INCOMING = "incoming"  # what is being received: not yet a stored file
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class FileDamaged(Conflict):
    """The stored file is not what was kept: somebody or something changed it."""

    code = "file_damaged"


class StorageDown(Unavailable):
    """The store answers not at all, or has no room: nothing was kept, and no row says so."""

    code = "storage_down"


def no_room(things: str = "files") -> StorageDown:
    return StorageDown(
        f"There is no room left to keep {things}, so nothing was saved. Tell whoever runs the portal, and try again later.",
        code="storage_full",
    )


def in_words(error: OSError) -> StorageDown:
    if error.errno in NO_ROOM:
        return no_room()
    return StorageDown("Files cannot be kept just now, so nothing was saved. Try again in a minute.")


def is_remote() -> bool:
    return bool(settings.FILES_BUCKET)


def folder() -> Path:
    return Path(settings.MEDIA_ROOT)


def incoming_folder() -> Path:
    """Where files are received and judged, beside the store, so that keeping one is a rename."""
    place = folder() / INCOMING
    place.mkdir(parents=True, exist_ok=True)
    return place


# --- keeping -----------------------------------------------------------------------------------------------


def keep(path: Path, name: str) -> None:
    """Put a finished file under its name, durably, before any row speaks of it. The path is used up."""
    if is_remote():
        _send(path, name)
        path.unlink()
        return
    place = folder() / name
    place.parent.mkdir(parents=True, exist_ok=True)
    path.chmod(0o440)
    path.replace(place)
    _sync(place.parent)
    _sync(place.parent.parent)


def keep_bytes(body: bytes, name: str) -> None:
    with tempfile.NamedTemporaryFile(dir=incoming_folder(), delete=False) as file:
        try:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            Path(file.name).unlink()
            raise
    keep(Path(file.name), name)


def _send(path: Path, name: str) -> None:
    # What is there already has the same content: its name says so.
    if not default_storage.exists(name):
        with path.open("rb") as body:
            default_storage.save(name, File(body))


def _sync(place: Path) -> None:
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# --- reading -----------------------------------------------------------------------------------------------


def digest_of(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while piece := file.read(PIECE):
        digest.update(piece)
    return digest.hexdigest()


def opened(name: str, sha256: str) -> BinaryIO:
    """The file, at its beginning, after its hash was verified; raises FileDamaged."""
    file = unchecked(name)
    if digest_of(file) != sha256:
        file.close()
        raise FileDamaged("The stored file is not what was kept. Restore it from a backup.")
    file.seek(0)
    return file


def unchecked(name: str) -> BinaryIO:
    """The file as it lies there: for copying it with whatever became of it. Raises FileDamaged when it is gone."""
    try:
        return cast("BinaryIO", default_storage.open(name) if is_remote() else (folder() / name).open("rb"))
    except FileNotFoundError as error:
        raise FileDamaged(
            "The stored file is missing. Restore it from a backup.", code="file_missing"
        ) from error


def names() -> Iterator[str]:
    """Every stored file, in the order of their names; what is still being received is none."""
    yield from sorted(_remote_names() if is_remote() else _local_names())


def _local_names() -> Iterator[str]:
    for path in folder().rglob("*"):
        name = path.relative_to(folder()).as_posix()
        if path.is_file() and not name.startswith(f"{INCOMING}/"):
            yield name


def _remote_names(prefix: str = "") -> Iterator[str]:
    folders, files = default_storage.listdir(prefix)
    yield from (f"{prefix}{name}" for name in files)
    for name in folders:
        yield from _remote_names(f"{prefix}{name}/")


def probe() -> str:
    """Why nothing could be kept just now; empty when something could. For those who watch."""
    try:
        if is_remote():
            default_storage.exists("portal-probe")
            return ""
        with tempfile.TemporaryFile(dir=incoming_folder()) as file:
            file.write(b"\0" * 4096)
            file.flush()
    except OSError as error:
        return "full" if error.errno in NO_ROOM else "cannot be written to"
    return ""
