"""The primary claims of one initiative are judged as one family, whichever is read first."""

import pytest

from alignment_portal.audit.models import Entry
from alignment_portal.audit.words import in_words
from alignment_portal.writing import writes_allowed
from metrics.models import MetricResult
from metrics.services.observations import record_observations
from metrics.services.results import record_result
from tests.factories.metrics import document_of, initiative, reading
from tests.people import actor

pytestmark = pytest.mark.django_db
# SOURCE: Holm 1979; two primary claims, p .0263 and p .0056: alone at 97.5 %, after the smaller one at 95 %.
SLOWER = {
    "kind": "means",
    "changed": {"mean": 11.2, "sd": 6.2, "n": 1060},
    "comparison": {"mean": 11.8, "sd": 6.2, "n": 1060},
}
SURER = {
    "kind": "means",
    "changed": {"mean": 11.0, "sd": 6.2, "n": 960},
    "comparison": {"mean": 11.8, "sd": 6.2, "n": 960},
}


def two_primaries(**first):
    document = document_of()
    document["metrics"][0]["comparison"] = {"method": "ab_test", **first}
    document["metrics"][0]["target"]["effect"] = -1.0
    second = {
        **document["metrics"][0],
        "code": "first-response",
        "title": "First response",
        "headline": False,
    }
    document["metrics"].append(second)
    return document


def read_of(subject, metric, figures=SLOWER):
    sending = {"figures": figures, "read_on": "2026-04-13"}
    return record_result(by=actor("programme_manager"), initiative=subject, metric=metric, figures=sending)


def latest_of(metric):
    return MetricResult.objects.filter(metric__code=metric).latest()


def test_a_primary_claim_that_is_read_has_the_others_judged_again():
    subject = initiative(document=two_primaries())
    alone = read_of(subject, "handling-time")
    assert (alone.code, alone.details["holm"]["level"]) == ("R7_INCONCLUSIVE", 0.975)
    assert alone.details["holm"]["p_adjusted"] == pytest.approx(2 * alone.p_value)
    surer = read_of(subject, "first-response", SURER)
    assert surer.p_value < alone.p_value < 0.05
    again = latest_of("handling-time")
    assert (again.code, again.details["holm"]["level"]) == ("R3_WIN_GUARD_OPEN", pytest.approx(0.95))
    assert again.details["holm"]["p_adjusted"] == pytest.approx(alone.p_value)
    assert (again.figures, again.p_value, again.read_on) == (alone.figures, alone.p_value, alone.read_on)
    assert MetricResult.objects.get(pk=alone.pk).code == "R7_INCONCLUSIVE"


def test_what_is_judged_again_is_in_the_record():
    subject = initiative(document=two_primaries())
    read_of(subject, "handling-time")
    read_of(subject, "first-response", SURER)
    written = Entry.objects.filter(action__startswith="metrics.result").order_by("seq")
    assert [(row.action, row.subject) for row in written] == [
        ("metrics.result.recorded", "handling-time"),
        ("metrics.result.recorded", "first-response"),
        ("metrics.result.judged_again", "handling-time"),
    ]
    said = in_words(written)[-1].sentence
    assert "the result for handling-time of AI-0001 was judged again when" in said
    assert said.endswith("recorded one for first-response")


def test_the_order_in_which_claims_are_read_does_not_matter():
    subject = initiative(document=two_primaries())
    read_of(subject, "first-response", SURER)
    read_of(subject, "handling-time")
    assert latest_of("handling-time").code == "R3_WIN_GUARD_OPEN"
    assert latest_of("first-response").details["holm"]["level"] == 0.975
    assert MetricResult.objects.count() == 2


def test_the_same_figures_are_judged_again_only_where_the_family_changed():
    subject = initiative(document=two_primaries())
    first = read_of(subject, "handling-time")
    assert read_of(subject, "handling-time").pk == first.pk
    read_of(subject, "first-response", SURER)
    again = latest_of("handling-time")
    assert read_of(subject, "handling-time").pk == again.pk
    assert MetricResult.objects.count() == 3


def test_a_result_left_stale_is_judged_by_sending_its_figures_again():
    subject = initiative(document=two_primaries())
    old = read_of(subject, "handling-time")
    latest = read_of(subject, "first-response", SURER)
    assert latest_of("handling-time").pk != old.pk
    stale = MetricResult.objects.get(pk=old.pk)
    stale.pk, stale.recorded_at = None, latest_of("handling-time").recorded_at
    with writes_allowed():
        stale.save(force_insert=True)
    assert latest_of("handling-time").code == "R7_INCONCLUSIVE"
    assert read_of(subject, "handling-time").code == "R3_WIN_GUARD_OPEN"
    assert read_of(subject, "first-response", SURER).pk == latest.pk


def test_figures_that_the_plan_no_longer_asks_for_stay_as_they_were_judged():
    subject = initiative(document=two_primaries())
    old = read_of(subject, "handling-time")
    document = two_primaries(method="interrupted_time_series")
    document["metrics"][-1]["comparison"] = {"method": "ab_test"}
    initiative(document=document)
    read_of(subject, "first-response", SURER)
    assert latest_of("handling-time").pk == old.pk


def test_a_series_keeps_the_readings_it_was_computed_from():
    document = two_primaries(method="interrupted_time_series", launch_on="2026-03-30")
    document["metrics"][-1]["comparison"] = {"method": "ab_test"}
    subject = initiative(document=document)
    values = [62, 61.5, 62.4, 61.8, 62.2, 61.9, 62.1, 61.6, 62.3, 61.7, 62.0, 61.9]
    values += [61.9, 61.2, 61.6, 61.5, 61.1, 61.7, 61.3, 61.4]
    more = [20.0, 90.0]

    def record(numbers, first=0):
        rows = [
            reading(first + week, metric="handling-time", value=value, numerator=None, denominator=None)
            for week, value in enumerate(numbers)
        ]
        record_observations(by=actor("programme_manager"), rows=rows)

    record(values)
    old = read_of(subject, "handling-time", {"kind": "series"})
    record(more, len(values))
    read_of(subject, "first-response", {**SURER, "changed": {"mean": 1.0, "sd": 6.2, "n": 90_000}})
    again = latest_of("handling-time")
    assert (again.pk == old.pk, again.estimate, again.figures) == (False, old.estimate, old.figures)
    assert read_of(subject, "handling-time", {"kind": "series"}).estimate != old.estimate
