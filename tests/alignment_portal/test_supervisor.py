"""The supervisor, with real processes."""

import os
import signal
import sys
import threading
import time

import pytest

from alignment_portal.supervisor import Child, Supervisor, pause_before_restart

PATIENT = "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0)); print('up', flush=True)\n"
ENDLESS = PATIENT + "time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


@pytest.fixture
def said():
    return []


@pytest.fixture
def supervise(tmp_path, said):
    supervisors = []

    def build(*programs, grace_seconds=10, essential=()):
        children = [
            Child(
                name,
                [sys.executable, "-c", code],
                tmp_path / f"{name}.log",
                grace_seconds,
                essential=name in essential,
            )
            for name, code in programs
        ]
        supervisors.append(Supervisor(children, said.append))
        return supervisors[-1]

    yield build
    for supervisor in supervisors:
        supervisor.asked_to_hurry.set()
        supervisor.stop()


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def is_up(child):
    return child.log.exists() and "up" in child.log.read_text()


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_pauses_between_restarts_double_up_to_a_minute():
    assert [pause_before_restart(failures) for failures in (1, 2, 3, 7, 50)] == [1, 2, 4, 60, 60]


def test_all_children_have_ended_once_stopped(supervise):
    supervisor = supervise(("web", ENDLESS), ("worker", ENDLESS))
    supervisor.start()
    wait_for(lambda: all(map(is_up, supervisor.children)))
    supervisor.stop()
    assert [child.exit_code() for child in supervisor.children] == [0, 0]


def test_a_child_that_ends_is_started_again_and_said_so(supervise, said):
    supervisor = supervise(("worker", "print('up')"))
    supervisor.start()
    watching = threading.Thread(target=supervisor.watch)
    watching.start()
    wait_for(lambda: "The worker was started again." in said)
    supervisor.asked_to_stop.set()
    watching.join()
    log = supervisor.children[0].log
    assert said[:2] == [
        f"The worker ended (code 0); it is started again in 1 s. See {log}.",
        "The worker was started again.",
    ]


def test_the_end_of_an_essential_child_ends_the_watch_and_shows_its_last_words(supervise, said):
    supervisor = supervise(("web", "raise SystemExit('no such module')"), essential={"web"})
    supervisor.start()
    assert supervisor.watch() is False
    log = supervisor.children[0].log
    assert said == [f"The web ended (code 1). Its last lines in {log}:\n    no such module"]


def test_an_essential_child_that_was_all_right_once_is_started_again(supervise, said):
    supervisor = supervise(("web", "raise SystemExit(3)"), essential={"web"})
    (web,) = supervisor.children
    web.was_right = True
    supervisor.start()
    wait_for(lambda: web.exit_code() is not None)
    assert supervisor.look_after(web) is False
    assert said == [f"The web ended (code 3); it is started again in 1 s. See {web.log}."]


def test_a_child_that_ignores_the_request_is_ended_after_its_grace(supervise, said):
    supervisor = supervise(("worker", STUBBORN), grace_seconds=0.2)
    supervisor.start()
    wait_for(lambda: is_up(supervisor.children[0]))
    supervisor.stop()
    assert supervisor.children[0].exit_code() == -signal.SIGKILL
    assert said == ["The worker did not finish in time and was ended."]


def test_a_second_signal_cuts_the_waiting_short(supervise):
    supervisor = supervise(("worker", STUBBORN), grace_seconds=60)
    supervisor.start()
    wait_for(lambda: is_up(supervisor.children[0]))
    supervisor.on_signal(signal.SIGINT, None)
    supervisor.on_signal(signal.SIGINT, None)
    started = time.monotonic()
    supervisor.stop()
    assert time.monotonic() - started < 5


def test_watching_ends_in_order_when_asked_to_stop(supervise):
    supervisor = supervise(("worker", ENDLESS))
    supervisor.start()
    supervisor.on_signal(signal.SIGTERM, None)
    assert supervisor.watch() is True


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel does this on Linux only")
def test_children_of_a_killed_supervisor_do_not_outlive_it(tmp_path):
    program = (
        "import sys, time; from pathlib import Path; from alignment_portal.supervisor import Child\n"
        f"child = Child('web', [sys.executable, '-c', {ENDLESS!r}], Path(sys.argv[1]), 1)\n"
        "child.start(); print(child.process.pid, flush=True); time.sleep(60)"
    )
    parent = Child(
        "parent", [sys.executable, "-c", program, str(tmp_path / "child.log")], tmp_path / "log", 1
    )
    parent.start()
    wait_for(lambda: parent.log.read_text().strip())
    grandchild = int(parent.log.read_text())
    wait_for(lambda: "up" in (tmp_path / "child.log").read_text())
    parent.process.kill()
    parent.process.wait()
    wait_for(lambda: not is_alive(grandchild))
