"""The settings as a whole, started in a process of their own."""

import os
import stat
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

PRODUCTION = {
    "PORTAL_MODE": "production",
    "SECRET_KEY": "k3" * 40 + "-_.~!",
    "ALLOWED_HOSTS": "portal.example.org",
    "PORTAL_URL": "https://portal.example.org",
    "DATABASE_URL": "postgres://portal@127.0.0.1:1/portal",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "EMAIL_URL": "smtp+tls://user:word@mail.example.org:587",
}


def manage(*arguments, **variables):
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LD_LIBRARY_PATH") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env={**kept, **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_production_passes_the_deployment_checks_without_a_warning(tmp_path):
    done = manage("check", "--deploy", "--fail-level", "WARNING", PORTAL_VAR=str(tmp_path), **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert "System check identified no issues (0 silenced)." in done.stdout + done.stderr


def test_what_a_first_run_makes_is_for_nobody_else_on_the_machine(tmp_path):
    assert manage("check", PORTAL_VAR=str(tmp_path / "var")).returncode == 0
    assert stat.S_IMODE((tmp_path / "var").stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "PORTAL_URL", "DATABASE_URL", "REDIS_URL"])
def test_production_does_not_start_without(name, tmp_path):
    variables = {key: value for key, value in PRODUCTION.items() if key != name}
    done = manage("check", PORTAL_VAR=str(tmp_path), **variables)
    assert done.returncode == 1
    assert f"In production these must be set: {name}." in done.stderr


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"DEBUG": "on"}, "portal.E001"),
        ({"SECRET_KEY": "short"}, "portal.E002"),
        ({"ALLOWED_HOSTS": "*"}, "portal.E003"),
        ({"PORTAL_URL": "http://portal.example.org"}, "portal.E004"),
    ],
)
def test_a_mistake_in_production_is_named_with_a_hint(changed, code, tmp_path):
    done = manage("check", PORTAL_VAR=str(tmp_path), **{**PRODUCTION, **changed})
    assert done.returncode == 1
    assert code in done.stderr
    assert "HINT" in done.stderr


def test_sqlite_in_production_is_warned_of(tmp_path):
    variables = {**PRODUCTION, "DATABASE_URL": f"sqlite:///{tmp_path}/portal.sqlite3"}
    done = manage("check", "--deploy", PORTAL_VAR=str(tmp_path), **variables)
    assert "portal.W006" in done.stderr


@pytest.mark.sqlite
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("recursive_triggers", 1)],
)
def test_the_embedded_database_is_set_for_safety(pragma, value):

    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {pragma}")
        assert cursor.fetchone()[0] == value
    assert connection.settings_dict["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_jobs_are_kept_by_rows_and_not_by_messages():
    assert settings.CELERY_TASK_ACKS_LATE is True
    assert settings.CELERY_TASK_REJECT_ON_WORKER_LOST is False
    assert settings.CELERY_ACCEPT_CONTENT == ["json"]
    assert settings.CELERY_RESULT_BACKEND is None
    assert settings.CELERY_WORKER_PREFETCH_MULTIPLIER == 1


def test_a_message_to_the_queue_of_files_is_sent_without_a_warning(tmp_path):
    (tmp_path / "queue").mkdir()
    send = "from alignment_portal.dispatch import send_to_broker; send_to_broker('gates.tasks.judge', {'key': 'AI-0001'})"
    done = manage("shell", "-v", "0", "-c", send, PORTAL_VAR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "hostname" not in done.stdout + done.stderr
    assert len(list((tmp_path / "queue/messages").iterdir())) == 1


def test_static_files_written_by_one_user_can_be_read_by_another(tmp_path):
    save = (
        "from django.conf import settings\n"
        "from django.contrib.staticfiles.storage import staticfiles_storage\n"
        "from django.core.files.base import ContentFile\n"
        f"settings.STATIC_ROOT = {str(tmp_path / 'static')!r}\n"
        "staticfiles_storage.save('css/page.css', ContentFile(b'a { color: red }'))"
    )
    done = manage("shell", "-v", "0", "-c", save, PORTAL_VAR=str(tmp_path / "var"), **PRODUCTION)
    assert done.returncode == 0, done.stderr
    written = tmp_path / "static/css/page.css"
    assert stat.S_IMODE(written.stat().st_mode) == 0o644
    assert stat.S_IMODE(written.parent.stat().st_mode) == 0o755
