"""The three parts: rated from 1 to 5, sealed apart from the trade-offs, and part of the conclusion."""

import pytest

from alignment_portal.refusals import Conflict, Invalid
from initiatives.services.dossiers import save_dossier
from reviews.models import Part, Stance
from reviews.selectors.blockers import blockers_of
from reviews.selectors.divergence import agenda_of
from reviews.selectors.reviews import reviews_for, visible_stances
from reviews.selectors.standings import standing_of
from reviews.services.conclusions import conclude_review
from reviews.services.stances import give_stance, reaffirm
from tests.factories.metrics import document_of
from tests.factories.reviews import ROLES, agreed, review, stance
from tests.people import CAST, actor

pytestmark = pytest.mark.django_db


def rate(about, who, part="change_load", rating=4, answer="agree", **values):
    return give_stance(by=actor(who), review=about, part=part, rating=rating, answer=answer, **values)


def rate_all(about, who, rating=4):
    for part in Part.values:
        rate(about, who, part, rating)


def parts_seen_by(who, about):
    return [row.user.email for row in visible_stances(actor(who), about).exclude(part="")]


def test_a_part_is_rated_and_a_change_of_mind_is_a_further_version():
    about = review()
    rate(about, "executive")
    rate(about, "executive", rating=2)
    assert list(Stance.objects.values_list("version", "rating")) == [(1, 4), (2, 2)]


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"rating": None}, "/rating"),
        ({"rating": 0}, "/rating"),
        ({"rating": 6}, "/rating"),
        ({"rating": 3, "answer": "abstain", "reason": "I was away."}, "/rating"),
        ({"part": "weather"}, "/part"),
        ({"part": ""}, "/trade_off"),
        ({"trade_off": "log-first"}, "/trade_off"),
    ],
)
def test_half_a_rating_is_refused_at_its_field(values, pointer):
    with pytest.raises(Invalid) as refused:
        rate(review(), "executive", **values)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]


def test_answering_the_trade_offs_does_not_open_the_parts():
    about = review()
    rate_all(about, "risk_executive")
    stance(about, "risk_executive")
    stance(about, "executive")
    assert standing_of(about).is_open_to(CAST["executive"].email)
    assert parts_seen_by("executive", about) == []
    rate_all(about, "executive")
    assert len(parts_seen_by("executive", about)) == 6


@pytest.mark.parametrize("who", ["administrator", "auditor"])
def test_nobody_sees_the_parts_before_everybody_rated_them(who):
    about = agreed(review())
    for name in ROLES:
        assert parts_seen_by(who, about) == []
        rate_all(about, name)
    assert len(parts_seen_by(who, about)) == 12


def test_the_verdict_does_not_give_a_sealed_part_away():
    about = agreed(review())
    rate(about, "technology_executive", rating=1, answer="disagree", reason="September is our peak.")
    row = reviews_for(["AI-0001"])["AI-0001"]
    assert {one.trade_off for one in row.stances} == {"log-first"}
    assert blockers_of(about, actor("executive")) == ()


def test_the_parts_need_not_be_rated_to_conclude():
    assert conclude_review(by=actor("executive"), review=agreed(review()), outcome="aligned").dissent == []


def test_whoever_has_not_rated_cannot_conclude_to_learn_what_others_said():
    about = agreed(review())
    rate(about, "technology_executive")
    with pytest.raises(Conflict, match="three parts"):
        conclude_review(by=actor("executive"), review=about, outcome="aligned")


def test_an_open_disagreement_on_a_part_blocks():
    about = agreed(review())
    rate_all(about, "executive")
    rate_all(about, "technology_executive")
    rate(about, "technology_executive", rating=1, answer="disagree", reason="September is our peak.")
    with pytest.raises(Conflict) as refused:
        conclude_review(by=actor("executive"), review=about, outcome="aligned")
    assert [blocker["code"] for blocker in refused.value.blockers] == ["disagreement_open"]
    assert "the change load" in refused.value.sentence


def test_a_hidden_disagreement_on_a_part_blocks_before_the_pre_read_ends():
    about = agreed(review(hours=1))
    rate(about, "executive", rating=1, answer="disagree", reason="September is our peak.")
    with pytest.raises(Conflict) as refused:
        conclude_review(by=actor("risk_executive"), review=about, outcome="aligned")
    assert [blocker["code"] for blocker in refused.value.blockers] == ["sealed"]


def test_parts_are_said_again_with_the_trade_offs():
    about = agreed(review())
    rate(about, "executive")
    document = document_of()
    document["initiative"]["scope"]["volume_share_limit"] = 0.5
    save_dossier(by=actor("programme_manager"), document=document)
    again = reaffirm(by=actor("executive"), review=about)
    assert [(row.point, row.rating, row.version) for row in again] == [
        ("log-first", None, 2), ("part:change_load", 4, 2),
    ]  # fmt: skip


def test_the_agenda_rates_the_parts_once_they_are_open():
    about = agreed(review())
    for who, rating in zip(ROLES, (5, 5, 4, 1), strict=True):
        rate_all(about, who, rating)
    first = agenda_of(standing_of(about), CAST["executive"].email)[0]
    assert (first.point, first.places) == ("part:outcome_chain", (1, 4, 5, 5))


def test_a_sealed_agenda_says_only_who_is_silent():
    about = review()
    stance(about, "risk_executive", "disagree")
    found = {row.point: row for row in agenda_of(standing_of(about), CAST["executive"].email)}
    assert (found["log-first"].answers, found["log-first"].consensus) == ({}, None)
    assert CAST["risk_executive"].email not in found["log-first"].silent
