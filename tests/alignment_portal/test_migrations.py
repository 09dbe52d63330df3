"""Every migration, whichever there are: back and forth with data, the guards in place after each, nothing lost."""

import json
import os
import subprocess
import sys
import uuid
from importlib import import_module
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from django.db import connection
from django.db.migrations.exceptions import IrreversibleError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def database(tmp_path):
    """The address of an empty database of the kind this run is about."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'walked.sqlite3'}"
        return
    import psycopg2  # noqa: PLC0415 — optional dependency

    name, given = f"walked_{uuid.uuid4().hex[:12]}", os.environ["DATABASE_URL"]
    server = psycopg2.connect(given)
    server.autocommit = True
    server.cursor().execute(f"CREATE DATABASE {name}")
    yield given.rpartition("/")[0] + f"/{name}"
    server.cursor().execute(f"DROP DATABASE {name} WITH (FORCE)")
    server.close()


@pytest.mark.slow
@pytest.mark.django_db
def test_every_migration_goes_back_and_forth_and_loses_neither_guard_nor_row(database, tmp_path):
    environment = {
        **{name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}},
        "DJANGO_SETTINGS_MODULE": "alignment_portal.settings",
        "DATABASE_URL": database,
        "PORTAL_VAR": str(tmp_path),
        "EMAIL_URL": "dummymail://",
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.alignment_portal.walking"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert [step for step in found["steps"] if step["missing"]] == []
    assert (found["changed"], found["faults"]) == ([], [])
    assert len(found["steps"]) >= 2


REFUSALS = {
    "packs.migrations.0003_members_of_packs": ("refuse_to_lose_papers", "2 papers of several initiatives"),
    "reviews.migrations.0002_parts_deputies_and_signatures": ("refuse_to_lose_parts", "2 stances on parts"),
}


@pytest.mark.parametrize("module", REFUSALS)
def test_going_back_refuses_to_take_away_what_older_tables_cannot_hold(module):
    name, words = REFUSALS[module]
    refuse = getattr(import_module(module), name)
    rows = MagicMock()
    rows.get_model.return_value.objects.filter.return_value.count.return_value = 2
    rows.get_model.return_value.objects.exclude.return_value.count.return_value = 2
    with pytest.raises(IrreversibleError, match=words):
        refuse(rows, None)
    rows.get_model.return_value.objects.filter.return_value.count.return_value = 0
    rows.get_model.return_value.objects.exclude.return_value.count.return_value = 0
    refuse(rows, None)
