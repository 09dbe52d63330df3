"""Workers and web servers killed, stopped and restarted while they work: nothing lost, nothing doubled."""

import signal
import socket
import time

import pytest

from tests.drills.portal import kill, wait_until

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
