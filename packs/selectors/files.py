"""Stored packs: where they lie, and reading one only after its content was checked against its name."""

import hashlib
from pathlib import Path

from django.conf import settings

from alignment_portal.refusals import Conflict
from packs.models import PackFile


class FileDamaged(Conflict):
    """The stored PDF is not what was built: somebody or something changed it on disk."""

    code = "file_damaged"


def pack_path(sha256: str) -> Path:
    return Path(settings.MEDIA_ROOT) / "packs" / sha256[:2] / f"{sha256}.pdf"


def read_file(file: PackFile) -> bytes:
    """The PDF, after its hash was verified; raises FileDamaged."""
    try:
        body = pack_path(file.sha256).read_bytes()
    except FileNotFoundError as error:
        raise FileDamaged(
            "The stored PDF is missing. Restore it from a backup.", code="file_missing"
        ) from error
    if hashlib.sha256(body).hexdigest() != file.sha256:
        raise FileDamaged("The stored PDF was changed on disk. Restore it from a backup.")
    return body
