"""How the web server of the image runs: `gunicorn --config deploy/gunicorn.conf.py alignment_portal.wsgi:application`."""

import os
import shutil
from pathlib import Path
from typing import Any

bind = "0.0.0.0:8000"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 8
timeout = 120
# A request that is running is finished before the server leaves; the container is given a little longer.
graceful_timeout = 60
worker_tmp_dir = "/dev/shm"  # noqa: S108 — memory of the container alone
control_socket_disable = True
# The portal writes one line a request itself, with its id and without addresses or names.
accesslog = None
errorlog = "-"
if os.environ.get("LOG_FORMAT") == "json":
    # What the server says of itself in the form of all other lines.
    logconfig_dict = {
        "formatters": {"generic": {"()": "alignment_portal.logs.JsonFormatter"}},
        "loggers": {"gunicorn.error": {"level": "INFO", "handlers": ["error_console"], "propagate": False}},
        "root": {"level": "INFO", "handlers": ["error_console"]},
    }

# Where the processes keep what they count, so that whichever of them answers /metrics tells of all.
_counts = Path("/tmp/metrics")  # noqa: S108 — memory of the container alone
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(_counts))


def on_starting(server: object) -> None:
    """Counts of processes that are gone belong to the last start."""
    folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def child_exit(server: object, worker: Any) -> None:
    from prometheus_client import multiprocess  # noqa: PLC0415 — slow import

    multiprocess.mark_process_dead(worker.pid)
