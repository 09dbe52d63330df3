"""The last periods of each metric and deployment: the same as reading everything would give, and without reading it."""

import datetime as dt
import json
from collections import defaultdict
from itertools import product

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alignment_portal.audit.guard import writes_allowed
from alignment_portal.portions import Everything
from initiatives.models import Initiative
from metrics import selectors
from metrics.models import Metric, Observation
from metrics.selectors import entries_of, segments_of, series_for
from metrics.selectors.recent import RecentPeriods
from tests.factories.metrics import initiative

pytestmark = pytest.mark.django_db
FIRST = dt.date(2026, 1, 1)
KEPT = 3


def moment(day):
    return dt.datetime.combine(FIRST + dt.timedelta(days=day), dt.time(12), dt.UTC)


def row(metric, end=0, length=0, *, recorded=None, deployment="", segment="", revision=1, value=0.0):
    """A reading of a period that ends on a day and began so many days earlier, recorded some days later."""
    last = FIRST + dt.timedelta(days=end)
    return Observation(
        metric=metric,
        deployment=deployment,
        segment=segment,
        period_start=last - dt.timedelta(days=length),
        period_end=last,
        revision=revision,
        value=value,
        recorded_at=moment(end if recorded is None else recorded),
    )


def store(rows):
    with writes_allowed():
        Observation.objects.bulk_create(rows)


def read_naively(at, segment, kept):
    """Everything that was known then, and the last periods of it."""
    series = defaultdict(dict)
    known = Observation.objects.filter(segment=segment, recorded_at__lte=at).select_related(
        "metric__initiative"
    )
    for one in sorted(known, key=lambda one: (one.period_end, one.period_start, one.revision)):
        place = (one.metric.initiative.key, one.metric.code, one.deployment)
        series[place][one.period_end, one.period_start] = one.value
    return {place: list(values.items())[-kept:] for place, values in series.items()}


def as_read(found):
    return {
        (key, series.metric, series.deployment or ""): [
            ((reading.period_end, reading.period_start), reading.value) for reading in series.readings
        ]
        for key, every in found.items()
        for series in every
    }


@pytest.fixture
def two_initiatives():
    initiative("AI-0001")
    initiative("AI-0002")
    return list(Metric.objects.order_by("initiative__key", "code"))


PLACES = st.tuples(st.integers(0, 3), st.sampled_from(["", "a", "b", "ü"]), st.sampled_from(["", "", "s"]))
PERIODS = st.tuples(st.integers(0, 8), st.integers(0, 2))
READINGS = st.lists(
    st.tuples(PLACES, PERIODS, st.lists(st.integers(0, 12), min_size=1, max_size=3)),
    max_size=40,
    unique_by=lambda one: one[:2],
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(readings=READINGS, at=st.one_of(st.none(), st.integers(0, 22)), segment=st.sampled_from(["", "s"]))
def test_the_cut_is_what_reading_everything_would_give(two_initiatives, readings, at, segment):
    values = iter(range(10**6))
    rows = [
        row(
            two_initiatives[metric],
            end,
            length,
            recorded=end + late,
            deployment=deployment,
            segment=segment_of,
            revision=revision,
            value=next(values),
        )
        for (metric, deployment, segment_of), (end, length), delays in readings
        for revision, late in enumerate(sorted(delays), start=1)
    ]
    then = None if at is None else moment(at)
    with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(selectors, "LONGEST_SERIES", KEPT)
        store(rows)
        expected = read_naively(then or moment(400), segment, KEPT)
        keys = ["AI-0001", "AI-0002"]
        assert as_read(series_for(keys, then, segment=segment)) == expected
        assert as_read(series_for(None, then, segment=segment)) == expected
        first = {place: values for place, values in expected.items() if place[0] == "AI-0001"}
        assert as_read(series_for(["AI-0001"], then, segment=segment)) == first
        everything, portions = Everything(), {}
        for _ in everything.portions(Initiative.objects.order_by("key").values_list("key"), 1):
            portions |= as_read(series_for(everything, then, segment=segment))
        assert portions == expected
        transaction.set_rollback(True)


def test_sixty_periods_are_kept_of_each_deployment(two_initiatives):
    metric = two_initiatives[0]
    store([row(metric, end=day, deployment=place) for day, place in product(range(70), ["", "north"])])
    assert [(one.deployment, len(one.readings)) for one in series_for(["AI-0001"])["AI-0001"]] == [
        (None, 60),
        ("north", 60),
    ]


def test_deployments_come_in_order_and_each_reading_in_order_of_its_period(two_initiatives):
    metric = two_initiatives[0]
    store([row(metric, end, deployment=place) for place, end in [("b", 2), ("a", 3), ("b", 1)]])
    found = series_for(["AI-0001"])["AI-0001"]
    assert [(one.deployment, [each.period_end.day for each in one.readings]) for one in found] == [
        ("a", [4]),
        ("b", [2, 3]),
    ]


@pytest.mark.parametrize("number", [1, 4])
def test_it_is_one_question_whatever_the_number_of_initiatives(number, django_assert_num_queries):
    keys = [f"AI-{place:04d}" for place in range(1, number + 1)]
    for key in keys:
        initiative(key)
    store([row(metric, day) for metric in Metric.objects.all() for day in range(3)])
    with django_assert_num_queries(1):
        assert sorted(series_for(keys)) == keys
    with django_assert_num_queries(1):
        assert sorted(series_for(None)) == keys


def steps_of(statement):
    """How much the database does for a statement: SQLite's own steps, PostgreSQL's rows looked at."""
    if connection.vendor == "sqlite":
        tally = [0]

        def count():
            tally[0] += 1

        connection.connection.set_progress_handler(count, 1)
        try:
            assert list(statement.iterator())
        finally:
            connection.connection.set_progress_handler(None, 1)
        return tally[0]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.sql}", statement.asked)
        [(plans,)] = cursor.fetchall()
    return looked_at((json.loads(plans) if isinstance(plans, str) else plans)[0]["Plan"])


def looked_at(plan):
    below = sum(looked_at(one) for one in plan.get("Plans", []))
    if plan.get("Relation Name") != "metrics_observation":
        return below
    rows = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
    return below + rows * plan["Actual Loops"]


@pytest.mark.parametrize("at", [None, moment(59)])
@pytest.mark.parametrize("analysed", [False, True])
def test_what_is_older_or_not_known_yet_is_not_looked_at(two_initiatives, at, analysed):
    """Ten thousand more readings, before and after and in other segments, cost what a few in their place cost."""
    metric, others = two_initiatives[0], two_initiatives[1:]
    store([row(metric, day) for day in range(60)])
    store([row(other, day) for other in others for day in range(3)])

    def steps():
        return steps_of(RecentPeriods(["AI-0001"], at, segment="", periods=60))

    few = steps()
    after = 1 if at is None else 100  # later periods are not known yet at that moment
    more = [row(metric, -day, length) for day in range(1, 201) for length in range(20)]
    more += [row(metric, 100 + day, length) for day in range(after - 1) for length in range(20)]
    more += [row(metric, day, segment=f"s{name}") for day in range(40) for name in range(100)]
    store(more)
    if analysed:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE metrics_observation")
    assert steps() <= few * 1.2 + 20


def test_segments_are_named_in_order_without_looking_at_their_readings(
    two_initiatives, django_assert_num_queries
):
    metric, other = two_initiatives[:2]
    names = [f"s{number:03d}" for number in range(80)]
    store([row(metric, day, segment=name) for day in range(5) for name in ["", *names]])
    store([row(other, 1, segment="elsewhere")])
    with django_assert_num_queries(1):
        assert segments_of(metric) == names[:50]
    assert (segments_of(other), segments_of(two_initiatives[2])) == (["elsewhere"], [])


def test_the_latest_entries_come_first_and_from_their_index(two_initiatives):
    metric, other = two_initiatives[:2]
    store([row(metric, 5, recorded=5), row(metric, 2, recorded=9), row(metric, 3, recorded=7), row(other, 9)])
    assert [one.recorded_at.day for one in entries_of(metric)] == [10, 8, 6]
    with connection.cursor() as cursor:
        if (
            connection.vendor == "postgresql"
        ):  # which reads a table of four rows whole, unless it is asked not to
            cursor.execute("SET LOCAL enable_seqscan = off")
        assert "observations_latest_first" in entries_of(metric)[:20].explain()
