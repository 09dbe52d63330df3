"""What-ifs that people choose for the portfolio pack: who may, how many, and what the paper says of them."""

import pytest

from alignment_portal.audit.models import Entry
from alignment_portal.refusals import Conflict
from packs.selectors.scenarios import scenarios_in
from packs.selectors.subjects import Subject
from portfolio.models import ScenarioChoice, Simulation
from portfolio.selectors.scenarios import scenarios_chosen
from portfolio.services.choosing import choose_scenario
from portfolio.services.simulating import request_simulation, run_simulation
from tests.factories.metrics import initiative
from tests.factories.portfolio import bottleneck
from tests.people import actor, api, browser, everybody

pytestmark = pytest.mark.django_db
PORTFOLIO = Subject("portfolio")


@pytest.fixture(autouse=True)
def world(db):
    everybody()
    bottleneck()
    return initiative()


def asked(title="At most two", *, answered=True):
    row = request_simulation(
        by=actor("executive"), title=title, levers={"rule": "capped", "cap": 2}, runs=20, seed=3
    )
    if answered:
        run_simulation(row.pk)
    return Simulation.objects.get(pk=row.pk)


def chosen(row, *, shown=True):
    return choose_scenario(by=actor("executive"), simulation=row, shown=shown)


def test_a_chosen_one_is_in_the_paper_with_its_ranges_and_assumptions():
    row = asked()
    assert scenarios_in(PORTFOLIO, None) == ()
    chosen(row)
    [said] = scenarios_in(PORTFOLIO, None)
    assert (said.ref, said.title, said.levers) == (row.ref, "At most two", ("at most 2 initiatives at once",))
    assert said.outcome.cost_p50 <= said.outcome.cost_p80
    assert "20 runs with seed 3" in said.assumptions[0]
    assert scenarios_in(Subject("cluster", "lending"), None) == ()


def test_choosing_twice_does_nothing_and_each_choice_stays_on_record():
    row = asked()
    for shown in (True, True, False, False):
        chosen(row, shown=shown)
    assert [one.shown for one in ScenarioChoice.objects.all()] == [True, False]
    assert Entry.objects.filter(action="portfolio.simulation.shown", subject=row.ref).count() == 2
    assert scenarios_chosen() == []


def test_the_past_shows_what_was_chosen_then():
    row = asked()
    chosen(row)
    then = ScenarioChoice.objects.get().at
    chosen(row, shown=False)
    assert [one.ref for one in scenarios_chosen(then)] == [row.ref]


def test_without_an_answer_or_beside_four_others_it_is_refused():
    with pytest.raises(Conflict, match="no answer"):
        chosen(asked(answered=False))
    for number in range(4):
        chosen(asked(f"Scenario {number}"))
    with pytest.raises(Conflict, match="side by side"):
        chosen(asked())


def test_an_executive_chooses_on_its_page_and_everybody_sees_it():
    row = asked()
    page = f"/portfolio/what-if/{row.ref}/"
    told = browser("executive").post(f"{page}pack/", {"shown": "yes"}, follow=True).content.decode()
    assert "The next portfolio pack shows it." in told
    assert "Leave it out of the portfolio pack" in told
    assert "The portfolio pack shows it." in browser("auditor").get(page).content.decode()
    assert "in the portfolio pack" in browser("auditor").get("/portfolio/what-if/").content.decode()
    assert browser("assurer").post(f"{page}pack/", {"shown": "no"}).status_code == 403
    browser("executive").post(f"{page}pack/", {"shown": "no"})
    assert scenarios_chosen() == []


def test_programs_choose_as_well():
    row = asked()
    address = f"/api/v1/portfolio/simulations/{row.ref}/"
    caller = api("executive")
    assert caller.get(address).json()["in_pack"] is False
    answer = caller.put(f"{address}pack/", {"in_pack": True}, format="json")
    assert (answer.status_code, answer.json()["in_pack"]) == (200, True)
    assert [one["in_pack"] for one in caller.get("/api/v1/portfolio/simulations/").json()["results"]] == [
        True
    ]
    assert api("assurer").put(f"{address}pack/", {"in_pack": False}, format="json").status_code == 403
    assert caller.put(f"{address}pack/", {"in_pack": "perhaps"}, format="json").status_code == 400
