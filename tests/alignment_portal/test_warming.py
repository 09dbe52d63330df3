"""Who computes verdicts loads the statistics before somebody waits for one; commands start without them."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORKER = (
    "import alignment_portal.celery; from celery.signals import worker_init; worker_init.send(sender=None)"
)
WEB = "import threading, alignment_portal.wsgi; [t.join() for t in threading.enumerate() if t.name == 'warm-up']"
COMMAND = (
    "import django; django.setup(); from django.core.management import call_command; call_command('check')"
)


def loaded_by(code, tmp_path):
    """Which libraries of statistics a process has loaded after running the code."""
    told = f"{code}; import sys; print([n for n in ('scipy.stats', 'statsmodels.stats.api') if n in sys.modules])"
    ran = subprocess.run(
        [sys.executable, "-c", told],
        cwd=ROOT,
        env={
            **os.environ,
            "PORTAL_VAR": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "alignment_portal.settings",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return ast.literal_eval(ran.stdout.strip().splitlines()[-1])


@pytest.mark.slow
@pytest.mark.parametrize("code", [WORKER, WEB], ids=["worker", "web"])
def test_the_statistics_are_there_before_the_first_verdict(code, tmp_path):
    assert loaded_by(code, tmp_path) == ["scipy.stats", "statsmodels.stats.api"]


def test_a_command_starts_without_them(tmp_path):
    assert loaded_by(COMMAND, tmp_path) == []
