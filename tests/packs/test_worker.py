"""A real worker process: asked for, built; killed in the middle, ready exactly once after the restart."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
READY_WITHIN_SECONDS = 120
SET_UP = """
import django; django.setup()
from alignment_portal.accounts.actors import SYSTEM
from alignment_portal.accounts.models import User
from alignment_portal.writing import writes_allowed
from initiatives.services.dossiers import save_dossier
from tests.factories import initiatives as dossiers
with writes_allowed():
    for email in (dossiers.OWNER, dossiers.SPONSOR, dossiers.TEAM, dossiers.DEPUTY):
        User.objects.create(email=email, name=email.split(".")[0].title())
save_dossier(by=SYSTEM, document=dossiers.full_document())
"""
ASK = """
import django; django.setup()
from alignment_portal.accounts.actors import SYSTEM
from packs.services.requests import request_pack
print(request_pack(by=SYSTEM, subject="initiative:AI-0001").build.pk)
"""


class Portal:
    """A portal of its own in a folder of its own: database, files and queue."""

    def __init__(self, folder, broker):
        self.folder, self.workers = folder, []
        self.environment = {
            **{
                name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}
            },
            "DJANGO_SETTINGS_MODULE": "alignment_portal.settings",
            "PORTAL_VAR": str(folder),
            "PORTAL_MODE": "embedded",
            **({"REDIS_URL": broker} if broker else {}),
        }

    def python(self, *arguments):
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start_worker(self):
        log = (self.folder / f"worker-{len(self.workers)}.log").open("w")
        command = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "alignment_portal",
            "worker",
            "-P",
            "threads",
            "-c",
            "1",
        ]
        worker = subprocess.Popen(
            [*command, "--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "INFO"],
            cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        log.close()
        self.workers.append(worker)
        return worker

    def row(self, build, columns="state, step, losses, attempt, error"):
        with sqlite3.connect(self.folder / "portal.sqlite3", timeout=20) as database:
            found = database.execute(
                f"SELECT {columns} FROM packs_packbuild WHERE id = ?", [build]
            ).fetchone()
        database.close()
        return found

    def files(self):
        with sqlite3.connect(self.folder / "portal.sqlite3", timeout=20) as database:
            found = database.execute("SELECT sha256 FROM packs_packfile").fetchall()
        database.close()
        return found

    def count(self, table, condition):
        with sqlite3.connect(self.folder / "portal.sqlite3", timeout=20) as database:
            (found,) = database.execute(f"SELECT count(*) FROM {table} WHERE {condition}").fetchone()
        database.close()
        return found

    def wait_for(self, build, is_so):
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while not is_so(self.row(build)):
            assert time.monotonic() < deadline, f"{self.row(build)} {self.logs()}"
            time.sleep(0.05)

    def logs(self):
        return json.dumps([log.read_text()[-3000:] for log in sorted(self.folder.glob("worker-*.log"))])

    def stop(self):
        for worker in self.workers:
            if worker.poll() is None:
                os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()


@pytest.fixture(params=["filesystem", pytest.param("redis", marks=pytest.mark.redis)])
def portal(request, tmp_path):
    broker = request.getfixturevalue("redis_url") if request.param == "redis" else ""
    made = Portal(tmp_path, broker)
    made.python("manage.py", "migrate", "-v", "0")
    made.python("-c", SET_UP)
    yield made
    made.stop()


def test_a_pack_is_ready_exactly_once_though_its_worker_is_killed(portal):
    build = int(portal.python("-c", ASK).split()[-1])
    worker = portal.start_worker()
    portal.wait_for(build, lambda row: row[0] == "building" and row[1] != "Starting")
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    assert portal.row(build, "state") == ("building",)
    assert portal.files() == []
    portal.start_worker()
    portal.wait_for(build, lambda row: row[0] not in {"queued", "building"})
    assert portal.row(build) == ("ready", "", 1, 2, "")
    (sha256,) = portal.files()[0]
    assert len(portal.files()) == 1
    assert (
        (portal.folder / "files" / "packs" / sha256[:2] / f"{sha256}.pdf").read_bytes().startswith(b"%PDF-")
    )
    assert portal.count("audit_entry", "action = 'packs.build.finish'") == 1
