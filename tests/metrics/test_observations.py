import datetime as dt

import pytest

from alignment_portal import clock
from alignment_portal.refusals import Invalid
from metrics.models import Observation
from metrics.selectors import series_for
from metrics.services.observations import Recorded, record_observations
from tests.factories.metrics import initiative, reading
from tests.people import actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    initiative()
    return actor("programme_manager")


def faults_of(by, *rows):
    with pytest.raises(Invalid) as refusal:
        record_observations(by=by, rows=list(rows))
    return [(fault.pointer, fault.code) for fault in refusal.value.faults]


def test_readings_are_kept_with_the_value_their_parts_give(owner):
    assert record_observations(by=owner, rows=[reading(), reading(1)]) == Recorded(2, 2, 0, 0)
    [series] = series_for(["AI-0001"])["AI-0001"]
    assert [row.value for row in series.readings] == [0.12, 0.12]


def test_the_same_reading_again_is_no_new_row(owner):
    record_observations(by=owner, rows=[reading()])
    assert record_observations(by=owner, rows=[reading(), reading()]) == Recorded(2, 0, 0, 2)
    assert Observation.objects.count() == 1


def test_another_value_is_a_revision_and_the_past_still_knows_the_first(owner):
    with clock.at_moment(dt.datetime(2026, 3, 1, tzinfo=dt.UTC)):
        record_observations(by=owner, rows=[reading()])
    with clock.at_moment(dt.datetime(2026, 4, 1, tzinfo=dt.UTC)):
        assert record_observations(by=owner, rows=[reading(numerator=130)]).revised == 1
    then = series_for(["AI-0001"], dt.datetime(2026, 3, 15, tzinfo=dt.UTC))["AI-0001"][0]
    now = series_for(["AI-0001"])["AI-0001"][0]
    assert [then.readings[0].value, now.readings[0].value] == [0.12, 0.13]


def test_one_fault_keeps_every_row_out_and_each_fault_has_its_pointer(owner):
    found = faults_of(
        owner,
        reading(),
        reading(metric="no-such-metric"),
        reading(period_end="2026-01-01"),
        reading(3, denominator=0),
        reading(4, numerator=-1),
        reading(5, denominator=None),
        reading(period_start="2099-01-01", period_end="2099-01-07"),
        reading(initiative="AI-9999"),
        reading(deployment="nowhere"),
    )
    assert found == [
        ("/1/metric", "unknown_metric"),
        ("/2/period_end", "order"),
        ("/3/denominator", "not_positive"),
        ("/4/numerator", "negative"),
        ("/5/denominator", "required"),
        ("/6/period_end", "future"),
        ("/7/metric", "unknown_metric"),
        ("/8/deployment", "unknown_deployment"),
    ]
    assert Observation.objects.count() == 0
