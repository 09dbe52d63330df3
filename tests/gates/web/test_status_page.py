"""Where an initiative is and may go, through the pages."""

import pytest

from alignment_portal import clock
from gates.models import Reinstatement, StatusMove
from gates.services.evidence import withdraw_evidence
from initiatives.models import Initiative
from tests.gates.scene import answered, brought_to, judged, standing_at, submitted
from tests.people import actor, browser

ROOT = "/initiatives/AI-0001"
STATUS = f"{ROOT}/status/"


def ways(who):
    return {way.to: way for way in browser(who).get(STATUS).context["ways"]}


def move(who, to, reason="The package carries it."):
    return browser(who).post(f"{STATUS}move/", {f"move-{to}-to": to, f"move-{to}-reason": reason})


def status():
    return Initiative.objects.get().status


def test_a_draft_says_what_the_dossier_still_lacks(initiative):
    way = ways("programme_manager")["in_review"]
    assert way.form is None
    assert "Say what leads to what in the outcome chain." in [one.sentence for one in way.missing]


def test_a_move_the_verdict_forbids_lists_what_stands_in_the_way(initiative):
    submitted(initiative)
    answer = move("executive", "aligned")
    refused = answer.context["refused"]
    assert answer.status_code == 409
    assert [blocker["code"] for blocker in refused.blockers] == ["DR-01", "GC-01", "ME-01", "ME-12", "G0-01"]
    assert status() == "in_review"


def test_the_page_names_the_same_blockers_before_anybody_tries(initiative):
    submitted(initiative)
    way = ways("executive")["learning_only"]
    assert ([one.code for one in way.missing], way.form) == (["DR-01", "GC-01", "G0-01"], None)


def test_an_executive_moves_what_the_verdict_allows(initiative):
    brought_to("learning_only", initiative)
    submitted(initiative)
    way = ways("executive")["learning_only"]
    assert (way.missing, way.form is not None) == ((), True)
    assert move("executive", "learning_only").headers["Location"] == STATUS
    assert status() == "learning_only"
    assert browser("auditor").get(STATUS).context["last"].reason == "The package carries it."


def test_a_move_without_a_reason_comes_back(initiative):
    brought_to("learning_only", initiative)
    submitted(initiative)
    answer = move("executive", "learning_only", reason=" ")
    assert (answer.status_code, status()) == (422, "in_review")
    assert answer.context["invalid"].errors["reason"] == ["This field is required."]


@pytest.mark.parametrize("who", ["programme_manager", "assurer", "auditor", "administrator"])
def test_only_executives_decide(initiative, who):
    brought_to("learning_only", initiative)
    submitted(initiative)
    assert move(who, "learning_only").status_code == 403
    assert (ways(who)["learning_only"].form, status()) == (None, "in_review")


def test_two_people_lift_a_suspension(initiative):
    items = standing_at("learning_only", initiative)
    withdraw_evidence(by=actor("programme_manager"), evidence=items["GC-01"], reason="The log was wrong.")
    judged(initiative)
    assert status() == "suspended"
    answered(initiative, "GC-01")
    manager = browser("programme_manager")
    assert manager.get(STATUS).context["reinstatement"].propose_form is not None
    manager.post(
        f"{STATUS}reinstatement/",
        {
            "propose-to": "learning_only",
            "propose-gate": "measurement",
            "propose-root_cause": "A wrong sample.",
            "propose-remedy": "Drawn anew.",
        },
    )
    proposal = Reinstatement.objects.get()
    shown = manager.get(STATUS).context["reinstatement"]
    assert shown.why_not == "You proposed this. A second person, an executive, confirms it."
    answer = browser("executive").post(
        f"{STATUS}reinstatement/{proposal.pk}/", {"confirm-reason": "The cause is gone."}
    )
    assert answer.status_code == 409
    assert [one["code"] for one in answer.context["refused"].blockers] == ["ME-01", "ME-12", "G0-01"]
    endorse_again(initiative)
    browser("executive").post(
        f"{STATUS}reinstatement/{proposal.pk}/", {"confirm-reason": "The cause is gone."}
    )
    assert (status(), StatusMove.objects.first().reinstatement) == ("learning_only", proposal)


def endorse_again(initiative):
    gate = f"{ROOT}/gates/governance/"
    executive = browser("risk_executive")
    seen = executive.get(gate).context["panel"].seen
    executive.post(f"{gate}endorse/", {"endorse-seen": seen, "endorse-statement": "Looked at it again."})


# --- the verdict in full -----------------------------------------------------------------------------------


def test_the_verdict_page_groups_findings_and_proves_the_way_on(initiative):
    page = browser("auditor").get(f"{ROOT}/verdict/").context
    assert [(group.gate.code, group.failing) for group in page["groups"]] == [
        ("data_rights", 1),
        ("governance", 1),
        ("endorsement", 1),
        ("measurement", 2),
    ]
    assert (page["said"].target, page["said"].proven) == ("learning_only", True)
    assert {deed.deed.split()[0] for deed in page["deeds"]} == {"Submit", "Name", "Endorse"}


def test_the_filter_shows_what_is_met(initiative):
    answered(initiative, "DR-01")
    groups = browser("auditor").get(f"{ROOT}/verdict/?show=passing").context["groups"]
    codes = [line.code for group in groups for line in group.lines]
    assert codes == ["DR-01"]


def test_the_verdict_as_of_a_day_is_judged_from_what_was_known(initiative):
    early = clock.now()
    answered(initiative, "DR-01")
    then = browser("auditor").get(f"{ROOT}/verdict/", {"at": early.isoformat(), "show": "passing"})
    assert then.context["groups"] == []
    assert then.context["verdict"].judged_at == early


def test_a_day_that_is_none_is_said_to_be_none(initiative):
    page = browser("auditor").get(f"{ROOT}/verdict/?at=yesterday")
    assert (page.status_code, page.context["fault"]) == (
        200,
        "“yesterday” is no day. Write it as 2026-06-30.",
    )


def test_a_day_before_the_initiative_was_opened_says_so_and_judges_now(initiative):
    page = browser("auditor").get(f"{ROOT}/verdict/?at=2001-01-01")
    assert page.context["fault"] == "There was no initiative AI-0001 then."
    assert page.context["at"].at is None


@pytest.mark.parametrize(
    "day", ["9999-12-31", "0001-01-01", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"]
)
def test_the_first_and_the_last_day_there_is_are_answered(initiative, day):
    assert browser("auditor").get(f"{ROOT}/verdict/", {"at": day}).status_code == 200
