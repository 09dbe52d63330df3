#!/usr/bin/env python3
"""Run a command beside a PostgreSQL and a Redis of its own, then take both away again.

    tools/with_services.py .venv/bin/python -m pytest -m redis

The command finds them in TEST_POSTGRES_URL and TEST_REDIS_URL. Both listen on this machine only, on free ports,
and keep their data in a temporary folder; nothing else on the machine is touched.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

STARTED_WITHIN_SECONDS = 60
STOPPED_WITHIN_SECONDS = 20
USER = "portal"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def postgres_program(name: str) -> str:
    """Find a PostgreSQL program; Debian keeps them off the path, a folder per version."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    found = shutil.which(
        name, path=os.pathsep.join([*map(str, reversed(versions)), os.environ.get("PATH", "")])
    )
    if found is None:
        raise SystemExit(f"{name} is not installed: run 'apt-get install postgresql' as root.")
    return found


@dataclass(frozen=True)
class Identity:
    """Whom a program runs as; None is whoever we are."""

    user: int | None = None
    group: int | None = None

    @property
    def extra_groups(self) -> list[int] | None:
        return None if self.user is None else []


def unprivileged() -> Identity:
    """Say whom to run PostgreSQL as: it refuses root."""
    if os.geteuid() != 0:
        return Identity()
    for name in ("postgres", "nobody"):
        try:
            person = pwd.getpwnam(name)
        except KeyError:
            continue
        return Identity(person.pw_uid, person.pw_gid)
    raise SystemExit(
        "PostgreSQL refuses to run as root, and this machine has neither a postgres nor a nobody user."
    )


def wait_until(is_ready: Callable[[], bool], server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTED_WITHIN_SECONDS
    while not is_ready():
        if server.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(
                f"A server for the tests did not start:\n{log.read_text(errors='replace')[-2000:]}"
            )
        time.sleep(0.05)


@contextmanager
def running(
    command: Sequence[str], *, folder: Path, log: Path, stop_with: signal.Signals, identity: Identity
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        server = subprocess.Popen(
            command,
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches us, and we stop it in order
            user=identity.user,
            group=identity.group,
            extra_groups=identity.extra_groups,
        )
    try:
        yield server
    finally:
        server.send_signal(stop_with)
        try:
            server.wait(STOPPED_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def make_cluster(folder: Path, identity: Identity) -> Path:
    data = folder / "data"
    command = [
        postgres_program("initdb"), "--pgdata", str(data), "--username", USER, "--auth", "trust",
        "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync",
    ]  # fmt: skip
    made = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        user=identity.user,
        group=identity.group,
        extra_groups=identity.extra_groups,
    )
    if made.returncode != 0:
        raise SystemExit(f"PostgreSQL could not be set up: {made.stderr.strip()}")
    return data


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """Start PostgreSQL and give its address; its promises about power cuts are switched off for speed."""
    identity = unprivileged()
    folder.mkdir()
    if identity.user is not None and identity.group is not None:
        os.chown(folder, identity.user, identity.group)
    data, port = make_cluster(folder, identity), free_port()
    settings = {
        "listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": folder, "fsync": "off",
        "synchronous_commit": "off", "full_page_writes": "off", "max_connections": 60, "jit": "off",
    }  # fmt: skip
    command = [postgres_program("postgres"), "-D", str(data)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    log = folder.parent / "postgres.log"
    with running(command, folder=folder, log=log, stop_with=signal.SIGINT, identity=identity) as server:
        ready = [postgres_program("pg_isready"), "--quiet", "--host", "127.0.0.1", "--port", str(port)]
        wait_until(lambda: subprocess.run(ready, check=False).returncode == 0, server, log)
        yield f"postgres://{USER}@127.0.0.1:{port}/postgres"


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    program = shutil.which("redis-server")
    if program is None:
        raise SystemExit("redis-server is not installed: run 'apt-get install redis-server' as root.")
    folder.mkdir()
    port, log = free_port(), folder / "redis.log"
    command = [
        program, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder),
        "--save", "", "--appendonly", "no", "--daemonize", "no",
    ]  # fmt: skip
    with running(command, folder=folder, log=log, stop_with=signal.SIGTERM, identity=Identity()) as server:
        wait_until(lambda: answers(port), server, log)
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def temporary_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="portal-services-"))
    folder.chmod(0o755)  # PostgreSQL's own user has to get in
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def leave(_number: int, _frame: object) -> None:
    raise SystemExit(128 + signal.SIGTERM)


def main(command: Sequence[str]) -> int:
    if not command:
        raise SystemExit(__doc__)
    signal.signal(signal.SIGTERM, leave)
    with ExitStack() as stack:
        folder = stack.enter_context(temporary_folder())
        environment = {
            **os.environ,
            "TEST_POSTGRES_URL": stack.enter_context(postgres(folder / "postgres")),
            "TEST_REDIS_URL": stack.enter_context(redis(folder / "redis")),
        }
        child = subprocess.Popen(command, env=environment)
        try:
            return child.wait()
        finally:
            if child.poll() is None:
                child.terminate()
                child.wait()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
