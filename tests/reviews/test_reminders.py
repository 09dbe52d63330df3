"""What was agreed and promised comes back: on Home, and in the portfolio."""

import datetime as dt

import pytest

from alignment_portal import clock
from alignment_portal.pages.turns import turns_of
from initiatives.services.dossiers import save_dossier
from reviews.selectors.promises import kept_by_function
from reviews.services.commitments import make_commitment, meet_commitment
from reviews.services.conclusions import conclude_review
from tests.factories.metrics import document_of
from tests.factories.reviews import agreed, review
from tests.people import CAST, actor, browser, everybody

pytestmark = pytest.mark.django_db


def promised(days, owner="risk_executive"):
    """A promise made so long ago that it is due in so many days from now."""
    everybody()
    about = agreed(review())
    conclude_review(by=actor("executive"), review=about, outcome="aligned")
    due = clock.now().date() + dt.timedelta(days=days)
    with clock.at_moment(clock.now() - dt.timedelta(days=30)):
        return make_commitment(
            by=actor("executive"), review=about, text="Staff the rota.", owner=CAST[owner].email, due_on=due
        )


def waiting(who, code):
    return [move for turn in turns_of(actor(who), None) if turn.code == code for move in turn.moves]


def test_an_overdue_promise_leads_its_owner_to_it():
    row = promised(-1)
    [move] = waiting("risk_executive", "promises")
    assert (row.ref in move.deed, move.href.endswith(f"#{row.ref}"), move.late) == (True, True, True)
    assert waiting("executive", "promises") == []


@pytest.mark.parametrize(("days", "shown"), [(14, 1), (15, 0)])
def test_a_promise_is_told_of_two_weeks_before_it_is_due(days, shown):
    promised(days)
    assert len(waiting("risk_executive", "promises")) == shown


def test_a_promise_that_was_kept_waits_no_more():
    row = promised(-1)
    meet_commitment(by=actor("risk_executive"), review=row.review, commitment=row.ref, note="Done.")
    assert waiting("risk_executive", "promises") == []


def test_the_portfolio_shows_what_is_overdue_and_only_that():
    promised(-1)
    page = browser("executive").get("/portfolio/").content.decode()
    assert ("1 promise is overdue" in page, "Staff the rota." in page) == (True, True)


def test_the_portfolio_is_silent_where_nothing_is_overdue():
    promised(0)
    assert "overdue" not in browser("executive").get("/portfolio/").content.decode()


def test_a_changed_package_waits_for_those_who_agreed_on_the_one_before():
    everybody()
    conclude_review(by=actor("executive"), review=agreed(review()), outcome="aligned")
    document = document_of()
    document["initiative"]["scope"]["volume_share_limit"] = 0.5
    save_dossier(by=actor("programme_manager"), document=document)
    [move] = waiting("executive", "reaffirm")
    assert "the package changed" in move.deed
    assert waiting("auditor", "reaffirm") == []


def test_promises_are_counted_by_function_as_kept_late_overdue_and_open():
    row = promised(-1)
    assert [(one.overdue, one.share_on_time) for one in kept_by_function(actor("executive"))] == [(1, 0.0)]
    meet_commitment(by=actor("risk_executive"), review=row.review, commitment=row.ref, note="Done.")
    [late] = kept_by_function(actor("executive"))
    assert (late.function, late.on_time, late.late, late.overdue, late.open) == ("risk", 0, 1, 0, 0)
    page = browser("executive").get("/portfolio/").content.decode()
    assert "Promises kept, by function" in page


def test_a_promise_kept_by_its_day_counts_and_one_to_come_does_not():
    row = promised(5)
    assert [one.share_on_time for one in kept_by_function(actor("executive"))] == [None]
    meet_commitment(by=actor("risk_executive"), review=row.review, commitment=row.ref, note="Done.")
    assert [one.share_on_time for one in kept_by_function(actor("executive"))] == [1.0]


def test_who_may_not_see_a_review_sees_nothing_of_its_promises():
    promised(-1)
    assert kept_by_function(actor("other_manager")) == []
