"""What each reader of a review is shown, and what is kept from them."""

import pytest

from reviews.services.conclusions import conclude_review
from reviews.services.trade_offs import propose_trade_off, withdraw_trade_off
from tests.factories.metrics import document_of, initiative
from tests.factories.reviews import ROLES, TRADE_OFF, agreed, review, stance
from tests.people import actor, browser, everybody

pytestmark = pytest.mark.django_db
SECRET = "We lose the summer."


@pytest.fixture(autouse=True)
def subject(db):
    everybody()
    return initiative()


def read(who, about, part=""):
    return browser(who).get(f"/reviews/{about.ref}/{part}")


def test_those_that_wait_for_me_come_first():
    about = review()
    page = browser("risk_executive").get("/reviews/")
    assert [row["review"].ref for row in page.context["owed"]] == [about.ref]
    assert [row["review"].ref for row in page.context["rows"]] == [about.ref]


def test_what_i_answered_no_longer_waits_for_me():
    about = review()
    stance(about, "risk_executive")
    assert browser("risk_executive").get("/reviews/").context["owed"] == []


@pytest.mark.parametrize(("show", "count"), [("", 2), ("running", 1), ("ended", 1), ("nonsense", 2)])
def test_the_list_shows_running_or_ended_ones(show, count):
    conclude_review(by=actor("executive"), review=agreed(review()), outcome="aligned")
    review()
    assert len(browser("auditor").get("/reviews/", {"show": show}).context["rows"]) == count


@pytest.mark.parametrize(
    "part",
    ["", "change/", "conclude/", f"trade-offs/{TRADE_OFF}/", "participants/_new/", "commitments/_new/"],
)
def test_a_review_of_what_one_may_not_see_does_not_exist(part):
    about = review()
    assert read("other_manager", about, part).status_code == 404
    assert browser("other_manager").get("/initiatives/AI-0001/reviews/").status_code == 404


def test_the_page_says_who_has_answered_and_which_role_is_missing():
    about = review(people={"executive": "business", "risk_executive": "risk_legal"}, hours=1)
    stance(about, "risk_executive")
    room = read("auditor", about).context["room"]
    assert [(row.seat.name, row.answered) for row in room.participants] == [
        ("Eleanor Voss", False),
        ("Rafael Souza", True),
    ]
    assert room.missing_roles == ["Operations", "Technology"]


@pytest.mark.parametrize("who", ["executive", "administrator", "auditor", "programme_manager"])
@pytest.mark.parametrize("part", ["", f"trade-offs/{TRADE_OFF}/", "trade-offs/log-first/"])
def test_no_role_is_shown_a_sealed_stance(who, part):
    about = review(hours=1)
    stance(about, "risk_executive", "disagree", reason=SECRET, commits=True, will_do="Staff the desk myself.")
    words = read(who, about, part).content.decode()
    assert [secret for secret in (SECRET, "Staff the desk") if secret in words] == []
    assert '<h2 id="map">' not in words


def test_a_sealed_condition_is_shown_to_whoever_set_it_only():
    about = review(hours=1)
    stance(about, "risk_executive", "agree_with_conditions", conditions=["Show the hours."])
    seen = {
        who: "Show the hours." in read(who, about).content.decode() for who in ("risk_executive", "executive")
    }
    assert seen == {"risk_executive": True, "executive": False}


def test_nobody_promises_something_for_a_condition_that_is_sealed_to_them():
    about = review(hours=1)
    stance(about, "risk_executive", "agree_with_conditions", conditions=["Show the hours."])
    ref = about.conditions.get().ref
    assert read("executive", about, f"commitments/_new/?condition={ref}").status_code == 404
    assert read("executive", about, f"conditions/{ref}/settle/").status_code == 404


def test_the_map_opens_once_one_has_answered_and_the_pre_read_is_over():
    about = review()
    stance(about, "risk_executive", "disagree", reason=SECRET)
    assert read("executive", about).context["room"].revealed is False
    stance(about, "executive")
    room = read("executive", about).context["room"]
    assert [row.cells[0].given.answer if row.cells[0].given else "" for row in room.participants] == [
        "agree", "disagree", "", "",
    ]  # fmt: skip


def test_a_change_of_mind_is_shown_as_movement():
    about = review()
    stance(about, "executive", "disagree")
    stance(about, "executive")
    room = read("executive", about).context["room"]
    assert (room.participants[0].cells[0].given.answer, room.participants[0].cells[0].was) == (
        "agree",
        "disagree",
    )


def test_dissent_stands_in_its_own_words():
    about = agreed(review(), but=("operations_executive",))
    stance(about, "operations_executive", "disagree", reason=SECRET, commits=True, will_do="Staff the desk.")
    conclude_review(by=actor("executive"), review=about, outcome="aligned")
    page = read("auditor", about)
    assert [(said["name"], said["reason"]) for said in page.context["dissent"]] == [("Olu Adeyemi", SECRET)]
    assert f'<blockquote class="said" dir="auto">{SECRET}</blockquote>' in page.content.decode()


def test_a_withdrawn_trade_off_is_read_and_not_answered():
    about = review()
    propose_trade_off(by=actor("executive"), review=about, code="speed", choose="speed", accept="cost")
    withdraw_trade_off(by=actor("executive"), review=about, code="speed", reason="Settled elsewhere.")
    page = read("executive", about, "trade-offs/speed/")
    assert (page.context["form"], "Settled elsewhere." in page.content.decode()) == (None, True)


def test_what_changed_since_is_named_by_its_section():
    about = agreed(review())
    document = document_of()
    document["outcome_chain"]["nodes"][0]["title"] = "Another draft"
    initiative(document=document)
    assert read("executive", about).context["room"].changed == ["outcome_chain"]


def test_a_review_takes_the_same_queries_however_many_take_part(django_assert_num_queries):
    few, many = review(people={"executive": "business"}), agreed(review())
    stance(few, "executive")
    client = browser("auditor")
    client.get(f"/reviews/{many.ref}/")
    for about in (many, few):
        with django_assert_num_queries(23):
            client.get(f"/reviews/{about.ref}/")


def test_the_list_takes_the_same_queries_however_many(django_assert_num_queries):
    client = browser("executive")
    agreed(review())
    client.get("/reviews/")
    with django_assert_num_queries(25):
        client.get("/reviews/")
    for _ in range(2):
        agreed(review())
    with django_assert_num_queries(25):
        assert len(client.get("/reviews/").context["rows"]) == 3


def test_the_roles_of_the_cast_are_the_required_ones():
    assert review().required_roles == sorted(ROLES.values())
