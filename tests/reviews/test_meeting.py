"""Around the meeting, by REST and on pages: invitation, divergence, the wall, proposals, deputies, the portfolio."""

import datetime as dt
from types import SimpleNamespace

import msgspec
import pytest
from icalendar import Calendar

from alignment_portal import clock
from initiatives.dossier.document import Dossier
from portfolio.selectors.register import BottleneckRow
from reviews.models import Review, Stance
from reviews.selectors.proposals import implied_by, proposals_for
from reviews.services.commitments import make_commitment
from reviews.services.opening import change_review, lapse_review
from reviews.services.trade_offs import propose_trade_off, withdraw_trade_off
from reviews.web.opinions import Line, title_of
from tests.factories.metrics import document_of, initiative
from tests.factories.reviews import ROLES, TRADE_OFF, agreed, review, stance
from tests.people import CAST, actor, api, browser, everybody

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def people(db):
    everybody()


def call(who, about, path):
    return api(who).get(f"/api/v1/reviews/{about.ref}/{path}/")


# --- the invitation -----------------------------------------------------------------------------------------


def events(about, who="executive"):
    answer = browser(who).get(f"/reviews/{about.ref}/invitation.ics")
    assert answer.headers["Content-Type"].startswith("text/calendar")
    return Calendar.from_ical(answer.content).walk("VEVENT")


def test_the_dates_of_a_review_go_into_a_calendar():
    meets = clock.now() + dt.timedelta(days=3)
    pre_read, meeting = events(review(hours=24, meeting_at=meets))
    assert meeting.decoded("dtstart") == meets.replace(microsecond=0)
    assert len(meeting["attendee"]) == len(ROLES)
    assert meeting["organizer"] == f"mailto:{CAST['executive'].email}"
    assert pre_read["uid"] != meeting["uid"]


def test_a_review_that_lapsed_is_cancelled_in_calendars():
    about = review(hours=24, meeting_at=clock.now() + dt.timedelta(days=3))
    lapse_review(by=actor("executive"), review=about, reason="Postponed.")
    assert {str(event["status"]) for event in events(about)} == {"CANCELLED"}


def test_a_review_without_dates_has_no_invitation():
    about = review(send=False)
    change_review(by=actor("executive"), review=about, changes={"pre_read_at": None})
    answer = call("executive", about, "invitation")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_dates")


# --- divergence ---------------------------------------------------------------------------------------------


def test_the_map_says_what_to_discuss_first():
    about = agreed(review(), but=["technology_executive"])
    stance(about, "technology_executive", "disagree")
    body = call("executive", about, "divergence").json()
    first = body["agenda"][0]
    assert (first["point"], first["place"], first["reasons"]) == (TRADE_OFF, 1, ["range"])
    assert first["consensus"] == pytest.approx(0.188722, abs=1e-6)
    assert {cell["person"] for cell in body["map"]} == {CAST[who].email for who in ROLES}


@pytest.mark.parametrize(
    ("reasons", "told"),
    [
        ([()], "Nothing has to be discussed: opinions lie close together."),
        ([("range",)], "There is one point, and it has to be discussed: Point 0"),
        ([("range",), ()], "1 of 2 points has to be discussed, first: Point 0"),
        ([(), ("range",), ("range",)], "2 of 3 points have to be discussed, first: Point 1"),
    ],
)
def test_the_title_of_the_map_counts_no_point_against_itself(reasons, told):
    lines = [
        Line(f"p{n}", f"Point {n}", is_part=False, found=SimpleNamespace(reasons=why), why="", silent="")
        for n, why in enumerate(reasons)
    ]
    assert title_of(lines) == told


def test_a_sealed_map_shows_the_readers_own_answer_alone():
    about = review(hours=1)
    stance(about, "executive")
    stance(about, "risk_executive", "disagree")
    body = call("executive", about, "divergence").json()
    assert [cell["person"] for cell in body["map"]] == [CAST["executive"].email]
    assert [row["answers"] for row in body["agenda"]] == [[]] * 4


def test_a_map_that_did_not_change_is_not_sent_again():
    about = agreed(review())
    client, path = api("executive"), f"/api/v1/reviews/{about.ref}/divergence/"
    tag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    stance(about, "executive", "disagree")
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


# --- the wall -----------------------------------------------------------------------------------------------


def test_the_wall_moves_with_the_stances_and_only_then():
    about = agreed(review())
    client, path = browser("executive"), f"/reviews/{about.ref}/live/"
    tag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    stance(about, "technology_executive", "disagree")
    moved = client.get(path, headers={"If-None-Match": tag})
    assert (moved.status_code, "answers lie far apart" in moved.content.decode()) == (200, True)


@pytest.mark.parametrize("path", ["projector/", "live/"])
def test_the_wall_shows_nothing_that_is_sealed_to_whoever_opened_it(path):
    about = review(hours=1)
    stance(about, "risk_executive", "disagree", reason="Only mine.")
    page = browser("executive").get(f"/reviews/{about.ref}/{path}").content.decode()
    assert ("has answered" in page, "Only mine." in page, "drawing-sheet" in page) == (
        True, False, False,
    )  # fmt: skip


# --- what the package implies -------------------------------------------------------------------------------


def implied(document):
    return initiative(document["initiative"]["key"], document)


def demanding():
    document = document_of()
    document["trade_offs"] = []
    document["bottleneck_demand"] = [
        {
            "bottleneck": "data-engineering",
            "gate": "instrumentation",
            "days_low": 10,
            "days_likely": 15,
            "days_high": 20,
        }
    ]
    return document


def test_a_slower_first_release_is_implied_by_instrumentation():
    found = {one.code: one for one in proposals_for(review(implied(demanding()), send=False))}
    assert found["instrument-first"].accept == "a first release 15 working days later"


def test_moved_capacity_is_implied_by_a_full_queue():
    *_, needed = implied_by(
        msgspec.convert(demanding(), Dossier),
        {"data-engineering": BottleneckRow(code="data-engineering", title="Data", cap=2, in_flight=2)},
    )
    assert (needed.code, needed.because) == (
        "capacity-data-engineering",
        "Data has 2 in flight with a cap of 2",
    )


def test_what_a_trade_off_speaks_of_already_is_not_offered():
    about = review(implied(demanding()), send=False)
    words = {"code": "log", "choose": "build the logging first", "accept": "five weeks"}
    propose_trade_off(by=actor("executive"), review=about, **words)
    assert "instrument-first" not in [one.code for one in proposals_for(about)]
    withdraw_trade_off(by=actor("executive"), review=about, code="log", reason="Said otherwise.")
    assert "instrument-first" not in [one.code for one in proposals_for(about)]


def test_what_is_implied_is_offered_to_be_reworded():
    about = review(implied(demanding()), send=False)
    page = browser("executive").get(f"/reviews/{about.ref}/trade-offs/_new/?implied=instrument-first")
    assert page.context["form"]["accept"].value() == "a first release 15 working days later"
    [row] = [
        row
        for row in call("auditor", about, "proposals").json()["results"]
        if row["code"] == "instrument-first"
    ]
    assert row["initiative"] == "AI-0001"


# --- deputies, parts and the portfolio by their doors ---------------------------------------------------------


def test_a_deputy_is_named_and_answers_by_rest():
    about = review(people={"executive": "business"})
    path = f"/api/v1/reviews/{about.ref}"
    given = {"email": CAST["technology_executive"].email, "reason": "On leave."}
    seat = api("executive").post(f"{path}/deputy/", given).json()
    assert (seat["deputy"], seat["answered"]) == (given["email"], False)
    answer = api("technology_executive").post(f"{path}/stances/", {"trade_off": TRADE_OFF, "answer": "agree"})
    assert (answer.json()["person"], answer.json()["deputy"]) == (CAST["executive"].email, given["email"])
    assert api("executive").post(f"{path}/deputy/withdraw/", {}).json()["deputy"] == ""


def test_a_part_is_rated_by_rest_and_on_its_page():
    about = review()
    path = f"/api/v1/reviews/{about.ref}/stances/"
    given = {"part": "change_load", "rating": 3, "answer": "agree"}
    answer = api("executive").post(path, given)
    assert (answer.status_code, answer.json()["part"], answer.json()["trade_off"]) == (
        201,
        "change_load",
        None,
    )
    page = browser("executive").post(
        f"/reviews/{about.ref}/parts/change_load/", {"rating": "2", "answer": "agree"}
    )
    assert page.status_code == 302
    assert list(Stance.objects.values_list("rating", flat=True)) == [3, 2]


def test_a_rating_is_asked_for_at_its_field():
    page = browser("executive").post(f"/reviews/{review().ref}/parts/change_load/", {"answer": "agree"})
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["rating"])


def test_the_whole_portfolio_can_be_reviewed_from_a_page():
    seats = {f"seat_{role}": CAST[who].email for who, role in ROLES.items()}
    given = {"purpose": "Finish before we start.", "pre_read_at": "2031-03-09T12:00", **seats}
    made = browser("executive").post("/reviews/_new/", given)
    about = Review.objects.get()
    assert made.headers["Location"] == f"/reviews/{about.ref}/"
    assert (about.subject_kind, about.reaffirm_days, about.participants.count()) == ("portfolio", 180, 4)


def test_a_promise_that_answers_a_sealed_condition_is_sealed_with_it():
    about = review()
    given = stance(about, "executive", "agree_with_conditions", conditions=["Show the hours."])
    make_commitment(
        by=actor("executive"),
        review=about,
        text="Show them.",
        owner=CAST["executive"].email,
        due_on=clock.now().date(),
        condition=given.conditions.get().ref,
    )
    assert call("auditor", about, "commitments").json()["results"] == []
    assert len(call("executive", about, "commitments").json()["results"]) == 1


@pytest.mark.parametrize(
    "reason", ["x" * 50_000, "מסכים 😀", "<script>alert(1)</script>"], ids=["long", "right-to-left", "markup"]
)
def test_whatever_is_said_is_kept_or_refused_in_words(reason):
    about = agreed(review(), but=["executive"])
    body = {"trade_off": TRADE_OFF, "answer": "disagree", "reason": reason}
    answer = api("executive").post(f"/api/v1/reviews/{about.ref}/stances/", body)
    page = browser("executive").get(f"/reviews/{about.ref}/").content.decode()
    if len(reason) > 4000:
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/reason")
    else:
        assert (answer.status_code, "<script>alert(1)" in page) == (201, False)
