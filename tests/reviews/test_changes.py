"""What changed since a stance, field by field; whom it concerns; and when an agreement has to be said again."""

import datetime as dt

import pytest

from alignment_portal import clock
from initiatives.services.dossiers import save_dossier
from portfolio.services.register import change_bottleneck, register_bottleneck
from reviews.selectors.changes import field_changes
from reviews.selectors.reviews import reaffirmations_owed_by, reviews_for
from reviews.services.conclusions import conclude_review
from reviews.services.opening import change_review, open_review
from reviews.services.stances import reaffirm
from reviews.services.trade_offs import propose_trade_off
from tests.factories.metrics import document_of
from tests.factories.reviews import agreed, review, stance
from tests.people import CAST, actor, api

pytestmark = pytest.mark.django_db


def save(change):
    document = document_of()
    change(document)
    save_dossier(by=actor("programme_manager"), document=document)


def widen(document):
    document["initiative"]["scope"]["volume_share_limit"] = 0.5


def shout(document):
    links = document["outcome_chain"]["links"]
    links[0]["mechanism"] = f"  {links[0]['mechanism'].upper()}!"


def concluded(**values):
    about = agreed(review(**values))
    conclude_review(by=actor("executive"), review=about, outcome="aligned")
    about.refresh_from_db()
    return about


def test_a_change_is_shown_field_by_field_with_whom_it_concerns():
    about = review()
    stance(about, "executive")
    save(widen)
    stance(about, "risk_executive")
    [change] = field_changes(about)
    assert (change.pointer, change.after, change.substance) == (
        "/initiative/scope/volume_share_limit",
        0.5,
        True,
    )
    assert change.affected == (CAST["executive"].email,)


def test_only_whoever_answered_before_the_change_is_asked_again():
    about = review()
    stance(about, "executive")
    save(widen)
    agreed(about, but=["executive"])
    stance_of = {row.person: row.stale for row in reviews_for(["AI-0001"])["AI-0001"].stances}
    assert [email for email, stale in stance_of.items() if stale] == [CAST["executive"].email]


def test_a_change_within_tolerance_asks_nobody_and_is_shown():
    about = concluded()
    save(shout)
    assert reviews_for(["AI-0001"])["AI-0001"].stale == ()
    [change] = field_changes(about)
    assert (change.substance, change.affected) == (False, ())


def test_a_tolerated_change_does_not_hide_one_of_substance():
    concluded()
    save(lambda document: (shout(document), widen(document)))
    assert reviews_for(["AI-0001"])["AI-0001"].stale == ("scope",)


def test_the_changes_can_be_read_by_rest():
    about = review()
    stance(about, "executive")
    save(widen)
    [row] = api("auditor").get(f"/api/v1/reviews/{about.ref}/changes/").json()["results"]
    assert (row["section"], row["before"] != row["after"]) == ("scope", True)


def test_a_portfolio_is_frozen_with_its_caps():
    legal = register_bottleneck(by=actor("executive"), code="legal", title="Legal", cap=2)
    about = portfolio_review()
    stance(about, "executive", trade_off="finish-first")
    change_bottleneck(by=actor("executive"), bottleneck=legal, changes={"cap": 3})
    [change] = field_changes(about)
    assert (change.pointer, change.before, change.after) == ("/bottlenecks/legal/cap", 2, 3)
    assert change.affected == (CAST["executive"].email,)


def portfolio_review():
    about = open_review(
        by=actor("executive"),
        subject=None,
        purpose="Finish before we start.",
        required_roles=["business"],
        policy_version="2026.1",
        pre_read_at=clock.now(),
        participants=[(CAST["executive"].email, "business")],
    )
    words = {"code": "finish-first", "choose": "finish what is begun", "accept": "later starts"}
    propose_trade_off(by=actor("executive"), review=about, **words)
    return change_review(by=actor("executive"), review=about, send=True)


# --- the period of the policy -------------------------------------------------------------------------------


def test_an_agreement_has_to_be_said_again_after_its_period():
    concluded(reaffirm_days=180)
    [row] = {one.affirmed_until for one in reviews_for(["AI-0001"])["AI-0001"].stances}
    assert row - clock.now() == pytest.approx(dt.timedelta(days=180), abs=dt.timedelta(minutes=1))


def test_without_a_period_it_holds():
    concluded()
    assert {one.affirmed_until for one in reviews_for(["AI-0001"])["AI-0001"].stances} == {None}
    assert reaffirmations_owed_by(actor("executive")) == []


def test_a_month_before_the_end_it_is_asked_for_and_saying_it_again_settles_it():
    about = concluded(reaffirm_days=20)
    [owed] = reaffirmations_owed_by(actor("executive"))
    assert (owed.review.ref, owed.changed) == (about.ref, False)
    [again] = reaffirm(by=actor("executive"), review=about)
    assert (again.version, again.origin.version) == (2, 1)


def test_a_changed_package_is_owed_a_reaffirmation_until_it_is_said():
    about = concluded()
    save(widen)
    assert [owed.changed for owed in reaffirmations_owed_by(actor("executive"))] == [True]
    reaffirm(by=actor("executive"), review=about)
    assert reaffirmations_owed_by(actor("executive")) == []
