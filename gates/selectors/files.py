"""Stored evidence: where it lies, and reading it only after its content was checked against its name."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from alignment_portal import files
from alignment_portal.files import PIECE, FileDamaged
from gates.models import Blob


def blob_name(sha256: str) -> str:
    return f"evidence/{sha256[:2]}/{sha256}"


def blob_path(sha256: str) -> Path:
    """Where it lies on this machine, unless it is kept in an object store."""
    return files.folder() / blob_name(sha256)


def open_blob(blob: Blob) -> BinaryIO:
    return files.opened(blob_name(blob.sha256), blob.sha256)


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
