"""What the house plan promises about its own code, held against the code."""

import ast
import re
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings

from alignment_portal.accounts.actions import Actions as AccountActions
from alignment_portal.actions import ActionWords
from alignment_portal.reactions import REACTIONS

ROOT = Path(__file__).resolve().parents[2]
APPS = ("initiatives", "metrics", "portfolio", "reviews", "gates", "packs")
SOURCES = [
    path
    for app in (*APPS, "alignment_portal")
    for path in sorted((ROOT / app).rglob("*.py"))
    if "migrations" not in path.parts
]
DOORS = ("web", "api", "tasks", "pages", "selectors", "engine", "dossier", "content")
WRITES = {
    "save",
    "create",
    "bulk_create",
    "bulk_update",
    "delete",
    "update",
    "get_or_create",
    "update_or_create",
}


def text_of(path):
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tasks():
    current_app.autodiscover_tasks(force=True)
    return set(current_app.tasks)


def test_every_reaction_and_every_beat_is_a_task_of_the_portal(tasks):
    named = {task for reactions in REACTIONS.values() for task in reactions}
    beats = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert sorted((named | beats) - tasks) == []


def test_every_event_that_is_announced_has_its_line_and_every_line_its_event():
    announced = {
        name for path in SOURCES for name in re.findall(r"announce\(\s*\"([a-z_.]+)\"", text_of(path))
    }
    assert sorted(announced ^ set(REACTIONS)) == []


def all_actions():
    assert AccountActions in ActionWords.__subclasses__()
    return [action for kind in ActionWords.__subclasses__() for action in kind]


def test_every_action_has_a_label_and_a_sentence_that_names_who():
    actions = all_actions()
    assert len({action.value for action in actions}) == len(actions)
    wrong = [
        action.value
        for action in actions
        if not (
            re.fullmatch(r"[a-z]+(\.[a-z_]+){2}", action.value)
            and action.label
            and "{actor}" in action.sentence
        )
    ]
    assert wrong == []


def test_every_entry_is_recorded_under_a_named_action():
    literal = [
        f"{path.relative_to(ROOT)}"
        for path in SOURCES
        if re.search(r"\b(record|tell)\([^)]*action=\"", text_of(path))
    ]
    assert literal == []


def test_every_action_is_recorded_somewhere():
    code = "\n".join(text_of(path) for path in SOURCES if path.name != "actions.py")
    unused = [action.name for action in all_actions() if not re.search(rf"Actions\.{action.name}\b", code)]
    assert unused == []


# -- who writes -------------------------------------------------------------------------------------------------


def is_write(call):
    """Whether a call changes rows: `….objects….update(…)`, `row.save(…)`, `rows.delete()`."""
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
        return False
    if call.func.attr == "save":
        return not call.args  # a workbook is saved to a place, a row is not
    return call.func.attr in WRITES and ".objects" in ast.unparse(call.func)


def writers(path):
    """Every function of a module that changes rows itself, with whether it is a service."""
    for node in ast.walk(ast.parse(text_of(path))):
        if isinstance(node, ast.FunctionDef) and any(map(is_write, ast.walk(node))):
            decorators = {ast.unparse(decorator).partition("(")[0] for decorator in node.decorator_list}
            yield f"{path.relative_to(ROOT)}:{node.name}", "service" in decorators


def test_no_door_and_no_reader_changes_a_row():
    found = [
        name
        for path in SOURCES
        if set(path.relative_to(ROOT).with_suffix("").parts) & set(DOORS)
        for name, is_service in writers(path)
        if not is_service
    ]
    assert found == []


def test_every_writer_is_a_service_or_a_step_that_only_services_know():
    steps = {
        name.partition(":")[2]
        for path in SOURCES
        if "services" in path.relative_to(ROOT).with_suffix("").parts
        for name, is_service in writers(path)
        if not is_service
    }
    doors = [path for path in SOURCES if set(path.relative_to(ROOT).with_suffix("").parts) & set(DOORS)]
    known = {
        f"{path.relative_to(ROOT)}: {alias.name}"
        for path in doors
        for node in ast.walk(ast.parse(text_of(path)))
        if isinstance(node, ast.ImportFrom) and "services" in (node.module or "")
        for alias in node.names
        if alias.name in steps
    }
    assert known == set()
