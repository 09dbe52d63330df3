import datetime as dt
from collections import Counter

import pytest

from alignment_portal import clock
from alignment_portal.audit.guard import writes_allowed
from initiatives.models import Initiative, Status
from initiatives.models.initiative import VERDICTS
from initiatives.services.judgements import note_judgement
from portfolio.selectors.register import waiting_counts
from portfolio.web import counting
from portfolio.web.saturation_chart import heat_of
from tests.factories.many import many
from tests.factories.metrics import initiative
from tests.factories.portfolio import bottleneck, dependency
from tests.gates.scene import LEARNING, saved, standing_at
from tests.people import actor, browser, everybody

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


def page_as_meant(who, most):
    """Read one by one: verdicts by horizon, whose move has waited longest, whose learning ends first, who waits for what."""
    visible = Initiative.objects.visible_to(actor(who))
    rows = [row for row in visible.order_by("key") if row.status != Status.RETIRED]
    tally = Counter((row.judged_level or "unjudged", row.horizon) for row in rows)
    blocked = [row for row in rows if row.judged_level == "blocked"]
    blocked.sort(key=lambda row: (row.next_since is None, row.next_since and row.next_since.timestamp()))
    learning = [row for row in rows if "learning_only" in (row.status, row.judged_level)]
    learning.sort(key=lambda row: row.learning_ends_on or dt.date.min)
    needs = Counter(need.code for row in rows for need in row.dependency_rows.all())
    keys = [[row.key for row in kind[:most]] for kind in (blocked, learning)]
    return dict(tally), *keys, dict(needs)


def page_as_told(who):
    by = actor(who)
    cells = {
        (line.verdict, horizon): cell.count
        for line in counting.tally(by).lines
        for horizon, cell in zip(counting.HORIZONS, line.cells, strict=True)
        if cell.count
    }
    rows = counting.blocked(by), counting.learning(by)
    return cells, *([row["key"] for row in found] for found in rows), waiting_counts(by)


def scattered(draw):
    """Any verdict or none, waiting and learning until a few days or without one; two that learn and are judged otherwise."""
    today = clock.now()
    standing_at("learning_only", saved("AI-9001", **LEARNING))
    standing_at("learning_only", saved("AI-9002", **LEARNING))
    verdicts = ["", *VERDICTS, "blocked", "learning_only"]
    with writes_allowed():
        for about in Initiative.objects.order_by("key"):
            waits, ends = (draw.choice([None, *range(1, 8)]) for _ in range(2))
            Initiative.objects.filter(pk=about.pk).update(
                judged_level="aligned" if about.status == "learning_only" else draw.choice(verdicts),
                next_since=waits and today - dt.timedelta(days=waits),
                learning_ends_on=ends and today.date() + dt.timedelta(days=ends),
            )


@pytest.mark.parametrize("most", [1, 12, 100])
def test_of_many_the_page_counts_and_shows_those_it_means(most, monkeypatch):
    monkeypatch.setattr(counting, "LONGEST_LIST", most)
    scattered(many(90, seed=most))
    for who in ("executive", "programme_manager", "other_manager"):
        assert page_as_told(who) == page_as_meant(who, most + 1)
        assert len(page_as_told(who)[2]) > min(most, 6)  # there are some to put in order


def test_what_only_retired_initiatives_wait_for_nobody_waits_for():
    many(4, retired=1)
    assert waiting_counts(actor("executive")) == {}


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
    judged("AI-0009", level="learning_only")
    dependency()
    bottleneck()
    client = browser("executive")
    client.get("/portfolio/")
    with django_assert_num_queries(18):
        client.get("/portfolio/")
    for number in (2, 3):
        judged(f"AI-000{number}")
        judged(f"AI-001{number}", level="learning_only")
        dependency(f"platform-{number}")
        bottleneck(f"function-{number}")
    with django_assert_num_queries(18):
        client.get("/portfolio/")
