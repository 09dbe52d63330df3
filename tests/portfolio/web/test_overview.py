import datetime as dt

import pytest

from alignment_portal import clock
from initiatives.services.judgements import note_judgement
from portfolio.web.saturation_chart import heat_of
from tests.factories.metrics import initiative
from tests.factories.portfolio import bottleneck, dependency
from tests.people import browser, everybody

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def cast(db):
    everybody()


def judged(key="AI-0001", level="blocked", horizon="H1"):
    made = initiative(key, horizon=horizon)
    note_judgement(
        initiative=made,
        level=level,
        at=clock.now(),
        reason="Blocked: nobody is on call.",
        gate="ownership",
        mover="Callum Reid",
        deed="Name who is on call",
        since=clock.now() - dt.timedelta(days=12),
    )
    return made


def opened(who="executive"):
    return browser(who).get("/portfolio/")


def test_every_number_leads_to_the_list_of_what_it_counts():
    judged()
    judged("AI-0002", level="aligned", horizon="H2")
    page, client = opened(), browser("executive")
    assert page.context["answer"] == "0 of 2 initiatives may scale; 1 is blocked."
    for line in page.context["tally"].lines:
        for cell in (*line.cells, line.total):
            assert len(client.get(cell.url).context["rows"]) == cell.count


def test_what_is_retired_is_counted_nowhere():
    page = opened()
    assert (page.context["tally"].total.count, page.context["blocked"]) == (0, [])


def test_what_is_blocked_says_why_and_whose_move_it_is():
    judged()
    row = opened().context["blocked"][0]
    assert (row["key"], row["judged_gate"], row["next_mover_name"]) == ("AI-0001", "ownership", "Callum Reid")
    assert "Nobody is on call." in opened().content.decode().replace("nobody", "Nobody")


def test_a_manager_counts_only_what_they_may_see():
    judged()
    totals = {who: opened(who).context["tally"].total.count for who in ("programme_manager", "other_manager")}
    assert totals == {"programme_manager": 1, "other_manager": 0}


def test_what_only_learns_shows_until_when():
    judged(level="learning_only")
    assert "No end date" in opened().content.decode()


def test_the_heat_grid_and_its_table_hold_the_same_groups():
    judged()
    heat = opened().context["heat"]
    assert [row[0] for row in heat.rows] == ["Agents"]
    assert "Agents" in heat.drawing


def load(share, month=dt.date(2026, 6, 1), **changes):
    row = {"group": "agents", "name": "Agents", "month": month, "share": share, "hours_per_person": 15.9}
    return {**row, **changes}


def test_the_heat_grid_names_the_worst_month():
    heat = heat_of([load(1.325), load(0.5, dt.date(2026, 7, 1))], dt.date(2026, 6, 20))
    assert heat.title == "Agents: 132% of what people can absorb in June 2026; nobody else is over."
    assert heat.rows == (("Agents", "132%, 15.9 h", "50%, 15.9 h"),)


def test_the_heat_grid_shows_at_most_a_year_ahead():
    loads = [load(0.5, dt.date(2026 + month // 12, month % 12 + 1, 1)) for month in range(20)]
    assert heat_of(loads, dt.date(2026, 3, 9)).head[1:] == (
        "Mar 26", "Apr 26", "May 26", "Jun 26", "Jul 26", "Aug 26", "Sep 26", "Oct 26", "Nov 26", "Dec 26",
        "Jan 27", "Feb 27",
    )  # fmt: skip


def test_a_group_without_capacity_is_said_in_words():
    heat = heat_of([load(None)], dt.date(2026, 6, 1))
    assert heat.summary.endswith("No capacity is stated for Agents.")


def test_nothing_to_absorb_draws_nothing():
    assert heat_of([], dt.date(2026, 6, 1)) is None


def test_the_page_takes_the_same_queries_however_many_initiatives(django_assert_num_queries):
    judged()
    dependency()
    bottleneck()
    client = browser("executive")
    client.get("/portfolio/")
    with django_assert_num_queries(17):
        client.get("/portfolio/")
    for number in (2, 3):
        judged(f"AI-000{number}")
        dependency(f"platform-{number}")
        bottleneck(f"function-{number}")
    with django_assert_num_queries(17):
        client.get("/portfolio/")
