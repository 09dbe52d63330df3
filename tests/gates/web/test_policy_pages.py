"""The policy as people read it, and putting another in force by two people."""

import pytest

from gates.models import PolicyVersion
from tests.gates import policy
from tests.people import browser

ROOT = "/settings/policy/"


def propose(who, text, reason="Evidence ages faster than we thought."):
    return browser(who).post(f"{ROOT}propose/", {"policy-text": text, "policy-reason": reason})


def test_everybody_reads_the_rules_with_their_numbers(initiative):
    page = browser("contributor").get(ROOT).context
    [first, *_] = page["gates"]
    assert (first.gate.title, first.rules[0].evidence) == (
        "Data rights",
        "Document, not older than 12 months.",
    )
    assert page["form"] is None


def test_a_proposal_shows_what_differs_and_whose_verdict_would(initiative):
    answer = propose("administrator", policy.text("9.2", fresh_days=30))
    page = browser("second_administrator").get(answer.headers["Location"]).context
    changed = {rule.code: [field.name for field in rule.fields] for rule in page["rules"]}
    assert changed == {code: ["Terms"] for code in ("DR-01", "GC-01", "ME-01", "ME-12", "CO-01")}
    [terms] = page["rules"][0].fields
    assert (terms.before, terms.after) == ("fresh days 365", "fresh days 30")
    assert (page["changed_count"], page["may_adopt"]) == (0, True)


def test_who_proposed_does_not_confirm(initiative):
    propose("administrator", policy.text("9.2"))
    assert browser("administrator").get(f"{ROOT}9.2/").context["is_own"] is True
    assert browser("administrator").post(f"{ROOT}9.2/adopt/").status_code == 403
    assert policy.current().version == "9.1"


def test_a_second_administrator_puts_it_in_force(initiative):
    propose("administrator", policy.text("9.2"))
    browser("second_administrator").post(f"{ROOT}9.2/adopt/")
    assert policy.current().version == "9.2"


def test_a_broken_policy_is_refused_with_its_lines(initiative):
    answer = propose(
        "administrator", policy.text("9.2").replace('check = "evidence.accepted"', 'check = "none"')
    )
    form = answer.context["form"]
    assert answer.status_code == 422
    assert form.errors["text"][0].startswith("Line ")
    assert form["reason"].value() == "Evidence ages faster than we thought."
    assert not PolicyVersion.objects.filter(version="9.2").exists()


@pytest.mark.parametrize("who", ["executive", "programme_manager", "assurer", "auditor"])
def test_others_propose_nothing(initiative, who):
    assert propose(who, policy.text("9.2")).status_code == 403


def test_an_unknown_version_is_not_found(initiative):
    assert browser("auditor").get(f"{ROOT}7.7/").status_code == 404
