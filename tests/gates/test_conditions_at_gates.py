"""A condition that executives set becomes a question of a gate: it is asked, answered and judged as any other."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from alignment_portal import clock
from alignment_portal.audit.guard import writes_allowed
from alignment_portal.audit.models import Entry
from alignment_portal.refusals import Conflict, Forbidden, Invalid, NotFound
from gates.selectors.expiring import endings_for
from gates.selectors.inbox import evidence_awaiting_review
from gates.selectors.judging import case_of, current_seen, judge
from gates.services.endorsements import endorse_gate
from gates.services.evidence import review_evidence
from initiatives.models import Initiative
from reviews.models import GateQuestion
from reviews.services.commitments import ask_at_gate, ask_no_more, make_commitment, settle_condition
from reviews.services.conclusions import conclude_review
from tests.factories.metrics import initiative
from tests.factories.reviews import agreed, review, stance
from tests.gates.scene import offered
from tests.people import CAST, actor, api, browser, everybody, person

pytestmark = pytest.mark.django_db
GATES = {"data_rights": "Data rights and access", "governance": "Governance controls"}
AGREEMENT = "EX-05"


@pytest.fixture(autouse=True)
def cast():
    everybody()


@pytest.fixture
def about():
    """Concluded, with one condition of the business executive that nobody met or promised."""
    found = review(initiative())
    stance(found, "executive", "agree_with_conditions", conditions=["Show the hours by group."])
    return conclude_review(
        by=actor("executive"), review=agreed(found, but=["executive"]), outcome="aligned"
    ).review


def asked(about, gate="governance", who="executive"):
    condition = about.conditions.get()
    ask_at_gate(by=actor(who), review=about, condition=condition.ref, gate=gate, gates=GATES)
    return condition.ref


def finding(code):
    return next((found for found in judge("AI-0001").findings if found.code == code), None)


def evidence_for(ref, **changes):
    row = Initiative.objects.get(key="AI-0001")
    return offered(row, question=ref, kind="document", title="Hours by group", **changes)


def answered(ref):
    item = evidence_for(ref)
    review_evidence(by=actor("assurer"), evidence=item, accepted=True, reason="It shows them.")
    return item


def test_the_gate_asks_it_until_evidence_is_accepted(about):
    ref = about.conditions.get().ref
    assert finding(ref) is None
    asked(about)
    found = finding(ref)
    assert (found.gate, found.severity, found.outcome) == ("governance", "blocker", "fail")
    assert found.reason == (
        "Nothing accepted shows that the condition “Show the hours by group” is met "
        "(needed: evidence of any kind, not older than 12 months)."
    )
    evidence_for(ref)
    assert "has waited for a reviewer" in finding(ref).reason
    answered(ref)
    assert [finding(code).outcome for code in (ref, AGREEMENT)] == ["pass", "pass"]


def test_it_counts_once(about):
    assert "neither met nor promised" in finding(AGREEMENT).reason
    ref = asked(about)
    assert (finding(AGREEMENT).outcome, finding(ref).outcome) == ("pass", "fail")
    assert "is asked at Governance controls" in finding(AGREEMENT).reason


def test_whoever_set_it_takes_it_back_and_may_have_it_asked_elsewhere(about):
    ref = asked(about)
    with pytest.raises(Forbidden, match="Only whoever set"):
        ask_no_more(by=actor("risk_executive"), review=about, condition=ref, reason="Too much.")
    with pytest.raises(Invalid, match="Say why"):
        ask_no_more(by=actor("executive"), review=about, condition=ref, reason=" ")
    ask_no_more(by=actor("executive"), review=about, condition=ref, reason="The wrong gate.")
    assert (finding(ref), finding(AGREEMENT).outcome) == (None, "fail")
    asked(about, gate="data_rights")
    assert finding(ref).gate == "data_rights"


def test_an_executive_without_a_part_in_the_review_cannot_have_it_asked():
    found = review(initiative(), people={"executive": "business"})
    stance(found, "executive", "agree_with_conditions", conditions=["Show the hours by group."])
    with pytest.raises(Forbidden):
        asked(found, who="technology_executive")


def test_a_condition_that_was_replaced_asks_nobody(about):
    found = review(initiative("AI-0002"))
    stance(found, "executive", "agree_with_conditions", conditions=["Show the hours by group."])
    replaced = found.conditions.get().ref
    agreed(found, but=["executive"])
    stance(found, "executive")
    with pytest.raises(Conflict, match="no longer stands"):
        ask_at_gate(by=actor("executive"), review=found, condition=replaced, gate="governance", gates=GATES)
    with pytest.raises(Conflict, match="no longer stands"):
        make_commitment(
            by=actor("executive"), review=found, condition=replaced, text="Show them.",
            owner=CAST["executive"].email, due_on=clock.now().date(),
        )  # fmt: skip


def test_whoever_set_it_may_still_say_that_it_is_met(about):
    ref = asked(about)
    settle_condition(by=actor("executive"), review=about, condition=ref, note="Shown on 3 May.")
    found = finding(ref)
    assert (found.outcome, found.reason.startswith("Whoever set it said on")) == ("pass", True)
    assert finding(AGREEMENT).outcome == "pass"


def test_an_endorsement_from_before_no_longer_covers_the_gate(about):
    before = current_seen(case_of("AI-0001"), "governance")
    ref = asked(about)
    row = Initiative.objects.get(key="AI-0001")
    with pytest.raises(Conflict, match="no longer what you saw"):
        endorse_gate(
            by=actor("risk_executive"), initiative=row, gate="governance", statement="Yes.", seen=before
        )
    now = current_seen(case_of("AI-0001"), "governance")
    with pytest.raises(Conflict) as refused:
        endorse_gate(
            by=actor("risk_executive"), initiative=row, gate="governance", statement="Yes.", seen=now
        )
    assert ref in str(refused.value.blockers)


def test_as_of_an_earlier_moment_it_was_not_asked(about):
    before = clock.now()
    ref = asked(about)
    then = {found.code for found in judge("AI-0001", before).findings}
    assert ref not in then
    assert ref in {found.code for found in judge("AI-0001").findings}


def test_reviewers_of_the_gate_and_nobody_else_find_the_evidence(about):
    item = evidence_for(asked(about))
    assert [row.ref for row in evidence_awaiting_review(actor("assurer"))] == [item.ref]
    assert list(evidence_awaiting_review(actor("change_assurer"))) == []
    with pytest.raises(Forbidden):
        review_evidence(by=actor("change_assurer"), evidence=item, accepted=True, reason="It shows them.")


def test_evidence_for_it_ends_after_a_year(about):
    item = answered(asked(about))
    ends = [
        ending.on
        for ending in endings_for(
            person("programme_manager").pk, Initiative.objects.all(), clock.now().date()
        )
        if ending.ref == item.ref
    ]
    assert ends == [item.observed_on + dt.timedelta(days=365)]


def test_a_condition_of_another_initiative_is_no_question_of_this_one(about):
    ref = asked(about)
    other = initiative("AI-0002")
    with pytest.raises(Invalid, match="cannot be submitted"):
        offered(other, question=ref, kind="document")


def test_asking_twice_changes_nothing_and_asking_elsewhere_is_refused(about):
    asked(about)
    asked(about)
    with pytest.raises(Conflict, match="another gate"):
        asked(about, gate="data_rights")
    assert GateQuestion.objects.count() == 1
    assert Entry.objects.filter(action="reviews.condition.asked").count() == 1


def test_a_gate_that_the_policy_does_not_have_is_refused(about):
    with pytest.raises(Invalid, match="no gate called nowhere"):
        asked(about, gate="nowhere")


def test_a_met_condition_is_not_asked(about):
    settle_condition(by=actor("executive"), review=about, condition=about.conditions.get().ref, note="Shown.")
    with pytest.raises(Conflict, match="met already"):
        asked(about)


def test_while_stances_are_sealed_not_even_whoever_set_it_can_have_it_asked():
    found = review(initiative())
    stance(found, "executive", "agree_with_conditions", conditions=["Show the hours by group."])
    with pytest.raises(Conflict, match="sealed"):
        asked(found)
    with pytest.raises(NotFound):
        asked(found, who="risk_executive")


def test_somebody_without_a_part_in_the_review_is_refused(about):
    with pytest.raises(Forbidden):
        asked(about, who="contributor")


def test_a_review_can_be_concluded_on_a_condition_that_a_gate_asks():
    found = review(initiative())
    stance(found, "executive", "agree_with_conditions", conditions=["Show the hours by group."])
    agreed(found, but=["executive"])
    ref = asked(found)
    conclude_review(by=actor("executive"), review=found, outcome="aligned")
    assert (finding(AGREEMENT).outcome, finding(ref).outcome) == ("pass", "fail")


def test_the_question_stays_as_it_was_asked(about):
    asked(about)
    for statement in ("UPDATE reviews_gatequestion SET gate = 'change'", "DELETE FROM reviews_gatequestion"):
        with (
            pytest.raises(IntegrityError),
            writes_allowed(),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


# --- through the doors -------------------------------------------------------------------------------------


def test_by_rest(about):
    ref = about.conditions.get().ref
    address = f"/api/v1/reviews/{about.ref}/conditions/{ref}/ask/"
    answer = api("executive").post(address, {"gate": "governance"}, format="json")
    assert (answer.status_code, answer.json()) == (
        200,
        {"ref": ref, "text": "Show the hours by group.", "gate": "governance"},
    )
    rows = api("auditor").get(f"/api/v1/reviews/{about.ref}/stances/").json()["results"]
    assert [condition["gate"] for row in rows for condition in row["conditions"]] == ["governance"]
    back = api("executive").post(
        address.replace("/ask/", "/take-back/"), {"reason": "The wrong gate."}, format="json"
    )
    assert (back.status_code, back.json()["gate"]) == (200, None)
    refused = api("executive").post(address, {"gate": "nowhere"}, format="json")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/gate")


def test_on_the_pages(about):
    client, ref = browser("executive"), about.conditions.get().ref
    assert "Ask it at a gate" in client.get(f"/reviews/{about.ref}/").content.decode()
    client.post(f"/reviews/{about.ref}/conditions/{ref}/ask/", {"gate": "governance"})
    page = client.get(f"/reviews/{about.ref}/").content.decode()
    assert "Asked at the gate Governance controls" in page
    assert "Ask it at a gate" not in page
    assert "Take it back from the gate" in page
    gate = browser("programme_manager").get("/initiatives/AI-0001/gates/governance/")
    question = next(one for one in gate.context["questions"] if one.rule.code == ref)
    assert (question.words, question.accepts) == ("Show the hours by group.", "Evidence of any kind")
    assert f"{CAST['executive'].name} agreed in {about.ref} on this condition." in gate.content.decode()
    form = browser("programme_manager").get(f"/initiatives/AI-0001/gates/governance/evidence/?question={ref}")
    assert form.status_code == 200
