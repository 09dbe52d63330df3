import pytest

from alignment_portal.accounts.services import deactivate_person
from alignment_portal.audit.models import Entry
from alignment_portal.refusals import Conflict, Forbidden, Invalid, NotFound
from gates.models import Endorsement
from gates.selectors.judging import case_of, current_seen, judge
from gates.services.endorsements import endorse_gate, withdraw_endorsement
from gates.services.evidence import review_evidence, withdraw_evidence
from tests.factories.gates import EvidenceFactory, ReviewFactory
from tests.gates import policy
from tests.gates.scene import LEARNING, answered, endorsed, offered, saved
from tests.people import actor, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_policy(db):
    policy.adopt()


@pytest.fixture
def initiative():
    return saved(**LEARNING)


def endorsement_findings(key="AI-0001"):
    finding = next(finding for finding in judge(key).findings if finding.code == "G0-01")
    return {item.label: item.ok for item in finding.items}


def refused(initiative, kind, who="risk_executive", *, gate="data_rights", seen=None, statement="Yes."):
    seen = current_seen(case_of(initiative.key), gate) if seen is None else seen
    with pytest.raises(kind) as caught:
        endorse_gate(by=actor(who), initiative=initiative, gate=gate, statement=statement, seen=seen)
    return caught.value.code


def test_an_endorsement_names_the_evidence_it_rests_on(initiative):
    item = answered(initiative, "DR-01")
    given = endorsed(initiative, "data_rights")
    assert (given.ref, given.by.email) == ("EN-0001", "rafael@example.org")
    assert [row.evidence for row in given.rests_on.all()] == [item]
    assert endorsement_findings() == {"Data rights": True, "Governance": False}
    assert Entry.objects.first().action == "gates.endorsement.give"


@pytest.mark.parametrize("who", ["programme_manager", "contributor", "assurer", "auditor", "administrator"])
def test_only_executives_endorse(initiative, who):
    answered(initiative, "DR-01")
    assert refused(initiative, Forbidden, who) == "forbidden"


def test_an_executive_who_left_does_not_endorse(initiative):
    answered(initiative, "DR-01")
    endorsed(initiative, "data_rights")
    deactivate_person(by=actor("administrator"), person=person("risk_executive"), reason="Left.")
    assert endorsement_findings()["Data rights"] is False
    assert refused(initiative, Forbidden) == "forbidden"


def test_what_was_seen_must_be_what_is_there(initiative):
    answered(initiative, "DR-01")
    assert refused(initiative, Conflict, seen="0" * 64) == "evidence_changed"


def test_a_gate_with_open_questions_is_not_endorsed(initiative):
    offered(initiative, kind="document")
    assert refused(initiative, Conflict) == "gate_incomplete"


def test_nobody_endorses_what_they_submitted_a_version_of(initiative):
    first = EvidenceFactory(initiative=initiative, submitted_by=person("risk_executive"), kind="document")
    second = EvidenceFactory(initiative=initiative, first=first, supersedes=first, version=2, kind="document")
    ReviewFactory(evidence=second)
    assert refused(initiative, Forbidden) == "own_evidence"
    assert endorsed(initiative, "data_rights", "executive").pk


def test_a_gate_that_is_not_endorsed_or_not_there_is_refused(initiative):
    assert refused(initiative, Conflict, gate="measurement", seen="x") == "gate_not_endorsed"
    assert refused(initiative, NotFound, gate="moon", seen="x") == "gate_unknown"


def test_it_needs_words(initiative):
    answered(initiative, "DR-01")
    assert refused(initiative, Invalid, statement=" ") == "required"


def test_saying_yes_twice_is_one_endorsement(initiative):
    answered(initiative, "DR-01")
    assert endorsed(initiative, "data_rights") == endorsed(initiative, "data_rights")
    assert endorsed(initiative, "data_rights", "executive").ref == "EN-0002"


def test_it_falls_when_the_evidence_changes_and_nothing_is_deleted(initiative):
    item = answered(initiative, "DR-01")
    endorsed(initiative, "data_rights")
    newer = offered(initiative, supersedes=item, kind="document", title="A newer memo")
    review_evidence(by=actor("legal_assurer"), evidence=newer, accepted=True, reason="Good.")
    assert endorsement_findings()["Data rights"] is False
    assert Endorsement.objects.count() == 1


def test_evidence_added_beside_it_leaves_it_standing(initiative):
    answered(initiative, "DR-01")
    endorsed(initiative, "data_rights")
    other = answered(initiative, "DR-01", "contributor", title="Another memo")
    assert endorsement_findings()["Data rights"] is True
    withdraw_evidence(by=actor("contributor"), evidence=other, reason="Not needed.")
    assert endorsement_findings()["Data rights"] is True


def test_only_its_giver_withdraws_it(initiative):
    answered(initiative, "DR-01")
    given = endorsed(initiative, "data_rights")
    with pytest.raises(Forbidden):
        withdraw_endorsement(by=actor("executive"), endorsement=given, reason="No.")
    gone = withdraw_endorsement(by=actor("risk_executive"), endorsement=given, reason="I was wrong.")
    assert withdraw_endorsement(by=actor("risk_executive"), endorsement=given, reason="Again.") == gone
    assert endorsement_findings()["Data rights"] is False
