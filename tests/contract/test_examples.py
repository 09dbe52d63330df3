"""Every example of docs/api.md is run as it stands there, by a shell, against a portal that really listens."""

import datetime as dt
import os
import re
import subprocess
from pathlib import Path

import pytest

from alignment_portal import demo, dispatch
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.roles import Scope
from alignment_portal.accounts.tokens import issue_token

PASSWORD = "a-long-and-quiet-evening"  # of the people of the illustrative portfolio
ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "api.md").read_text("utf-8")
BLOCKS = re.findall(r"^```bash\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL)
STATUSES = re.compile(r"#[^\n]*?(?<![\w-])(\d{3}(?:, \d{3})*)$", flags=re.MULTILINE)
# What each call was answered with is written beside the examples, whatever they do with the answer.
BEFORE = """
set -uo pipefail
curl() { command curl --silent --show-error --write-out '%{stderr}%{http_code}\\n' "$@" 2>>answered; }
"""
pytestmark = [pytest.mark.slow, pytest.mark.sqlite]


class Shell:
    """One shell for all examples, which share what they name."""

    def __init__(self, folder, portal, token):
        self.answered = folder / "answered"
        (folder / "demo").symlink_to(ROOT / "demo")
        self.process = subprocess.Popen(
            ["bash"],
            cwd=folder,
            env={
                "PATH": os.environ["PATH"],
                "PORTAL": portal,
                "TOKEN": token,
                "PASSWORD": PASSWORD,
                "LC_ALL": "C.UTF-8",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.run(BEFORE)

    def run(self, block):
        """Run one block; what it printed, and the statuses of its calls."""
        self.answered.write_text("")
        self.process.stdin.write(f"{block}\necho; echo '=== end'\n")
        self.process.stdin.flush()
        printed = "".join(iter(self.process.stdout.readline, "=== end\n"))
        return printed, self.answered.read_text().split()

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)
        self.process.stdout.close()


def expected(block):
    return [status for told in STATUSES.findall(block) for status in told.split(", ")]


def scene():
    """Of the illustrative portfolio what the examples begin with: people, registers and one dossier."""
    today = dt.datetime.now(dt.UTC).date()
    teller = demo.Teller(today, lambda _line: None)
    teller.open_people()
    teller.open_portfolio()
    teller.tell_dossier(Actor.of(demo.person_with("programme_manager"), "command"), "AI-0003", {})
    administrator = demo.person_with("administrator")
    return issue_token(
        by=Actor.of(administrator, "command"), user=administrator, name="examples", scopes=Scope.values
    ).plain


@pytest.fixture
def shell(live_server, tmp_path, settings, monkeypatch):
    # There is no worker: what would be sent to it is done at once.
    monkeypatch.setattr(dispatch, "send_to_broker", dispatch.run_here)
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.DEMO_PASSWORD = PASSWORD
    opened = Shell(tmp_path, live_server.url, scene())
    yield opened
    opened.close()


def test_the_examples_are_found_with_what_they_are_answered():
    assert len(BLOCKS) >= 15
    assert sum(len(expected(block)) for block in BLOCKS) >= 90
    assert [block for block in BLOCKS if not expected(block)] == []


@pytest.mark.django_db(transaction=True)
def test_every_example_is_answered_as_it_says(shell):
    wrong = []
    for block in BLOCKS:
        printed, answered = shell.run(block)
        if answered != expected(block):
            wrong.append(f"{block}\nexpected {expected(block)}\nanswered {answered}\n{printed[-3000:]}")
    assert not wrong, "\n\n".join(wrong)
