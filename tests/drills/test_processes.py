"""Workers and web servers killed, stopped and restarted while they work: nothing lost, nothing doubled."""

import hashlib
import os
import signal
import socket
import time

import pytest

from tests.drills.portal import helpers_of, kill, wait_until
from tests.packs.papers import opened, text_of

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]
STATES = "SELECT state, count(*) FROM outbox_job GROUP BY state"
BUILDING = "SELECT state, step FROM packs_packbuild"
KILLS_AFTER_SECONDS = (3.0, 4.5, 6.0)


def all_done(portal, jobs):
    return portal.rows(STATES) == [("done", jobs)]


def test_a_worker_killed_again_and_again_loses_and_doubles_nothing(open_portal):
    portal = open_portal()
    portal.announce(6)
    build = portal.ask_for_a_pack()
    for seconds in KILLS_AFTER_SECONDS:
        worker = portal.start_worker()
        time.sleep(seconds)
        kill(worker)
    portal.nudge()
    portal.start_worker()
    # Two reactions to each event, and the pack's own.
    wait_until(lambda: all_done(portal, 13), portal.logs, pause=2)
    assert portal.rows("SELECT state, error FROM packs_packbuild") == [("ready", "")]
    assert portal.rows(f"SELECT build_id FROM packs_packfile WHERE build_id = {build}") == [(build,)]
    assert portal.rows("SELECT count(*) FROM audit_entry WHERE action = 'packs.build.finish'") == [(1,)]
    # Judged six times or more, recorded once: nothing had changed in between.
    assert portal.rows("SELECT count(*) FROM gates_evaluation") == [(1,)]
    assert portal.python("manage.py", "verify_audit").startswith("The record is whole")


def test_a_worker_that_is_asked_to_stop_finishes_the_pack_it_is_at(open_portal):
    portal = open_portal()
    portal.ask_for_a_pack()
    worker = portal.start_worker()
    wait_until(lambda: portal.rows(BUILDING)[0][0] != "queued", portal.logs)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=120) == 0
    assert portal.rows(BUILDING) == [("ready", "")]
    assert portal.rows("SELECT losses, errors FROM packs_packbuild") == [(0, 0)]


def test_a_web_server_that_is_asked_to_stop_finishes_the_request_it_is_at(open_portal):
    portal = open_portal()
    web = portal.start_web()
    body = b"username=somebody@example.org&password=not-the-right-one"
    head = (
        "POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", portal.port), timeout=60) as caller:
        caller.sendall(head.encode() + body[:20])
        time.sleep(1)
        web.send_signal(signal.SIGTERM)
        time.sleep(1)
        caller.sendall(body[20:])
        answer = b"".join(iter(lambda: caller.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 403")  # without a token of the form it is refused, and in full
    assert answer.rstrip().endswith(b"</html>")
    assert web.wait(timeout=60) == 0


def test_a_long_pack_that_loses_a_part_is_whole_or_failed_in_words_and_holds_up_nothing(open_portal):
    portal = open_portal()
    build = portal.ask_for_a_long_pack()
    worker = portal.start_worker()

    def now():
        columns = "state, attempt, errors, step FROM packs_packbuild"
        return portal.rows(f"SELECT {columns} WHERE id = {build}")[0]

    def kill_the_helper(attempt):
        """When the worker begins with its own pages: the other process has nothing to hand over yet."""

        def is_laying_out():
            state, tried, _, step = now()
            return (state, tried) == ("building", attempt) and step.startswith("Laying out the pages")

        wait_until(is_laying_out, portal.logs, pause=0.05)
        for helper in helpers_of(worker):
            os.kill(helper, signal.SIGKILL)
        wait_until(lambda: now()[:2] != ("building", attempt), portal.logs)
        assert helpers_of(worker) == []

    # As often as a pack is tried: it fails, says why, and leaves neither half a paper nor a job behind.
    for attempt in (1, 2, 3):
        kill_the_helper(attempt)
        assert portal.rows("SELECT sha256 FROM packs_packfile") == []
    assert now() == ("failed", 3, 3, "")
    [(error,)] = portal.rows(f"SELECT error FROM packs_packbuild WHERE id = {build}")
    assert error.startswith("A process that laid out a part of the pack was lost (it ended with -9).")
    wait_until(lambda: {state for state, _ in portal.rows(STATES)} == {"done"}, portal.logs)
    assert portal.rows("SELECT count(*) FROM audit_entry WHERE action = 'packs.build.fail'") == [(1,)]

    # Asked for again and hit once more, it is tried again by itself, and the same worker makes it whole.
    portal.retry_a_pack(build)
    kill_the_helper(4)
    wait_until(lambda: now()[0] not in {"queued", "building"}, portal.logs, pause=1)
    assert now() == ("ready", 5, 1, "")
    assert worker.poll() is None
    wait_until(lambda: {state for state, _ in portal.rows(STATES)} == {"done"}, portal.logs)
    [(sha256, pages)] = portal.rows("SELECT sha256, pages FROM packs_packfile")
    body = (portal.folder / "files" / "packs" / sha256[:2] / f"{sha256}.pdf").read_bytes()
    assert hashlib.sha256(body).hexdigest() == sha256
    with opened(body) as pdf:
        assert len(pdf.pages) == pages
    text = text_of(body)
    assert [key for number in range(1, 41) if (key := f"AI-{number:04}") not in text] == []
