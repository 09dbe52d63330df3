"""Every route × method × role is decided in tests/permission_matrix.toml, and the portal does as it says."""

import re
import tomllib
from pathlib import Path

import pytest
from django.test import RequestFactory
from django.urls import URLResolver, get_resolver

from tests import people

ROWS = tomllib.loads((Path(__file__).parents[1] / "permission_matrix.toml").read_text(encoding="utf-8"))
# The admin belongs to Django; that it only reads is tested in test_admin.py.
LEFT_OUT = ("/admin/",)
SAMPLES = {"uuid": "00000000-0000-4000-8000-000000000000", "int": "0", "str": "NONE-0000", "slug": "none"}
AUTOMATIC = {"HEAD", "OPTIONS"}
NOT_THERE = 501  # what a protocol lets a server leave out, said as the protocol says it


def routes(resolver=None, prefix="/"):
    """Every (route, view) of the URLconf."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, route)
        elif not route.startswith(LEFT_OUT):
            yield route, entry.callback


def methods_of(view):
    """The methods a view answers: what the REST class has, or what the page's decorator lets in."""
    rest = getattr(view, "cls", None)
    if rest is not None:
        return set(rest(**getattr(view, "initkwargs", {})).allowed_methods) - AUTOMATIC
    if hasattr(view, "view_class"):
        return {"GET"}
    answer = view(RequestFactory().generic("PROBE", "/"))
    assert answer.status_code == 405, (
        f"{view.__module__}.{view.__name__} takes any method: use require_GET or the like"
    )
    return {method.strip() for method in answer.headers["Allow"].split(",")} - AUTOMATIC


def address(route):
    return re.sub(r"<(?:(\w+):)?\w+>", lambda found: SAMPLES.get(found.group(1) or "str", "none"), route)


def allowed(row):
    words = ROWS[row].split()
    return set(people.ROLES) if words in (["everyone"], ["public"]) else set(words)


def ask(client, row):
    method, route = row.split(" ", maxsplit=1)
    return client.generic(method, address(route), content_type="application/json", headers={"accept": "*/*"})


def client_of(row, who):
    is_rest = "/api/" in row
    if not is_rest:
        return people.browser(who)
    return people.api(who)


def test_every_route_and_method_has_a_row_and_every_row_a_route():
    found = {f"{method} {route}" for route, view in routes() for method in methods_of(view)}
    assert sorted(found - set(ROWS)) == [], "Add these to tests/permission_matrix.toml"
    assert sorted(set(ROWS) - found) == [], "Take these out of tests/permission_matrix.toml"


def test_every_row_names_roles():
    known = {*people.ROLES, "everyone", "public"}
    assert {word for row in ROWS.values() for word in row.split()} - known == set()


@pytest.mark.django_db
@pytest.mark.parametrize("row", [row for row, who in ROWS.items() if who != "public"])
def test_nobody_gets_in_without_signing_in(row):
    answer = ask(client_of(row, None), row)
    if "/api/" in row:
        assert answer.status_code == 401
    else:
        assert answer.headers["Location"].startswith("/sign-in/?next=/")


@pytest.mark.django_db
@pytest.mark.parametrize("row", [row for row, who in ROWS.items() if who != "public"])
def test_each_role_is_answered_or_refused_as_the_row_says(row):
    for who in people.ROLES:
        status = ask(client_of(row, who), row).status_code
        if who in allowed(row):
            assert status not in {401, 403}, f"{row} refuses {who} with {status}"
            assert status < 500 or status == NOT_THERE, f"{row} fails for {who}"
        else:
            assert 400 <= status < 500, f"{row} answers {who} with {status}"
