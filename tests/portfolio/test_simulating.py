"""What-ifs are asked of the facts of now, answered by a job that may be lost, and stopped."""

import datetime as dt

import pytest

from alignment_portal import clock
from alignment_portal.audit.guard import writes_allowed
from alignment_portal.outbox.models import Event
from alignment_portal.refusals import Conflict, Forbidden, Invalid
from portfolio.models import Simulation
from portfolio.selectors.whatif import facts_now, registers_now, work_day, work_days_between
from portfolio.services.simulating import (
    LostHold,
    cancel_simulation,
    claim,
    finish,
    note_progress,
    request_simulation,
    run_simulation,
    waiting,
)
from portfolio.services.work import move_work, take_up
from portfolio.services.worths import state_worth
from tests.factories.metrics import document_of, initiative
from tests.factories.portfolio import bottleneck, dependency
from tests.gates.scene import submitted
from tests.people import CAST, actor, api, browser, everybody

pytestmark = pytest.mark.django_db
CAPPED = {"rule": "capped", "cap": 1}
LATER = dt.timedelta(minutes=5)


@pytest.fixture
def world(db):
    """Two initiatives at Legal, one of them worth 520,000 a year, waiting for an unowned decision log."""
    everybody()
    bottleneck(people=1, price_per_person=90_000)
    dependency(duration_days=20, price=120_000)
    rows = [initiative(key, document_of(key)) for key in ("AI-0001", "AI-0002")]
    for row in rows:
        submitted(row)
    take_up(keys=[row.key for row in rows])
    worth(rows[0])
    return rows


def worth(row, likely=520_000):
    return state_worth(
        by=actor("executive"),
        initiative=row,
        value=(0, likely, 2 * likely),
        cost=(1, 2, 3),
        owner=CAST["executive"].email,
        basis="The business case of May.",
    )


def asked(who="executive", **changes):
    given = {"title": "One at a time", "levers": CAPPED, "runs": 40, **changes}
    return request_simulation(by=actor(who), **given)


def test_the_facts_are_the_work_that_is_left_and_what_it_waits_for(world):
    facts = facts_now()
    one = facts["initiatives"]["AI-0001"]
    assert [one["cost_of_delay"], one["begun"], len(one["tasks"])] == [10_000.0, False, 1]
    assert [(task["function"], task["days"], task["needs"]) for task in one["tasks"]] == [
        ("legal", 8.0, ["decision-log"])
    ]
    assert facts["dependencies"]["decision-log"]["days"] == 20
    move_work(by=actor("assurer"), item=world[0].work.get(), to="started")
    assert facts_now()["initiatives"]["AI-0001"]["begun"] is True


def test_a_question_is_answered_and_says_what_it_rests_on(world):
    row = asked()
    assert [event.payload for event in Event.objects.filter(name="portfolio.simulation_requested")] == [
        {"simulation": row.pk}
    ]
    assert run_simulation(row.pk) == "done"
    row.refresh_from_db()
    result = row.result
    assert set(result["scenario"]["finish"]) == {"AI-0001", "AI-0002"}
    assert result["today"]["cost"]["mean"] > 0
    assert {one["codes"][0] for one in result["investments"]["singles"]} == {
        "own:decision-log",
        "fund:decision-log",
        "people:legal",
    }
    assert result["assumptions"]["runs"] == 40
    assert run_simulation(row.pk) == "nothing to do"


def test_the_same_question_of_the_same_facts_has_the_same_answer(world):
    first, second = asked(), asked()
    for row in (first, second):
        run_simulation(row.pk)
        row.refresh_from_db()
    assert first.result == second.result


def test_owning_and_funding_bring_what_waits_sooner(world):
    plain = asked(levers={"rule": "start_all"})
    bought = asked(levers={"rule": "start_all", "own": ["decision-log"], "fund": ["decision-log"]})
    costs = []
    for row in (plain, bought):
        run_simulation(row.pk)
        row.refresh_from_db()
        costs.append(row.result["scenario"]["cost"]["mean"])
    assert costs[1] < costs[0]


def test_dropping_and_moving_are_scenarios_and_change_no_fact(world):
    row = asked(levers={**CAPPED, "drop": ["AI-0002"], "move": {"AI-0001": "2099-01-05"}})
    run_simulation(row.pk)
    row.refresh_from_db()
    assert set(row.result["scenario"]["finish"]) == {"AI-0001"}
    assert row.result["scenario"]["ready_on"]["AI-0001"]["p50"] > "2099-01-05"
    assert set(facts_now()["initiatives"]) == {"AI-0001", "AI-0002"}


@pytest.mark.parametrize(
    "changes",
    [
        {"title": " "},
        {"runs": 0},
        {"runs": 10_001},
        {"seed": -1},
        {"levers": {"rule": "sometimes"}},
        {"levers": {"rule": "capped"}},
        {"levers": {"rule": "capped", "cap": "many"}},
        {"levers": {**CAPPED, "own": ["nothing"]}},
        {"levers": {**CAPPED, "drop": ["AI-9999"]}},
        {"levers": {**CAPPED, "people": {"legal": -1}}},
        {"levers": {**CAPPED, "cv": 99}},
        {"levers": {**CAPPED, "move": {"AI-0001": "soon"}}},
        {"levers": {**CAPPED, "colour": "red"}},
    ],
)
def test_a_question_that_makes_no_sense_is_refused(world, changes):
    with pytest.raises(Invalid):
        asked(**changes)
    assert Simulation.objects.count() == 0


@pytest.mark.parametrize("who", ["contributor", "auditor"])
def test_who_only_reads_does_not_ask(world, who):
    with pytest.raises(Forbidden):
        asked(who)


def test_a_worker_that_was_lost_is_replaced_and_the_lost_one_cannot_finish(world):
    row = asked()
    first = claim(row.pk)
    assert claim(row.pk) is None
    with writes_allowed():
        Simulation.objects.update(lease_until=clock.wall() - LATER)
    assert waiting(clock.wall()) == [row.pk]
    second = claim(row.pk)
    with pytest.raises(LostHold):
        note_progress(first, 50)
    with pytest.raises(LostHold):
        finish(first, {})
    note_progress(second, 50)
    row.refresh_from_db()
    assert [row.percent, row.attempts, row.state] == [50, 2, "running"]


def test_one_that_loses_every_worker_fails_in_words(world):
    row = asked()
    for _ in range(3):
        claim(row.pk)
        with writes_allowed():
            Simulation.objects.update(lease_until=clock.wall() - LATER)
    assert run_simulation(row.pk) == "nothing to do"
    row.refresh_from_db()
    assert [row.state, row.error.startswith("The worker was lost 3 times")] == ["failed", True]


def test_a_cancelled_one_is_not_answered_and_cannot_be_stopped_when_over(world):
    row = asked()
    held = claim(row.pk)
    cancel_simulation(by=actor("executive"), simulation=row)
    with pytest.raises(LostHold):
        finish(held, {})
    assert cancel_simulation(by=actor("executive"), simulation=row).state == "cancelled"
    done = asked()
    run_simulation(done.pk)
    with pytest.raises(Conflict):
        cancel_simulation(by=actor("executive"), simulation=done)


def test_a_scenario_is_asked_read_and_compared_on_its_pages(world):
    client = browser("executive")
    given = {
        "title": "One at a time",
        "rule": "capped",
        "cap": 1,
        "runs": 40,
        "seed": 1,
        "order": "",
        "move": "",
    }
    assert client.get("/portfolio/what-if/_new/?move=AI-0001%202027-01-04").status_code == 200
    place = client.post("/portfolio/what-if/_new/", {**given, "own": ["decision-log"]}).headers["Location"]
    assert "hx-get" in client.get(place).content.decode()
    row = Simulation.objects.get()
    run_simulation(row.pk)
    page = client.get(place).content.decode()
    assert "What this rests on" in page
    assert "Decision log gets an owner" in page
    side_by_side = client.get(f"/portfolio/what-if/_compare/?ref={row.ref}").content.decode()
    assert "One at a time" in side_by_side
    assert "<li>Decision log gets an owner</li>" in side_by_side  # a line of its own, so that none is cut off
    assert "One at a time" in client.get("/portfolio/what-if/").content.decode()
    bad = client.post("/portfolio/what-if/_new/", {**given, "move": "AI-0001 soon"})
    assert [bad.status_code, "not a key and a day" in bad.content.decode()] == [422, True]


def test_what_somebody_may_not_see_is_counted_and_not_named(world):
    row = asked()
    run_simulation(row.pk)
    page = browser("other_manager").get(f"/portfolio/what-if/{row.ref}/")
    assert [page.context["outcome"].unseen, "AI-0001" in page.content.decode()] == [2, False]
    body = api("other_manager").get(f"/api/v1/portfolio/simulations/{row.ref}/").json()
    assert body["result"]["scenario"]["finish"] == {}


def test_programs_ask_follow_and_stop(world):
    caller = api("executive")
    given = {"title": "From a program", "levers": {**CAPPED, "move": {"AI-0001": "2099-01-05"}}, "runs": 20}
    answer = caller.post("/api/v1/portfolio/simulations/", given, format="json")
    assert [answer.status_code, answer.json()["state"]] == [202, "queued"]
    place = answer.headers["Location"]
    run_simulation(Simulation.objects.get().pk)
    done = caller.get(place)
    assert [done.json()["state"], done.json()["percent"]] == ["done", 100]
    assert done.json()["result"]["scenario"]["runs"] == 20
    assert caller.get("/api/v1/portfolio/simulations/?state=done").json()["results"][0]["result"] is None
    assert caller.post(f"{place}cancel/", format="json").status_code == 409
    wrong = caller.post("/api/v1/portfolio/simulations/", {**given, "levers": {"cap": 0}}, format="json")
    assert [wrong.status_code, wrong.json()["errors"][0]["pointer"]] == [400, "/levers/cap"]


@pytest.mark.parametrize(
    ("begin", "days", "end"),
    [
        ("2026-06-15", 0, "2026-06-15"),
        ("2026-06-15", 4, "2026-06-19"),
        ("2026-06-15", 5, "2026-06-22"),
        ("2026-06-15", 4.2, "2026-06-22"),
        ("2026-06-19", 1, "2026-06-22"),
        ("2026-06-20", 0, "2026-06-22"),
    ],
)
def test_work_days_become_dates_and_back(begin, days, end):
    first, last = dt.date.fromisoformat(begin), dt.date.fromisoformat(end)
    assert work_day(first, days) == last
    assert work_days_between(first, last) >= int(days)


def test_a_statement_of_worth_is_kept_and_the_last_one_counts(world):
    row = world[0]
    assert worth(row).number == 1
    assert worth(row, likely=600_000).number == 2
    for changes in (
        {"value": (3, 2, 1)},
        {"cost": (-1, 0, 1)},
        {"basis": " "},
        {"owner": "nobody@example.org"},
        {"currency": "euro"},
    ):
        given = {
            "value": (1, 2, 3),
            "cost": (1, 2, 3),
            "owner": CAST["executive"].email,
            "basis": "x",
            **changes,
        }
        with pytest.raises(Invalid):
            state_worth(by=actor("executive"), initiative=row, **given)
    with pytest.raises(Forbidden):
        state_worth(by=actor("assurer"), initiative=row, value=(1, 2, 3), cost=(1, 2, 3), owner="", basis="x")


def test_a_closure_beyond_every_what_if_is_left_out_of_its_facts(world):
    pool = bottleneck(code="far-away")
    with writes_allowed():
        pool.closures.create(starts_on=dt.date.max, ends_on=dt.date.max, reason="Never")
        pool.closures.create(starts_on=clock.now().date(), ends_on=dt.date.max, reason="For good")
    (spell,) = registers_now()["functions"]["far-away"]["closed"]
    assert (spell[0], spell[1] // 100) == (0, 26)
