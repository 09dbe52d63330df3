import pytest
from django.db import IntegrityError

from alignment_portal.audit.guard import writes_allowed
from alignment_portal.audit.models import Entry
from alignment_portal.refusals import Conflict, Forbidden, Invalid
from initiatives.services.dossiers import save_dossier
from reviews.models import Stance
from reviews.selectors.reviews import reviews_for, visible_stances
from reviews.selectors.standings import standing_of
from reviews.services.conclusions import conclude_review
from reviews.services.participants import invite_participant, remove_participant
from reviews.services.stances import reaffirm
from reviews.services.trade_offs import change_trade_off, propose_trade_off, withdraw_trade_off
from tests.factories.metrics import document_of
from tests.factories.reviews import ROLES, TRADE_OFF, agreed, review, stance
from tests.people import CAST, actor

pytestmark = pytest.mark.django_db


def seen_by(who, about):
    return sorted(row.user.email for row in visible_stances(actor(who), about))


def test_the_trade_offs_of_the_dossier_are_proposed():
    assert standing_of(review()).trade_offs == (TRADE_OFF,)


@pytest.mark.parametrize("who", ["executive", "administrator", "auditor", "programme_manager"])
def test_nobody_sees_anothers_stance_before_giving_their_own(who):
    about = review()
    stance(about, "risk_executive")
    assert seen_by(who, about) == []


def test_having_answered_is_not_enough_before_the_pre_read_ends():
    about = review(hours=1)
    stance(about, "risk_executive")
    stance(about, "executive")
    assert seen_by("executive", about) == [CAST["executive"].email]


def test_who_answered_everything_sees_the_others_after_the_pre_read():
    about = review()
    stance(about, "risk_executive")
    stance(about, "executive")
    assert seen_by("executive", about) == [CAST["executive"].email, CAST["risk_executive"].email]


def test_an_answer_to_one_of_two_trade_offs_opens_nothing():
    about = review()
    propose_trade_off(by=actor("executive"), review=about, code="speed", choose="speed", accept="cost")
    stance(about, "risk_executive")
    stance(about, "executive")
    assert seen_by("executive", about) == [CAST["executive"].email]


def test_others_see_stances_once_everybody_answered():
    about = agreed(review())
    assert len(seen_by("auditor", about)) == len(ROLES)


def test_a_change_of_mind_is_kept_beside_the_first_word_and_says_that_others_were_seen():
    about = agreed(review())
    stance(about, "executive", "disagree")
    rows = Stance.objects.filter(user__email=CAST["executive"].email).order_by("version")
    assert [(row.answer, row.sealed) for row in rows] == [("agree", True), ("disagree", False)]


def test_the_same_answer_again_is_no_new_version():
    about = review()
    assert stance(about, "executive").pk == stance(about, "executive").pk


def test_the_audit_record_holds_no_word_of_a_stance():
    about = review()
    stance(about, "executive", "disagree", reason="We lose the summer.")
    kept = Entry.objects.get(action="reviews.stance.given").payload
    assert "disagree" not in kept
    assert "summer" not in kept


def test_the_judge_is_not_told_a_sealed_stance():
    about = review()
    stance(about, "executive", "disagree")
    row = reviews_for(["AI-0001"])["AI-0001"]
    assert (row.state, row.stances, row.present) == ("meeting", (), {CAST["executive"].email})


def test_a_newcomer_who_could_see_the_others_is_not_sealed():
    about = agreed(
        review(people={who: role for who, role in ROLES.items() if who != "executive"}), but=["executive"]
    )
    invite_participant(by=actor("executive"), review=about, email=CAST["executive"].email, role="business")
    assert stance(about, "executive").sealed is False


@pytest.mark.parametrize(
    ("answer", "values", "pointer"),
    [
        ("disagree", {"reason": " "}, "/reason"),
        ("abstain", {"reason": ""}, "/reason"),
        ("agree_with_conditions", {"conditions": [" "]}, "/conditions"),
        ("agree", {"conditions": ["Show the hours."]}, "/conditions"),
        ("agree", {"commits": True, "will_do": "Help."}, "/will_do"),
        ("perhaps", {}, "/answer"),
    ],
)
def test_an_incomplete_stance_is_refused_at_its_field(answer, values, pointer):
    about = review()
    with pytest.raises(Invalid) as refusal:
        stance(about, "executive", answer, **values)
    assert [fault.pointer for fault in refusal.value.faults] == [pointer]


def test_somebody_who_was_not_invited_gives_no_stance():
    about = review(people={"risk_executive": "risk_legal"})
    with pytest.raises(Forbidden, match="do not take part"):
        stance(about, "executive")


@pytest.mark.parametrize("who", ["programme_manager", "administrator", "assurer", "auditor"])
def test_only_executives_give_stances(who):
    about = review()
    with pytest.raises(Forbidden):
        stance(about, who)


def test_a_stance_on_a_withdrawn_trade_off_is_refused():
    about = review()
    withdraw_trade_off(by=actor("executive"), review=about, code=TRADE_OFF, reason="Settled otherwise.")
    with pytest.raises(Conflict, match="withdrawn"):
        stance(about, "executive")


def test_a_stance_before_sending_is_refused():
    with pytest.raises(Conflict, match="drafted"):
        stance(review(send=False), "executive")


def test_a_stance_after_the_conclusion_is_refused():
    about = agreed(review())
    conclude_review(by=actor("executive"), review=about, outcome="aligned")
    with pytest.raises(Conflict, match="concluded"):
        stance(about, "executive", "disagree")


def test_who_was_taken_off_gives_no_more_stances():
    about = review()
    remove_participant(
        by=actor("executive"), review=about, email=CAST["risk_executive"].email, reason="Moved on."
    )
    with pytest.raises(Forbidden):
        stance(about, "risk_executive")


def test_an_answered_trade_off_is_not_reworded():
    about = review()
    change_trade_off(by=actor("executive"), review=about, code=TRADE_OFF, changes={"because": "It is safer."})
    stance(about, "risk_executive")
    with pytest.raises(Conflict, match="words stand"):
        change_trade_off(
            by=actor("executive"), review=about, code=TRADE_OFF, changes={"because": "Who cares."}
        )


@pytest.mark.parametrize("who", ["assurer", "programme_manager"])
def test_only_executives_who_do_not_write_the_dossier_are_invited(who):
    about = review()
    with pytest.raises(Invalid):
        invite_participant(by=actor("executive"), review=about, email=CAST[who].email, role="business")


def test_a_changed_package_makes_stances_stale_until_they_are_given_again():
    about = agreed(review())
    conclude_review(by=actor("executive"), review=about, outcome="aligned")
    document = document_of()
    document["metrics"][0]["target"]["effect"] = -0.9
    save_dossier(by=actor("programme_manager"), document=document)
    stale = reviews_for(["AI-0001"])["AI-0001"]
    assert (stale.stale, {row.stale for row in stale.stances}) == (("metrics",), {True})
    for who in ROLES:
        reaffirm(by=actor(who), review=about)
    fresh = reviews_for(["AI-0001"])["AI-0001"]
    assert (fresh.stale, {row.stale for row in fresh.stances}) == ((), {False})
    assert fresh.fingerprint != stale.fingerprint


def test_re_affirming_keeps_what_was_settled():
    about = review()
    stance(about, "executive", "agree_with_conditions", conditions=["Show the hours."])
    document = document_of()
    document["metrics"][0]["target"]["effect"] = -0.9
    save_dossier(by=actor("programme_manager"), document=document)
    [again] = reaffirm(by=actor("executive"), review=about)
    agreed(about, but=["executive"])
    [condition] = reviews_for(["AI-0001"])["AI-0001"].conditions
    assert (again.version, condition.text) == (2, "Show the hours.")


def test_nothing_is_re_affirmed_that_was_not_said():
    with pytest.raises(Conflict, match="nothing to re-affirm"):
        reaffirm(by=actor("executive"), review=review())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE reviews_stance SET answer = 'agree'",
        "DELETE FROM reviews_stance",
        "UPDATE reviews_reviewtradeoff SET choose = 'nothing'",
        "DELETE FROM reviews_review",
    ],
)
def test_the_database_keeps_what_was_said(statement):
    stance(review(), "executive", "disagree")
    from django.db import connection, transaction  # noqa: PLC0415 — app ready

    with pytest.raises(IntegrityError), writes_allowed(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
