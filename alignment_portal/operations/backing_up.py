"""Making a backup: one moment of every table as lines of JSON, every stored file, and a manifest over all of it.

One form of our own for SQLite and PostgreSQL: it can be restored into either, read in twenty years without either,
and checked row by row; a dump of the one is of no use to the other, and neither program need be installed.
"""

import datetime as dt
import gzip
import hashlib
import json
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from django.db import connections, models

from alignment_portal import clock, files
from alignment_portal.accounts.actors import SYSTEM
from alignment_portal.audit.chain import STREAM, record
from alignment_portal.audit.models import GENESIS, Head
from alignment_portal.operations.actions import Actions
from alignment_portal.operations.manifest import (
    NAME,
    BackupRefused,
    Manifest,
    Part,
    applied_migrations,
    file_path,
    kept_models,
    portal_version,
    stored_fields,
    table_path,
)
from alignment_portal.operations.snapshot import snapshot
from alignment_portal.outbox.services import note_pulse
from alignment_portal.writing import service

CHUNK = 2000
PULSE = "backup"


def make_backup(place: Path) -> Manifest:
    """Write the backup into a new folder, which has its name only once it is whole."""
    if place.exists():
        raise BackupRefused(f"{place} is there already. Name another folder, or leave the name out.")
    partial = place.with_name(place.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        manifest = _write(partial)
        partial.rename(place)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise BackupRefused(
            f"The backup could not be written to {place} ({error.strerror or error}). Nothing is left of it."
        ) from error
    _note(manifest, hashlib.sha256((place / NAME).read_bytes()).hexdigest())
    return manifest


def _write(folder: Path) -> Manifest:
    (folder / "tables").mkdir(parents=True)
    with snapshot() as alias:
        # The files come after the moment of the tables: a row is never without its file, a file may be without a row.
        manifest = Manifest(
            made_at=clock.wall().isoformat(),
            portal=portal_version(),
            database=connections[alias].vendor,
            migrations=applied_migrations(alias),
            anchor=_anchor(alias),
            tables={name: _write_table(folder, name, model, alias) for name, model in kept_models().items()},
            files={name: _write_file(folder, name) for name in files.names()},
        )
    (folder / NAME).write_text(manifest.text(), encoding="utf-8")
    return manifest


def _anchor(alias: str) -> str:
    head = Head.objects.using(alias).filter(stream=STREAM).first()
    return f"{head.seq}:{head.hash}" if head else f"0:{GENESIS}"


# --- tables ------------------------------------------------------------------------------------------------


def _write_table(folder: Path, name: str, model: type[models.Model], alias: str) -> Part:
    columns = [one.attname for one in stored_fields(model)]
    path = table_path(folder, name)
    rows = 0
    with path.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as packed:
        for row in _rows(model, columns, alias):
            packed.write(json.dumps(row, ensure_ascii=False, default=as_json).encode() + b"\n")
            rows += 1
    return Part(_sha256(path), path.stat().st_size, rows, tuple(columns))


def _rows(model: type[models.Model], columns: list[str], alias: str) -> Iterator[tuple[Any, ...]]:
    rows = model._base_manager.using(alias).order_by("pk").values_list(*columns)
    yield from rows.iterator(chunk_size=CHUNK)


def as_json(value: object) -> str:
    """Values JSON has no word for, as the text their field reads back unchanged."""
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    message = f"{type(value).__name__} has no form in a backup yet."
    raise TypeError(message)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return files.digest_of(file)


# --- files -------------------------------------------------------------------------------------------------


def _write_file(folder: Path, name: str) -> Part:
    path = file_path(folder, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    with files.unchecked(name) as source, path.open("wb") as copy:
        return _copied(source, copy)


def _copied(source: BinaryIO, copy: BinaryIO) -> Part:
    digest, size = hashlib.sha256(), 0
    while piece := source.read(files.PIECE):
        digest.update(piece)
        copy.write(piece)
        size += len(piece)
    return Part(digest.hexdigest(), size)


@service
def _note(manifest: Manifest, sha256: str) -> None:
    record(
        by=SYSTEM,
        action=Actions.BACKED_UP,
        subject="portal",
        rows=manifest.rows,
        files=len(manifest.files),
        anchor=manifest.anchor,
        manifest=sha256,
    )
    note_pulse(PULSE, f"{manifest.rows} rows, {len(manifest.files)} files")
