"""The private servers of `make test`, started for real."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "with_services.py"
ASK = """
import os, psycopg2, redis
with psycopg2.connect(os.environ["TEST_POSTGRES_URL"]) as connection, connection.cursor() as cursor:
    cursor.execute("select upper('é')")
    print(cursor.fetchone()[0], redis.from_url(os.environ["TEST_REDIS_URL"]).ping())
"""

pytestmark = [pytest.mark.redis, pytest.mark.slow]


def run(*command, **options):
    return subprocess.run(
        [sys.executable, SCRIPT, *command], capture_output=True, text=True, check=False, **options
    )


def test_the_command_finds_both_servers_and_its_exit_code_is_kept():
    outcome = run(sys.executable, "-c", ASK + "raise SystemExit(7)")
    assert (outcome.stdout, outcome.returncode) == ("É True\n", 7)


def test_nothing_is_left_behind_when_it_is_asked_to_stop():
    program = "import os, time; print(os.environ['TEST_REDIS_URL'], flush=True); time.sleep(60)"
    process = subprocess.Popen(
        [sys.executable, SCRIPT, sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    )
    port = int(process.stdout.readline().split(":")[-1].split("/")[0])
    process.send_signal(signal.SIGTERM)
    process.stdout.close()
    assert process.wait(timeout=30) == 128 + signal.SIGTERM
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)
