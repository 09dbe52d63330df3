"""Nothing that opens a door is kept with the sources: keys, tokens, passwords of real accounts."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = {".git", ".venv", ".bootstrap", "var", "staticfiles", "node_modules", "__pycache__"}
# Files of pictures, fonts and figures; and locks, whose long words are hashes of packages.
NOT_TEXT = {".png", ".jpg", ".pdf", ".woff2", ".ico", ".docx", ".xlsx", ".lock", ".gz", ".webp"}
NEVER_KEPT = {".pem", ".key", ".p12", ".pfx", ".jks", ".whl", ".sqlite3", ".pyc"}
SHAPES = {
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/=\s]{64,}"),
    "a token of the portal": re.compile(r"\bap_[0-9a-f]{8}_[A-Za-z0-9_-]{40,}"),
    "a secret of a webhook": re.compile(r"\bwhsec_[A-Za-z0-9+/]{30,}"),
    "a key of a cloud": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a token of a service": re.compile(r"\b(?:gh[pousr]_\w{30,}|xox[abprs]-[\w-]{20,}|sk-\w{32,})"),
    "a signed token": re.compile(r"\beyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20,}"),
}
ASSIGNED = re.compile(
    r"""(?i)\b[\w-]*(?:password|passwd|secret|api_?key|token)["']?\s*[:=]\s*["']([^"'\s{}$<>%()]{8,})["']"""
)
ADDRESS = re.compile(r"\b[a-z]+://[^/\s:@'\"{}$<>]+:([^/\s:@'\"{}$<>*]{3,})@")
# What people of the demo sign in with, what a session calls a secret, and words that stand for a password.
KNOWN = {"show-me-the-evidence", "app_secret", "password", "PASSWORD"}


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return [ROOT / name for name in listed.stdout.split("\0") if name]
    return [
        path
        for path in ROOT.rglob("*")
        if path.is_file() and not LEFT_OUT & set(path.relative_to(ROOT).parts)
    ]


@pytest.fixture(scope="module")
def texts():
    """Every text that is kept with the sources, by its path."""
    found = {}
    for path in tracked():
        if path.suffix not in NOT_TEXT and path.is_file():
            found[path.relative_to(ROOT).as_posix()] = path.read_text("utf-8", errors="replace")
    return found


def test_no_file_is_kept_that_is_a_key_or_was_built():
    assert [path.name for path in tracked() if path.suffix in NEVER_KEPT] == []


@pytest.mark.parametrize("what", SHAPES)
def test_no_text_holds(what, texts):
    assert [name for name, text in texts.items() if SHAPES[what].search(text)] == []


def test_no_password_or_secret_is_assigned_outside_the_tests(texts):
    found = {
        f"{name}: {value}"
        for name, text in texts.items()
        if not name.startswith(("tests/", "static/vendor/"))
        for value in ASSIGNED.findall(text)
        if value not in KNOWN
    }
    assert sorted(found) == []


def test_no_address_holds_a_password(texts):
    found = {
        f"{name}: {value}"
        for name, text in texts.items()
        if not name.startswith(("tests/", "static/vendor/"))
        for value in ADDRESS.findall(text)
        if value not in KNOWN
    }
    assert sorted(found) == []


def test_the_scan_would_find_them():
    """A scan that finds nothing anywhere proves nothing."""
    token = "ap_" + "0a1b2c3d" + "_" + "x" * 43
    assert SHAPES["a token of the portal"].search(token)
    assert ASSIGNED.findall('DB_PASSWORD = "correct-horse"') == ["correct-horse"]
    assert ADDRESS.findall("postgres://portal:" + "hunter2@db/portal") == ["hunter2"]
