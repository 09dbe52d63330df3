"""The gates of an initiative as pages: honest states, and nothing that a reader may not do."""

import pytest
from django.utils.html import strip_tags

from tests.gates.scene import answered, brought_to, endorsed, offered
from tests.people import browser

pytestmark = pytest.mark.django_db
GATE = "/initiatives/AI-0001/gates/data_rights/"


def words(answer):
    return " ".join(strip_tags(answer.content.decode()).split())


def test_the_list_says_of_each_gate_how_it_stands(initiative):
    answered(initiative, "DR-01")
    offered(initiative, question="GC-01", kind="document")
    states = browser("auditor").get("/initiatives/AI-0001/gates/").context["states"]
    assert {state.gate.code: state.mark for state in states} == {
        "data_rights": "in_review",
        "governance": "submitted",
        "endorsement": "fail",
        "measurement": "fail",
    }


def test_an_endorsed_gate_says_who_stands_behind_it(initiative):
    brought_to("learning_only", initiative)
    page = browser("programme_manager").get(GATE)
    assert page.context["state"].mark == "endorsed"
    assert page.context["state"].sentence.startswith("Rafael Souza endorsed it on ")


def test_what_the_policy_does_not_ask_is_said_to_be_left_out(initiative):
    page = browser("programme_manager").get("/initiatives/AI-0001/gates/")
    assert [state.gate.code for state in page.context["left_out"]] == ["operation"]
    assert page.context["left_out"][0].sentence == "Judged from the first live deployment on."


def test_a_question_says_what_is_accepted_how_fresh_and_who_reviews(initiative):
    question = browser("programme_manager").get(GATE).context["questions"][0]
    assert (question.words, question.accepts, question.fresh) == ("Is it so?", "Document", "12 months")


def test_an_unknown_gate_is_not_found(initiative):
    answer = browser("programme_manager").get("/initiatives/AI-0001/gates/of_heaven/")
    assert answer.status_code == 404
    assert "The policy has no gate “of_heaven”." in words(answer)


def test_an_initiative_of_others_is_not_found(initiative):
    assert browser("other_manager").get(GATE).status_code == 404


def test_only_who_may_submit_is_offered_the_form(initiative):
    assert [
        bool(browser(who).get(GATE).context["questions"][0].offer_url)
        for who in ("programme_manager", "contributor", "assurer", "executive", "auditor")
    ] == [True, True, False, False, False]


def test_a_reviewer_is_asked_and_the_submitter_is_told_why_not(initiative):
    item = offered(initiative, kind="document")
    mine = browser("programme_manager").get(GATE).context["questions"][0].items[0]
    theirs = browser("legal_assurer").get(GATE).context["questions"][0].items[0]
    assert (mine.review_form, mine.why_not) == (
        None,
        "You submitted this or an earlier version of it. Somebody else must review it.",
    )
    assert theirs.row.ref == item.ref
    assert theirs.review_form is not None


def test_a_reviewer_of_another_function_is_told_who_reviews(initiative):
    offered(initiative, kind="document")
    item = browser("security_assurer").get(GATE).context["questions"][0].items[0]
    assert (item.review_form, item.why_not) == (None, "It waits for a reviewer: legal or data.")


def test_versions_stand_inside_the_newest_one(initiative):
    first = answered(initiative, "DR-01")
    second = offered(initiative, kind="document", supersedes=first)
    question = browser("programme_manager").get(GATE).context["questions"][0]
    assert [(item.row.ref, item.state) for item in question.items] == [(second.ref, "submitted")]
    assert [(item.row.ref, item.state) for item in question.items[0].earlier] == [(first.ref, "superseded")]


@pytest.mark.parametrize("item_count", [1, 3])
def test_the_page_of_a_gate_takes_the_same_queries_however_much_was_offered(
    initiative, item_count, django_assert_num_queries
):
    for _ in range(item_count):
        answered(initiative, "DR-01")
    client = browser("data_assurer")
    client.get(GATE)
    with django_assert_num_queries(29):
        client.get(GATE)


def test_evidence_keeps_an_address_of_its_own(initiative):
    item = offered(initiative, kind="document")
    answer = browser("auditor").get(f"/initiatives/AI-0001/evidence/{item.ref}/")
    assert answer.headers["Location"] == f"{GATE}#{item.ref}"


def test_a_fallen_endorsement_says_what_changed(initiative):
    item = answered(initiative, "DR-01")
    endorsed(initiative, "data_rights")
    offered(initiative, kind="document", supersedes=item)
    panel = browser("executive").get(GATE).context["panel"]
    assert panel.standing == ()
    assert panel.former[0].fallen_because == f"It fell because {item.ref} was replaced by a newer version."


def test_nothing_is_shown_of_evidence_for_other_questions(initiative):
    offered(initiative, question="GC-01", kind="document")
    assert browser("auditor").get(GATE).context["questions"][0].items == ()
