import datetime as dt

import pytest

from alignment_portal import clock
from alignment_portal.audit.guard import writes_allowed
from alignment_portal.outbox.models import Event
from alignment_portal.refusals import Conflict, Forbidden, Invalid, NotFound
from gates.selectors.judging import judge
from initiatives.models import Cluster
from initiatives.services.dossiers import save_dossier
from reviews.models import Review
from reviews.selectors.blockers import blockers_of
from reviews.selectors.reviews import reviews_for
from reviews.selectors.standings import standing_of
from reviews.services.commitments import make_commitment, meet_commitment, settle_condition
from reviews.services.conclusions import conclude_review
from reviews.services.opening import change_review, lapse_review
from reviews.services.participants import remove_participant
from reviews.services.trade_offs import withdraw_trade_off
from tests.factories.metrics import document_of, initiative
from tests.factories.reviews import ROLES, TRADE_OFF, agreed, review, stance
from tests.people import CAST, actor, everybody

pytestmark = pytest.mark.django_db
TOMORROW = clock.wall().date() + dt.timedelta(days=1)


def conclude(about, outcome="aligned", who="executive", **values):
    return conclude_review(by=actor(who), review=about, outcome=outcome, **values)


def refused(about, **values):
    with pytest.raises(Conflict) as refusal:
        conclude(about, **values)
    return [blocker["code"] for blocker in refusal.value.blockers]


def test_a_review_in_which_all_agree_is_concluded_as_aligned():
    about = agreed(review())
    conclude(about)
    row = reviews_for(["AI-0001"])["AI-0001"]
    assert (row.state, row.outcome, row.stale, len(row.stances)) == ("concluded", "aligned", (), 4)
    assert row.fingerprint


def test_a_missing_required_stance_blocks():
    about = review()
    stance(about, "executive")
    stance(about, "risk_executive")
    assert refused(about) == ["quorum", "stance_missing", "stance_missing"]


def test_a_required_role_that_nobody_holds_blocks():
    about = agreed(review(people={"executive": "business"}), but=[who for who in ROLES if who != "executive"])
    assert refused(about) == ["role_missing"] * 3


def test_an_open_required_disagreement_blocks_and_names_who():
    about = agreed(review(), but=["technology_executive"])
    stance(about, "technology_executive", "disagree")
    [blocker] = blockers_of(about, actor("executive"))
    assert (blocker.code, blocker.who) == ("disagreement_open", (CAST["technology_executive"].email,))
    assert refused(about) == ["disagreement_open"]


def test_who_disagrees_and_commits_does_not_block_and_is_kept_verbatim():
    about = agreed(review(), but=["technology_executive"])
    stance(about, "technology_executive", "disagree", commits=True, will_do="Staff the rota.")
    [dissent] = conclude(about).dissent
    assert (dissent["reason"], dissent["will_do"]) == ("We lose the summer.", "Staff the rota.")


def test_an_abstaining_required_role_blocks():
    about = agreed(review(), but=["technology_executive"])
    stance(about, "technology_executive", "abstain")
    assert refused(about) == ["stance_abstained"]


def test_before_the_pre_read_ends_a_refusal_does_not_tell_who_disagreed():
    about = agreed(review(hours=1), but=["technology_executive"])
    stance(about, "technology_executive", "disagree")
    assert refused(about) == ["sealed"]


def test_somebody_who_has_not_answered_cannot_conclude_to_learn_what_others_said():
    about = agreed(review(), but=["executive"])
    with pytest.raises(Conflict, match="sealed"):
        conclude(about, who="executive")


def test_a_package_changed_under_the_review_blocks():
    about = agreed(review())
    document = document_of()
    document["initiative"]["scope"]["volume_share_limit"] = 0.5
    save_dossier(by=actor("programme_manager"), document=document)
    assert refused(about) == ["stance_stale"] * 4


def test_a_review_without_trade_offs_cannot_be_aligned():
    about = review()
    withdraw_trade_off(by=actor("executive"), review=about, code=TRADE_OFF, reason="Settled otherwise.")
    assert "no_trade_off" in refused(about)


def test_not_aligned_is_said_openly_and_needs_words():
    about = agreed(review(), but=["technology_executive"])
    stance(about, "technology_executive", "disagree")
    with pytest.raises(Invalid, match="why"):
        conclude(about, "not_aligned")
    assert (
        conclude(about, "not_aligned", statement="We are split on summer.").dissent[0]["answer"] == "disagree"
    )


def test_a_review_is_concluded_once():
    about = agreed(review())
    conclude(about)
    with pytest.raises(Conflict, match="concluded"):
        conclude(about)


@pytest.mark.parametrize("who", ["programme_manager", "administrator", "auditor"])
def test_only_executives_conclude(who):
    with pytest.raises(Forbidden):
        conclude(agreed(review()), who=who)


def test_the_review_before_stands_until_the_next_is_concluded():
    first = agreed(review())
    conclude(first)
    second = review()
    assert reviews_for(["AI-0001"])["AI-0001"].ref == first.ref
    conclude(agreed(second))
    assert reviews_for(["AI-0001"])["AI-0001"].ref == second.ref


def test_the_past_is_told_as_it_was():
    about = agreed(review())
    before = clock.now()
    conclude(about)
    assert reviews_for(["AI-0001"], before)["AI-0001"].outcome == ""


def test_a_review_of_a_cluster_holds_for_its_initiatives():
    initiative()
    initiative("AI-0002")
    about = review(Cluster.objects.get(code="contact-centre"), send=True)
    for code in ("ai-0001.log-first", "ai-0002.log-first"):
        for who in ROLES:
            stance(about, who, trade_off=code)
    conclude(about)
    found = reviews_for(None)
    assert {key: (row.ref, row.outcome) for key, row in found.items()} == {
        "AI-0001": (about.ref, "aligned"),
        "AI-0002": (about.ref, "aligned"),
    }


def test_the_judge_reads_any_number_of_reviews_in_the_same_queries(django_assert_num_queries):
    conclude(agreed(review()))
    with django_assert_num_queries(14):
        reviews_for(None)
    conclude(agreed(review(initiative("AI-0002", document_of("AI-0002", cluster=None)))))
    with django_assert_num_queries(14):
        reviews_for(None)


def test_a_condition_is_settled_by_whoever_set_it():
    about = review()
    given = stance(about, "executive", "agree_with_conditions", conditions=["Show the hours."])
    ref = given.conditions.get().ref
    agreed(about, but=["executive"])
    with pytest.raises(Forbidden):
        settle_condition(by=actor("risk_executive"), review=about, condition=ref, note="Done.")
    settle_condition(by=actor("executive"), review=about, condition=ref, note="Shown on 3 May.")
    assert reviews_for(["AI-0001"])["AI-0001"].conditions[0].met_at is not None


def test_a_sealed_condition_is_unknown_to_others():
    about = review()
    given = stance(about, "executive", "agree_with_conditions", conditions=["Show the hours."])
    with pytest.raises(NotFound):
        make_commitment(
            by=actor("risk_executive"),
            review=about,
            text="Show them.",
            owner=CAST["risk_executive"].email,
            due_on=TOMORROW,
            condition=given.conditions.get().ref,
        )


def test_a_commitment_answers_a_condition_and_is_kept_by_its_owner():
    about = review()
    given = stance(about, "executive", "agree_with_conditions", conditions=["Show the hours."])
    agreed(about, but=["executive"])
    promised = make_commitment(
        by=actor("risk_executive"),
        review=about,
        text="Show them.",
        owner=CAST["risk_executive"].email,
        due_on=TOMORROW,
        condition=given.conditions.get().ref,
    )
    row = reviews_for(["AI-0001"])["AI-0001"]
    assert [(c.owner, c.due_on, c.met_at) for c in row.conditions] == [
        (CAST["risk_executive"].email, TOMORROW, None)
    ]
    assert {s.resolved for s in row.stances if s.answer == "agree_with_conditions"} == {True}
    with pytest.raises(Forbidden):
        meet_commitment(by=actor("technology_executive"), review=about, commitment=promised.ref, note="Done.")
    meet_commitment(by=actor("risk_executive"), review=about, commitment=promised.ref, note="Shown.")
    assert reviews_for(["AI-0001"])["AI-0001"].conditions[0].met_at is not None


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"due_on": dt.date(2020, 1, 1)}, "/due_on"),
        ({"due_on": dt.date(9999, 12, 31)}, "/due_on"),
        ({"owner": "nobody@example.org"}, "/owner"),
        ({"text": ""}, "/text"),
    ],
)
def test_an_empty_promise_is_refused(values, pointer):
    about = review()
    given = {"text": "Fund it.", "owner": CAST["executive"].email, "due_on": TOMORROW, **values}
    with pytest.raises(Invalid) as refusal:
        make_commitment(by=actor("executive"), review=about, **given)
    assert refusal.value.faults[0].pointer == pointer


def test_a_promise_is_due_within_five_years():
    about, last = review(), clock.now().date() + dt.timedelta(days=1827)
    given = {"by": actor("executive"), "review": about, "text": "Fund it.", "owner": CAST["executive"].email}
    assert make_commitment(**given, due_on=last).due_on == last
    with pytest.raises(Invalid, match="A promise is due within five years"):
        make_commitment(**given, due_on=last + dt.timedelta(days=1))


def test_the_seal_is_not_shortened_while_somebody_is_missing():
    about = review(hours=5)
    with pytest.raises(Conflict, match="put off"):
        change_review(by=actor("executive"), review=about, changes={"pre_read_at": clock.now()})
    agreed(about)
    assert (
        change_review(by=actor("executive"), review=about, changes={"pre_read_at": clock.now()}).pre_read_at
        <= clock.now()
    )


def test_a_review_is_not_sent_without_deadline_or_people():
    everybody()
    about = review(people={}, send=False)
    with pytest.raises(Conflict, match="Invite"):
        change_review(by=actor("executive"), review=about, send=True)


def test_a_lapsed_review_takes_nothing_more():
    about = review()
    lapse_review(by=actor("executive"), review=about, reason="Nobody came.")
    with pytest.raises(Conflict, match="lapsed"):
        stance(about, "executive")


def test_only_the_team_or_an_executive_opens_a_review():
    about = review()
    with pytest.raises(Forbidden):
        change_review(by=actor("other_manager"), review=about, changes={"purpose": "Mine."})
    assert (
        change_review(by=actor("programme_manager"), review=about, changes={"purpose": "Ours."}).purpose
        == "Ours."
    )


def test_every_change_counts_on_the_initiative_and_is_announced():
    about = review()
    subject = about.initiative
    subject.refresh_from_db()
    before, told = subject.inputs_rev, Event.objects.filter(name="reviews.review_changed").count()
    stance(about, "executive")
    subject.refresh_from_db()
    assert subject.inputs_rev == before + 3  # the package, the stance, and the review's version
    assert Event.objects.filter(name="reviews.review_changed").count() == told + 1


# --- what ends a review early or without a reason ------------------------------------------------------------


def test_taking_off_whoever_is_silent_does_not_end_the_seal_early():
    about = agreed(review(hours=24), but=["technology_executive"])
    remove_participant(
        by=actor("executive"), review=about, email=CAST["technology_executive"].email, reason="Away."
    )
    with pytest.raises(Conflict, match="only after the pre-read"):
        conclude(about, outcome="not_aligned", statement="We part.")
    with writes_allowed():
        Review.objects.filter(pk=about.pk).update(pre_read_at=clock.now())
    conclude(about, outcome="not_aligned", statement="Technology was not heard.")


def test_letting_it_lapse_opens_nothing_before_the_pre_read_ends():
    about = agreed(review(hours=24))
    lapse_review(by=actor("executive"), review=about, reason="Another day.")
    assert not standing_of(about).is_open_to_all()
    assert standing_of(about, clock.now() + dt.timedelta(days=2)).is_open_to_all()


def test_where_everybody_agrees_nobody_ends_it_as_not_aligned():
    about = agreed(review())
    with pytest.raises(Conflict, match="nothing is missing"):
        conclude(about, outcome="not_aligned", statement="I would rather not.")
    conclude(about)


def test_a_lapsed_conclusion_asks_for_a_new_review():
    about = agreed(review())
    conclude(about)
    lapse_review(by=actor("executive"), review=about, reason="Overtaken.")
    found = next(f for f in judge("AI-0001").findings if f.code == "EX-01")
    assert "has lapsed" in found.reason
    assert found.moves[0].deed == "Open a new alignment review"
