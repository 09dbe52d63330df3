"""What is promised of the lock files: everything pinned, everything hashed, no address of anybody."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("main", "dev", "production")


def read_lock(name):
    return (ROOT / "requirements" / f"{name}.lock").read_text()


def pins(name):
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", read_lock(name), flags=re.MULTILINE))


def named(requirement):
    return re.split(r"[\[<>=!~ ]", requirement)[0].lower()


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_no_address(name):
    assert re.findall(r"\S*://\S*|--(?:extra-)?index-url|--find-links|file:", read_lock(name)) == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_carries_a_hash(name):
    entries = re.split(r"(?m)^(?=[a-z0-9])", read_lock(name))[1:]
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("name", ["dev", "production"])
def test_what_is_tested_is_what_runs(name):
    other = pins(name)
    assert {package: other.get(package) for package in pins("main")} == pins("main")


def test_every_stated_requirement_is_locked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    stated = {
        "main": project["project"]["dependencies"],
        "dev": project["dependency-groups"]["dev"],
        "production": project["project"]["optional-dependencies"]["production"],
    }
    missing = {name: {named(line) for line in lines} - set(pins(name)) for name, lines in stated.items()}
    assert missing == {"main": set(), "dev": set(), "production": set()}


def test_the_two_builds_of_the_database_driver_never_meet():
    drivers = {name: {"psycopg2", "psycopg2-binary"} & set(pins(name)) for name in LOCKS}
    assert drivers == {"main": set(), "dev": {"psycopg2-binary"}, "production": {"psycopg2"}}
