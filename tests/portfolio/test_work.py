"""Work follows the dossiers, moves as people say, and flows as it was measured."""

import datetime as dt
import random
import statistics

import pytest

from alignment_portal import clock
from alignment_portal.audit.guard import writes_allowed
from alignment_portal.outbox.models import Event
from alignment_portal.reactions import REACTIONS, TAKE_UP
from alignment_portal.refusals import Conflict, Forbidden, Invalid, Stale
from initiatives.models import Initiative, Status
from initiatives.services.dossiers import save_dossier
from portfolio.models import WorkItem
from portfolio.selectors.flow import capacity_days, flow_of
from portfolio.services.closures import keep_closure, remove_closure
from portfolio.services.work import move_work, take_up
from portfolio.tasks import follow_dossiers
from tests.factories.metrics import document_of, initiative
from tests.factories.portfolio import bottleneck, queued
from tests.gates.scene import submitted
from tests.people import actor, api, everybody

pytestmark = pytest.mark.django_db
BEGIN = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def people(db):
    return everybody()


def in_review(document):
    about = save_dossier(by=actor("programme_manager"), document=document).initiative
    submitted(about)
    about.refresh_from_db()
    return about


def follow():
    """Hand over what was announced to this app's own reaction; the others have their own tests."""
    for event in Event.objects.order_by("pk"):
        if TAKE_UP in REACTIONS[event.name]:
            follow_dossiers(**event.payload)


def states():
    return list(WorkItem.objects.order_by("gate").values_list("gate", "state"))


def test_what_a_dossier_in_review_asks_is_queued_and_what_it_no_longer_asks_is_withdrawn():
    bottleneck()
    document = document_of()
    about = in_review(document)
    follow()
    assert states() == [("data_rights", "queued")]
    asked = [{**document["bottleneck_demand"][0], "gate": "governance"}]
    save_dossier(
        by=actor("programme_manager"),
        document={**document, "bottleneck_demand": asked},
        expected=about.fingerprint,
    )
    follow()
    assert states() == [("data_rights", "withdrawn"), ("governance", "queued")]
    assert take_up(keys=[about.key]) == 0


def test_a_draft_asks_nothing_yet():
    bottleneck()
    save_dossier(by=actor("programme_manager"), document=document_of())
    follow()
    assert [Initiative.objects.get().status, states()] == [Status.DRAFT, []]


def test_a_function_that_is_registered_later_takes_up_what_waits_for_it():
    in_review(document_of())
    follow()
    bottleneck()
    follow()
    assert states() == [("data_rights", "queued")]


def test_moving_to_where_it_is_changes_nothing_and_a_wrong_step_is_refused():
    [item] = queued(1)
    by = actor("assurer")
    assert move_work(by=by, item=item, to="queued").version == 1
    with pytest.raises(Conflict, match="queued cannot become done"):
        move_work(by=by, item=item, to="done")
    with pytest.raises(Invalid):
        move_work(by=by, item=item, to="withdrawn")
    move_work(by=by, item=item, to="started")
    with pytest.raises(Invalid, match="Say why"):
        move_work(by=by, item=item, to="blocked")
    with pytest.raises(Stale):
        move_work(by=by, item=item, to="done", expected=1)
    assert [move.state for move in item.moves.all()] == ["queued", "started"]


@pytest.mark.parametrize("who", ["programme_manager", "contributor", "auditor"])
def test_who_asks_does_not_start_the_work_of_others(who):
    [item] = queued(1)
    with pytest.raises(Forbidden):
        move_work(by=actor(who), item=item, to="started")


def day(number):
    return BEGIN + dt.timedelta(days=number)


STAYS = ((0, 2, 10), (1, 10, 16), (4, None, None), (-30, -20, -10))


def function_with(stays, *withdrawn):
    """A function at which so much was queued, begun and done on these days; None for what has not happened."""
    about, pool = initiative(), bottleneck(cap=1000)
    rows = []
    for number, days in enumerate([*stays, *withdrawn]):
        came, begun, over = (None if one is None else day(one) for one in days)
        reached = "done" if over else "started" if begun else "queued"
        rows.append(
            WorkItem(
                initiative=about, bottleneck=pool, gate=f"gate-{number}", queued_at=came, started_at=begun,
                finished_at=over, state=reached if number < len(stays) else "withdrawn",
            )
        )  # fmt: skip
    with writes_allowed():
        WorkItem.objects.bulk_create(rows)
    return pool


def test_littles_law_is_an_identity_of_what_was_measured():
    law = flow_of(function_with(STAYS), day(21), weeks=3).little
    assert law.number == pytest.approx(law.rate * law.time)
    # From the day before the first came to the last: 10, 15 and 17 days.
    assert [law.number, law.rate, law.time] == pytest.approx([42 / 21, 3 / 21, 42 / 3])


def test_flow_tells_lead_time_throughput_and_what_stood_where():
    flow = flow_of(function_with(STAYS), day(20), weeks=2)
    assert [flow.done, flow.per_week, flow.lead_days, flow.wait_days, flow.work_days] == [
        2,
        1.0,
        12.5,
        5.5,
        7.0,
    ]
    assert [(week.queued, week.started, week.done) for week in flow.weeks] == [
        (4, 2, 1),
        (4, 3, 2),
        (4, 3, 3),
    ]


def test_an_empty_queue_has_no_flow():
    flow = flow_of(bottleneck(), day(20))
    assert [flow.done, flow.lead_days, flow.little.number] == [0, None, 0.0]


def read_one_by_one(stays, now, weeks):
    """The same figures from every stay, as they are meant: weeks, medians, and the count followed step by step."""
    begin = now - 7 * weeks
    ends = [now - 7 * back for back in range(weeks, -1, -1)]
    told = [tuple(sum(s[n] is not None and s[n] <= end for s in stays) for n in range(3)) for end in ends]
    done = [stay for stay in stays if stay[2] is not None and stay[2] > begin]
    medians = [
        statistics.median(stay[last] - stay[first] for stay in done) if done else None
        for first, last in ((0, 2), (0, 1), (1, 2))
    ]
    inside = [
        (max(came, begin), now if over is None else min(over, now))
        for came, _, over in stays
        if came < now and (over is None or over > begin)
    ]
    area, number, last = 0.0, 0, begin
    for at, change in sorted([(at, 1) for at, _ in inside] + [(at, -1) for _, at in inside]):
        area, number, last = area + number * (at - last), number + change, at
    spent = sum(until - since for since, until in inside)
    length = 7 * weeks
    law = [area / length, len(inside) / length, spent / len(inside)] if inside else [0.0, 0.0, 0.0]
    return told, len(done), medians, law


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_flow_from_the_database_is_that_of_every_stay_read_one_by_one(seed, django_assert_num_queries):
    draw = random.Random(seed)
    stays = []
    for _ in range(80):
        # Whole days, where weeks begin and end, and moments to the microsecond.
        came = draw.choice([draw.randrange(-60, 40), draw.randrange(-60 * 10**6, 40 * 10**6) / 10**6])
        begun = draw.choice([None, came, came + draw.randrange(1, 20), came + draw.random() * 20])
        over = None if begun is None else draw.choice([None, begun, begun + 3, begun + draw.random() * 30])
        stays.append((came, begun, over))
    pool = function_with(stays, (0, None, None), (1, 2, None))
    for now, weeks in ((day(0), 1), (day(10), 4), (day(30.5), 8), (day(100), 2)):
        with django_assert_num_queries(5):
            flow = flow_of(pool, now, weeks)
        told, done, medians, law = read_one_by_one(stays, (now - BEGIN) / dt.timedelta(days=1), weeks)
        assert [(week.queued, week.started, week.done) for week in flow.weeks] == told
        assert [flow.done, flow.weeks[-1].ends_on] == [done, now.date()]
        assert [flow.lead_days, flow.wait_days, flow.work_days] == pytest.approx(medians, abs=1e-9)
        assert [flow.little.number, flow.little.rate, flow.little.time] == pytest.approx(law, abs=1e-9)


def test_the_calendar_leaves_out_weekends_and_closed_days():
    pool = bottleneck(people=2, hours_per_week=20)
    monday = dt.date(2026, 3, 2)
    assert capacity_days(pool, monday, monday + dt.timedelta(days=14)) == 10.0
    kept = keep_closure(
        by=actor("executive"), bottleneck=pool, starts_on=monday, ends_on=monday, reason="Audit"
    )
    assert capacity_days(pool, monday, monday + dt.timedelta(days=14)) == 9.0
    with pytest.raises(Conflict, match="already"):
        keep_closure(by=actor("executive"), bottleneck=pool, starts_on=monday, ends_on=monday, reason="Fair")
    with pytest.raises(Invalid, match="or later"):
        keep_closure(
            by=actor("executive"),
            bottleneck=pool,
            starts_on=monday,
            ends_on=BEGIN.date() - dt.timedelta(1),
            reason="Fair",
        )
    for far in (dt.date.max, dt.date.min):
        with pytest.raises(Invalid, match="within ten years"):
            keep_closure(by=actor("executive"), bottleneck=pool, starts_on=far, ends_on=far, reason="Fair")
    remove_closure(by=actor("executive"), bottleneck=pool, closure=kept.pk)
    assert pool.closures.count() == 0


def test_a_second_start_of_the_same_work_is_counted_from_the_second():
    with clock.at_moment(BEGIN):
        [item] = queued(1)
    for number, to in enumerate(["started", "queued", "started"], start=1):
        with clock.at_moment(day(number)):
            item = move_work(by=actor("assurer"), item=item, to=to, reason="Waits for data")
    assert [item.started_at, item.version] == [day(3), 4]


# --- read again and again ----------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "?limit=1", "?state=queued", "?fields=id,age_days"])
def test_who_has_the_list_already_is_told_so_while_only_ages_grow_and_at_most_for_a_day(query):
    bottleneck()
    with clock.at_moment(BEGIN):
        first, second = queued(2)
    client, address = api("executive"), f"/api/v1/portfolio/work/{query}"

    def asked(hours, tag=""):
        with clock.at_moment(BEGIN + dt.timedelta(hours=hours)):
            return client.get(address, headers={"If-None-Match": tag})

    read = asked(1)
    tag = read.headers["ETag"]
    assert (read.status_code, asked(2, tag).status_code, asked(23.9, tag).status_code) == (200, 304, 304)
    assert asked(2, tag).content == b""
    old = asked(25, tag)
    assert (old.status_code, old.headers["ETag"] == tag) == (200, False)
    with clock.at_moment(BEGIN + dt.timedelta(hours=26)):
        move_work(by=actor("executive"), item=first, to="started", reason="Begun.")
    assert asked(26, old.headers["ETag"]).status_code == 200
    assert {first.pk, second.pk} >= {row["id"] for row in asked(26).json()["results"]}
