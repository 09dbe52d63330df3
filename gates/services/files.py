"""Taking files in: streamed to a temporary file, judged there, and only then kept under their hash."""

import hashlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.files.base import File

from alignment_portal import files
from alignment_portal.audit.guard import service
from alignment_portal.refusals import Fault, Invalid, TooLarge
from gates.models import Blob
from gates.selectors.files import blob_name
from gates.selectors.kinds import Kind
from gates.services.intake.inspection import inspect_file
from gates.services.intake.names import clean_name
from gates.services.intake.refusing import FileRefused


@dataclass(frozen=True)
class Received:
    """A file that passed, still under a temporary name."""

    path: Path
    name: str
    sha256: str
    size: int
    kind: Kind


@contextmanager
def receive_files(offered: "Sequence[File[bytes]]") -> Iterator[tuple[Received, ...]]:
    """Stream and judge all of them, refusing all when one is refused; nothing temporary is left behind."""
    if len(offered) > settings.UPLOAD_MAX_FILES:
        raise TooLarge(
            f"{len(offered)} files at once; {settings.UPLOAD_MAX_FILES} is the most.", code="too_many_files"
        )
    try:
        with tempfile.TemporaryDirectory(dir=files.incoming_folder()) as name:
            yield _judged(offered, Path(name))
    except OSError as error:
        raise files.in_words(error) from error


def _judged(offered: "Sequence[File[bytes]]", folder: Path) -> tuple[Received, ...]:
    received: list[Received] = []
    faults: list[Fault] = []
    for number, file in enumerate(offered):
        name = clean_name(file.name or "")
        try:
            received.append(_receive(file, name, folder / str(number)))
        except FileRefused as refusal:
            faults.append(Fault(f"/files/{number}", f"{name}: {refusal.sentence}", refusal.code))
    if faults:
        raise Invalid(
            faults[0].sentence if len(faults) == 1 else "Some of the files cannot be evidence.",
            faults=faults,
            code=faults[0].code,
        )
    return tuple(received)


def _receive(file: "File[bytes]", name: str, path: Path) -> Received:
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as kept:
        for piece in file.chunks(files.PIECE):
            size += len(piece)
            if size > settings.UPLOAD_MAX_BYTES:
                raise FileRefused(
                    f"This file is larger than {settings.UPLOAD_MAX_BYTES // (1024 * 1024)} MB, the most that can be kept.",
                    code="file_too_large",
                )
            digest.update(piece)
            kept.write(piece)
        kept.flush()
        os.fsync(kept.fileno())
    return Received(path, name, digest.hexdigest(), size, inspect_file(path, name))


@service
def keep_file(received: Received) -> Blob:
    """Move the file under its hash, make that durable, then write the row: a row without a file cannot be."""
    files.keep(received.path, blob_name(received.sha256))
    blob, _ = Blob.objects.get_or_create(
        sha256=received.sha256, defaults={"size": received.size, "kind": received.kind.code}
    )
    return blob
