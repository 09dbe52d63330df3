"""Results computed from the observations themselves, and the sentence when they are not there."""

import datetime as dt
import random

import pytest

from alignment_portal.refusals import Unprocessable
from metrics.services.observations import record_observations
from metrics.services.results import record_result
from tests.factories.metrics import document_of, initiative
from tests.people import actor

pytestmark = pytest.mark.django_db
START = dt.date(2026, 1, 5)


def week(number, metric, segment, **values):
    start = START + dt.timedelta(weeks=number)
    days = {"period_start": str(start), "period_end": str(start + dt.timedelta(days=6))}
    return {"initiative": "AI-0001", "metric": metric, "segment": segment, **days, **values}


def planned(measure="mean", **plan):
    document = document_of()
    comparison = {"method": "ab_test", "measure": measure, "start_on": str(START), **plan}
    document["metrics"][0]["comparison"] = comparison
    return initiative(document=document)


def record(*rows):
    record_observations(by=actor("programme_manager"), rows=list(rows))


def result(subject, figures=None, **more):
    sent = {"figures": figures or {"kind": "observed"}, "read_on": "2026-04-13", **more}
    return record_result(
        by=actor("programme_manager"), initiative=subject, metric="handling-time", figures=sent
    )


def refused(subject, figures=None, **more):
    with pytest.raises(Unprocessable) as refusal:
        result(subject, figures, **more)
    return refusal.value.sentence


def arms(weeks=6):
    for number in range(weeks):
        yield week(number, "handling-time", "treated", value=10.1, sample_size=1400, spread=6.2)
        yield week(number, "handling-time", "control", value=11.8, sample_size=1400, spread=6.2)
        yield week(number, "repeat-contact", "treated", numerator=168, denominator=1400)
        yield week(number, "repeat-contact", "control", numerator=170, denominator=1400)


def test_means_and_their_guard_are_read_from_the_segments():
    subject = planned()
    record(*arms())
    found = result(subject, guards=[{"metric": "repeat-contact", "figures": {"kind": "observed"}}])
    assert (found.code, found.n) == ("R5_WIN", 16800)
    assert found.estimate == pytest.approx(1.7)
    assert found.details["computed_by"] == "Welch"
    assert found.details["sample_ratio_p"] == 1.0
    assert found.details["fading"] is False
    assert found.details["relative"]["estimate"] == pytest.approx(1.7 / 11.8)


def test_a_correction_is_what_counts():
    subject = planned()
    record(*arms())
    record(
        *(
            week(number, "handling-time", "treated", value=11.8, sample_size=1400, spread=6.2)
            for number in range(6)
        )
    )
    assert result(subject).code == "R6_NULL"


def test_without_a_spread_the_weeks_are_pairs():
    subject = planned()
    values = ((10.0, 11.5), (10.4, 11.9), (9.9, 11.8), (10.2, 11.6))
    for number, (treated, control) in enumerate(values):
        record(
            week(number, "handling-time", "treated", value=treated),
            week(number, "handling-time", "control", value=control),
        )
    found = result(subject, assigned={"changed": 500, "comparison": 500})
    assert (found.details["computed_by"], found.n) == ("paired t test", 4)
    assert found.estimate == pytest.approx(1.575)


def test_teams_randomised_whole_count_as_teams():
    subject = planned(cluster_size=40, intracluster_correlation=0.05)
    teams = {"treated/a": 10.0, "treated/b": 10.4, "treated/c": 9.9, "control/d": 11.5, "control/e": 11.9}
    record(*(week(0, "handling-time", segment, value=value) for segment, value in teams.items()))
    found = result(subject)
    assert (found.details["computed_by"], found.n) == ("Welch on cluster means", 5)


def test_counts_are_compared_as_rates():
    subject = planned(measure="count")
    record(
        week(0, "handling-time", "treated", numerator=11, denominator=800),
        week(0, "handling-time", "control", numerator=21, denominator=3011),
    )
    found = result(subject)
    assert found.details["computed_by"] == "Poisson, exact conditional test"
    assert found.p_value == pytest.approx(0.07967, abs=1e-5)


def wedge(**plan):
    return planned(method="stepped_wedge", clusters=6, steps=3, **plan)


def wedge_rows(effect=-1.5):
    source = random.Random(7)
    for cluster in range(6):
        for number in range(8):
            changed = number >= 4 + cluster // 2
            value = 12 + cluster * 0.3 + number * 0.1 + effect * changed + source.gauss(0, 0.1)
            yield week(number, "handling-time", f"team-{cluster}", value=value)


STARTS = {f"team-{cluster}": str(START + dt.timedelta(weeks=4 + cluster // 2)) for cluster in range(6)}


def test_a_wedge_is_read_from_its_clusters():
    subject = wedge(random_order=True)
    record(*wedge_rows())
    found = result(subject, {"kind": "observed", "starts": STARTS})
    assert found.details["computed_by"] == "stepped wedge, mixed model"
    assert found.estimate == pytest.approx(1.5, abs=0.2)


def test_a_chosen_order_is_a_difference_in_differences_with_its_pre_trend():
    subject = wedge(random_order=False)
    record(*wedge_rows())
    found = result(subject, {"kind": "observed", "starts": STARTS})
    assert found.details["computed_by"] == "difference in differences"
    assert 0 <= found.details["pre_trend_p"] <= 1
    assert "Not randomised: moderate confidence." in found.sentence


def test_one_of_two_primary_claims_is_judged_with_the_other():
    document = document_of()
    document["metrics"][0]["comparison"] = {"method": "ab_test", "start_on": str(START)}
    second = {**document["metrics"][0], "code": "second", "title": "Second claim", "headline": False}
    document["metrics"].append(second)
    subject = initiative(document=document)
    record(*arms())
    found = result(subject)
    assert found.details["holm"]["claims"] == 2
    assert found.details["holm"]["p_adjusted"] == pytest.approx(2 * found.p_value)
    assert "One of 2 primary claims, so its interval was read at 97.5% (Holm)." in found.sentence


def test_a_result_asked_for_before_the_data_is_there_says_so():
    subject = planned()
    assert refused(subject) == (
        "No observation of Handling time in the segment “treated” was recorded from 5 January 2026 to 13 April 2026, "
        "nor in any other segment."
    )
    record(week(0, "handling-time", "new", value=10.0))
    assert refused(subject).endswith("Its segments are “new”.")


@pytest.mark.parametrize(
    ("measure", "rows", "sentence"),
    [
        ("mean", [("treated", {"value": 1.0}), ("control", {"value": 2.0})], "there are 1."),
        ("proportion", [("treated", {"value": 0.1}), ("control", {"value": 0.2})], "with its sample size"),
        ("count", [("treated", {"value": 3.0}), ("control", {"value": 2.0})], "need the events as numerator"),
    ],
)
def test_observations_that_do_not_determine_a_result_get_a_sentence(measure, rows, sentence):
    subject = planned(measure=measure)
    record(*(week(0, "handling-time", segment, **values) for segment, values in rows))
    assert sentence in refused(subject)


def test_days_and_weeks_of_the_same_time_are_not_counted_twice():
    subject = planned()
    record(*arms(2), {**week(0, "handling-time", "treated", value=10.0), "period_end": str(START)})
    assert "its cases would be counted twice" in refused(subject)
