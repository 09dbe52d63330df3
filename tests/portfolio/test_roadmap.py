"""Launches by horizon and quarter with what each waits for; moving one asks a what-if and changes no fact."""

import datetime as dt

import pytest

from alignment_portal import clock
from portfolio.models import Simulation
from portfolio.selectors.levers import Levers, changed_by
from portfolio.selectors.roadmap import Quarter, quarters_from, roadmap_of
from portfolio.selectors.whatif import facts_now, portfolio_of, work_days_between
from portfolio.services.simulating import run_simulation
from tests.factories.metrics import document_of, initiative
from tests.factories.portfolio import bottleneck, dependency, queued
from tests.people import actor, browser, everybody

pytestmark = pytest.mark.django_db
ROADMAP, MOVE = "/portfolio/roadmap/", "/portfolio/roadmap/move/"


@pytest.fixture(autouse=True)
def people(db):
    return everybody()


def planned(key, day, **changes):
    document = document_of(key, planned_launch_on=day and day.isoformat(), **changes)
    document["bottleneck_demand"] = [
        {"bottleneck": "legal", "gate": "data_rights", "days_low": 8, "days_likely": 10, "days_high": 12}
    ]
    return initiative(document=document)


def next_quarter(count=1):
    return Quarter.of(clock.now().date()).later(count)


@pytest.mark.parametrize(
    ("day", "code", "next_code", "begins_on"),
    [
        (dt.date(2026, 1, 1), "2026-Q1", "2026-Q2", dt.date(2026, 1, 1)),
        (dt.date(2026, 9, 30), "2026-Q3", "2026-Q4", dt.date(2026, 7, 1)),
        (dt.date(2026, 12, 31), "2026-Q4", "2027-Q1", dt.date(2026, 10, 1)),
    ],
)
def test_quarters(day, code, next_code, begins_on):
    quarter = Quarter.of(day)
    assert (quarter.code, quarter.later(1).code, quarter.begins_on) == (code, next_code, begins_on)
    assert quarters_from(day, 5)[4] == quarter.later(4)


def test_each_stands_at_its_planned_launch_in_its_horizon_with_what_it_waits_for():
    bottleneck()
    dependency(title="Decision log")
    row = planned("AI-0001", next_quarter().begins_on)
    planned("AI-0002", None, horizon="H2")
    queued(1, about=row)
    lanes = browser("executive").get(ROADMAP).context["lanes"]
    cards = {
        (lane.code, place.name): [card.key for card in place.cards]
        for lane in lanes
        for place in lane.places
        if place.cards
    }
    assert cards == {("H1", str(next_quarter())): ["AI-0001"], ("H2", "No date"): ["AI-0002"]}
    [first, _] = roadmap_of(actor("executive"))
    assert (first.dependencies, first.queues) == (("Decision log",), ("Legal",))


def test_moving_one_asks_a_what_if_and_leaves_the_dossier_alone():
    bottleneck()
    row = planned("AI-0001", next_quarter().begins_on)
    before = (row.version, row.planned_launch_on)
    to = next_quarter(3)
    answer = browser("assurer").post(MOVE, {"initiative": "AI-0001", "quarter": to.code})
    asked = Simulation.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{ROADMAP}?scenario={asked.ref}")
    assert (asked.title, asked.levers["launch"]) == (
        f"AI-0001 launched in {to}",
        {"AI-0001": to.begins_on.isoformat()},
    )
    row.refresh_from_db()
    assert (row.version, row.planned_launch_on) == before


def test_moving_another_goes_on_from_the_scenario_that_is_shown():
    bottleneck()
    for key in ("AI-0001", "AI-0002"):
        planned(key, next_quarter().begins_on)
    client, to = browser("executive"), next_quarter(2)
    client.post(MOVE, {"initiative": "AI-0001", "quarter": to.code})
    first = Simulation.objects.get()
    client.post(MOVE, {"initiative": "AI-0002", "quarter": to.code, "scenario": first.ref})
    second = Simulation.objects.exclude(pk=first.pk).get()
    assert (sorted(second.levers["launch"]), second.seed) == (["AI-0001", "AI-0002"], first.seed)
    page = client.get(ROADMAP, {"scenario": second.ref})
    assert [card.key for card in page.context["moved"]] == ["AI-0001", "AI-0002"]
    assert "A scenario, no plan" in page.content.decode()
    assert client.get(ROADMAP).context["moved"] == []


def test_an_answered_scenario_says_when_each_would_be_ready_and_what_is_too_late():
    bottleneck()
    planned("AI-0001", next_quarter().begins_on)
    client = browser("executive")
    client.post(MOVE, {"initiative": "AI-0001", "quarter": Quarter.of(clock.now().date()).code})
    asked = Simulation.objects.get()
    assert run_simulation(asked.pk) == "done"
    [card] = roadmap_of(actor("executive"), Simulation.objects.get())
    assert card.ready["p50"] <= card.ready["p80"]
    assert card.late == (Quarter.of(card.ready["p80"]) > card.quarter)
    assert "Ready " in client.get(ROADMAP, {"scenario": asked.ref}).content.decode()


def test_a_launch_begins_as_late_as_its_work_allows():
    bottleneck()
    planned("AI-0001", None)
    facts, today = facts_now(), clock.now().date()
    day = next_quarter(2).begins_on
    before = portfolio_of(facts)
    work = sum(task.days for task in before.initiatives["AI-0001"].tasks)
    after = changed_by(before, Levers(launch={"AI-0001": day}), today)
    assert after.initiatives["AI-0001"].earliest == pytest.approx(work_days_between(today, day) - work)
    past = changed_by(before, Levers(launch={"AI-0001": today - dt.timedelta(days=90)}), today)
    assert past.initiatives["AI-0001"].earliest == 0


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"initiative": "AI-0001", "quarter": "soon"}, "Choose an initiative and a quarter"),
        ({"initiative": "AI-9999", "quarter": "2030-Q1"}, "no initiative AI-9999"),
    ],
)
def test_what_cannot_be_moved_is_said_and_asks_nothing(sent, told):
    initiative()
    answer = browser("executive").post(MOVE, sent, follow=True)
    assert told in answer.content.decode()
    assert Simulation.objects.count() == 0


def test_the_page_takes_as_many_queries_for_six_as_for_one(django_assert_num_queries):
    planned("AI-0001", next_quarter().begins_on)
    reader = browser("executive")
    reader.get(ROADMAP)
    with django_assert_num_queries(9):
        reader.get(ROADMAP)
    for number in range(2, 7):
        planned(f"AI-000{number}", next_quarter(number).begins_on)
    with django_assert_num_queries(9):
        reader.get(ROADMAP)


def test_who_may_ask_no_what_if_sees_no_way_to():
    planned("AI-0001", next_quarter().begins_on)
    assert "Try it" not in browser("auditor").get(ROADMAP).content.decode()
    assert browser("auditor").post(MOVE, {}).status_code == 403


def test_an_empty_portfolio_says_what_will_stand_here():
    assert "stands here at its planned launch" in browser("executive").get(ROADMAP).content.decode()
