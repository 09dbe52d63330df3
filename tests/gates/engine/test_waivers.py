"""When an exception covers a rule, and when it does not."""

import datetime as dt

import msgspec
import pytest

from gates.engine.facts import Waiver
from tests.gates.engine.builders import TODAY, complete_facts, endorsements, finding, judge, moment
from tests.gates.engine.cutting import cut
from tests.gates.engine.dossiers import at

SHORT_TEST = [{"path": "dossier.metrics[handling-time].comparison.end_on", "to": "2026-04-05"}]
NO_CLEARANCE = [{"path": "evidence[DR-01]", "drop": True}]
NO_CUSTOMERS = [{"path": "dossier.initiative.scope.personal_data", "to": "none"}]


def waiver(**changes):
    accepted_on = TODAY - dt.timedelta(days=5)
    given = Waiver(
        ref="WV-0001",
        rule="ME-04",
        reason="Peak season",
        compensating_control="Weekly look",
        requested_by=at("pam.manager"),
        accepted_by=at("eva.risk"),
        accepted_at=moment(accepted_on),
        until=accepted_on + dt.timedelta(days=30),
        horizon="H1",
    )
    return msgspec.structs.replace(given, **changes)


def waived(changes, *waivers):
    return msgspec.structs.replace(cut(complete_facts(), changes), waivers=waivers)


def test_a_waiver_in_force_covers_the_rule_and_says_by_whom_and_until_when():
    found = finding(waived(SHORT_TEST, waiver()), "ME-04")
    assert (found.outcome, found.waiver, found.reason) == (
        "waived",
        "WV-0001",
        (
            "A/B test for Handling time: 7 days are planned (needed: at least 14 days); "
            "accepted by Eva Risk until 10 July 2026 because Peak season."
        ),
    )


def test_a_waived_limiter_does_not_hold_the_verdict():
    assert judge(waived(SHORT_TEST, waiver())).level == "scale_ready"


def test_the_verdict_lapses_with_the_waiver_at_the_latest():
    found = finding(waived(SHORT_TEST, waiver()), "ME-04")
    assert found.lapses_at == dt.datetime(2026, 7, 11, tzinfo=dt.UTC)


FAULTS = [
    ({"accepted_by": None, "accepted_at": None}, "nobody accepted it"),
    ({"accepted_by": at("pam.manager")}, "no executive"),
    ({"requested_by": at("eva.risk")}, "asked for it"),
    ({"until": TODAY - dt.timedelta(days=1)}, "ended"),
    ({"until": TODAY + dt.timedelta(days=26)}, "longer than 30 days"),
    ({"renewals": 2}, "renewed twice"),
    ({"withdrawn_at": moment(TODAY)}, "withdrawn"),
    ({"horizon": "H2"}, "for another horizon"),
]


@pytest.mark.parametrize("changes", [c for c, _ in FAULTS], ids=[words for _, words in FAULTS])
def test_a_waiver_with_a_fault_covers_nothing(changes):
    assert finding(waived(SHORT_TEST, waiver(**changes)), "ME-04").outcome == "fail"


def test_a_waiver_holds_through_its_last_day():
    last = waiver(until=TODAY)
    assert finding(waived(SHORT_TEST, last), "ME-04").outcome == "waived"


def test_one_renewal_is_allowed():
    assert finding(waived(SHORT_TEST, waiver(renewals=1)), "ME-04").outcome == "waived"


def test_an_executive_who_submitted_the_evidence_cannot_accept_its_absence():
    changes = [
        *NO_CUSTOMERS,
        {"path": "evidence[DR-01].state", "to": "rejected"},
        {"path": "evidence[DR-01].touched_by", "to": [at("eva.risk")]},
    ]
    assert finding(waived(changes, waiver(rule="DR-01")), "DR-01").outcome == "fail"


def test_a_feasibility_question_can_be_waived_in_h1_without_customers_data():
    facts = waived([*NO_CLEARANCE, *NO_CUSTOMERS], waiver(rule="DR-01"))
    assert finding(facts, "DR-01").outcome == "waived"


def test_a_feasibility_question_cannot_be_waived_where_customers_data_is_concerned():
    facts = waived(NO_CLEARANCE, waiver(rule="DR-01"))
    assert (finding(facts, "DR-01").outcome, finding(facts, "G0-02").reason) == (
        "fail",
        (
            "WV-0001 is relied on for “data rights and access are cleared, for training and for use” but does not hold: "
            "it cannot be waived where customers' personal data is concerned."
        ),
    )


def test_a_feasibility_question_cannot_be_waived_beyond_h1():
    beyond = {"path": "dossier.initiative.horizon", "to": "H2"}
    facts = waived([*NO_CLEARANCE, *NO_CUSTOMERS, beyond], waiver(rule="DR-01", horizon="H2"))
    assert finding(facts, "DR-01").outcome == "fail"


@pytest.mark.parametrize(
    "code", ["NN-01", "NN-02", "NN-03", "GC-01", "OW-01", "CI-01", "OC-01", "EX-01", "AR-04"]
)
def test_what_can_never_be_waived_is_not_waived(code):
    facts = waived(
        [{"path": "dossier.outcome_chain", "to": {}}, {"path": "review", "to": None}], waiver(rule=code)
    )
    facts = msgspec.structs.replace(
        facts, evidence=(), dossier=msgspec.structs.replace(facts.dossier, deployments=())
    )
    assert "waived" not in {f.outcome for f in judge(facts).findings if f.code == code}


def test_a_lapsed_waiver_of_a_rule_that_is_met_again_does_no_harm():
    assert judge(waived([], waiver(until=TODAY - dt.timedelta(days=1)))).level == "scale_ready"


def test_an_endorsement_given_under_a_waiver_stands_when_the_evidence_arrives():
    bare = cut(complete_facts(), [*NO_CLEARANCE, *NO_CUSTOMERS])
    under = msgspec.structs.replace(bare, waivers=(waiver(rule="DR-01"),))
    endorsed = msgspec.structs.replace(under, endorsements=endorsements(under))
    arrived = msgspec.structs.replace(endorsed, evidence=complete_facts().evidence)
    assert [finding(facts, "G0-01").outcome for facts in (endorsed, arrived)] == ["pass", "pass"]
