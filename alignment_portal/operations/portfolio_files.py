"""The stored files behind a portfolio that was taken in: out of a backup, each compared with the hash it goes by."""

import shutil
import tempfile
from pathlib import Path

from alignment_portal import files
from alignment_portal.operations.manifest import file_path, sha256_of
from gates.models import Blob
from gates.selectors.files import blob_name


def bring_files(backup: Path | None) -> tuple[int, int]:
    """How many files of evidence are here now, and how many are missing; without a backup none is brought."""
    here, missing = set(files.names()), 0
    for sha256 in Blob.objects.order_by("sha256").values_list("sha256", flat=True):
        name = blob_name(sha256)
        if name in here or (backup is not None and _brought(file_path(backup, name), name, sha256)):
            continue
        missing += 1
    return Blob.objects.count() - missing, missing


def _brought(source: Path, name: str, sha256: str) -> bool:
    """Through a copy, so that the backup keeps its own; what is not what it says stays where it is."""
    if not source.is_file() or sha256_of(source) != sha256:
        return False
    with tempfile.NamedTemporaryFile(dir=files.incoming_folder(), delete=False) as copy:
        with source.open("rb") as body:
            shutil.copyfileobj(body, copy, files.PIECE)
        copy.flush()
    files.keep(Path(copy.name), name)
    return True
