"""What was agreed reaches the judge: the rules of the alignment gate pass on a concluded review and on no other."""

import pytest

from gates.selectors.judging import judge
from initiatives.services.dossiers import save_dossier
from reviews.services.conclusions import conclude_review
from tests.factories.metrics import document_of, initiative
from tests.factories.reviews import agreed, review, stance
from tests.people import actor

pytestmark = pytest.mark.django_db


def outcomes():
    findings = judge("AI-0001").findings
    return {finding.code: finding.outcome for finding in findings if finding.gate == "alignment"}


def test_without_a_review_nothing_is_agreed():
    initiative()
    assert set(outcomes().values()) == {"fail"}


def test_a_concluded_review_passes_every_rule_of_the_gate():
    conclude_review(by=actor("executive"), review=agreed(review()), outcome="aligned")
    assert set(outcomes().values()) == {"pass"}


def test_a_changed_package_fails_again():
    conclude_review(by=actor("executive"), review=agreed(review()), outcome="aligned")
    document = document_of()
    document["outcome_chain"]["links"][0]["mechanism"] = "Something else."
    save_dossier(by=actor("programme_manager"), document=document)
    assert [code for code, outcome in outcomes().items() if outcome == "fail"] == ["EX-04"]


def test_a_condition_nobody_took_on_fails():
    about = review()
    stance(about, "executive", "agree_with_conditions", conditions=["Show the hours."])
    conclude_review(by=actor("executive"), review=agreed(about, but=["executive"]), outcome="aligned")
    assert [code for code, outcome in outcomes().items() if outcome == "fail"] == ["EX-05"]
