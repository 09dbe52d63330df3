"""Readings, results and acknowledgements only grow, on whichever database, and count as inputs."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from alignment_portal.audit import triggers
from alignment_portal.audit.guard import WriteOutsideServiceError, writes_allowed
from alignment_portal.refusals import Conflict, Forbidden, Invalid
from metrics.models import Acknowledgement, Observation
from metrics.selectors import acknowledgements_for
from metrics.services.observations import record_observations
from metrics.services.signals import acknowledge_signal
from tests.factories.metrics import initiative, reading
from tests.metrics.test_results import result_of
from tests.people import actor

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 1, 11)


def acknowledged(subject, **changes):
    values = {"metric": "repeat-contact", "rule": "CO-05", "period_end": DAY, "cause": "A bank holiday."}
    return acknowledge_signal(by=actor("programme_manager"), initiative=subject, **(values | changes))


@pytest.fixture
def subject(db):
    found = initiative()
    record_observations(by=actor("programme_manager"), rows=[reading()])
    return found


@pytest.mark.parametrize("table", ["observation", "metricresult", "acknowledgement"])
@pytest.mark.parametrize("statement", ["DELETE FROM metrics_{}", "UPDATE metrics_{} SET id = id"])
def test_what_was_recorded_neither_changes_nor_goes(subject, table, statement):
    result_of(subject)
    acknowledged(subject)
    with pytest.raises(IntegrityError), writes_allowed(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


def test_readings_outside_a_service_are_refused(subject):
    with pytest.raises(WriteOutsideServiceError):
        Observation.objects.all().delete()


def test_every_record_counts_as_an_input(subject):
    subject.refresh_from_db()
    before = subject.inputs_rev
    result_of(subject)
    acknowledged(subject)
    subject.refresh_from_db()
    assert subject.inputs_rev == before + 2


def test_the_guards_of_the_database_are_those_we_wrote(subject):
    assert triggers.faults() == []


def test_a_signal_is_acknowledged_with_its_cause(subject):
    acknowledged(subject)
    [row] = acknowledgements_for(["AI-0001"])["AI-0001"]
    assert (row.rule, row.metric, row.period_end, row.cause) == (
        "CO-05",
        "repeat-contact",
        DAY,
        "A bank holiday.",
    )


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"cause": " "}, Invalid),
        ({"rule": ""}, Invalid),
        ({"metric": "none"}, Invalid),
        ({"period_end": dt.date(2026, 5, 5)}, Conflict),
    ],
)
def test_an_acknowledgement_names_cause_rule_metric_and_reading(subject, changes, refusal):
    with pytest.raises(refusal):
        acknowledged(subject, **changes)
    assert Acknowledgement.objects.count() == 0


def test_an_auditor_acknowledges_nothing(subject):
    with pytest.raises(Forbidden):
        acknowledge_signal(
            by=actor("auditor"),
            initiative=subject,
            metric="repeat-contact",
            rule="CO-05",
            period_end=DAY,
            cause="x",
        )
