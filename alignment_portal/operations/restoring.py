"""Restoring a backup: everything is checked before anything is written, and proved before it counts.

The rows come in one transaction: guards off, all tables emptied and filled, guards on, the record walked. Where
one proof fails the database is as it was. Files come first; one without a row harms nobody.
"""

import gzip
import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models, transaction

from alignment_portal import files
from alignment_portal.accounts.actors import SYSTEM
from alignment_portal.accounts.models import User
from alignment_portal.audit import triggers
from alignment_portal.audit.chain import ChainReport, anchor_fault, record, verify_chain
from alignment_portal.operations.actions import Actions
from alignment_portal.operations.manifest import (
    BackupRefused,
    Manifest,
    applied_migrations,
    damage,
    file_path,
    kept_models,
    read_manifest,
    stored_fields,
    table_path,
)
from alignment_portal.writing import writes_allowed
from gates.selectors.files import damaged_blobs
from initiatives.models import Initiative
from packs.selectors.files import damaged_packs

ROWS_AT_ONCE = 500
NAMED_AT_MOST = 10


@dataclass(frozen=True)
class Restored:
    manifest: Manifest
    chain: ChainReport
    guards: int


def restore_backup(
    place: Path, *, anchors: tuple[tuple[int, str], ...] = (), force: bool = False
) -> Restored:
    manifest, sha256 = read_manifest(place)
    _require_fit(manifest, force=force)
    _refuse(damage(place, manifest), "The backup is damaged, so nothing was restored.")
    for name in manifest.files:
        _put_file(file_path(place, name), name)
    with writes_allowed(), transaction.atomic():
        triggers.remove_all()
        _replace_rows(place, manifest)
        triggers.install_all()
        connection.check_constraints()
        report = _proved(manifest, anchors)
        record(
            by=SYSTEM,
            action=Actions.RESTORED,
            subject="portal",
            made_at=manifest.made_at,
            anchor=manifest.anchor,
            manifest=sha256,
        )
    guards = sum(1 for guard in triggers.registered() if guard.sql_for(connection.vendor))
    return Restored(manifest, report, guards)


def _refuse(faults: Iterator[str], sentence: str) -> None:
    found = list(faults)
    if found:
        more = f"\n… and {len(found) - NAMED_AT_MOST} more." if len(found) > NAMED_AT_MOST else ""
        raise BackupRefused("\n".join([sentence, *found[:NAMED_AT_MOST]]) + more)


def _require_fit(manifest: Manifest, *, force: bool) -> None:
    if manifest.migrations != applied_migrations():
        raise BackupRefused(
            f"This backup was made by version {manifest.portal} with other migrations than this database has. "
            "Restore it with that version into a database it has migrated, and upgrade afterwards."
        )
    if set(manifest.tables) != set(kept_models()):
        raise BackupRefused(
            "This backup has other tables than this portal. Restore it with the version that made it."
        )
    if not force and (User.objects.exists() or Initiative.objects.exists()):
        raise BackupRefused(
            "This portal holds people or initiatives, so nothing was restored. Restore into an empty one, or say "
            "--force to replace everything in it."
        )


# --- files -------------------------------------------------------------------------------------------------


def _put_file(source: Path, name: str) -> None:
    """Through a copy, so that the backup keeps its own."""
    with tempfile.NamedTemporaryFile(dir=files.incoming_folder(), delete=False) as copy:
        with source.open("rb") as body:
            shutil.copyfileobj(body, copy, files.PIECE)
        copy.flush()
    files.keep(Path(copy.name), name)


# --- rows --------------------------------------------------------------------------------------------------


def _replace_rows(place: Path, manifest: Manifest) -> None:
    tables = kept_models()
    with connection.cursor() as cursor:
        for name in tables:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(name)}")  # noqa: S608 — names of our own tables
        for name, model in tables.items():
            _fill(cursor, place, name, model, manifest.tables[name].columns)
        for statement in connection.ops.sequence_reset_sql(no_style(), list(tables.values())):
            cursor.execute(statement)


def _fill(cursor: Any, place: Path, name: str, model: type[models.Model], columns: tuple[str, ...]) -> None:
    fields = [_field(model, column) for column in columns]
    quoted = ", ".join(connection.ops.quote_name(str(one.column)) for one in fields)
    into = f"INSERT INTO {connection.ops.quote_name(name)} ({quoted}) VALUES "  # noqa: S608 — names of our own tables
    one_row = "(" + ", ".join(["%s"] * len(fields)) + ")"
    most = connection.features.max_query_params or ROWS_AT_ONCE * len(fields)
    with gzip.open(table_path(place, name), "rt", encoding="utf-8") as lines:
        rows = (_stored(fields, json.loads(line)) for line in lines)
        while some := list(islice(rows, max(1, min(ROWS_AT_ONCE, most // len(fields))))):
            cursor.execute(into + ", ".join([one_row] * len(some)), list(chain.from_iterable(some)))


def _field(model: type[models.Model], column: str) -> "models.Field[Any, Any]":
    for one in stored_fields(model):
        if one.attname == column:
            return one
    raise BackupRefused(f"This portal has no {column} in {model._meta.db_table}.")


def _stored(fields: list["models.Field[Any, Any]"], row: list[Any]) -> list[Any]:
    return [
        one.get_db_prep_save(one.to_python(value), connection) for one, value in zip(fields, row, strict=True)
    ]


# --- proofs ------------------------------------------------------------------------------------------------


def _proved(manifest: Manifest, anchors: tuple[tuple[int, str], ...]) -> ChainReport:
    report = verify_chain()
    seq, _, hash_ = manifest.anchor.partition(":")
    faults = [sentence for _, sentence in (*report.faults, *triggers.faults())]
    faults += [f"{name}: {sentence}" for name, sentence in (*damaged_blobs(), *damaged_packs())]
    if (report.head_seq, report.head_hash) != (int(seq), hash_):
        faults.append(f"The record ends at entry {report.head_seq}, but the backup was made at entry {seq}.")
    faults += [fault for anchor in anchors if (fault := anchor_fault(*anchor))]
    _refuse(iter(faults), "What was restored does not hold, so nothing was kept of it.")
    return report
