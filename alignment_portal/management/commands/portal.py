"""Run the whole portal on this machine: web server, worker and scheduler, over the embedded database."""

import fcntl
import http.client
import io
import json
import os
import socket
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from alignment_portal.http.requests import TOLD_PATH
from alignment_portal.supervisor import Child, Supervisor

ANSWERS_WITHIN_SECONDS = 60
HIGHEST_PORT = 65535
EVERYWHERE = {"0.0.0.0", "::", ""}  # noqa: S104 — compared, not bound
CELERY = (sys.executable, "-m", "celery", "--app", "alignment_portal")


def web_command(host: str, port: int) -> tuple[str, ...]:
    # One process: the embedded database has one writer, and rate limits live in the process's memory.
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return (
        *(sys.executable, "-m", "gunicorn", "alignment_portal.wsgi:application"),
        *("--bind", bind, "--worker-class", "gthread", "--workers", "1", "--threads", "8"),
        *("--timeout", "120", "--graceful-timeout", "15", "--no-control-socket"),
        # No address, no query and no key of a calendar in it.
        *("--access-logfile", "-", "--access-logformat", f"%(t)s %(m)s %({{{TOLD_PATH}}}e)s %(s)s %(M)s ms"),
    )


def worker_command() -> tuple[str, ...]:
    # One worker without remote control: the queue is a folder, which two readers would race for.
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    return (*CELERY, "worker", "--pool", "threads", "--concurrency", "2", *quiet, "--loglevel", "INFO")


def beat_command(folder: Path) -> tuple[str, ...]:
    return (
        *CELERY,
        "beat",
        "--schedule",
        str(folder / "run" / "schedule"),
        "--pidfile",
        "",
        "--loglevel",
        "INFO",
    )


def children_for(host: str, port: int, folder: Path) -> tuple[Child, ...]:
    """Give the processes in the order in which they are started and stopped."""
    logs = folder / "log"
    return (
        Child("web server", web_command(host, port), logs / "web.log", grace_seconds=20, essential=True),
        Child("scheduler", beat_command(folder), logs / "scheduler.log", grace_seconds=10),
        # A pack that is being built is finished first.
        Child("worker", worker_command(), logs / "worker.log", grace_seconds=180),
    )


def read_port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= HIGHEST_PORT:
        raise CommandError(f"PORT must be a number from 1 to {HIGHEST_PORT}, not '{text}'.")
    return int(text)


def refuse_taken_port(host: str, port: int) -> None:
    try:
        family, _, _, _, address = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise CommandError(
            f"The portal cannot listen on {host}:{port} ({error.strerror}); "
            "stop what is there or choose another port: make run PORT=8001"
        ) from error


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the folder for this process: two workers on one embedded queue would lose jobs."""
    with (folder / "run" / "portal.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CommandError(
                f"The portal is already running from {folder}; stop that one first (Ctrl-C where it runs)."
            ) from error
        yield


def shown_host(host: str) -> str:
    return "127.0.0.1" if host in EVERYWHERE else host


def name_address(host: str, port: int) -> None:
    """Tell the children the address they are reached at, unless somebody has said so already."""
    os.environ.setdefault("PORTAL_URL", f"http://{shown_host(host)}:{port}")
    names = dict.fromkeys(["localhost", "127.0.0.1", "[::1]", shown_host(host), socket.gethostname()])
    os.environ.setdefault("ALLOWED_HOSTS", ",".join(names))


def wait_for_answer(host: str, port: int, supervisor: Supervisor, web: Child) -> None:
    """Wait until the web server answers on /healthz; raise CommandError when it does not, or is not well."""
    deadline = time.monotonic() + ANSWERS_WITHIN_SECONDS
    while time.monotonic() < deadline and web.is_running() and not supervisor.asked_to_stop.is_set():
        connection = http.client.HTTPConnection(shown_host(host), port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            status = connection.getresponse().status
        except OSError:
            time.sleep(0.1)
            continue
        finally:
            connection.close()
        if status != http.HTTPStatus.OK:
            raise CommandError(
                f"The web server is up but not well: /healthz answers {status}. See {web.log}."
            )
        web.was_right = True  # from now on it is started again when something ends it
        return
    if not supervisor.asked_to_stop.is_set():
        raise CommandError(
            f"The web server does not answer. The last lines of {web.log}:\n{web.last_lines()}"
        )


def output_of(command: str, *arguments: str) -> str:
    buffer = io.StringIO()
    call_command(command, *arguments, stdout=buffer)
    return buffer.getvalue()


def verdict_line(judged: Mapping[str, Any]) -> str:
    """Put one initiative's answer on a line: key, verdict, status, and what is still open."""
    failed = sum(finding["outcome"] == "fail" for finding in judged["findings"])
    still_open = f"{failed} findings to close" if failed != 1 else "1 finding to close"
    verdict, status = (str(judged[name]).replace("_", " ") for name in ("verdict", "status"))
    return f"  {judged['key']:<12}{verdict:<16}{status:<16}{still_open}"


def verdict_lines(judged: Sequence[Mapping[str, Any]]) -> list[str]:
    heading = f"  {'Initiative':<12}{'Verdict':<16}{'Status':<16}Open"
    return [heading, *(verdict_line(one) for one in judged)] if judged else ["  No initiatives yet."]


class Command(BaseCommand):
    help = "Run web server, worker and scheduler together; Ctrl-C stops all of it."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1")
        parser.add_argument("--port", default=os.environ.get("PORT") or "8000")

    def handle(self, *_arguments: Any, **options: Any) -> None:
        host, port = options["host"], read_port(options["port"])
        folder = Path(settings.VAR)
        for name in ("log", "run"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        with only_one(folder):
            refuse_taken_port(host, port)
            name_address(host, port)
            self.prepare()
            self.serve(host, port, folder)

    def prepare(self) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        if settings.DEMO and not self.has_initiatives():
            self.say("Loading the demo portfolio …")
            call_command("load_demo", stdout=self.stdout)

    def has_initiatives(self) -> bool:
        return bool(apps.get_model("initiatives", "Initiative")._default_manager.exists())

    def serve(self, host: str, port: int, folder: Path) -> None:
        # Children open connections of their own; ours must not be held across their whole life.
        connections.close_all()
        children = children_for(host, port, folder)
        supervisor = Supervisor(children, self.say)
        supervisor.listen()
        try:
            supervisor.start()
            wait_for_answer(host, port, supervisor, children[0])
            if not supervisor.asked_to_stop.is_set():
                self.introduce(f"http://{shown_host(host)}:{port}/", folder)
            stopped_by_hand = supervisor.watch()
        finally:
            self.say("Stopping: the web server, the scheduler, then the worker once it has finished its job.")
            supervisor.stop()
        if not stopped_by_hand:
            raise CommandError("The portal stopped because its web server ended.")

    def introduce(self, address: str, folder: Path) -> None:
        self.say(
            "\n".join(["Verdicts", *verdict_lines(json.loads(output_of("evaluate", "--all", "--json")))])
        )
        if settings.DEMO:
            self.say(output_of("demo_signins").rstrip())
        connections.close_all()
        self.say(f"The portal runs at {address}\nLogs and data are in {folder}. Ctrl-C stops it.")

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
