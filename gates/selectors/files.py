"""Stored files: where they lie, and reading one only after its content was checked against its name."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from alignment_portal.refusals import Conflict
from gates.models import Blob

PIECE = 1024 * 1024


class FileDamaged(Conflict):
    """The stored file is not what was submitted: somebody or something changed it on disk."""

    code = "file_damaged"


def blob_path(sha256: str) -> Path:
    return Path(settings.MEDIA_ROOT) / "evidence" / sha256[:2] / sha256


def digest_of(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while piece := file.read(PIECE):
        digest.update(piece)
    return digest.hexdigest()


def open_blob(blob: Blob) -> BinaryIO:
    """The file, at its beginning, after its hash was verified; raises FileDamaged."""
    try:
        file = blob_path(blob.sha256).open("rb")
    except FileNotFoundError as error:
        raise FileDamaged(
            "The stored file is missing. Restore it from a backup.", code="file_missing"
        ) from error
    if digest_of(file) != blob.sha256:
        file.close()
        raise FileDamaged("The stored file is not what was submitted. Restore it from a backup.")
    file.seek(0)
    return file


def pieces_of(blob: Blob) -> Iterator[bytes]:
    """The verified file in pieces; it is opened and compared before the first one is asked for."""
    file = open_blob(blob)

    def pieces() -> Iterator[bytes]:
        with file:
            while piece := file.read(PIECE):
                yield piece

    return pieces()


def damaged_blobs() -> list[tuple[str, str]]:
    """Every stored file that is missing or changed, with a sentence, for the nightly check."""
    faults = []
    for blob in Blob.objects.order_by("sha256").iterator(chunk_size=500):
        try:
            open_blob(blob).close()
        except FileDamaged as fault:
            faults.append((blob.sha256, fault.sentence))
    return faults
