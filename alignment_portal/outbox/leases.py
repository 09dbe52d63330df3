"""Who holds a piece of work, whether that process still runs, and holding on to it while one works."""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from django.db import connection, transaction

from alignment_portal import clock

LEASE = timedelta(seconds=60)
RENEWED_EVERY_SECONDS = 15
START_TIME_FIELD = 19  # of /proc/PID/stat, counted after the name in brackets


def _started(pid: int) -> str:
    """When a process of this machine was started, in its own ticks; empty when there is none, or no /proc."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[START_TIME_FIELD]


def holder_of(pid: int) -> str:
    return f"{socket.gethostname()} {pid} {_started(pid)}"


def this_holder() -> str:
    return holder_of(os.getpid())


def is_surely_gone(holder: str) -> bool:
    """Whether the worker ran on this machine and runs no more. Of other machines only the lease tells."""
    host, _, rest = holder.partition(" ")
    pid, _, started = rest.partition(" ")
    return bool(started) and host == socket.gethostname() and _started(int(pid)) != started


def has_run_out(lease_until: datetime | None) -> bool:
    """Over; or so far off that it was written before the clock was set back."""
    now = clock.wall()
    return lease_until is None or lease_until < now or lease_until > now + 2 * LEASE


@contextmanager
def renewed(renew: Callable[[], bool], *, name: str, longest: timedelta) -> Iterator[None]:
    """Renew a lease beside the work, until it is done, lost, or has taken far too long."""
    if connection.in_atomic_block:
        # A command or a test inside a transaction of its own: nobody else can see the row, so nobody can take it.
        yield
        return
    done = threading.Event()
    thread = threading.Thread(target=_renew_until, args=(renew, done, longest), name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _renew_until(renew: Callable[[], bool], done: threading.Event, longest: timedelta) -> None:
    deadline = clock.wall() + longest
    try:
        while not done.wait(RENEWED_EVERY_SECONDS):
            if clock.wall() > deadline or not renew():
                return
    finally:
        # This thread's own connection; nobody else would close it.
        transaction.get_connection().close()
