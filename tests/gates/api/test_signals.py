"""Signals over HTTP: listed with the rule they fail, acknowledged with a cause, closed by clean readings."""

import datetime as dt
import io

import pytest
from django.conf import settings
from django.core.management import call_command

from alignment_portal.accounts.actors import SYSTEM
from initiatives.models import Initiative
from metrics.services.observations import record_observations
from tests.people import api, everybody

pytestmark = pytest.mark.django_db
SIGNALS = "/api/v1/signals/"


@pytest.fixture
def bank(db):
    """The opening story as it stood on 3 April."""
    everybody()
    call_command("replay", settings.BASE_DIR / "demo" / "credit-limit-observations.csv", stdout=io.StringIO())
    return Initiative.objects.get(key="BANK-0001")


def listed(**asked):
    return api("executive", "read").get(SIGNALS, asked).json()["results"]


def test_a_signal_opens_is_acknowledged_with_a_cause_and_closes(bank):
    found = {signal["metric"]: signal for signal in listed() if signal["rule"] == "CO-05"}
    override = found["override-rate"]
    assert (override["initiative"], override["state"], override["suspends"]) == ("BANK-0001", "open", True)
    assert override["period_end"] == "2026-04-03"
    assert {signal["rule"] for signal in listed(state="open")} >= {
        "CO-02",
        "CO-05",
        "CO-06",
        "CO-09",
        "CO-10",
    }

    cause = {
        "metric": "override-rate",
        "rule": "CO-05",
        "period_end": "2026-04-03",
        "cause": "No override rule.",
    }
    answer = api("executive").post("/api/v1/initiatives/BANK-0001/signals/", cause, format="json")
    assert (answer.status_code, answer.json()["cause"]) == (201, "No override rule.")
    [known] = [signal for signal in listed(state="acknowledged") if signal["rule"] == "CO-05"]
    assert (known["cause"], known["suspends"]) == ("No override rule.", False)

    calm = [
        {
            "initiative": "BANK-0001",
            "metric": "override-rate",
            "period_start": str(start),
            "period_end": str(start + dt.timedelta(days=4)),
            "numerator": 57,
            "denominator": 420,
        }
        for start in (dt.date(2026, 4, 6), dt.date(2026, 4, 13))
    ]
    record_observations(by=SYSTEM, rows=calm)
    assert [signal for signal in listed() if signal["rule"] == "CO-05"] == []


@pytest.mark.parametrize("asked", [{"state": "shut"}, {"limit": "0"}, {"no": "x"}])
def test_an_unknown_question_is_refused(db, asked):
    everybody()
    assert api("executive", "read").get(SIGNALS, asked).status_code == 400


def test_a_portal_in_which_nothing_runs_has_no_signals(db):
    everybody()
    assert listed() == []
    assert api("executive", "read").get(SIGNALS, {"initiative": "AI-9999"}).status_code == 404
