"""A breach suspends what is scale-ready within one evaluation of the reading that shows it."""

import datetime as dt

import pytest

from alignment_portal import clock, dispatch
from alignment_portal.outbox.models import Event
from gates.models import Evaluation, StatusMove
from gates.services.policies import adopt_policy, propose_policy
from initiatives.services.dossiers import save_dossier
from tests.factories.initiatives import small_document
from tests.gates import policy
from tests.gates.scene import standing_at
from tests.people import actor, api, everybody

pytestmark = pytest.mark.django_db
WATCHED = """
[[rules]]
code = "CO-09"
gate = "operation"
severity = "suspender"
title = "The decision log is at least 98% complete"
why = "What is missing in the log is missing in every later answer."
remedy = "Repair the log: {what}."
good = "99.7% in the week to 5 June."
default_owner = "platform"
check = "watching.stays_above_floor"
[rules.params]
times = 1
floor = 0.98
intervals = 2
needs = [{ words = "completeness of the decision log", tags = ["decision_log_completeness"] }]
"""
LOG = {
    "code": "log",
    "title": "Decision log completeness",
    "layer": "operational",
    "unit": "share of decisions",
    "direction": "higher_better",
    "numerator": "complete entries",
    "denominator": "decisions",
    "cadence_days": 7,
    "tags": ["decision_log_completeness"],
}


def week(number, complete):
    end = clock.now().date() - dt.timedelta(weeks=number)
    return {
        "initiative": "AI-0001",
        "metric": "log",
        "period_start": str(end - dt.timedelta(days=6)),
        "period_end": str(end),
        "numerator": complete,
        "denominator": 420,
    }


def posted(*rows):
    answer = api("programme_manager", "observations").post(
        "/api/v1/observations/", {"observations": rows}, format="json"
    )
    assert answer.status_code == 201, answer.json()


@pytest.fixture
def running(db):
    """Scale-ready, live, and its decision log complete so far."""
    everybody()
    propose_policy(by=actor("administrator"), text=policy.text() + WATCHED, reason="For this test.")
    adopt_policy(by=actor("second_administrator"), version="9.1")
    people = {"owner": "priya@example.org", "sponsor": "eleanor@example.org", "team": ["callum@example.org"]}
    document = small_document(**people)
    live = {"code": "shop", "title": "Shop", "state": "live", "live_from": "2026-01-05", "horizon": "H1"}
    document |= {"metrics": [LOG], "deployments": [live]}
    initiative = save_dossier(by=actor("programme_manager"), document=document).initiative
    posted(week(1, 418))
    standing_at("scale_ready", initiative)
    dispatch.run_due()
    initiative.refresh_from_db()
    assert initiative.status == "scale_ready"
    return initiative


def test_a_breach_suspends_within_one_evaluation_of_the_reading_that_shows_it(running):
    before = Evaluation.objects.filter(initiative=running).count()
    posted(week(0, 407))
    [event] = Event.objects.filter(dispatched_at__isnull=True, name="metrics.readings_recorded")
    assert event.payload == {"keys": ["AI-0001"]}
    dispatch.run_due()
    running.refresh_from_db()
    assert running.status == "suspended"
    move = StatusMove.objects.filter(initiative=running).latest("id")
    assert "CO-09: Decision log completeness was 96.9%" in move.reason
    first = Evaluation.objects.filter(initiative=running).order_by("id")[before]
    assert (first.suspenders, move.evaluation_id) == (["CO-09"], first.pk)


def test_a_reading_that_holds_suspends_nothing(running):
    posted(week(0, 419))
    dispatch.run_due()
    running.refresh_from_db()
    assert running.status == "scale_ready"
