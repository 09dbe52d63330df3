"""Stored packs: where they lie, and reading one only after its content was checked against its name."""

from pathlib import Path

from alignment_portal import files
from alignment_portal.files import FileDamaged
from packs.models import PackFile


def pack_name(sha256: str) -> str:
    return f"packs/{sha256[:2]}/{sha256}.pdf"


def pack_path(sha256: str) -> Path:
    """Where it lies on this machine, unless it is kept in an object store."""
    return files.folder() / pack_name(sha256)


def read_file(file: PackFile) -> bytes:
    """The PDF, after its hash was verified; raises files.FileDamaged."""
    with files.opened(pack_name(file.sha256), file.sha256) as body:
        return body.read()


def damaged_packs() -> list[tuple[str, str]]:
    """Every stored pack that is missing or changed, with a sentence, for the nightly check."""
    faults = []
    for file in PackFile.objects.order_by("pk").iterator(chunk_size=500):
        try:
            read_file(file)
        except FileDamaged as fault:
            faults.append((file.sha256, fault.sentence))
    return faults
