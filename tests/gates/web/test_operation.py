"""Incidents and signals on the page of the gate for operation."""

import msgspec
import pytest

from gates.engine.facts import Acknowledgement
from gates.engine.view import View
from gates.selectors.signals import signals_of
from initiatives.models import Incident
from initiatives.services.operations import record_incident
from tests.gates.engine.builders import NOW, complete_facts
from tests.gates.engine.policies import policy
from tests.people import actor, browser

ROOT = "/initiatives/AI-0001"
GATE = f"{ROOT}/gates/operation/"


def incident(severity="1", title="Wrong limits sent"):
    return {"incident-title": title, "incident-severity": severity, "incident-deployment": ""}


def test_an_incident_is_recorded_and_shown_open(initiative):
    answer = browser("contributor").post(f"{ROOT}/incidents/", incident())
    assert answer.headers["Location"] == f"{GATE}#operation"
    [line] = browser("auditor").get(GATE).context["operation"].open
    assert (line.row.title, line.row.severity, line.form) == ("Wrong limits sent", 1, None)


def test_an_incident_without_a_severity_is_refused_and_its_words_are_kept(initiative):
    answer = browser("contributor").post(f"{ROOT}/incidents/", incident(severity=""))
    form = answer.context["operation"].form
    assert (answer.status_code, form["title"].value(), list(form.errors)) == (
        422,
        "Wrong limits sent",
        ["severity"],
    )
    assert Incident.objects.count() == 0


def test_an_incident_is_closed_with_its_cause(initiative):
    row = record_incident(
        by=actor("programme_manager"), initiative=initiative, severity=2, title="Log is full"
    )
    closing = f"{ROOT}/incidents/{row.ref}/close/"
    assert browser("contributor").post(closing, {f"close-{row.ref}-cause": " "}).status_code == 422
    browser("contributor").post(closing, {f"close-{row.ref}-cause": "No rotation."})
    row.refresh_from_db()
    assert (row.cause, row.closed_at is not None) == ("No rotation.", True)


@pytest.mark.parametrize("who", ["auditor", "administrator"])
def test_who_only_reads_records_nothing(initiative, who):
    assert browser(who).post(f"{ROOT}/incidents/", incident()).status_code == 403
    assert browser(who).get(GATE).context["operation"].form is None


def test_a_cause_for_a_metric_that_does_not_exist_is_refused(initiative):
    data = {"signal-nothing-metric": "nothing", "signal-nothing-rule": "CO-05", "signal-nothing-period_end": "2026-06-01", "signal-nothing-cause": "A campaign."}  # fmt: skip
    answer = browser("contributor").post(f"{ROOT}/signals/nothing/", data)
    assert answer.status_code == 422
    assert answer.context["refused"].errors["metric"] == ["AI-0001 has no metric nothing."]


# --- which signals are open --------------------------------------------------------------------------------


def facts_with_a_jump():
    """Overrides more than double in the last week."""
    facts = complete_facts()
    return msgspec.structs.replace(facts, series=tuple(_jumped(one) for one in facts.series))


def _jumped(series):
    if series.metric != "override-rate":
        return series
    last = msgspec.structs.replace(series.readings[-1], value=0.4, numerator=168)
    return msgspec.structs.replace(series, readings=(*series.readings[:-1], last))


def test_a_steady_rate_shows_no_signal():
    assert signals_of(View(policy(), complete_facts(), NOW)) == []


def test_a_rate_beyond_its_limits_waits_for_a_cause():
    [signal] = signals_of(View(policy(), facts_with_a_jump(), NOW))
    assert (signal.metric, signal.rule, signal.is_late) == ("override-rate", "CO-05", False)
    assert signal.due == NOW.date().replace(day=19)


def test_a_written_cause_settles_the_signal():
    facts = facts_with_a_jump()
    [signal] = signals_of(View(policy(), facts, NOW))
    cause = Acknowledgement(
        rule=signal.rule,
        metric=signal.metric,
        by="a@b.c",
        at=NOW,
        cause="A campaign.",
        period_end=signal.period_end,
    )
    explained = msgspec.structs.replace(facts, acknowledgements=(cause,))
    [known] = signals_of(View(policy(), explained, NOW))
    assert (known.state, known.cause, known.stops) == ("acknowledged", "A campaign.", False)
