"""Endorsing a gate on exactly what was seen, and exceptions to its rules, through the pages."""

from datetime import timedelta

import pytest

from alignment_portal import clock
from gates.models import Endorsement, EndorsementWithdrawal, Waiver, WaiverAnswer, WaiverWithdrawal
from gates.services.waivers import request_waiver
from tests.factories.gates import EvidenceFactory, ReviewFactory
from tests.gates.scene import answered, endorsed, offered
from tests.people import actor, browser, person

ROOT = "/initiatives/AI-0001"
GATE = f"{ROOT}/gates/data_rights/"


def panel(who):
    return browser(who).get(GATE).context["panel"]


def endorse(who, seen, statement="I stand behind it."):
    return browser(who).post(f"{GATE}endorse/", {"endorse-seen": seen, "endorse-statement": statement})


def test_an_executive_endorses_what_the_page_showed(initiative):
    item = answered(initiative, "DR-01")
    shown = panel("risk_executive")
    assert [(ground.ref, ground.version) for ground in shown.grounds] == [(item.ref, 1)]
    answer = endorse("risk_executive", shown.seen)
    assert answer.headers["Location"] == f"{GATE}#endorsement"
    assert panel("auditor").standing[0].refs == f"{item.ref} v1"


def test_evidence_that_changed_meanwhile_asks_to_look_again_and_keeps_the_statement(initiative):
    item = answered(initiative, "DR-01")
    seen = panel("risk_executive").seen
    replacement = answered(initiative, "DR-01", supersedes=item)
    answer = endorse("risk_executive", seen, "I read all of it.")
    again = answer.context["panel"]
    assert answer.status_code == 409
    assert again.form["statement"].value() == "I read all of it."
    assert again.form["seen"].value() == again.seen != seen
    assert [ground.ref for ground in again.grounds] == [replacement.ref]
    assert Endorsement.objects.count() == 0


def test_who_may_not_endorse_is_told_why(initiative):
    assert panel("programme_manager").why_not == "Endorsing is for an executive."
    assert panel("risk_executive").why_not == "It can be endorsed once DR-01 is answered."


def test_an_open_gate_cannot_be_endorsed(initiative):
    answer = endorse("risk_executive", panel("risk_executive").seen)
    assert (answer.status_code, Endorsement.objects.count()) == (409, 0)


def test_nobody_endorses_what_they_submitted(initiative):
    item = EvidenceFactory(initiative=initiative, submitted_by=person("risk_executive"))
    ReviewFactory(evidence=item)
    shown = panel("risk_executive")
    assert shown.why_not == (
        f"You submitted {item.ref}, which this gate rests on. Another executive must endorse it."
    )
    assert endorse("risk_executive", shown.seen).status_code == 403


@pytest.mark.parametrize("who", ["programme_manager", "assurer", "auditor", "administrator"])
def test_others_are_refused(initiative, who):
    answered(initiative, "DR-01")
    assert endorse(who, panel("risk_executive").seen).status_code == 403


def test_an_endorsement_is_withdrawn_by_who_gave_it(initiative):
    answered(initiative, "DR-01")
    given = endorsed(initiative, "data_rights")
    data = {f"unendorse-{given.ref}-reason": "I had not seen the annex."}
    assert browser("executive").post(f"{ROOT}/endorsements/{given.ref}/withdraw/", data).status_code == 403
    browser("risk_executive").post(f"{ROOT}/endorsements/{given.ref}/withdraw/", data)
    assert EndorsementWithdrawal.objects.get().endorsement == given
    assert panel("auditor").former[0].fallen_because == "Withdrawn: I had not seen the annex."


# --- waivers -----------------------------------------------------------------------------------------------


def ask(rule="DR-01", days=20, **changes):
    words = {
        "rule": rule,
        "renews": "",
        "reason": "The memo is late.",
        "compensating_control": "No customer data is used.",
        "until": (clock.now().date() + timedelta(days=days)).isoformat(),
        **changes,
    }
    return {f"waive-{rule}-{name}": value for name, value in words.items()}


def waiver(initiative):
    return request_waiver(
        by=actor("programme_manager"),
        initiative=initiative,
        rule="DR-01",
        reason="The memo is late.",
        compensating_control="No customer data is used.",
        until=clock.now().date() + timedelta(days=20),
    )


def test_a_manager_asks_for_a_waiver_within_its_terms(initiative):
    answer = browser("programme_manager").post(f"{ROOT}/rules/DR-01/waiver/", ask())
    assert answer.headers["Location"] == f"{GATE}#question-DR-01"
    assert Waiver.objects.get().rule == "DR-01"


def test_a_waiver_that_is_too_long_is_refused_at_its_date(initiative):
    answer = browser("programme_manager").post(f"{ROOT}/rules/DR-01/waiver/", ask(days=31))
    form = answer.context["questions"][0].waiver.form
    assert answer.status_code == 422
    assert form.errors["until"][0].endswith("30 days at most.")
    assert form["reason"].value() == "The memo is late."


def test_a_rule_that_cannot_be_waived_has_no_form_and_no_way_in(initiative):
    page = browser("programme_manager").get(f"{ROOT}/gates/governance/")
    assert page.context["questions"][0].waiver is None
    answer = browser("programme_manager").post(f"{ROOT}/rules/GC-01/waiver/", ask("GC-01"))
    assert (answer.status_code, Waiver.objects.count()) == (409, 0)


def test_an_executive_who_is_not_involved_answers(initiative):
    row = waiver(initiative)
    data = {f"answer-{row.ref}-decision": "accept", f"answer-{row.ref}-reason": "It is safe until then."}
    browser("risk_executive").post(f"{ROOT}/waivers/{row.ref}/answer/", data)
    assert WaiverAnswer.objects.get().accepted is True
    question = browser("auditor").get(GATE).context["questions"][0]
    assert (question.mark, question.waiver.lines[0].state) == ("waived", "waived")


def test_the_sponsor_is_told_that_another_executive_answers(initiative):
    row = waiver(initiative)
    line = browser("executive").get(GATE).context["questions"][0].waiver.lines[0]
    assert line.why_not == "You sponsor this initiative. Another executive must answer it."
    data = {f"answer-{row.ref}-decision": "accept", f"answer-{row.ref}-reason": "Fine."}
    assert browser("executive").post(f"{ROOT}/waivers/{row.ref}/answer/", data).status_code == 403


def test_who_asked_may_take_it_back(initiative):
    row = waiver(initiative)
    data = {f"unwaive-{row.ref}-reason": "The memo came."}
    browser("programme_manager").post(f"{ROOT}/waivers/{row.ref}/withdraw/", data)
    assert WaiverWithdrawal.objects.get().waiver == row


def test_a_waiver_keeps_an_address_of_its_own(initiative):
    row = waiver(initiative)
    offered(initiative, kind="document")
    answer = browser("auditor").get(f"{ROOT}/waivers/{row.ref}/")
    assert answer.headers["Location"] == f"{GATE}#{row.ref}"
