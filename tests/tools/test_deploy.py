"""What can be held of the deployment files without a container engine."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from unittest import mock

import pytest
import yaml

from alignment_portal.http.middleware import BodyLimitMiddleware
from alignment_portal.variables import SETTINGS

ROOT = Path(__file__).resolve().parents[2]
BUILT_BY_COMPOSE = {"PORTAL_MODE", "DATABASE_URL", "REDIS_URL", "SECRET_KEY"}
# What a service of the compose specification may say here, and in which form: there is no engine to ask.
MEMORY, DURATION = r"\d+[kmg]", r"(\d+h)?(\d+m)?(\d+s)?"
SERVICE = {
    "image": str, "build": str, "restart": str, "env_file": str, "environment": dict, "secrets": list,
    "volumes": list, "networks": list, "read_only": bool, "tmpfs": list, "cap_drop": list, "security_opt": list,
    "depends_on": dict, "command": list, "ports": list, "healthcheck": dict, "mem_limit": MEMORY, "cpus": (int, float),
    "pids_limit": int, "stop_grace_period": DURATION, "shm_size": MEMORY, "user": str,
}  # fmt: skip
HEALTH = {"test": list, "interval": DURATION, "timeout": DURATION, "start_period": DURATION}
LASTING = ["beat", "postgres", "proxy", "redis", "web", "worker"]


@pytest.fixture
def compose():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


@pytest.fixture
def services(compose):
    return compose["services"]


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
    assert set(stated()) - {setting.name for setting in SETTINGS} == set()


def test_the_example_holds_no_secret():
    secrets = {setting.name for setting in SETTINGS if setting.secret}
    assert {name: value for name, value in stated().items() if name in secrets and value} == {}


def faults_of_form(what, given, known):
    """What a mapping says that is unknown, or in a form that compose would refuse."""
    for name, value in given.items():
        form = known.get(name)
        if form is None:
            yield f"{what}: {name} is not known"
        elif isinstance(form, str):
            if not re.fullmatch(form, str(value)):
                yield f"{what}: {name} is {value}"
        elif not isinstance(value, form):
            yield f"{what}: {name} is a {type(value).__name__}"


def test_every_service_says_only_what_compose_understands(compose):
    assert set(compose) - {"x-portal"} == {"name", "services", "networks", "volumes", "secrets"}
    faults = [
        fault
        for name, service in compose["services"].items()
        for fault in (
            *faults_of_form(name, service, SERVICE),
            *faults_of_form(f"{name} healthcheck", service.get("healthcheck", {}), HEALTH),
        )
    ]
    assert faults == []


def test_whatever_a_service_names_is_there(compose, services):
    for name, service in services.items():
        assert set(service["secrets"]) <= set(compose["secrets"]), name
        assert set(service["networks"]) <= set(compose["networks"]), name
        assert set(service.get("depends_on", {})) <= set(services), name
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert source in compose["volumes"] or (ROOT / source).is_file(), f"{name}: {volume}"


def test_no_secret_stands_in_the_file_or_in_an_environment(services):
    text = (ROOT / "docker-compose.yml").read_text()
    assert re.findall(r"(?<!\$)\$\{", text) == []
    for service in services.values():
        secret = {setting.name for setting in SETTINGS if setting.secret} | {"POSTGRES_PASSWORD"}
        assert set(service.get("environment", {})) & secret == set()


def test_a_secret_of_ones_own_is_added_as_the_guide_says(compose):
    guide = (ROOT / "docs" / "operations.md").read_text()
    (added,) = re.findall(r"```yaml\n(.+?)```", guide, flags=re.DOTALL)
    override = yaml.safe_load(added)
    known = {f"{setting.name}_FILE" for setting in SETTINGS if setting.secret}
    for name, service in override["services"].items():
        assert name in compose["services"]
        assert set(service["environment"]) <= known
        assert {Path(place).name for place in service["environment"].values()} == set(service["secrets"])
        assert set(service["secrets"]) == set(override["secrets"])


def test_every_secret_is_one_that_is_made_or_a_certificate(compose, tool, tmp_path):
    make = tool("make_secrets", folder="deploy")
    make.main(tmp_path / "secrets")
    made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert set(compose["secrets"]) == {*made, "tls_certificate", "tls_key"}
    assert made["postgres_password"] in made["database_url"]
    assert made["redis_password"] in made["redis_url"]
    assert len(made["secret_key"]) >= 50
    with pytest.raises(SystemExit, match="nothing was changed"):
        make.main(tmp_path / "secrets")


def test_every_long_running_service_is_checked_bounded_and_has_no_rights_it_does_not_need(services):
    lasting = {name: service for name, service in services.items() if service["restart"] != "no"}
    assert sorted(lasting) == LASTING
    for name, service in services.items():
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"]), name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["mem_limit"], name
    for name, service in lasting.items():
        assert service["healthcheck"]["test"], name
        assert service["pids_limit"] > 0, name


def test_only_the_proxy_listens_and_the_servers_cannot_reach_the_world(compose, services):
    ports = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert ports == {"proxy": ["80:8080", "443:8443"]}
    assert compose["networks"]["inside"] == {"internal": True}
    assert [name for name in ("postgres", "redis", "beat") if services[name]["networks"] != ["inside"]] == []


def test_the_proxy_reaches_the_web_server_and_nothing_behind_it(services):
    reached = {name for name, service in services.items() if set(service["networks"]) & {"outside"}}
    assert services["proxy"]["networks"] == ["outside"]
    assert reached == {"proxy", "web", "worker"}


def test_the_image_is_built_once_for_all_that_run_it(services):
    ours = {name for name, service in services.items() if service["image"] == "alignment-portal"}
    assert ours == {"migrate", "web", "worker", "beat"}
    assert {name: service["build"] for name, service in services.items() if "build" in service} == {
        "migrate": "."
    }


def test_the_home_of_the_image_is_a_folder_its_user_may_write_to(services):
    (uid,) = re.findall(r"--uid (\d+) .*/home/portal", (ROOT / "Dockerfile").read_text())
    homes = {place for name in ("migrate", "web", "worker", "beat") for place in services[name]["tmpfs"]}
    assert homes == {"/tmp", f"/home/portal:uid={uid}"}  # noqa: S108 — a folder of the container


def test_a_database_that_is_only_being_made_is_not_healthy_yet(services):
    test = services["postgres"]["healthcheck"]["test"]
    assert test[test.index("--host") + 1] == "127.0.0.1"


def test_the_proxy_holds_bodies_and_slow_callers_away_and_believes_no_caller():
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    most = next(setting for setting in SETTINGS if setting.name == "UPLOAD_MAX_REQUEST_MB")
    assert f"client_max_body_size {int(most.default) + 1}m;" in text
    for line in (
        "proxy_set_header X-Forwarded-For $remote_addr;",
        "proxy_set_header X-Request-ID $request_id;",
        "location = /metrics { return 404; }",
        "client_header_timeout",
        "server_tokens off;",
    ):
        assert line in text
    assert re.findall(r"^error_log \S+ (\w+);", text, flags=re.MULTILINE) == ["error"]
    assert text.count("{") == text.count("}")
    unfinished = [
        line for line in text.splitlines() if line.strip() and not re.search(r"[{};]\s*(#.*)?$|^\s*#", line)
    ]
    assert unfinished == []


def test_what_the_proxy_holds_lies_on_disk_and_not_in_its_memory(compose, services):
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    name, place = services["proxy"]["volumes"][1].split(":")
    held = re.findall(r"^\s*(client_body|proxy)_temp_path (\S+);", text, flags=re.MULTILINE)
    assert name in compose["volumes"]
    assert held == [("client_body", f"{place}/body"), ("proxy", f"{place}/proxy")]


def test_the_proxy_finds_a_web_server_that_has_another_address():
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    (upstream,) = re.findall(r"upstream portal \{(.+)\}", text)
    assert {"server web:8000 resolve", "zone portal 64k"} <= {part.strip() for part in upstream.split(";")}
    assert re.findall(r"resolver 127\.0\.0\.11 valid=\d+s;", text) != []


def test_the_proxy_stays_while_the_web_server_is_replaced_and_says_so(services):
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    assert "depends_on" not in services["proxy"]  # compose replaces whoever depends on what it replaces
    assert "error_page 502 504 = @away;" in text
    assert "Try again in a minute." in text


def test_the_proxy_refuses_a_body_that_is_too_large_in_the_portal_s_words(rf, settings):
    settings.UPLOAD_MAX_REQUEST_BYTES = 200 * 1024 * 1024
    portal = BodyLimitMiddleware(lambda request: pytest.fail("The body was let through."))
    length = settings.UPLOAD_MAX_REQUEST_BYTES + 1
    told = json.loads(portal(rf.post("/api/v1/evidence/", CONTENT_LENGTH=str(length))).content)
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    assert {"error_page 413 = @too_large;", "error_page 413 = @too_large_for_programs;"} <= {
        line.strip() for line in text.splitlines()
    }
    (plain,) = re.findall(r'return 413 "(.+?)\\n";', text)
    (body,) = re.findall(r"return 413 '(.+?)';", text)
    assert plain == told["detail"]
    assert json.loads(body) == {
        **{name: value for name, value in told.items() if name != "instance"},
        "request_id": "$request_id",
    }


def test_the_proxy_answers_programs_with_problem_documents():
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    (api,) = re.findall(r"location /api/ \{(.+?)\n    \}", text, flags=re.DOTALL)
    named = re.findall(r"error_page [\d ]+ = (@\w+);", api)
    assert named == ["@too_large_for_programs", "@away_for_programs"]
    assert re.findall(r"proxy_\w+ [^;]+;", api) == [
        "proxy_pass http://portal;",
        "proxy_request_buffering on;",
    ]
    for name in named:
        (location,) = re.findall(rf"location {name} \{{(.+?)\n    \}}", text, flags=re.DOTALL)
        assert "default_type application/problem+json;" in location
        ((status, body),) = re.findall(r"return (\d+) '(.+?)';", location)
        assert json.loads(body)["status"] == int(status)


def test_whether_the_proxy_is_well_is_asked_of_itself_and_not_of_the_portal(services):
    (address,) = re.findall(r"http://(127\S+)/", " ".join(services["proxy"]["healthcheck"]["test"]))
    (own,) = re.findall(
        rf"listen {address};(.+?)\n  \}}", (ROOT / "deploy" / "nginx.conf").read_text(), flags=re.DOTALL
    )
    assert "proxy_pass" not in own


def gunicorn_settings():
    """What it says when it is read; what it sets for the processes of a server is not left to the tests that follow."""
    settings = {}
    with mock.patch.dict(os.environ):
        text = (ROOT / "deploy" / "gunicorn.conf.py").read_text()
        exec(compile(text, "gunicorn.conf.py", "exec"), settings)  # noqa: S102 — as gunicorn reads it
    return settings


def test_what_the_servers_say_of_themselves_is_one_object_a_line(services):
    for name in ("worker", "beat"):
        assert services[name]["command"][:4] == ["celery", "--app", "alignment_portal", "--quiet"]
    say = (
        "from gunicorn.app.wsgiapp import WSGIApplication; from gunicorn.glogging import Logger\n"
        "Logger(WSGIApplication().cfg).info('Listening at: %s', 'http://0.0.0.0:8000')"
    )
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            say,
            "--config",
            "deploy/gunicorn.conf.py",
            "alignment_portal.wsgi:application",
        ],
        cwd=ROOT,
        env={**os.environ, "LOG_FORMAT": "json"},
        capture_output=True,
        text=True,
        check=True,
    )
    (line,) = (said.stdout + said.stderr).splitlines()
    assert json.loads(line)["message"] == "Listening at: http://0.0.0.0:8000"


def test_for_people_the_web_server_writes_as_it_always_does(monkeypatch):
    monkeypatch.setenv("LOG_FORMAT", "text")
    assert "logconfig_dict" not in gunicorn_settings()


def test_a_container_is_given_longer_to_stop_than_its_server_takes(services):
    settings = gunicorn_settings()
    assert settings["graceful_timeout"] < int(services["web"]["stop_grace_period"].removesuffix("s"))


def test_redis_keeps_its_queue_on_disk(services):
    assert "--appendonly yes" in services["redis"]["command"][-1]


def test_the_worker_is_given_time_to_finish_a_pack(services):
    assert services["worker"]["stop_grace_period"] == "3m"


def test_everything_the_image_copies_is_let_through_to_the_builder():
    copied = re.findall(r"^COPY (?!--)(.+) \S+$", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    let_through = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), flags=re.MULTILINE))
    assert {name for line in copied for name in line.split()} == let_through


def test_the_image_can_be_read_by_its_user_whatever_the_umask_of_who_builds_it():
    (built, _) = (ROOT / "Dockerfile").read_text().split("\nFROM python:3.11-slim-bookworm\n")
    assert built.rstrip().splitlines()[-1].strip() == "&& chmod -R a+rX /srv/portal"


def test_the_image_runs_as_an_ordinary_user():
    assert re.findall(r"^USER (\w+)$", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE) == ["portal"]


def test_a_scheduler_that_stopped_writing_is_unwell(healthcheck, tmp_path):
    schedule = tmp_path / "schedule.db"
    assert healthcheck.beat_writes(tmp_path) is False
    schedule.touch()
    assert healthcheck.beat_writes(tmp_path) is True
    os.utime(schedule, (time.time() - 700,) * 2)
    assert healthcheck.beat_writes(tmp_path) is False
