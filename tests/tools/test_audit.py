import json
import stat

import pytest

CLEAN = {"name": "django", "version": "5.2.19", "vulns": []}
HURT = {
    "name": "pillow",
    "version": "12.0",
    "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["12.1"], "aliases": [], "description": ""}],
}
UNKNOWN = {"name": "celery", "skip_reason": "Dependency not found"}


@pytest.fixture
def audited(tool, monkeypatch, tmp_path, capsys):
    """Run the audit with a program that answers as told instead of the one that asks the database."""

    def run(answer, code=0, complaint=""):
        program = tmp_path / "pip-audit"
        program.write_text(f"#!/bin/sh\ncat <<'END'\n{answer}\nEND\necho '{complaint}' >&2\nexit {code}\n")
        program.chmod(program.stat().st_mode | stat.S_IEXEC)
        monkeypatch.setenv("PIP_AUDIT", str(program))
        monkeypatch.setenv("PORTAL_VAR", str(tmp_path / "var"))
        status = tool("audit").main()
        told = capsys.readouterr()
        return status, told.out + told.err

    return run


def report(*packages):
    return json.dumps({"dependencies": packages, "fixes": []})


def test_a_known_vulnerability_fails_and_says_what_mends_it(audited):
    told = audited(report(CLEAN, HURT), code=1)
    assert told == (1, "pillow 12.0: PYSEC-2026-1; mended in 12.1.\n")


def test_what_is_clean_is_not_asked_for_again_today(audited):
    assert audited(report(CLEAN)) == (0, "1 packages looked up: no known vulnerability.\n")
    assert audited(report(HURT), code=1) == (0, "Looked up today already: no known vulnerability.\n")


def test_without_a_network_it_says_so_and_does_not_fail(audited):
    sentence = "The advisory database could not be reached: nothing was looked up.\n"
    assert audited("", code=1, complaint="requests.exceptions.ConnectionError: no route") == (0, sentence)


def test_a_database_that_knows_nothing_is_not_taken_for_a_clean_one(audited):
    told = "The advisory database knows none of the packages here: nothing was looked up.\n"
    assert audited(report(UNKNOWN)) == (0, told)
    told = "No known vulnerability; could not be looked up: celery.\n"
    assert audited(report(CLEAN, UNKNOWN)) == (0, told)
    assert audited(report(HURT, UNKNOWN), code=1)[0] == 1


def test_anything_else_that_goes_wrong_is_a_failure(audited):
    status, told = audited("", code=1, complaint="invalid requirement on line 3")
    assert (status, "invalid requirement" in told) == (1, True)
