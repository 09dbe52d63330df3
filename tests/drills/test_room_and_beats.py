"""No room left while uploading, two schedulers at once, a clock that steps: in one process, with the real system calls."""

import os
import resource
import signal
import subprocess
from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine
from celery import current_app
from django.conf import settings as portal_settings
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from alignment_portal import clock
from alignment_portal.audit.chain import verify_chain
from alignment_portal.audit.models import Entry
from alignment_portal.operations.manifest import kept_models
from gates.models import Blob, Evidence
from initiatives.models import Initiative
from tests.gates import policy, scene
from tests.people import actor, browser, everybody

pytestmark = pytest.mark.django_db
LARGE = b"case,reason\n" + b"1,limit too low\n" * 60_000  # nearly a megabyte


@contextmanager
def little_room(folder):
    """A real file system of 256 kB where we may mount one; else a limit that the kernel holds every file to."""
    folder.mkdir(parents=True, exist_ok=True)
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=256k", "portal-drill", str(folder)],
            check=False,
            capture_output=True,
        ).returncode
    )
    if mounted:
        try:
            yield
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
        return
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(LARGE) // 2, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def offer(content, field="files"):
    return {
        "question": "DR-01",
        "form": "file",
        "kind": "legal_clearance",
        "title": "Clearance memo",
        "statement": "The data may be used for this.",
        "observed_on": clock.now().date().isoformat(),
        field: SimpleUploadedFile("sample.csv", content, "text/csv"),
    }


def test_a_full_disk_refuses_the_file_in_words_and_keeps_nothing_of_it(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    scene.saved()
    client = browser("programme_manager")
    client.raise_request_exception = False
    counts = (Evidence.objects.count(), Blob.objects.count(), Entry.objects.count())
    with little_room(tmp_path / "files"):
        answer = client.post("/initiatives/AI-0001/gates/data_rights/evidence/", offer(LARGE))
        kept = [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert answer.status_code == 503
    assert "There is no room left to keep files, so nothing was saved." in answer.content.decode()
    assert (Evidence.objects.count(), Blob.objects.count(), Entry.objects.count()) == counts
    assert kept == []
    # As soon as there is room, the same file is taken.
    item = scene.offered(Initiative.objects.get(), form="file", file=scene.upload(LARGE))
    assert item.blob.size == len(LARGE)


def test_a_full_disk_is_a_503_for_programs_too(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    from tests.people import api  # noqa: PLC0415 — app ready

    scene.saved()
    with little_room(tmp_path / "files"):
        answer = api("programme_manager").post(
            "/api/v1/initiatives/AI-0001/evidence/", offer(LARGE, "file"), format="multipart"
        )
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_full")
    assert answer.headers["Retry-After"] == "30"


def contents():
    """How many rows each table has; the pulses of beat itself are not its work."""
    with connection.cursor() as cursor:
        found = {}
        for table in kept_models():
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            found[table] = cursor.fetchone()[0]
    del found["outbox_pulse"]
    return found


def test_two_schedulers_at_once_do_everything_once(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    everybody()
    policy.adopt()
    initiative = scene.saved(**scene.LEARNING)
    scene.standing_at("scale_ready", initiative)
    current_app.autodiscover_tasks(force=True)
    names = [entry["task"] for entry in portal_settings.CELERY_BEAT_SCHEDULE.values()]
    with time_machine.travel(
        clock.wall() + timedelta(days=70), tick=True
    ):  # some evidence is about to expire
        # The last hands over what the others left.
        for name in (*names, "alignment_portal.tasks.dispatch_due"):
            current_app.tasks[name].apply(throw=True)
        once, letters = contents(), len(mail.outbox)
        for name in names:
            current_app.tasks[name].apply(throw=True)
        assert contents() == once
        assert len(mail.outbox) == letters
    assert letters > 0


def test_a_clock_that_steps_back_puts_no_entry_of_the_record_before_another():
    initiative = scene.saved()
    with time_machine.travel(clock.wall() - timedelta(hours=3), tick=True):
        scene.offered(initiative)
    with time_machine.travel(clock.wall() + timedelta(hours=3), tick=True):
        scene.offered(initiative, title="Later")
    scene.offered(initiative, title="Now")
    times = list(Entry.objects.order_by("seq").values_list("recorded_at", flat=True))
    assert times == sorted(times)
    assert verify_chain().faults == ()
    assert actor("programme_manager").user_id is not None
