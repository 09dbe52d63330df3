"""The cap on work in flight: held at the database, under concurrent requests, and excepted by executives only."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, connections, transaction

from alignment_portal import clock
from alignment_portal.audit.guard import writes_allowed
from alignment_portal.refusals import Conflict, Forbidden, Invalid, refusal_of_guard
from portfolio.models import Bottleneck, CapException, WorkItem, WorkMove
from portfolio.selectors.register import bottlenecks_at
from portfolio.services.register import change_bottleneck
from portfolio.services.work import except_from_cap, move_work
from tests.factories.portfolio import queued
from tests.people import actor, everybody

pytestmark = pytest.mark.django_db
STARTS, WORKERS = 200, 8


@pytest.fixture(autouse=True)
def people(db):
    return everybody()


def start(item, who="assurer"):
    return move_work(by=actor(who), item=item, to="started")


def in_flight():
    return WorkItem.objects.filter(state__in=["started", "blocked"]).count()


def test_no_more_are_begun_than_the_cap_allows():
    items = queued(3, cap=2)
    start(items[0])
    start(items[1])
    with pytest.raises(Conflict) as refused:
        start(items[2])
    assert [refused.value.code, refused.value.next_mover] == ["cap_reached", "executive"]
    assert in_flight() == 2


def test_what_is_blocked_keeps_its_place_and_what_is_done_or_put_back_gives_it_up():
    first, second, third = queued(3, cap=1)
    start(first)
    move_work(by=actor("assurer"), item=first, to="blocked", reason="Waits for the vendor")
    with pytest.raises(Conflict):
        start(second)
    move_work(by=actor("assurer"), item=first, to="queued", reason="Nothing to do until May")
    start(second)
    move_work(by=actor("assurer"), item=second, to="done")
    assert start(third).state == "started"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE portfolio_workitem SET state = 'started', started_at = queued_at WHERE id = {second}",
        "UPDATE portfolio_workitem SET state = 'blocked', started_at = queued_at WHERE id = {second}",
        "UPDATE portfolio_workitem SET exception_id = {borrowed}, state = 'started', started_at = queued_at WHERE id = {second}",
        "UPDATE portfolio_workitem SET exception_id = NULL WHERE id = {excepted}",
        "UPDATE portfolio_bottleneck SET cap = 0 WHERE id = {pool}",
        "UPDATE portfolio_workitem SET bottleneck_id = bottleneck_id + 1 WHERE id = {first}",
        "UPDATE portfolio_workitem SET gate = 'other' WHERE id = {first}",
        "DELETE FROM portfolio_workitem WHERE id = {first}",
        "DELETE FROM portfolio_workmove",
        "UPDATE portfolio_workmove SET state = 'done'",
        "UPDATE portfolio_capexception SET until = '2099-01-01'",
        "DELETE FROM portfolio_capexception",
    ],
)
def test_the_database_refuses_what_goes_past_the_service(statement):
    first, second, excepted = queued(3, cap=1)
    start(first)
    except_from_cap(by=actor("executive"), item=excepted, reason="Year end", until=clock.now().date())
    places = {
        "first": first.pk,
        "second": second.pk,
        "excepted": excepted.pk,
        "pool": first.bottleneck_id,
        "borrowed": CapException.objects.get().pk,
    }
    with pytest.raises(IntegrityError), writes_allowed(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(**places))


def test_an_inserted_item_is_held_to_the_cap_as_well():
    [item] = queued(1, cap=1)
    start(item)
    now = clock.now()
    more = WorkItem(initiative=item.initiative, bottleneck=item.bottleneck, gate="more", state="started",
                    queued_at=now, started_at=now)  # fmt: skip
    with pytest.raises(IntegrityError) as refused, writes_allowed(), transaction.atomic():
        more.save()
    assert refusal_of_guard(refused.value).code == "cap_reached"


def test_a_cap_is_not_lowered_below_what_is_in_flight():
    items = queued(3, cap=3)
    for item in items[:2]:
        start(item)
    pool = Bottleneck.objects.get()
    with pytest.raises(Conflict, match="2 in flight"):
        change_bottleneck(by=actor("executive"), bottleneck=pool, changes={"cap": 1})
    assert change_bottleneck(by=actor("executive"), bottleneck=pool, changes={"cap": 2}).cap == 2


def test_an_exception_is_an_executive_s_with_a_reason_and_an_end():
    first, second = queued(2, cap=1)
    start(first)
    today = clock.now().date()
    with pytest.raises(Forbidden):
        except_from_cap(by=actor("administrator"), item=second, reason="Urgent", until=today)
    for reason, until in (
        ("", today),
        ("Urgent", today - dt.timedelta(1)),
        ("Urgent", today + dt.timedelta(91)),
    ):
        with pytest.raises(Invalid):
            except_from_cap(by=actor("executive"), item=second, reason=reason, until=until)
    except_from_cap(by=actor("executive"), item=second, reason="Urgent", until=today)
    assert [in_flight(), bottlenecks_at()["legal"].in_flight] == [2, 1]


def test_an_exception_that_has_ended_counts_against_the_cap_again():
    first, second = queued(2, cap=1)
    start(first)
    except_from_cap(by=actor("executive"), item=second, reason="Urgent", until=clock.now().date())
    with clock.at_moment(clock.now() + dt.timedelta(days=2)):
        assert bottlenecks_at()["legal"].in_flight == 2


def test_what_was_in_flight_is_told_as_it_was_then():
    with clock.at_moment(dt.datetime(2026, 3, 1, tzinfo=dt.UTC)):
        first, second = queued(2, cap=2)
    with clock.at_moment(dt.datetime(2026, 3, 2, tzinfo=dt.UTC)):
        start(first)
    with clock.at_moment(dt.datetime(2026, 3, 9, tzinfo=dt.UTC)):
        move_work(by=actor("assurer"), item=first, to="done")
        start(second)
    told = [
        bottlenecks_at(dt.datetime(2026, 3, day, 12, tzinfo=dt.UTC))["legal"].in_flight for day in (1, 2, 9)
    ]
    assert told == [0, 1, 1]


@pytest.mark.django_db(transaction=True)
def test_200_starts_at_once_against_a_cap_of_three_never_put_four_in_flight():
    items = queued(STARTS, cap=3)
    by, most, lock, refusals = actor("assurer"), [], threading.Lock(), []
    moment = clock.now() + dt.timedelta(seconds=1)

    def attempt(item):
        try:
            with clock.at_moment(moment):
                move_work(by=by, item=item, to="started")
        except Conflict as refusal:
            with lock:
                refusals.append(refusal.code)
        finally:
            seen = in_flight()
            with lock:
                most.append(seen)
            connections.close_all()

    with ThreadPoolExecutor(WORKERS) as workers:
        list(workers.map(attempt, items))
    assert [max(most), in_flight(), len(refusals), set(refusals)] == [3, 3, STARTS - 3, {"cap_reached"}]
    assert WorkMove.objects.filter(state="started").count() == 3


@pytest.mark.django_db(transaction=True)
def test_raw_statements_at_once_are_held_by_the_guard_alone():
    items = queued(40, cap=3)

    def attempt(item):
        statement = "UPDATE portfolio_workitem SET state = 'started', started_at = queued_at WHERE id = %s"
        try:
            with writes_allowed(), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement, [item.pk])
        except IntegrityError:
            return 0
        finally:
            connections.close_all()
        return 1

    with ThreadPoolExecutor(WORKERS) as workers:
        begun = sum(workers.map(attempt, items))
    assert [begun, in_flight()] == [3, 3]
