"""Launches by horizon and quarter with what each waits for; moving one asks a what-if and changes no fact."""

import datetime as dt

import pytest

from alignment_portal import clock
from initiatives.models import Initiative, Status
from portfolio.models import Simulation
from portfolio.selectors.levers import Levers, changed_by
from portfolio.selectors.roadmap import Quarter, quarters_from
from portfolio.selectors.whatif import facts_now, portfolio_of, work_days_between
from portfolio.services.simulating import request_simulation, run_simulation
from tests.factories.many import many
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
    [first] = [
        card for lane in lanes for place in lane.places for card in place.cards if card.key == "AI-0001"
    ]
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
    page = client.get(ROADMAP, {"scenario": asked.ref})
    [card] = page.context["moved"]
    assert card.ready["p50"] <= card.ready["p80"]
    assert card.late == (Quarter.of(card.ready["p80"]) > card.quarter)
    assert "Ready " in page.content.decode()


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
    with django_assert_num_queries(10):
        reader.get(ROADMAP)
    for number in range(2, 7):
        planned(f"AI-000{number}", next_quarter(number).begins_on)
    with django_assert_num_queries(10):
        reader.get(ROADMAP)


def as_meant(who, asked):
    """Keys of each place of each horizon and the number beyond them, read one by one; and those that are moved."""
    first = Quarter.of(clock.now().date())
    quarters = [first.later(number) for number in range(6)]
    rows = [row for row in Initiative.objects.visible_to(actor(who)) if row.status != Status.RETIRED]
    rows.sort(key=lambda row: (row.planned_launch_on is None, row.planned_launch_on or dt.date.max, row.key))
    places = {}
    for row in rows:
        day = asked.get(row.key, row.planned_launch_on)
        quarter = day and Quarter.of(day)
        if quarter is None:
            name = "No date"
        elif quarter < first:
            name = "Before"
        else:
            name = str(quarter) if quarter in quarters else "Later"
        places.setdefault((row.horizon, name), []).append(row.key)
    told = {place: (keys[:3], max(0, len(keys) - 3)) for place, keys in places.items()}
    return told, [row.key for row in rows if row.key in asked]


def as_shown(who, scenario):
    context = browser(who).get(ROADMAP, {"scenario": scenario} if scenario else {}).context
    told = {
        (lane.code, place.name): ([card.key for card in place.cards], place.more)
        for lane in context["lanes"]
        for place in lane.places
        if place.cards
    }
    assert [lane.count for lane in context["lanes"]] == [
        sum(len(keys) + more for (horizon, _), (keys, more) in told.items() if horizon == lane.code)
        for lane in context["lanes"]
    ]
    return told, [card.key for card in context["moved"]]


@pytest.mark.parametrize("seed", [1, 2])
def test_of_many_the_first_of_each_place_are_shown_and_all_are_counted(seed, monkeypatch):
    monkeypatch.setattr("portfolio.web.roadmap.MOST_CARDS", 3)
    draw = many(120, seed)
    keys = sorted(Initiative.objects.exclude(status=Status.RETIRED).values_list("key", flat=True))
    bottleneck()
    for moved in (0, 1, 25):
        asked = {
            key: next_quarter(draw.randrange(-2, 9)).begins_on + dt.timedelta(days=draw.randrange(90))
            for key in draw.sample(keys, moved)
        }
        scenario = ""
        if moved:
            levers = {"rule": "register", "launch": {key: str(day) for key, day in asked.items()}}
            by = actor("executive")
            scenario = request_simulation(by=by, title="Moved", levers=levers, runs=20, seed=1).ref
        for who in ("executive", "programme_manager", "other_manager"):
            assert as_shown(who, scenario) == as_meant(who, asked)


def test_who_may_ask_no_what_if_sees_no_way_to():
    planned("AI-0001", next_quarter().begins_on)
    assert "Try it" not in browser("auditor").get(ROADMAP).content.decode()
    assert browser("auditor").post(MOVE, {}).status_code == 403


def test_an_empty_portfolio_says_what_will_stand_here():
    assert "stands here at its planned launch" in browser("executive").get(ROADMAP).content.decode()
