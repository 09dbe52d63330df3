"""Say whether this container does its work: exit 0 when it does. Used by docker-compose.yml."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

BEAT_SILENT_FOR_SECONDS = 600  # beat writes its schedule down every three minutes


def web_answers() -> bool:
    # The portal answers to its own names only, also from inside.
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip()
    connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=4)
    try:
        connection.request("GET", "/healthz", headers={"Host": host})
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def worker_answers() -> bool:
    name = f"celery@{os.uname().nodename}"
    command = [
        "celery",
        "--app",
        "alignment_portal",
        "inspect",
        "ping",
        "--destination",
        name,
        "--timeout",
        "10",
    ]
    return subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode == 0


def beat_writes(folder: Path = Path("/tmp")) -> bool:  # noqa: S108 — the container's own memory-backed folder
    ages = [time.time() - path.stat().st_mtime for path in folder.glob("schedule*")]
    return bool(ages) and min(ages) < BEAT_SILENT_FOR_SECONDS


CHECKS: dict[str, Callable[[], bool]] = {"web": web_answers, "worker": worker_answers, "beat": beat_writes}

if __name__ == "__main__":
    sys.exit(0 if CHECKS[sys.argv[1]]() else 1)
