import datetime as dt

import pytest

from alignment_portal import clock
from alignment_portal.audit.models import Entry
from alignment_portal.outbox.models import Event
from alignment_portal.refusals import Forbidden, Invalid, TooLarge
from metrics.models import DriftReading, Observation
from metrics.selectors import drift_for, series_for
from metrics.services.observations import Recorded, record_observations
from tests.factories.metrics import document_of, initiative, reading
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


def test_faults_of_shape_are_named_row_by_row(owner):
    found = faults_of(owner, reading(period_start="soon"), reading(colour="red"), {"metric": "x"}, 7)
    shape = ["/0/period_start", "/1", "/2", "/2", "/2", "/3"]
    assert found == [*((pointer, "shape") for pointer in shape), ("/2/value", "required")]


def test_a_fault_of_shape_hides_no_other_fault_of_the_reading_and_none_of_another(owner):
    found = faults_of(
        owner,
        reading(period_start="soon", numerator=-1, spread=-2, colour="red"),
        reading(numerator="three", denominator=0, deployment="nowhere"),
        reading(denominator="many", numerator=10**9),
        reading(value="x", numerator=None, denominator=None, segment=7),
        reading(histogram={"expected": "all"}, numerator=None, denominator=None),
        reading(initiative=7, numerator=-1),
        reading(2, denominator=None),
    )
    assert sorted(found) == [
        ("/0", "shape"),
        ("/0/numerator", "negative"),
        ("/0/period_start", "shape"),
        ("/0/spread", "shape"),
        ("/1/denominator", "not_positive"),
        ("/1/deployment", "unknown_deployment"),
        ("/1/numerator", "shape"),
        ("/2/denominator", "shape"),
        ("/3/segment", "shape"),
        ("/3/value", "shape"),
        ("/4/histogram/expected", "shape"),
        ("/5/initiative", "shape"),
        ("/5/numerator", "negative"),
        ("/6/denominator", "required"),
    ]
    assert Observation.objects.count() == 0


def test_numbers_that_are_none_are_refused(owner):
    row = reading(value=float("nan"), numerator=None, denominator=None)
    assert faults_of(owner, row) == [("/0/value", "shape")]


def test_a_share_does_not_count_more_than_there_is(owner):
    document = document_of()
    document["metrics"][1] |= {"numerator": "repeat contacts", "denominator": "tickets"}
    initiative(document=document)
    assert faults_of(owner, reading(numerator=1001)) == [("/0/numerator", "over_denominator")]


def test_what_is_counted_per_something_is_no_share(owner):
    document = document_of()
    document["metrics"][1] |= {
        "unit": "complaints per 1,000 tickets",
        "numerator": "complaints",
        "denominator": "tickets / 1,000",
    }
    initiative(document=document)
    record_observations(by=owner, rows=[reading(value=14.2, numerator=None, denominator=None)])
    assert Observation.objects.get().value == 14.2


def test_a_period_given_twice_with_different_values_is_a_contradiction(owner):
    assert faults_of(owner, reading(), reading(numerator=1)) == [("/1", "contradiction")]


def test_more_than_ten_thousand_readings_are_too_many(owner):
    with pytest.raises(TooLarge):
        record_observations(by=owner, rows=[reading()] * 10_001)


@pytest.mark.parametrize("rows", [[], "text", {"a": 1}, None])
def test_what_is_not_a_list_of_readings_is_refused(owner, rows):
    with pytest.raises(Invalid):
        record_observations(by=owner, rows=rows)


def test_an_initiative_one_does_not_belong_to_is_as_unknown_as_none(owner):
    stranger = actor("other_manager")
    with pytest.raises(Invalid) as theirs:
        record_observations(by=stranger, rows=[reading()])
    assert theirs.value.faults[0].code == "unknown_metric"


def test_a_role_that_records_nothing_is_told_so(owner):
    with pytest.raises(Forbidden):
        record_observations(by=actor("auditor"), rows=[reading()])


def test_a_histogram_becomes_a_drift_reading(owner):
    row = reading(numerator=None, denominator=None)
    row["histogram"] = {"expected": [100, 100, 100], "actual": [50, 100, 150]}
    assert record_observations(by=owner, rows=[row]).added == 1
    assert record_observations(by=owner, rows=[row]).unchanged == 1
    [drift] = drift_for(["AI-0001"])["AI-0001"]
    assert (round(drift.psi, 6), drift.n_expected, drift.n_actual, drift.bins) == (0.183102, 300, 300, 3)
    assert DriftReading.objects.count() == 1


def test_one_call_leaves_one_entry_and_one_announcement(owner):
    record_observations(by=owner, rows=[reading(), reading(1)])
    assert Entry.objects.filter(action="metrics.observations.recorded").count() == 1
    assert [event.payload for event in Event.objects.filter(name="metrics.readings_recorded")] == [
        {"keys": ["AI-0001"]}
    ]


def test_a_metric_that_left_the_dossier_keeps_its_readings_and_takes_no_more(owner):
    record_observations(by=owner, rows=[reading()])
    document = document_of()
    document["metrics"] = document["metrics"][:1]
    document["risk_posture"]["harms"] = []
    document["change_impact"]["incentive_conflicts"] = []
    initiative(document=document)
    assert Observation.objects.count() == 1
    assert faults_of(owner, reading(1)) == [("/0/metric", "unknown_metric")]


def test_many_readings_cost_as_many_questions_as_few(owner, django_assert_max_num_queries):
    with django_assert_max_num_queries(45):
        record_observations(by=owner, rows=[reading(week % 40, segment=f"s{week}") for week in range(1000)])


def test_a_period_before_anything_was_counted_is_refused(owner):
    early = reading(period_start="0001-01-01", period_end="0001-01-07")
    assert faults_of(owner, early) == [("/0/period_start", "range")]
