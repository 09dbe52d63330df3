"""Raw SQL against what is claimed: refused by the database itself, under a name we have words for."""

import pytest
from django.db import DatabaseError, connection, transaction

from alignment_portal.audit.guard import WriteOutsideServiceError, writes_allowed
from alignment_portal.audit.triggers import faults
from alignment_portal.refusals import refusal_of_guard
from initiatives.models import Initiative
from initiatives.services.operations import close_incident, record_incident
from tests.initiatives.cast import TEAM, actor, saved

pytestmark = pytest.mark.usefixtures("people")

REFUSED = {
    "UPDATE initiatives_dossierversion SET document = '{}'": "append_only",
    "UPDATE initiatives_dossierversion SET recorded_at = '2020-01-01'": "append_only",
    "UPDATE initiatives_dossierversion SET number = 7": "append_only",
    "DELETE FROM initiatives_dossierversion": "append_only",
    "UPDATE initiatives_incident SET closed_at = NULL, closing_recorded_at = NULL, cause = ''": "incident_closed",
    "DELETE FROM initiatives_incident": "append_only",
    "UPDATE initiatives_initiative SET key = 'AI-9999'": "key_is_fixed",
    "UPDATE initiatives_initiative SET inputs_rev = 0": "inputs_guarded",
    "UPDATE initiatives_initiative SET version = 0": "inputs_guarded",
    "DELETE FROM initiatives_initiative": "initiative_kept",
}


def run(sql):
    with writes_allowed(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture
def incident():
    found = record_incident(by=actor(TEAM), initiative=saved(), severity=2, title="Wrong refunds")
    return close_incident(by=actor(TEAM), incident=found, cause="A stale page")


@pytest.mark.parametrize(("sql", "code"), REFUSED.items(), ids=REFUSED)
def test_the_database_refuses(incident, sql, code):
    with pytest.raises(DatabaseError) as caught:
        run(sql)
    assert refusal_of_guard(caught.value).code == code


@pytest.mark.parametrize("change", ["severity = 4", "opened_at = '2020-01-01'", "title = 'Nothing'"])
def test_what_was_recorded_of_an_open_incident_stays(change):
    record_incident(by=actor(TEAM), initiative=saved(), severity=2, title="Wrong refunds")
    with pytest.raises(DatabaseError) as caught:
        run(f"UPDATE initiatives_incident SET {change}")
    assert refusal_of_guard(caught.value).code == "append_only"


@pytest.mark.sqlite
@pytest.mark.parametrize("table", ["initiatives_dossierversion", "initiatives_incident"])
def test_replacing_a_row_is_refused_as_well(incident, table):
    with pytest.raises(DatabaseError, match=f"guard_{table}_replace"):
        run(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")


@pytest.mark.postgres
@pytest.mark.parametrize(
    "table", ["initiatives_dossierversion", "initiatives_incident", "initiatives_initiative"]
)
def test_emptying_a_table_is_refused(incident, table):
    run("SET CONSTRAINTS ALL IMMEDIATE")  # the rows above were only just written
    with pytest.raises(DatabaseError, match="_truncate"):
        run(f"TRUNCATE {table} CASCADE")


WRONG_ROWS = {
    "initiatives_group": "headcount = -1",
    "initiatives_scope": "volume_share_limit = 1.2",
    "initiatives_deployment": "live_until = '2020-01-01'",
    "initiatives_shift": "to_on = '2020-01-01'",
    "initiatives_node": "kind = 'magic'",
    "initiatives_link": "end_id = start_id",
    "initiatives_demand": "days_low = 99",
    "initiatives_workloadshift": "low_minutes = 5",
    "initiatives_severity": "level = 7",
    "initiatives_beforeafter": "magnitude = 9",
    "initiatives_incentiveconflict": "rating = 3",
    "initiatives_racientry": "kind = 'boss'",
    "initiatives_owner": "responsibility = 'lunch'",
    "initiatives_assessment": "extent = 'huge'",
    "initiatives_obligation": "hours_per_month = -2",
    "initiatives_training": "hours_per_person = -1",
    "initiatives_adoptionmeasure": "description = ''",
    "initiatives_tradeoff": "accept = ''",
    "initiatives_decisionright": "escalation_hours = 0",
    "initiatives_harm": "description = ''",
    "initiatives_oversightrule": "rule = ''",
    "initiatives_addedcontrol": "title = ''",
    "initiatives_trigger": "action = 'wait'",
    "initiatives_membership": "kind = 'friend'",
    "initiatives_initiative": "status = 'done'",
}


@pytest.mark.parametrize(("table", "wrong"), WRONG_ROWS.items(), ids=WRONG_ROWS)
def test_no_table_takes_a_value_the_document_could_not_hold(table, wrong):
    saved()
    with pytest.raises(DatabaseError):
        run(f"UPDATE {table} SET {wrong}")


def test_a_running_status_rests_on_a_verdict():
    saved()
    with pytest.raises(DatabaseError):
        run("UPDATE initiatives_initiative SET status = 'scale_ready'")


def test_outside_a_service_nothing_is_written():
    initiative = saved()
    initiative.title = "Written past the services"
    with pytest.raises(WriteOutsideServiceError), transaction.atomic():
        initiative.save()
    assert Initiative.objects.get().title == "Support assistant"


def test_every_guard_is_in_place():
    assert faults() == []
