"""Only what may be a moment old is read from a copy; and a copy that is away is done without."""

import pytest
from django.db import OperationalError, router

from alignment_portal.audit.models import Entry
from alignment_portal.http import replicas
from tests.people import browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def with_replica(monkeypatch):
    """A second name for the same database, so that what is asked of it can be seen."""
    monkeypatch.setattr(router, "routers", [replicas.ReplicaRouter()])
    monkeypatch.setattr(replicas, "_answers", lambda: True)
    asked = []

    def note(self, model, **hints):
        alias = read(self, model, **hints)
        asked.append((model._meta.label, alias))
        # the answer still comes from the one there is

    read = replicas.ReplicaRouter.db_for_read
    monkeypatch.setattr(replicas.ReplicaRouter, "db_for_read", note)
    monkeypatch.setattr(replicas, "_is_in_transaction", lambda: False)  # the test itself runs in one
    return asked


def test_the_history_is_read_from_the_copy(with_replica):
    assert browser("auditor").get("/history/").status_code == 200
    assert ("audit.Entry", "replica") in with_replica


@pytest.mark.parametrize("path", ["/", "/initiatives/", "/settings/profile/"])
def test_what_people_decide_on_is_not(with_replica, path):
    assert browser("auditor").get(path).status_code == 200
    assert {alias for _, alias in with_replica} <= {None}


def test_nothing_is_written_to_it_or_migrated_on_it():
    it = replicas.ReplicaRouter()
    assert it.db_for_write(Entry) is None
    assert (it.allow_migrate("replica", "audit"), it.allow_migrate("default", "audit")) == (False, None)


def test_a_copy_that_is_away_is_done_without(monkeypatch):
    away = type("Away", (), {"ensure_connection": lambda self: (_ for _ in ()).throw(OperationalError())})
    monkeypatch.setitem(replicas.settings.DATABASES, "replica", {})
    monkeypatch.setattr(replicas, "connections", {"replica": away()})
    assert replicas._answers() is False  # noqa: SLF001 — no second server is at hand to take away
