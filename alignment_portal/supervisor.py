"""Keep a few child processes running and stop them in order. Knows nothing of Django."""

import ctypes
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

LOOK_EVERY_SECONDS = 0.25
SETTLED_AFTER_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 60.0
LOG_TAIL_LINES = 12
PR_SET_PDEATHSIG = 1
# Looked up here: a child that looked it up between fork and exec could wait for ever for a lock of another thread.
PRCTL = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def pause_before_restart(failures: int) -> float:
    """Say how many seconds to wait before the next start: 1, 2, 4 … up to a minute."""
    return min(2.0 ** max(failures - 1, 0), LONGEST_PAUSE_SECONDS)


def die_with_parent() -> None:
    # Runs in the child: should the supervisor be killed outright, nobody is left behind. Linux only.
    if PRCTL is not None:
        PRCTL(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    """One process to keep, started again when it ends; `essential` ends everything until it was once all right."""

    name: str
    command: Sequence[str]
    log: Path
    grace_seconds: float
    essential: bool = False
    was_right: bool = False
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_again_at: float | None = None
    failures: int = 0

    def start(self) -> None:
        self.start_again_at = None
        self.started_at = time.monotonic()
        with self.log.open("ab") as output:
            # A session of its own, so that Ctrl-C reaches the supervisor alone and it can stop the rest in order.
            self.process = subprocess.Popen(  # noqa: S603 — the command is ours
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 — the supervisor has one thread when it starts children
            )

    def exit_code(self) -> int | None:
        return self.process.poll() if self.process else None

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def note_end(self) -> float:
        """Plan the next start after an unexpected end; answer with the seconds until then."""
        settled = time.monotonic() - self.started_at >= SETTLED_AFTER_SECONDS
        self.failures = 1 if settled else self.failures + 1
        pause = pause_before_restart(self.failures)
        self.process = None
        self.start_again_at = time.monotonic() + pause
        return pause

    def last_lines(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-LOG_TAIL_LINES:])


@dataclass
class Supervisor:
    """Starts children in the given order, watches them, and stops them in the same order: doors first."""

    children: Sequence[Child]
    say: Callable[[str], None]
    asked_to_stop: threading.Event = field(default_factory=threading.Event)
    asked_to_hurry: threading.Event = field(default_factory=threading.Event)

    def on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self.asked_to_stop.is_set():
            self.asked_to_hurry.set()
        self.asked_to_stop.set()

    def listen(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.on_signal)

    def start(self) -> None:
        for child in self.children:
            child.start()

    def watch(self) -> bool:
        """Keep all children running until asked to stop (True) or an essential one ends (False)."""
        while not self.asked_to_stop.wait(LOOK_EVERY_SECONDS):
            if any(self.look_after(child) for child in self.children):
                return False
        return True

    def look_after(self, child: Child) -> bool:
        """Start a child again where it is due; answer whether this end ends everything."""
        if child.start_again_at is not None:
            if time.monotonic() >= child.start_again_at:
                child.start()
                self.say(f"The {child.name} was started again.")
            return False
        code = child.exit_code()
        if code is None:
            return False
        if child.essential and not child.was_right:
            self.say(
                f"The {child.name} ended (code {code}). Its last lines in {child.log}:\n{child.last_lines()}"
            )
            return True
        pause = child.note_end()
        self.say(
            f"The {child.name} ended (code {code}); it is started again in {pause:.0f} s. See {child.log}."
        )
        return False

    def stop(self) -> None:
        """Ask each running child to finish what it is at, in order, and wait; a second signal cuts this short."""
        for child in self.children:
            if child.is_running():
                self.stop_one(child)

    def stop_one(self, child: Child) -> None:
        if child.process is None:
            return
        child.process.terminate()
        deadline = time.monotonic() + child.grace_seconds
        while child.is_running() and time.monotonic() < deadline and not self.asked_to_hurry.is_set():
            time.sleep(0.05)
        if child.is_running():
            self.say(f"The {child.name} did not finish in time and was ended.")
            child.process.kill()
        child.process.wait()
