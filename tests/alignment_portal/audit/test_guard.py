"""Outside a service nothing is written, whichever way it is tried."""

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction

from alignment_portal.accounts.models import User
from alignment_portal.audit.guard import WriteOutsideServiceError, is_writing, service
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db


def raw(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


STRAY = {
    "save": lambda user: user.save(),
    "create": lambda user: User.objects.create(email="new@example.org", name="New"),
    "update": lambda user: User.objects.update(name="Other"),
    "delete": lambda user: User.objects.all().delete(),
    "bulk_create": lambda user: User.objects.bulk_create([User(email="new@example.org", name="New")]),
    "raw insert": lambda user: raw("INSERT INTO outbox_event (name) VALUES ('x')"),
    "raw update": lambda user: raw("  update accounts_user set name = 'x'"),
    "raw delete": lambda user: raw("DELETE FROM accounts_user"),
    "behind a with": lambda user: raw("WITH x AS (SELECT 1) DELETE FROM accounts_user"),
}


@pytest.mark.parametrize("way", sorted(STRAY))
def test_a_stray_write_is_refused(way):
    user = UserFactory(name="Ann")
    with pytest.raises(WriteOutsideServiceError), transaction.atomic():
        STRAY[way](user)
    assert list(User.objects.values_list("name", flat=True)) == ["Ann"]


def test_reading_is_free():
    raw("SELECT count(*) FROM accounts_user")
    raw("WITH updated AS (SELECT 1) SELECT * FROM updated")


def test_sessions_are_the_frameworks_own():
    session = SessionStore()
    session["kept"] = True
    session.save()
    assert SessionStore(session.session_key)["kept"] is True


def test_a_service_writes_and_the_door_closes_behind_it():
    @service
    def rename():
        User.objects.update(name="Bea")
        return is_writing()

    UserFactory(name="Ann")
    assert (rename(), is_writing()) == (True, False)


def test_a_service_that_fails_writes_nothing_and_closes_the_door():
    @service
    def fail():
        User.objects.update(name="Bea")
        raise ZeroDivisionError

    UserFactory(name="Ann")
    with pytest.raises(ZeroDivisionError):
        fail()
    assert (User.objects.get().name, is_writing()) == ("Ann", False)


def test_a_service_may_call_another():
    @service
    def inner():
        User.objects.update(name="Bea")

    @service
    def outer():
        inner()
        return is_writing()

    UserFactory(name="Ann")
    assert (outer(), User.objects.get().name) == (True, "Bea")
