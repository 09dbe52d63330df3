"""Home: each person's own next moves, counted as they are listed."""

from datetime import timedelta

import pytest

from alignment_portal import clock
from alignment_portal.audit.guard import writes_allowed
from alignment_portal.pages.turns import Move, Turn
from gates.models import Notice
from gates.services.evidence import withdraw_evidence
from gates.services.waivers import request_waiver
from tests.factories.reviews import review, stance
from tests.gates.policy import adopt
from tests.gates.scene import LEARNING, answered, brought_to, judged, offered, saved, standing_at, submitted
from tests.people import ROLES, actor, browser, everybody, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def initiative():
    adopt()
    return saved(**LEARNING)


def home(who):
    return browser(who).get("/").context


def listed(who):
    return {turn.code: [(move.deed, move.href) for move in turn.moves] for turn in home(who)["turns"]}


def test_a_reviewer_sees_what_waits_for_their_function(initiative):
    item = offered(initiative, kind="document")
    deed = (f"Review {item.ref} “Clearance memo” for DR-01", f"/initiatives/AI-0001/evidence/{item.ref}/")
    assert listed("legal_assurer") == {"review": [deed]}
    assert listed("security_assurer") == {}


def test_an_executive_sees_gates_waivers_and_status_to_decide(initiative):
    brought_to("learning_only", initiative)
    answered(initiative, "ME-01")
    submitted(initiative)
    judged(initiative)
    assert listed("executive")["status"] == [
        ("The verdict is aligned: decide on the status", "/initiatives/AI-0001/status/")
    ]
    assert "status" not in listed("risk_executive")


def test_a_gate_with_complete_evidence_waits_for_an_executive(initiative):
    answered(initiative, "DR-01")
    submitted(initiative)
    judged(initiative)
    deed = ("Endorse the gate “Data rights”", "/initiatives/AI-0001/gates/data_rights/#endorsement")
    assert listed("risk_executive")["endorse"] == [deed]
    assert "endorse" not in listed("programme_manager")


def test_a_waiver_waits_for_an_executive_who_is_not_involved(initiative):
    row = request_waiver(
        by=actor("programme_manager"),
        initiative=initiative,
        rule="DR-01",
        reason="The memo is late.",
        compensating_control="No customer data is used.",
        until=clock.now().date() + timedelta(days=20),
    )
    hrefs = [href for _, href in listed("risk_executive")["waivers"]]
    assert hrefs == [f"/initiatives/AI-0001/waivers/{row.ref}/"]
    assert "waivers" not in listed("executive")


def test_a_manager_sees_what_to_supply_without_what_others_review(initiative):
    person("legal_assurer")
    offered(initiative, kind="document")
    judged(initiative)
    moves = listed("programme_manager")["supply"]
    assert [href for _, href in moves if "data_rights" in href] == []
    assert ("/initiatives/AI-0001/gates/governance/#question-GC-01") in [href for _, href in moves]


@pytest.mark.parametrize("who", ROLES)
def test_the_count_equals_the_lists(initiative, who):
    offered(initiative, kind="document")
    judged(initiative)
    context = home(who)
    groups = [group for turn in context["turns"] for group in turn.groups]
    assert context["waiting"] == sum(len(group.first) + len(group.further) for group in groups)


def test_a_long_list_is_read_by_subject():
    moves = [Move(f"Deed {number}", "/", f"AI-000{number % 2}") for number in range(9)]
    assert [
        (group.where, len(group.first), group.count) for group in Turn("supply", "", tuple(moves)).groups
    ] == [
        ("AI-0000", 3, 5),
        ("AI-0001", 3, 4),
    ]
    assert [(group.where, group.count) for group in Turn("supply", "", tuple(moves[:6])).groups] == [("", 6)]


@pytest.mark.parametrize("who", ROLES)
def test_who_has_nothing_to_do_is_told_what_will_come(db, who):
    page = browser(who).get("/")
    assert page.context["turns"] == []
    assert str(page.context["welcome"].sentence) in page.content.decode()


def test_what_others_changed_is_told_and_not_what_one_did_oneself(initiative):
    offered(initiative, who="contributor", kind="document")
    sentences = [line.sentence for line in home("programme_manager")["changes"]]
    assert sentences == ["Callum Reid submitted EV-0001 for DR-01"]


def test_changes_of_initiatives_of_others_are_not_told(initiative):
    offered(initiative, who="contributor", kind="document")
    assert home("other_manager")["changes"] == []


@pytest.mark.parametrize("item_count", [1, 3])
def test_home_takes_the_same_queries_however_much_waits(initiative, item_count, django_assert_num_queries):
    for _ in range(item_count):
        offered(initiative, kind="document")
    answered(initiative, "GC-01")
    submitted(initiative)
    judged(initiative)
    client = browser("risk_executive")
    client.get("/")
    with django_assert_num_queries(19):
        client.get("/")


def test_what_suspends_an_initiative_comes_before_what_has_waited_longer():
    adopt()
    waiting, broken = saved(**LEARNING), saved("AI-0002", **LEARNING)
    judged(waiting)
    items = standing_at("learning_only", broken)
    withdraw_evidence(by=actor("programme_manager"), evidence=items["DR-01"], reason="The memo was wrong.")
    judged(broken)
    where = [move.where[:7] for turn in home("programme_manager")["turns"] for move in turn.moves]
    assert (broken.status, where[0], where[-1]) == ("suspended", "AI-0002", "AI-0001")


def test_the_same_thing_done_several_times_in_a_row_is_told_once(db):
    everybody()
    about = review()
    for answer in ("agree", "disagree", "agree"):
        stance(about, "risk_executive", answer)
    sentences = [line.sentence for line in home("auditor")["changes"]]
    assert f"Rafael Souza gave a stance in {about.ref}, 3 times" in sentences


def test_a_long_list_shows_its_beginning_and_has_a_page_with_all_of_it(initiative):
    with writes_allowed():
        Notice.objects.bulk_create(
            Notice(
                recipient=person("programme_manager"), initiative=initiative, kind=Notice.Kind.NEXT_MOVE,
                key=f"supply:{number:03d}", sentence=f"AI-0001: Deed {number:03d}", link="/initiatives/AI-0001/",
                at=clock.now() + timedelta(seconds=number),
            )
            for number in range(130)
        )  # fmt: skip
    client = browser("programme_manager")
    page = client.get("/")
    [turn] = page.context["turns"]
    assert (turn.count, len(turn.moves), turn.further, page.context["waiting"]) == (130, 60, 70, 130)
    assert "Evidence and answers to supply: all 130" in page.content.decode()
    read = [client.get("/waiting/supply/", {"page": number}).context for number in (1, 2, 3)]
    assert [move.deed for page in read for move in page["moves"]] == [f"Deed {n:03d}" for n in range(130)]
    assert (read[0]["page"]["previous"], read[0]["page"]["next"], read[2]["page"]["next"]) == (
        "",
        "?page=2",
        "",
    )


def test_a_list_that_does_not_exist_has_no_page_and_an_empty_one_says_so():
    everybody()
    client = browser("auditor")
    assert client.get("/waiting/nothing/").status_code == 404
    assert "Nothing of this kind waits for you." in client.get("/waiting/supply/").content.decode()
