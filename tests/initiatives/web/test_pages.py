"""The page of an initiative and its tabs."""

import pytest

from alignment_portal import clock
from initiatives.services.dossiers import change_section
from tests.factories.initiatives import full_document
from tests.initiatives.cast import actor, saved
from tests.people import browser

pytestmark = pytest.mark.django_db
TABS = (
    "",
    "chain/",
    "measurement/",
    "risk/",
    "operating-model/",
    "change/",
    "alignment/",
    "packs/",
    "history/",
)


@pytest.fixture
def initiative(people):
    return saved()


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_opens_with_the_verdict(initiative, tab):
    page = browser("executive").get(f"/initiatives/AI-0001/{tab}")
    assert page.status_code == 200
    assert page.context["level"] == "blocked"
    assert page.context["sentence"].startswith("Blocked: ")


@pytest.mark.parametrize("tab", TABS)
def test_an_initiative_that_is_not_yours_does_not_exist(initiative, tab):
    assert browser("other_manager").get(f"/initiatives/AI-0001/{tab}").status_code == 404


def test_the_overview_says_who_moves_next_and_what_stands_in_the_way(initiative):
    page = browser("programme_manager").get("/initiatives/AI-0001/")
    assert [answer["question"] for answer in page.context["answers"]] == [
        "Will the organisation change?",
        "Will the impact be provable?",
        "Can we run it safely at scale?",
    ]
    assert len(page.context["first"]) == 3
    assert all(move.person and move.deed and move.href for move in page.context["moves"])
    assert sum(gate.open for gate in page.context["gates"]) == len(
        [finding for finding in page.context["look"].verdict.findings if finding.is_failing]
    )


def test_each_anchor_of_the_judge_is_on_the_page_it_names(initiative):
    client = browser("programme_manager")
    places = {move.href for move in client.get("/initiatives/AI-0001/").context["moves"]}
    for place in places:
        path, _, anchor = place.partition("#")
        if anchor and "/gates/" not in path:
            assert f'id="{anchor}"' in client.get(path).content.decode(), place


def test_only_those_who_may_edit_see_where_to_edit(initiative):
    assert "/edit/" in browser("programme_manager").get("/initiatives/AI-0001/risk/").content.decode()
    assert "/edit/" not in browser("executive").get("/initiatives/AI-0001/risk/").content.decode()


def test_a_broken_rule_is_marked_where_it_breaks(people):
    document = full_document()
    document["outcome_chain"]["links"].append({"from": "edits", "to": "cost", "mechanism": "Fewer hours."})
    saved(document)
    chain = browser("executive").get("/initiatives/AI-0001/chain/").context["chain"]
    assert [node.code for node in chain.nodes if node.broken] + [
        link.target for link in chain.links if link.broken
    ]


def test_the_past_is_shown_as_it_was(initiative):
    then = clock.now()
    change_section(
        by=actor("priya@example.org"),
        initiative=initiative,
        section="initiative/title",
        value="New",
        expected_version=1,
    )
    page = browser("executive").get("/initiatives/AI-0001/", {"at": then.isoformat()})
    assert (page.context["title"], page.context["may_edit"]) == ("Support assistant", False)
    assert browser("executive").get("/initiatives/AI-0001/").context["title"] == "New"


@pytest.mark.parametrize("at", ["2999-01-01", "never", "2020-13-40"])
def test_a_time_nobody_can_look_at_is_refused_in_words(initiative, at):
    assert browser("executive").get("/initiatives/AI-0001/", {"at": at}).status_code == 400


def test_the_net_workload_is_computed(initiative):
    page = browser("executive").get("/initiatives/AI-0001/change/")
    assert [(line.group.name, line.net) for line in page.context["groups"]] == [("Agents", "−210")]


def test_history_tells_every_save(initiative):
    page = browser("executive").get("/initiatives/AI-0001/history/")
    assert [line.sentence for line in page.context["lines"]] == ["Priya Nair registered AI-0001"]
