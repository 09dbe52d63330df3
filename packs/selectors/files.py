"""Stored packs: where they lie, and reading one only after its content was checked against its name."""

from pathlib import Path

from alignment_portal import files
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
