"""What holds for every test: no network, the right database's tests, repeatable properties, one Chromium."""

import os
import shutil
import socket

import pytest
from hypothesis import settings as properties

# Playwright leaves an event loop running in the main thread, in which Django would refuse its own database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

properties.register_profile("ci", max_examples=200, deadline=None, derandomize=True)
properties.register_profile("thorough", max_examples=1000, deadline=None)
properties.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

LOOPBACK = {"127.0.0.1", "::1", "localhost", "0.0.0.0", "testserver", None, ""}  # noqa: S104 — compared, not bound
DATABASE_FIXTURES = {
    "db",
    "transactional_db",
    "django_db_reset_sequences",
    "live_server",
    "admin_user",
    "admin_client",
}
ON_POSTGRES = os.environ.get("DATABASE_URL", "").startswith(("postgres", "pgsql"))


def pytest_report_header():
    return f"database: {'PostgreSQL' if ON_POSTGRES else 'SQLite'}"


def pytest_collection_modifyitems(config, items):
    """Mark by what a test asks for, and leave out what belongs to the other database's run."""
    for item in items:
        uses_database = item.get_closest_marker("django_db") or DATABASE_FIXTURES & set(item.fixturenames)
        item.add_marker("db" if uses_database else "unit")
    elsewhere = "sqlite" if ON_POSTGRES else "postgres"
    left_out = [item for item in items if item.get_closest_marker(elsewhere)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def is_local(address):
    return not isinstance(address, tuple) or address[0] in LOOPBACK


@pytest.fixture(autouse=True, scope="session")
def closed_sockets():
    """Refuse every connection that leaves this machine."""
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def refuse(address):
        raise RuntimeError(f"A test tried to reach {address}; tests talk to this machine only.")

    def guarded_connect(self, address):
        return connect(self, address) if is_local(address) else refuse(address)

    def guarded_connect_ex(self, address):
        return connect_ex(self, address) if is_local(address) else refuse(address)

    def guarded_getaddrinfo(host, *args, **kwargs):
        return getaddrinfo(host, *args, **kwargs) if host in LOOPBACK else refuse(host)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        patch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
        yield


def required_address(name):
    address = os.environ.get(name)
    if not address:
        pytest.fail(f"{name} is not set: run this test under tools/with_services.py, or run make test.")
    return address


@pytest.fixture(scope="session")
def redis_url():
    """Return the address of a real Redis that belongs to this run alone."""
    return required_address("TEST_REDIS_URL")


@pytest.fixture(scope="session")
def postgres_url():
    """Return the address of a real PostgreSQL that belongs to this run alone."""
    return required_address("TEST_POSTGRES_URL")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Drive the system's Chromium; it has no sandbox to offer to root."""
    names = ("chromium", "chromium-browser", "google-chrome")
    chromium = next(filter(None, map(shutil.which, names)), None)
    if chromium is None:
        pytest.fail("Chromium is not installed: run 'apt-get install chromium' as root.")
    flags = ["--disable-background-networking", "--disable-dev-shm-usage"]
    if os.geteuid() == 0:
        flags.append("--no-sandbox")
    return {**browser_type_launch_args, "executable_path": chromium, "args": flags}


def begin_the_record_anew():
    """Take out what a new portal writes about its first policy, so that a test counts its own entries only."""
    from alignment_portal.audit import triggers  # noqa: PLC0415 — app ready
    from alignment_portal.audit.guard import writes_allowed  # noqa: PLC0415 — app ready
    from alignment_portal.audit.models import Entry, Head  # noqa: PLC0415 — app ready
    from alignment_portal.outbox.models import Event  # noqa: PLC0415 — app ready

    with writes_allowed():
        triggers.remove_all()
        for model in (Entry, Head, Event):
            model.objects.all().delete()
        triggers.install_all()


def call_every_migration_applied():
    """The tables are made from the models, which takes a tenth of the time; the walk of the migrations shows they agree."""
    from django.db import connection  # noqa: PLC0415 — app ready
    from django.db.migrations.loader import MigrationLoader  # noqa: PLC0415 — app ready
    from django.db.migrations.recorder import MigrationRecorder  # noqa: PLC0415 — app ready
    from django.test import override_settings  # noqa: PLC0415 — app ready

    with override_settings(MIGRATION_MODULES={}):
        names = MigrationLoader(None).disk_migrations
    recorder = MigrationRecorder(connection)
    recorder.ensure_schema()
    recorder.migration_qs.bulk_create(recorder.Migration(app=app, name=name) for app, name in sorted(names))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        call_every_migration_applied()
        begin_the_record_anew()


@pytest.fixture(autouse=True, scope="session")
def emptying_takes_the_guards_off():
    """Let a test that commits be cleaned up after: append-only tables could not be emptied otherwise.

    Emptying ends like a migration does, which puts the guards back.
    """
    from django.test import TransactionTestCase  # noqa: PLC0415 — app ready

    from alignment_portal.audit import triggers  # noqa: PLC0415 — app ready
    from alignment_portal.audit.guard import writes_allowed  # noqa: PLC0415 — app ready

    tear_down = TransactionTestCase._fixture_teardown  # noqa: SLF001 — the one place Django empties tables

    def tear_down_without_guards(self):
        with writes_allowed():
            triggers.remove_all()
            tear_down(self)
        begin_the_record_anew()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", tear_down_without_guards)
        yield


@pytest.fixture(autouse=True, scope="session")
def messages_stay_in_this_process():
    """Keep what a test announces out of the queue of the portal that may be running beside it."""
    from django.conf import settings  # noqa: PLC0415 — app ready

    from alignment_portal.celery import app  # noqa: PLC0415 — app ready

    if not settings.REDIS_URL:
        app.conf.broker_url = "memory://"
        app.conf.broker_transport_options = {}


@pytest.fixture(autouse=True)
def every_test_counts_its_own_requests():
    """Forget how often callers asked: accounts and tokens of different tests have the same numbers."""
    from django.core.cache import cache  # noqa: PLC0415 — app ready

    cache.clear()
