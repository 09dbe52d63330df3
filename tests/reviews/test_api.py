import datetime as dt

import pytest

from alignment_portal import clock
from reviews.models import Review, Stance
from tests.factories.metrics import initiative
from tests.factories.reviews import ROLES, TRADE_OFF, agreed, review, stance
from tests.people import CAST, api, everybody

pytestmark = pytest.mark.django_db
REVIEWS = "/api/v1/reviews/"


@pytest.fixture(autouse=True)
def subject(db):
    everybody()
    return initiative()


def sent(**changes):
    now = clock.now()
    return {
        "subject": "initiative:AI-0001",
        "purpose": "Agree on H1.",
        "pre_read_at": (now - dt.timedelta(minutes=1)).isoformat(),
        "participants": [{"email": CAST[who].email, "role": role} for who, role in ROLES.items()],
        "send": True,
        **changes,
    }


def opened(**changes):
    return api("programme_manager").post(REVIEWS, sent(**changes), format="json")


def answered(address, who, **changes):
    body = {"trade_off": TRADE_OFF, "answer": "agree", **changes}
    return api(who).post(f"{address}stances/", body, format="json")


def test_a_review_runs_from_opening_to_its_conclusion():
    made = opened()
    address = made.headers["Location"]
    assert (made.status_code, made.json()["state"], made.json()["policy"]) == (201, "meeting", "2026.1")
    for who in ROLES:
        assert answered(address, who).status_code == 201
    ended = api("executive").post(f"{address}conclude/", {"outcome": "aligned"}, format="json")
    assert (ended.status_code, ended.json()["state"], ended.json()["outcome"]) == (
        200,
        "concluded",
        "aligned",
    )
    assert len(api("auditor").get(f"{address}stances/").json()["results"]) == 4


def test_a_conclusion_that_is_refused_names_what_is_missing():
    address = opened().headers["Location"]
    answered(address, "executive")
    answer = api("executive").post(f"{address}conclude/", {"outcome": "aligned"}, format="json")
    assert answer.status_code == 409
    assert {row["code"] for row in answer.json()["blockers"]} == {"quorum", "stance_missing"}


@pytest.mark.parametrize("who", ["administrator", "auditor", "programme_manager", "executive"])
def test_no_role_reads_sealed_stances(who):
    about = review(hours=1)
    stance(about, "risk_executive", "disagree")
    client = api(who)
    read = [
        client.get(f"{REVIEWS}{about.ref}/{part}").content.decode()
        for part in ("", "stances/", "participants/")
    ]
    assert not any("disagree" in text or "summer" in text for text in read)


def test_dissent_without_a_reason_is_refused_at_its_field():
    address = opened().headers["Location"]
    answer = answered(address, "executive", answer="disagree")
    assert (answer.status_code, [row["pointer"] for row in answer.json()["errors"]]) == (400, ["/reason"])


def test_only_who_was_invited_answers():
    address = opened(participants=[{"email": CAST["executive"].email, "role": "business"}]).headers[
        "Location"
    ]
    assert answered(address, "risk_executive").json()["code"] == "not_invited"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"subject": "planet:earth"}, "/subject"),
        ({"purpose": ""}, "/purpose"),
        ({"pre_read_at": None}, "/pre_read_at"),
        ({"participants": [{"email": "x", "role": "business"}]}, "/participants/0/email"),
        ({"participants": [{"email": "nobody@example.org", "role": "business"}]}, "/email"),
        ({"mood": "good"}, "/mood"),
    ],
)
def test_a_bad_review_is_pointed_out_and_nothing_is_kept(changes, pointer):
    answer = opened(**changes)
    assert (answer.status_code, [row["pointer"] for row in answer.json()["errors"]]) == (400, [pointer])
    assert Review.objects.count() == 0


def test_a_subject_one_may_not_see_is_not_there():
    answer = api("other_manager").post(REVIEWS, sent(), format="json")
    assert (answer.status_code, answer.json()["code"]) == (404, "subject_not_found")


def test_a_manager_sees_reviews_of_own_initiatives_only():
    about = review()
    found = {
        who: len(api(who).get(REVIEWS).json()["results"]) for who in ("programme_manager", "other_manager")
    }
    assert found == {"programme_manager": 1, "other_manager": 0}
    assert api("other_manager").get(f"{REVIEWS}{about.ref}/").status_code == 404


def test_a_change_names_the_version_it_changes():
    about = review(hours=5)
    client, address = api("executive"), f"{REVIEWS}{about.ref}/"
    tag = client.get(address).headers["ETag"]
    stance(about, "risk_executive")
    stale = client.patch(address, {"purpose": "Mine."}, format="json", headers={"If-Match": tag})
    assert stale.status_code == 412
    fresh = client.get(address).headers["ETag"]
    assert (
        client.patch(address, {"purpose": "Ours."}, format="json", headers={"If-Match": fresh}).json()[
            "purpose"
        ]
        == "Ours."
    )


def test_the_same_stance_under_its_key_is_given_once():
    address = opened().headers["Location"]
    client, body = api("executive"), {"trade_off": TRADE_OFF, "answer": "agree"}
    answers = [
        client.post(f"{address}stances/", body, format="json", headers={"Idempotency-Key": "k"})
        for _ in range(2)
    ]
    assert (answers[0].json(), Stance.objects.count()) == (answers[1].json(), 1)


def test_a_trade_off_is_proposed_reworded_and_withdrawn():
    about, client = review(), api("programme_manager")
    address = f"{REVIEWS}{about.ref}/trade-offs/"
    made = client.post(address, {"code": "speed", "choose": "speed", "accept": "cost"}, format="json")
    place = made.headers["Location"]
    changed = client.patch(
        place, {"because": "Peak season."}, format="json", headers={"If-Match": made.headers["ETag"]}
    )
    assert changed.json()["because"] == "Peak season."
    gone = client.post(f"{place}withdraw/", {"reason": "Settled."}, format="json")
    assert gone.json()["withdrawal_reason"] == "Settled."


def test_a_condition_becomes_a_commitment_that_is_kept():
    address = opened().headers["Location"]
    given = answered(address, "executive", answer="agree_with_conditions", conditions=["Show the hours."])
    for who in ROLES:
        if who != "executive":
            answered(address, who)
    body = {
        "text": "Show them.",
        "owner": CAST["risk_executive"].email,
        "due_on": (clock.now().date() + dt.timedelta(days=7)).isoformat(),
        "condition": given.json()["conditions"][0]["ref"],
    }
    made = api("risk_executive").post(f"{address}commitments/", body, format="json")
    met = api("risk_executive").post(
        f"{address}commitments/{made.json()['ref']}/meet/", {"note": "Shown."}, format="json"
    )
    assert (made.status_code, met.json()["condition"]) == (201, body["condition"])
    assert met.json()["met_at"] is not None


def test_reviews_are_listed_in_the_same_queries_however_many(django_assert_num_queries):
    client = api("executive")
    agreed(review())
    client.get(REVIEWS)
    with django_assert_num_queries(2):
        client.get(REVIEWS)
    for _ in range(2):
        review()
    with django_assert_num_queries(2):
        assert len(client.get(REVIEWS).json()["results"]) == 3


def test_one_review_is_read_in_the_same_queries_however_many_take_part(django_assert_num_queries):
    few, many = review(people={"executive": "business"}), agreed(review())
    stance(few, "executive")
    client = api("executive")
    client.get(REVIEWS)
    for about in (few, many):
        with django_assert_num_queries(17):
            client.get(f"{REVIEWS}{about.ref}/")
