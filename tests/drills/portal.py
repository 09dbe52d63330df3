"""A portal of its own in a folder of its own: database, files, queue and real processes that can be killed."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psycopg2

ROOT = Path(__file__).parents[2]
SOON = 240  # seconds: how long anything may take on a machine that does other things as well
SET_UP = """
import django; django.setup()
from alignment_portal.accounts.actors import SYSTEM
from alignment_portal.accounts.models import User
from alignment_portal.dispatch import forget_due, held_back
from alignment_portal.writing import writes_allowed
from initiatives.services.dossiers import save_dossier
from tests.factories import initiatives as dossiers
with held_back():
    with writes_allowed():
        for email in (dossiers.OWNER, dossiers.SPONSOR, dossiers.TEAM, dossiers.DEPUTY):
            User.objects.create(email=email, name=email.split(".")[0].title())
    save_dossier(by=SYSTEM, document=dossiers.full_document())
    forget_due()
"""
ASK_FOR_A_PACK = """
import django; django.setup()
from alignment_portal.accounts.actors import SYSTEM
from packs.services.requests import request_pack
print(request_pack(by=SYSTEM, subject="initiative:AI-0001").build.pk)
"""
# Of so many initiatives that it is long enough to be laid out in parts.
ASK_FOR_A_LONG_PACK = """
import django; django.setup()
from alignment_portal.accounts.actors import SYSTEM
from alignment_portal.dispatch import forget_due, held_back
from initiatives.services.dossiers import save_dossier
from packs.services.requests import request_pack
from tests.factories.initiatives import full_document
with held_back():
    for number in range(2, 41):
        save_dossier(by=SYSTEM, document=full_document(f"AI-{number:04}"))
    forget_due()
print(request_pack(by=SYSTEM, subject="portfolio").build.pk)
"""
RETRY_A_PACK = """
import django; django.setup()
from alignment_portal.accounts.actors import SYSTEM
from packs.models import PackBuild
from packs.services.requests import retry_pack
retry_pack(by=SYSTEM, build=PackBuild.objects.get(pk={build}))
"""
ANNOUNCE = """
import django; django.setup()
from alignment_portal.dispatch import held_back
from alignment_portal.outbox.events import announce
from alignment_portal.writing import service
@service
def say():
    announce("gates.evidence_changed", key="AI-0001")
for _ in range({count}):
    say()
"""
NUDGE = """
import django; django.setup()
from alignment_portal import tasks
from alignment_portal.outbox.models import Job
from alignment_portal.writing import writes_allowed
from alignment_portal import clock
with writes_allowed():
    # What the passing of a minute would do.
    Job.objects.filter(state="queued").update(next_at=clock.wall())
tasks.dispatch_due()
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Portal:
    def __init__(self, folder, broker="", database=""):
        self.folder, self.database, self.processes, self.port = folder, database, [], free_port()
        inherited = {
            name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}
        }
        self.environment = {
            **inherited,
            "DJANGO_SETTINGS_MODULE": "alignment_portal.settings",
            "PORTAL_VAR": str(folder),
            "PORTAL_MODE": "embedded",
            "DEMO": "off",
            **({"REDIS_URL": broker} if broker else {}),
            **({"DATABASE_URL": database} if database else {}),
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

    def prepare(self):
        self.python("manage.py", "migrate", "-v", "0")
        self.python("-c", SET_UP)
        return self

    def ask_for_a_pack(self):
        return int(self.python("-c", ASK_FOR_A_PACK).split()[-1])

    def ask_for_a_long_pack(self):
        return int(self.python("-c", ASK_FOR_A_LONG_PACK).split()[-1])

    def retry_a_pack(self, build):
        self.python("-c", RETRY_A_PACK.format(build=build))

    def announce(self, count):
        self.python("-c", ANNOUNCE.format(count=count))

    def nudge(self):
        self.python("-c", NUDGE)

    def rows(self, sql):
        """Straight from the database, past the portal."""
        connection = (
            psycopg2.connect(self.database) if self.database else sqlite3.connect(self.file, timeout=20)
        )
        try:
            cursor = connection.cursor()
            cursor.execute(sql)
            return cursor.fetchall()
        finally:
            connection.close()

    @property
    def file(self):
        return self.folder / "portal.sqlite3"

    # --- processes ---------------------------------------------------------------------------------------

    def start(self, name, *arguments):
        with (self.folder / f"{name}-{len(self.processes)}.log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def start_worker(self):
        quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "INFO")
        return self.start(
            "worker", "celery", "-A", "alignment_portal", "worker", "-P", "threads", "-c", "1", *quiet
        )

    def start_web(self):
        where = ("--bind", f"127.0.0.1:{self.port}", "--worker-class", "gthread", "--threads", "4")
        web = self.start(
            "web", "gunicorn", "alignment_portal.wsgi:application", *where, "--no-control-socket"
        )
        wait_until(lambda: self.get("/healthz")[0] == 200, self.logs)
        return web

    def get(self, path):
        """Status and text; status 0 when nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def logs(self):
        return json.dumps([log.read_text()[-3000:] for log in sorted(self.folder.glob("*.log"))])

    def stop(self):
        for process in self.processes:
            kill(process)


def helpers_of(process):
    """The ids of the processes that lay out parts of a pack for it."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            told = (place / "status").read_text()
            command = (place / "cmdline").read_bytes()
        except OSError:  # it has ended meanwhile
            continue
        if f"\nPPid:\t{process.pid}\n" in told and b"packs.rendering" in command:
            found.append(int(place.name))
    return found


def kill(process):
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_until(is_so, what="", pause=0.1):
    deadline = time.monotonic() + SOON
    while not is_so():
        assert time.monotonic() < deadline, what() if callable(what) else what
        time.sleep(pause)
