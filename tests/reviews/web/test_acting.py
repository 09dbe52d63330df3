"""Each deed of a review through its page, and what is refused there."""

import datetime as dt

import pytest

from alignment_portal import clock
from initiatives.services.dossiers import save_dossier
from reviews.models import Commitment, Review, Stance
from reviews.services.conclusions import conclude_review
from reviews.services.opening import change_review
from reviews.services.trade_offs import change_trade_off, propose_trade_off, withdraw_trade_off
from tests.factories.metrics import document_of, initiative
from tests.factories.reviews import ROLES, TRADE_OFF, agreed, review, stance
from tests.people import CAST, actor, browser, everybody, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def subject(db):
    everybody()
    return initiative()


def post(who, about, part, **given):
    return browser(who).post(f"/reviews/{about.ref}/{part}", given)


def answer(who, about, code=TRADE_OFF, **given):
    return post(who, about, f"trade-offs/{code}/", **{"answer": "agree", **given})


def faults(page):
    return {name: list(errors) for name, errors in page.context["form"].errors.items()}


# --- opening ------------------------------------------------------------------------------------------------


def typed(**changes):
    given = {"purpose": "Agree on H1.", "decision_sought": "Start.", "pre_read_at": "2031-03-09T12:00"}
    seats = {f"seat_{role}": CAST[who].email for who, role in ROLES.items()}
    return {
        **given,
        "meeting_at": "2031-03-10T09:00",
        "about": "initiative",
        "send": "on",
        **seats,
        **changes,
    }


def opened(who="programme_manager", **changes):
    return browser(who).post("/initiatives/AI-0001/reviews/_new/", typed(**changes))


def test_a_review_is_opened_with_a_seat_for_each_required_role_and_sent():
    made = opened()
    about = Review.objects.get()
    assert made.headers["Location"] == f"/reviews/{about.ref}/"
    assert about.sent_at is not None
    assert dict(about.participants.values_list("user__email", "role")) == {
        CAST[who].email: role for who, role in ROLES.items()
    }


def test_the_roles_that_the_policy_requires_are_asked_for():
    page = browser("programme_manager").get("/initiatives/AI-0001/reviews/_new/")
    assert [name for name in page.context["form"].fields if name.startswith("seat_")] == [
        "seat_business", "seat_operations", "seat_risk_legal", "seat_technology",
    ]  # fmt: skip


def test_the_whole_cluster_can_be_its_subject():
    opened(about="cluster")
    assert Review.objects.get().cluster.code == "contact-centre"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"purpose": " "}, "purpose"),
        ({"pre_read_at": "soon"}, "pre_read_at"),
        ({"pre_read_at": ""}, "pre_read_at"),
        ({"meeting_at": "2031-03-08T09:00"}, "meeting_at"),
        ({"seat_business": "nobody@example.org"}, "seat_business"),
        ({"seat_business": CAST["programme_manager"].email}, "seat_business"),
    ],
)
def test_a_bad_review_is_refused_at_its_field_and_nothing_is_kept(changes, field):
    page = opened(**changes)
    assert (page.status_code, list(faults(page))) == (422, [field])
    assert Review.objects.count() == 0


@pytest.mark.parametrize("who", ["contributor", "assurer", "auditor", "administrator"])
def test_who_may_not_open_a_review_is_refused(who):
    assert opened(who).status_code == 403


# --- stances ------------------------------------------------------------------------------------------------


def test_a_stance_leads_to_the_next_trade_off_then_to_the_parts_and_then_back():
    about = review()
    propose_trade_off(by=actor("executive"), review=about, code="speed", choose="speed", accept="cost")
    onward = [answer("executive", about, code) for code in (TRADE_OFF, "speed")]
    parts = ("outcome_chain", "operating_model", "change_load")
    onward += [post("executive", about, f"parts/{part}/", rating="4", answer="agree") for part in parts]
    places = ("trade-offs/speed/", "parts/outcome_chain/", "parts/operating_model/", "parts/change_load/", "")
    assert [made.headers["Location"] for made in onward] == [
        f"/reviews/{about.ref}/{place}" for place in places
    ]
    assert Stance.objects.count() == 5


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"answer": ""}, "answer"),
        ({"answer": "perhaps"}, "answer"),
        ({"answer": "disagree"}, "reason"),
        ({"answer": "abstain", "reason": "  "}, "reason"),
        ({"answer": "agree_with_conditions", "conditions": " \n "}, "conditions"),
        ({"answer": "disagree", "reason": "No.", "commits": "on"}, "will_do"),
        ({"answer": "disagree", "reason": "x" * 4001}, "reason"),
    ],
)
def test_half_a_stance_is_refused_at_its_field(given, field):
    page = answer("executive", review(), **given)
    assert (page.status_code, list(faults(page))) == (422, [field])
    assert Stance.objects.count() == 0


def test_words_that_do_not_belong_to_the_answer_are_left_out():
    about = review()
    answer("executive", about, conditions="Show the hours.", commits="on", will_do="Help.")
    given = Stance.objects.get()
    assert (given.answer, given.commits, given.will_do, given.conditions.count()) == ("agree", False, "", 0)


def test_each_line_is_a_condition():
    about = review()
    answer(
        "executive", about, answer="agree_with_conditions", conditions="Show the hours.\n\nAsk the branch."
    )
    assert [row.text for row in about.conditions.all()] == ["Show the hours.", "Ask the branch."]


def test_a_stance_of_somebody_uninvited_is_refused():
    about = review(people={"executive": "business"})
    page = answer("risk_executive", about)
    assert (page.status_code, "do not take part" in page.content.decode()) == (403, True)


def test_a_stance_after_the_conclusion_is_refused():
    about = agreed(review())
    conclude_review(by=actor("executive"), review=about, outcome="aligned")
    page = answer("executive", about, answer="disagree", reason="I changed my mind.")
    assert page.status_code == 409
    assert Stance.objects.filter(answer="disagree").count() == 0


def test_a_stance_on_a_withdrawn_trade_off_is_refused():
    about = review()
    withdraw_trade_off(by=actor("executive"), review=about, code=TRADE_OFF, reason="Settled.")
    assert answer("executive", about).status_code == 409
    assert Stance.objects.count() == 0


def test_a_stance_on_a_trade_off_that_never_was_is_not_found():
    assert answer("executive", review(), "nothing").status_code == 404


# --- trade-offs ---------------------------------------------------------------------------------------------


def test_a_trade_off_is_proposed_reworded_and_withdrawn():
    about = review()
    post("programme_manager", about, "trade-offs/_new/", code="speed", choose="speed", accept="cost")
    words = {"choose": "speed", "accept": "some cost", "version": 1}
    post("programme_manager", about, "trade-offs/speed/change/", **words)
    post("programme_manager", about, "trade-offs/speed/withdraw/", reason="Settled.")
    row = about.trade_offs.get(code="speed")
    assert (row.accept, row.withdrawal_reason) == ("some cost", "Settled.")


def test_two_wordings_at_once_are_put_to_a_person():
    about = review()
    change_trade_off(
        by=actor("programme_manager"), review=about, code=TRADE_OFF, changes={"because": "Safety."}
    )
    words = {"choose": "log first", "accept": "five weeks later", "because": "Trust.", "version": 1}
    page = post("executive", about, f"trade-offs/{TRADE_OFF}/change/", **words)
    assert (page.status_code, [row["name"] for row in page.context["conflicts"]]) == (409, ["because"])


def test_an_answered_trade_off_keeps_its_words():
    about = review()
    stance(about, "executive")
    words = {"choose": "log later", "accept": "risk", "version": 1}
    assert post("executive", about, f"trade-offs/{TRADE_OFF}/change/", **words).status_code == 409


@pytest.mark.parametrize(("code", "choose"), [("Bad code", "speed"), (TRADE_OFF, "speed"), ("speed", "")])
def test_a_bad_trade_off_is_refused(code, choose):
    about = review()
    page = post("executive", about, "trade-offs/_new/", code=code, choose=choose, accept="cost")
    assert (page.status_code in {409, 422}, about.trade_offs.count()) == (True, 1)


# --- frame and seats ----------------------------------------------------------------------------------------


def frame(about, who="executive"):
    page = browser(who).get(f"/reviews/{about.ref}/change/")
    form = page.context["form"]
    moments = {name: form.initial[name].strftime("%Y-%m-%dT%H:%M") for name in ("pre_read_at",)}
    return {"purpose": form.initial["purpose"], "seen": page.context["seen"], **moments}


def test_changing_the_purpose_leaves_the_deadline_to_the_second():
    about = review(hours=5)
    post("executive", about, "change/", **{**frame(about), "purpose": "Ours."})
    kept = about.pre_read_at
    about.refresh_from_db()
    assert (about.purpose, about.pre_read_at) == ("Ours.", kept)


def test_two_purposes_at_once_are_put_to_a_person():
    about = review(hours=5)
    given = frame(about)
    change_review(by=actor("programme_manager"), review=about, changes={"purpose": "Theirs."})
    page = post("executive", about, "change/", **{**given, "purpose": "Mine."})
    assert (page.status_code, page.context["conflicts"][0]["theirs"]) == (409, "Theirs.")
    assert page.context["who"] == "Priya Nair"


def test_the_seal_is_not_shortened():
    about = review(hours=5)
    given = {**frame(about), "pre_read_at": clock.now().strftime("%Y-%m-%dT%H:%M")}
    assert list(faults(post("executive", about, "change/", **given))) == ["pre_read_at"]


def test_a_draft_is_sent():
    about = review(send=False)
    post("executive", about, "send/")
    about.refresh_from_db()
    assert about.sent_at is not None


def test_somebody_is_invited_and_taken_off():
    about = review(people={"executive": "business"})
    email = CAST["risk_executive"].email
    post("executive", about, "participants/_new/", email=email, role="risk_legal")
    assert about.participants.filter(user__email=email, left_at=None).count() == 1
    post("executive", about, f"participants/{person('risk_executive').pk}/remove/", reason="On leave.")
    assert about.participants.filter(user__email=email, left_at=None).count() == 0


# --- promises -----------------------------------------------------------------------------------------------


def soon():
    return (clock.now().date() + dt.timedelta(days=7)).isoformat()


def test_a_condition_is_answered_and_the_promise_kept():
    about = agreed(review(), but=("executive",))
    stance(about, "executive", "agree_with_conditions", conditions=["Show the hours."])
    ref = about.conditions.get().ref
    owner = CAST["risk_executive"].email
    given = {"text": "Show them.", "owner": owner, "due_on": soon(), "unblocks": "gate:change"}
    post("risk_executive", about, f"commitments/_new/?condition={ref}", **given)
    made = Commitment.objects.get()
    post("risk_executive", about, f"commitments/{made.ref}/meet/", note="Shown.")
    made.refresh_from_db()
    assert (made.condition.ref, made.fulfilment.note) == (ref, "Shown.")


def test_whoever_set_a_condition_says_that_it_is_met():
    about = agreed(review(), but=("executive",))
    stance(about, "executive", "agree_with_conditions", conditions=["Show the hours."])
    part = f"conditions/{about.conditions.get().ref}/settle/"
    assert post("risk_executive", about, part, note="Seen.").status_code == 403
    post("executive", about, part, note="Seen.")
    assert about.settlements.get().note == "Seen."


@pytest.mark.parametrize(
    ("field", "value"), [("due_on", "2020-01-01"), ("owner", "x@example.org"), ("text", "")]
)
def test_a_bad_promise_is_refused_at_its_field(field, value):
    given = {"text": "Show.", "owner": CAST["executive"].email, "due_on": soon(), field: value}
    page = post("executive", review(), "commitments/_new/", **given)
    assert (page.status_code, list(faults(page)), Commitment.objects.count()) == (422, [field], 0)


# --- ending -------------------------------------------------------------------------------------------------


def test_a_review_is_concluded_as_aligned_when_nothing_is_missing():
    about = agreed(review())
    post("executive", about, "conclude/", outcome="aligned")
    assert Review.objects.get().conclusion.outcome == "aligned"


def test_a_refused_conclusion_lists_what_is_missing():
    about = review()
    stance(about, "executive")
    page = post("executive", about, "conclude/", outcome="aligned")
    assert page.status_code == 409
    assert "Nobody for technology has answered" in page.content.decode()
    assert {row["code"] for row in page.context["blockers"]} == {"quorum", "stance_missing"}


def test_not_aligned_needs_a_reason():
    about = agreed(review())
    assert list(faults(post("executive", about, "conclude/", outcome="not_aligned"))) == ["statement"]


def test_a_manager_does_not_conclude():
    assert post("programme_manager", agreed(review()), "conclude/", outcome="aligned").status_code == 403


def test_stances_are_said_again_of_a_changed_package():
    about = agreed(review())
    document = document_of()
    document["outcome_chain"]["nodes"][0]["title"] = "Another draft"
    save_dossier(by=actor("programme_manager"), document=document)
    asked = browser("executive").get(f"/reviews/{about.ref}/reaffirm/").content.decode()
    assert "outcome chain" in asked
    post("executive", about, "reaffirm/", sure="yes")
    assert browser("executive").get(f"/reviews/{about.ref}/").context["room"].changed == []


def test_a_review_lapses_for_a_reason():
    about = review()
    assert list(faults(post("executive", about, "lapse/", reason=" "))) == ["reason"]
    post("executive", about, "lapse/", reason="The package was split.")
    about.refresh_from_db()
    assert about.lapse_reason == "The package was split."
