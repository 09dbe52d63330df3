"""`manage.py portal` for real: its own folder, its own port, all three processes."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

pytestmark = [pytest.mark.sqlite, pytest.mark.slow]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@pytest.fixture
def start(tmp_path):
    """Start a portal over an empty folder; give the process and its port."""
    started = []
    inherited = {
        name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}
    }

    def run(*, demo="off"):
        port = free_port()
        environment = {**inherited, "PORTAL_VAR": str(tmp_path), "PORT": str(port), "DEMO": demo}
        command = [sys.executable, "manage.py", "portal"]
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        started.append(process)
        return process, port

    yield run
    for process in started:
        process.kill()
        process.communicate()


def read_until(process, words):
    """Read what it says up to a line with these words; fail with all it said when it ends before."""
    said = []
    for line in process.stdout:
        said.append(line)
        if words in line:
            return "".join(said)
    pytest.fail("".join(said) or "it said nothing")


def children_of(pid):
    statuses = {int(path.parent.name): path.read_text() for path in Path("/proc").glob("[0-9]*/status")}
    return {child for child, status in statuses.items() if f"\nPPid:\t{pid}\n" in status}


def test_it_answers_refuses_a_second_one_and_leaves_nothing_behind(start):
    process, port = start()
    said = read_until(process, "Ctrl-C stops it.")
    assert (
        re.search(r"^The portal runs at (\S+)$", said, flags=re.MULTILINE)[1] == f"http://127.0.0.1:{port}/"
    )
    assert "  No initiatives yet.\n" in said
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
        assert answer.status == 200

    second, _ = start()
    refusal, _ = second.communicate(timeout=60)
    assert re.fullmatch(
        r"CommandError: The portal is already running from \S+; stop that one first .*\n", refusal
    )
    assert second.returncode == 1

    children = children_of(process.pid)
    assert len(children) == 3
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert [pid for pid in children if Path(f"/proc/{pid}").exists()] == []


def child_with(process, word):
    return next(
        pid
        for pid in children_of(process.pid)
        if f"\0{word}\0".encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    )


def test_a_killed_web_server_is_started_again_and_answers(start):
    process, port = start()
    read_until(process, "Ctrl-C stops it.")
    os.kill(child_with(process, "gunicorn"), signal.SIGKILL)
    read_until(process, "The web server was started again.")
    deadline = time.monotonic() + 60  # the port is free once the former one's children have left
    while time.monotonic() < deadline:
        with (
            suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer,
        ):
            assert answer.status == 200
            return
        time.sleep(0.2)
    pytest.fail("The web server did not answer again.")


def test_a_killed_worker_is_started_again(start, tmp_path):
    process, _ = start()
    read_until(process, "Ctrl-C stops it.")
    os.kill(child_with(process, "worker"), signal.SIGKILL)
    said = read_until(process, "The worker was started again.")
    log = tmp_path / "log" / "worker.log"
    assert said.splitlines()[0] == f"The worker ended (code -9); it is started again in 1 s. See {log}."
