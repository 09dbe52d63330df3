import datetime as dt

import pytest

from alignment_portal import clock
from alignment_portal.audit.models import Entry
from alignment_portal.outbox.models import Event
from alignment_portal.refusals import Conflict, Forbidden, Invalid, NotFound
from initiatives.models import Initiative
from initiatives.selectors import current_dossier, incidents_at
from initiatives.services.operations import (
    change_deployment,
    close_incident,
    record_incident,
    register_deployment,
)
from initiatives.services.people import invite
from tests.initiatives.cast import AUDITOR, OWNER, SPONSOR, STRANGER, TEAM, actor, leave, saved

pytestmark = pytest.mark.usefixtures("people")
NOON = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)


def recorded(by=TEAM, **given):
    facts = {"initiative": saved(), "severity": 2, "title": "Wrong refunds promised"} | given
    return record_incident(by=actor(by), **facts)


def pointers(refusal):
    return [fault.pointer for fault in refusal.value.faults]


def test_an_incident_gets_a_reference_an_entry_and_an_event():
    incident = recorded(deployment="leeds")
    assert (incident.ref, incident.initiative.key, incident.closed_at) == ("IN-0001", "AI-0001", None)
    assert Entry.objects.get(action="initiatives.incident.record").subject == "IN-0001"
    assert Event.objects.filter(name="initiatives.incident_changed").get().payload == {"key": "AI-0001"}


def test_an_incident_and_its_closing_each_count_as_a_change_of_what_is_judged():
    incident = recorded()
    assert Initiative.objects.get().inputs_rev == 2
    close_incident(by=actor(TEAM), incident=incident, cause="A stale policy page.")
    assert Initiative.objects.get().inputs_rev == 3


def test_everything_wrong_with_an_incident_is_told_at_once():
    with pytest.raises(Invalid) as caught:
        recorded(severity=5, title=" ", deployment="york", opened_at=clock.now() + dt.timedelta(days=1))
    assert pointers(caught) == ["/severity", "/title", "/deployment", "/opened_at"]


@pytest.mark.parametrize("email", [AUDITOR, STRANGER])
def test_who_has_no_part_in_it_records_no_incident(email):
    with pytest.raises(Forbidden):
        recorded(by=email)


def test_an_executive_may_record_an_incident_anywhere():
    assert recorded(by=SPONSOR).ref == "IN-0001"


def test_an_incident_is_closed_once_and_with_a_cause():
    incident = recorded()
    with pytest.raises(Invalid) as caught:
        close_incident(
            by=actor(TEAM), incident=incident, cause="", closed_at=incident.opened_at - dt.timedelta(1)
        )
    assert pointers(caught) == ["/cause", "/closed_at"]
    close_incident(by=actor(TEAM), incident=incident, cause="A stale policy page.")
    with pytest.raises(Conflict, match="IN-0001 is closed already"):
        close_incident(by=actor(TEAM), incident=incident, cause="Again")


def test_incidents_are_told_as_they_were_known_at_a_moment():
    with clock.at_moment(NOON):
        incident = recorded()
    later = NOON + dt.timedelta(days=2)
    with clock.at_moment(later):
        close_incident(
            by=actor(TEAM), incident=incident, cause="Found", closed_at=NOON + dt.timedelta(hours=1)
        )
    known = {
        when: incidents_at(at=at).get("AI-0001", [])
        for when, at in {
            "before": NOON - dt.timedelta(1),
            "open": later - dt.timedelta(1),
            "closed": later,
        }.items()
    }
    assert known["before"] == []
    assert [row["closed_at"] for row in known["open"]] == [None]
    assert [row["closed_at"] for row in known["closed"]] == [NOON + dt.timedelta(hours=1)]


def test_a_deployment_is_added_to_the_dossier_and_changed_there():
    initiative = saved()
    register_deployment(by=actor(OWNER), initiative=initiative, deployment={"code": "york", "title": "York"})
    result = change_deployment(
        by=actor(OWNER),
        initiative=initiative,
        code="york",
        changes={"state": "live", "live_from": "2026-04-01"},
    )
    row = current_dossier(result.initiative).dossier.deployments[1]
    assert (row.code, row.title, row.state, row.live_from) == ("york", "York", "live", dt.date(2026, 4, 1))


def test_a_deployment_is_refused_at_its_place_in_the_document():
    with pytest.raises(Invalid) as caught:
        register_deployment(
            by=actor(OWNER),
            initiative=saved(),
            deployment={"code": "leeds", "volume_share": 5, "colour": "red"},
        )
    assert pointers(caught) == ["/deployments/1/code", "/deployments/1/colour", "/deployments/1/volume_share"]


def test_an_unknown_deployment_and_a_changed_code_are_refused():
    initiative = saved()
    with pytest.raises(NotFound):
        change_deployment(by=actor(OWNER), initiative=initiative, code="york", changes={})
    with pytest.raises(Invalid, match="The code of a deployment never changes"):
        change_deployment(by=actor(OWNER), initiative=initiative, code="leeds", changes={"code": "york"})


def test_contributors_do_not_change_deployments():
    with pytest.raises(Forbidden):
        change_deployment(by=actor(TEAM), initiative=saved(), code="leeds", changes={"state": "paused"})


def test_somebody_invited_sees_the_initiative_and_is_invited_once():
    initiative = saved()
    assert not Initiative.objects.visible_to(actor(STRANGER)).exists()
    for _ in range(2):
        invite(by=actor(OWNER), initiative=initiative, email=STRANGER.upper())
    assert Initiative.objects.visible_to(actor(STRANGER)).get() == initiative
    assert Entry.objects.filter(action="initiatives.person.invite").count() == 1


def test_nobody_who_left_is_invited():
    leave(STRANGER)
    with pytest.raises(Invalid, match="Nobody active in the portal"):
        invite(by=actor(OWNER), initiative=saved(), email=STRANGER)
