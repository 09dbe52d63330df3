"""What a backup says of itself: every table and file with its SHA-256, the migrations, and the head of the record."""

import hashlib
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connections, models
from django.db.migrations.recorder import MigrationRecorder

FORMAT = "alignment-portal-backup/1"
NAME = "manifest.json"
PIECE = 1024 * 1024
# Sessions end with a restore: everybody signs in again.
LEFT_OUT = frozenset({"django_session", "django_migrations"})


class BackupRefused(Exception):
    """The backup cannot be made or restored; the sentence says why."""


@dataclass(frozen=True)
class Part:
    """A table (rows of it) or a file of the backup."""

    sha256: str
    size: int
    rows: int = 0
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Manifest:
    made_at: str
    portal: str
    database: str
    migrations: Mapping[str, list[str]]
    anchor: str
    tables: Mapping[str, Part] = field(default_factory=dict)
    files: Mapping[str, Part] = field(default_factory=dict)
    format: str = FORMAT

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.tables.values())

    def text(self) -> str:
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"


def read_manifest(folder: Path) -> tuple[Manifest, str]:
    """The manifest and its own SHA-256."""
    try:
        raw = (folder / NAME).read_bytes()
        found = json.loads(raw)
    except (OSError, ValueError) as error:
        raise BackupRefused(f"{folder} is not a whole backup: its {NAME} cannot be read.") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise BackupRefused(f"{folder} is not a backup of the form {FORMAT}.")
    for name in ("tables", "files"):
        found[name] = {
            key: Part(**{**part, "columns": tuple(part["columns"])}) for key, part in found[name].items()
        }
    return Manifest(**found), hashlib.sha256(raw).hexdigest()


def table_path(folder: Path, table: str) -> Path:
    return folder / "tables" / f"{table}.ndjson.gz"


def file_path(folder: Path, name: str) -> Path:
    return folder / "files" / name


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()


def damage(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Every part that is missing or not what it was when the backup was made."""
    yield from _damage(manifest.tables, lambda name: table_path(folder, name))
    yield from _damage(manifest.files, lambda name: file_path(folder, name))


def _damage(parts: Mapping[str, Part], place: Callable[[str], Path]) -> Iterator[str]:
    for name, part in parts.items():
        path = place(name)
        if not path.is_file():
            yield f"{name} is missing from the backup."
        elif sha256_of(path) != part.sha256:
            yield f"{name} is not what it was when the backup was made."


@cache
def portal_version() -> str:
    """As pyproject.toml says, which the image carries: the portal runs from its folder and is not installed."""
    with (settings.BASE_DIR / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def kept_models() -> dict[str, type[models.Model]]:
    """Every table that is backed up, with its model, by the name of the table."""
    found = {
        model._meta.db_table: model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }
    return {name: found[name] for name in sorted(found) if name not in LEFT_OUT}


def stored_fields(model: type[models.Model]) -> list["models.Field[object, object]"]:
    return [one for one in model._meta.local_concrete_fields if not one.generated]


def applied_migrations(alias: str = "default") -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for app, name in MigrationRecorder(connections[alias]).applied_migrations():
        found.setdefault(app, []).append(name)
    return {app: sorted(found[app]) for app in sorted(found)}
