"""deploy/roles.sql, applied to the real schema: the portal works as portal_app, and what it must not do is refused."""

from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction

from alignment_portal.audit.guard import writes_allowed
from alignment_portal.audit.models import Entry
from gates.services.evaluations import record_evaluation
from initiatives.models import Initiative
from packs.services.building import finish
from packs.services.holding import claim
from packs.services.requests import request_pack
from tests.gates import policy, scene
from tests.packs.conftest import short_pdf
from tests.people import actor, everybody

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
SCRIPT = Path(__file__).resolve().parents[2] / "deploy" / "roles.sql"


def run(sql):
    with writes_allowed(), connection.cursor() as cursor:
        cursor.execute(sql)


@contextmanager
def acting_as(role):
    run(f"SET LOCAL ROLE {role}")
    yield
    run("RESET ROLE")


@pytest.fixture
def roles(settings, tmp_path):
    """The script applied twice, to a portal that holds something."""
    settings.MEDIA_ROOT = tmp_path
    everybody()
    policy.adopt()
    scene.saved()
    for _ in range(2):
        run("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")  # else tables are in use
        run(SCRIPT.read_text())


def refused(sql):
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), transaction.atomic():
        run(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_entry SET action = 'x'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "DELETE FROM audit_head",
        "TRUNCATE audit_head",
        "UPDATE gates_evidence SET title = 'x'",
        "DELETE FROM gates_evidence",
        "UPDATE gates_endorsement SET statement = 'x'",
        "DELETE FROM gates_endorsement",
        "UPDATE gates_evaluation SET level = 'scale_ready'",
        "DELETE FROM gates_statusmove",
        "UPDATE initiatives_dossierversion SET fingerprint = 'x'",
        "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
        "DROP TRIGGER guard_audit_entry_update ON audit_entry",
        "DROP FUNCTION guard_audit_entry_update() CASCADE",
        "CREATE OR REPLACE FUNCTION guard_audit_entry_update() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "DROP TABLE audit_entry",
        "ALTER TABLE initiatives_initiative DROP COLUMN status",
        "SET session_replication_role = replica",
        "CREATE TABLE mine (id int)",
        "DELETE FROM django_migrations",
    ],
)
def test_what_the_portal_must_not_do_is_refused_to_its_role(roles, sql):
    with acting_as("portal_app"):
        refused(sql)


def test_a_forged_status_and_a_rewound_head_are_refused_by_their_guards(roles):
    with acting_as("portal_app"):
        for sql in (
            "UPDATE initiatives_initiative SET status = 'scale_ready'",
            "UPDATE audit_head SET seq = seq - 1",
        ):
            with pytest.raises(DatabaseError, match=r"guard_|constraint"), transaction.atomic():
                run(sql)


def test_the_portal_does_its_work_with_the_rights_of_its_role(roles):
    with acting_as("portal_app"):
        initiative = Initiative.objects.get()
        scene.standing_at("scale_ready", initiative)
        record_evaluation(initiative=initiative)
        asked = request_pack(by=actor("programme_manager"), subject="initiative:AI-0001")
        finish(claim(asked.build.pk), short_pdf())
    initiative.refresh_from_db()
    assert initiative.status == "scale_ready"


def test_an_auditor_reads_the_record_and_no_secret_and_changes_nothing(roles):
    with acting_as("portal_auditor"):
        assert Entry.objects.count() > 0
        run("SELECT email, name FROM accounts_user")
        for sql in (
            "SELECT password FROM accounts_user",
            "SELECT digest FROM accounts_apitoken",
            "SELECT sealed_secret FROM outbox_webhook",
            "SELECT session_data FROM django_session",
            "INSERT INTO audit_entry DEFAULT VALUES",
            "UPDATE initiatives_initiative SET title = 'x'",
        ):
            refused(sql)
