"""What `manage.py portal` says and refuses; starting it for real is tests/journeys' and the README's matter."""

import os
import socket
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from alignment_portal.management.commands import portal


def judged(key="AI-0007", verdict="learning_only", status="in_review", outcomes=("pass",)):
    findings = [{"code": f"X{n}", "outcome": outcome} for n, outcome in enumerate(outcomes)]
    return {"key": key, "verdict": verdict, "status": status, "findings": findings}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "run").mkdir()
    return tmp_path


def test_a_verdict_line_names_key_verdict_status_and_what_is_open():
    line = portal.verdict_line(judged(outcomes=("pass", "fail", "waived", "fail", "not_applicable")))
    assert line.split() == ["AI-0007", "learning", "only", "in", "review", "2", "findings", "to", "close"]


def test_one_open_finding_is_said_in_the_singular():
    assert portal.verdict_line(judged(outcomes=("fail",))).endswith("  1 finding to close")


def test_an_empty_portfolio_is_said_to_be_empty():
    assert portal.verdict_lines([]) == ["  No initiatives yet."]


@pytest.mark.parametrize("text", ["0", "65536", "eighty", "-1", "8000.5"])
def test_a_port_that_is_none_is_refused_in_one_sentence(text):
    with pytest.raises(CommandError) as refusal:
        portal.read_port(text)
    assert str(refusal.value) == f"PORT must be a number from 1 to 65535, not '{text}'."


def test_a_taken_port_is_refused_in_one_sentence():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(CommandError) as refusal:
            portal.refuse_taken_port("127.0.0.1", port)
    assert str(refusal.value) == (
        f"The portal cannot listen on 127.0.0.1:{port} (Address already in use); "
        "stop what is there or choose another port: make run PORT=8001"
    )


def test_a_free_port_is_left_free():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    portal.refuse_taken_port("127.0.0.1", port)
    socket.create_server(("127.0.0.1", port)).close()


def test_a_second_portal_in_the_same_folder_is_refused(folder):
    with portal.only_one(folder), pytest.raises(CommandError) as refusal, portal.only_one(folder):
        pytest.fail("two portals ran at once")
    assert str(refusal.value) == (
        f"The portal is already running from {folder}; stop that one first (Ctrl-C where it runs)."
    )


def test_the_folder_is_free_again_after_the_first_portal_has_ended(folder):
    with portal.only_one(folder):
        pass
    with portal.only_one(folder):
        assert (folder / "run" / "portal.lock").exists()


def test_the_web_server_stops_first_and_the_worker_last():
    children = portal.children_for("127.0.0.1", 8000, Path("var"))
    assert [(child.name, child.essential) for child in children] == [
        ("web server", True),
        ("scheduler", False),
        ("worker", False),
    ]


def test_the_worker_is_alone_on_its_queue_and_finishes_its_pack():
    worker = portal.children_for("127.0.0.1", 8000, Path("var"))[-1]
    assert worker.command[3:] == (
        *("--app", "alignment_portal", "worker", "--pool", "threads", "--concurrency", "2"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO"),
    )
    assert worker.grace_seconds >= 150  # the hard limit of a job


def test_the_address_given_by_hand_is_kept(monkeypatch):
    monkeypatch.setenv("PORTAL_URL", "https://portal.example")
    monkeypatch.delenv("ALLOWED_HOSTS", raising=False)
    portal.name_address("0.0.0.0", 9000)  # noqa: S104 — named, not bound
    assert os.environ["PORTAL_URL"] == "https://portal.example"
    assert os.environ.pop("ALLOWED_HOSTS") == f"localhost,127.0.0.1,[::1],{socket.gethostname()}"
