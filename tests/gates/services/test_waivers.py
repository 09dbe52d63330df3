from datetime import timedelta

import pytest

from alignment_portal import clock
from alignment_portal.refusals import Conflict, Forbidden, Invalid
from gates.models import Waiver
from gates.selectors.judging import judge
from gates.services.waivers import accept_waiver, decline_waiver, request_waiver, withdraw_waiver
from tests.factories.gates import EvidenceFactory
from tests.gates import policy
from tests.gates.scene import LEARNING, saved
from tests.people import actor, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_policy(db):
    policy.adopt()


@pytest.fixture
def initiative():
    return saved(**LEARNING)


def asked(initiative, rule="ME-01", days=30, who="programme_manager", **more):
    return request_waiver(
        by=actor(who),
        initiative=initiative,
        rule=rule,
        reason="The sample is small.",
        compensating_control="Shown as learning.",
        until=clock.now().date() + timedelta(days=days),
        **more,
    )


def accepted(waiver, who="risk_executive"):
    return accept_waiver(by=actor(who), waiver=waiver, reason="For this month.")


def outcome(rule="ME-01"):
    return next(finding.outcome for finding in judge("AI-0001").findings if finding.code == rule)


def code_of(kind, attempt):
    with pytest.raises(kind) as refused:
        attempt()
    return refused.value.code


def test_a_waiver_counts_once_an_executive_accepts_it(initiative):
    waiver = asked(initiative)
    assert outcome() == "fail"
    accepted(waiver)
    assert outcome() == "waived"


def test_a_declined_waiver_does_not_count(initiative):
    decline_waiver(by=actor("risk_executive"), waiver=asked(initiative), reason="Measure it.")
    assert outcome() == "fail"


def test_it_ends_by_itself_after_its_last_day(initiative):
    accepted(asked(initiative, days=10))
    begun = clock.now()
    with clock.at_moment(begun + timedelta(days=10)):
        assert outcome() == "waived"
    with clock.at_moment(begun + timedelta(days=11)):
        assert outcome() == "fail"


@pytest.mark.parametrize("days", [-1, 31])
def test_it_lasts_thirty_days_at_most_and_not_into_the_past(initiative, days):
    assert code_of(Invalid, lambda: asked(initiative, days=days)) == "waiver_too_long"


@pytest.mark.parametrize("rule", ["GC-01", "CO-01", "ME-12", "G0-01"])
def test_rules_that_cannot_be_waived_have_no_way_in(initiative, rule):
    assert code_of(Conflict, lambda: asked(initiative, rule)) == "not_waivable"
    assert Waiver.objects.count() == 0


@pytest.mark.parametrize("about", [{"horizon": "H2"}, {"scope": {"personal_data": "customers"}}])
def test_h1_waivers_are_for_h1_and_never_for_customers_data(about):
    row = saved(**LEARNING, **about)
    assert code_of(Conflict, lambda: asked(row, "DR-01")) == "not_waivable"


@pytest.mark.parametrize(
    "who", ["contributor", "assurer", "executive", "auditor", "administrator", "other_manager"]
)
def test_only_those_who_edit_ask(initiative, who):
    assert code_of(Forbidden, lambda: asked(initiative, who=who)) == "forbidden"


@pytest.mark.parametrize("who", ["programme_manager", "assurer", "auditor", "administrator"])
def test_only_executives_answer(initiative, who):
    waiver = asked(initiative)
    assert code_of(Forbidden, lambda: accepted(waiver, who)) == "forbidden"


def test_sponsor_and_submitter_do_not_answer(initiative):
    waiver = asked(initiative)
    assert code_of(Forbidden, lambda: accepted(waiver, "executive")) == "own_initiative"
    EvidenceFactory(initiative=initiative, question="ME-01", submitted_by=person("technology_executive"))
    assert code_of(Forbidden, lambda: accepted(waiver, "technology_executive")) == "own_evidence"


def test_it_is_answered_once_and_in_time(initiative):
    waiver = asked(initiative, days=3)
    with clock.at_moment(clock.now() + timedelta(days=4)):
        assert code_of(Conflict, lambda: accepted(waiver)) == "waiver_lapsed"
    accepted(waiver)
    assert code_of(Conflict, lambda: accepted(waiver)) == "already_answered"


def test_one_waits_at_a_time(initiative):
    asked(initiative)
    assert code_of(Conflict, lambda: asked(initiative)) == "waiver_waiting"


def test_it_is_renewed_once_and_never_begun_anew(initiative):
    first = asked(initiative)
    accepted(first)
    assert code_of(Conflict, lambda: asked(initiative)) == "waived_before"
    second = asked(initiative, renews=first)
    accepted(second)
    assert (second.renewals, outcome()) == (1, "waived")
    assert code_of(Conflict, lambda: asked(initiative, renews=second)) == "renewed_already"
    assert code_of(Conflict, lambda: asked(initiative, renews=first)) == "renewed_already"


def test_only_what_was_accepted_is_renewed(initiative):
    first = asked(initiative)
    decline_waiver(by=actor("risk_executive"), waiver=first, reason="No.")
    assert code_of(Conflict, lambda: asked(initiative, renews=first)) == "never_accepted"


def test_asker_and_answerer_may_withdraw_it(initiative):
    waiver = asked(initiative)
    accepted(waiver)
    assert (
        code_of(Forbidden, lambda: withdraw_waiver(by=actor("executive"), waiver=waiver, reason="No."))
        == "not_yours"
    )
    withdraw_waiver(by=actor("risk_executive"), waiver=waiver, reason="It went on too long.")
    assert outcome() == "fail"
