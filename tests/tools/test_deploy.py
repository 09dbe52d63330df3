"""What can be held of the deployment files without a container engine."""

import os
import re
import time
from pathlib import Path

import pytest
import yaml

from alignment_portal.environment import SETTINGS

ROOT = Path(__file__).resolve().parents[2]
PASSWORDS = {"POSTGRES_PASSWORD", "REDIS_PASSWORD"}
BUILT_BY_COMPOSE = {"PORTAL_MODE", "DATABASE_URL", "REDIS_URL"}


@pytest.fixture
def services():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


@pytest.fixture
def healthcheck(tool):
    return tool("healthcheck", folder="deploy")


def stated():
    text = (ROOT / "deploy" / "env.example").read_text()
    return dict(re.findall(r"^([A-Z_]+)=(.*)$", text, flags=re.MULTILINE))


def test_the_example_names_every_setting_that_production_demands():
    demanded = {setting.name for setting in SETTINGS if setting.production.startswith("required")}
    assert demanded - BUILT_BY_COMPOSE - set(stated()) == set()


def test_the_example_names_nothing_the_portal_does_not_know():
    assert set(stated()) - {setting.name for setting in SETTINGS} == PASSWORDS


def test_the_example_holds_no_secret():
    secrets = PASSWORDS | {setting.name for setting in SETTINGS if setting.secret}
    assert {name: value for name, value in stated().items() if name in secrets and value} == {}


def test_compose_starts_with_no_password_of_its_own():
    text = (ROOT / "docker-compose.yml").read_text()
    interpolated = re.findall(r"(?<!\$)\$\{([A-Z_]+)(:?[?-]?)", text)
    assert {name for name, _ in interpolated} == PASSWORDS
    assert {operator for _, operator in interpolated} == {":?"}


def test_every_long_running_service_is_checked_and_read_only(services):
    lasting = {name: service for name, service in services.items() if service["restart"] != "no"}
    assert sorted(lasting) == ["beat", "postgres", "redis", "web", "worker"]
    assert [name for name, service in lasting.items() if not service["healthcheck"]["test"]] == []
    assert [name for name, service in lasting.items() if service["read_only"] is not True] == []


def test_nothing_but_the_web_server_has_a_port_and_that_on_this_machine_only(services):
    ports = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert ports == {"web": ["127.0.0.1:8000:8000"]}


def test_redis_keeps_its_queue_on_disk(services):
    assert "--appendonly yes" in services["redis"]["command"][-1]


def test_the_worker_is_given_time_to_finish_a_pack(services):
    assert services["worker"]["stop_grace_period"] == "3m"


def test_everything_the_image_copies_is_let_through_to_the_builder():
    copied = re.findall(r"^COPY (?!--)(.+) \S+$", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    let_through = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), flags=re.MULTILINE))
    assert {name for line in copied for name in line.split()} == let_through


def test_the_image_runs_as_an_ordinary_user():
    assert re.findall(r"^USER (\w+)$", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE) == ["portal"]


def test_a_scheduler_that_stopped_writing_is_unwell(healthcheck, tmp_path):
    schedule = tmp_path / "schedule.db"
    assert healthcheck.beat_writes(tmp_path) is False
    schedule.touch()
    assert healthcheck.beat_writes(tmp_path) is True
    os.utime(schedule, (time.time() - 700,) * 2)
    assert healthcheck.beat_writes(tmp_path) is False
