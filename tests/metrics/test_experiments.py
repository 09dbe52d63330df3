"""What an experiment platform shows of a metric becomes a result, as if its figures had been typed in."""

import pytest

from alignment_portal.refusals import Invalid
from metrics.models import MetricResult
from metrics.services.experiments import experiment_figures
from tests.factories.metrics import initiative
from tests.people import api, everybody

pytestmark = pytest.mark.django_db
PLACE = "/api/v1/initiatives/AI-0001/metrics/handling-time/result/experiment/"
ARMS = [
    {"variation": "0", "users": 8412, "mean": 11.8, "stddev": 6.2},
    {"variation": "1", "users": 8388, "mean": 10.4, "stddev": 6.1},
]
GUARD = {
    "metric": "repeat-contact",
    "variations": [
        {"variation": "0", "users": 8412, "conversions": 1019},
        {"variation": "1", "users": 8388, "conversions": 1000},
    ],
}
SENT = {"variations": ARMS, "read_on": "2026-04-13", "guards": [GUARD]}


def test_means_and_conversions_become_summary_figures():
    assert experiment_figures(SENT) == {
        "figures": {
            "kind": "means",
            "changed": {"mean": 10.4, "sd": 6.1, "n": 8388},
            "comparison": {"mean": 11.8, "sd": 6.2, "n": 8412},
        },
        "guards": [
            {
                "metric": "repeat-contact",
                "figures": {
                    "kind": "shares",
                    "changed": {"events": 1000, "total": 8388},
                    "comparison": {"events": 1019, "total": 8412},
                },
            }
        ],
        "read_on": "2026-04-13",
        "other_changes": "",
    }


def test_named_arms_and_those_assigned():
    arms = [{**ARMS[1], "assigned": 8500}, {**ARMS[0], "assigned": 8510}, {**ARMS[0], "variation": "2"}]
    found = experiment_figures(
        {"variations": arms, "read_on": "2026-04-13", "control": "0", "treatment": "1"}
    )
    assert found["figures"]["changed"]["n"] == 8388
    assert found["assigned"] == {"changed": 8500, "comparison": 8510}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"variations": ARMS[:1]}, "/variations"),
        ({"variations": [ARMS[0], ARMS[0]]}, "/variations"),
        ({"variations": [*ARMS, {**ARMS[0], "variation": "2"}]}, "/treatment"),
        ({"control": "7"}, "/control"),
        ({"treatment": "0"}, "/treatment"),
        ({"variations": [{"variation": "0", "users": 9}, ARMS[1]]}, "/variations"),
        ({"variations": [{"variation": "0", "users": 0, "conversions": 0}, ARMS[1]]}, "/variations/0/users"),
        (
            {"guards": [{**GUARD, "variations": [{**ARMS[0], "variation": "9"}, ARMS[1]]}]},
            "/guards/0/variations",
        ),
        ({"unknown": 1}, ""),
    ],
)
def test_what_is_wrong_is_pointed_out(change, pointer):
    with pytest.raises(Invalid) as caught:
        experiment_figures({**SENT, **change})
    assert caught.value.faults[0].pointer == pointer


def test_a_program_sends_an_experiment_and_reads_the_result():
    everybody()
    initiative()
    answer = api("programme_manager").post(PLACE, SENT, format="json")
    assert answer.status_code == 201
    assert (answer.json()["method"], answer.json()["code"]) == ("ab_test", MetricResult.objects.get().code)
    again = api("programme_manager").post(PLACE, SENT, format="json")
    assert MetricResult.objects.count() == 1
    assert again.status_code == 201
    refused = api("programme_manager").post(PLACE, {**SENT, "variations": ARMS[:1]}, format="json")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/variations")


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({"variations": GUARD["variations"], "guards": []}, "/variations"),
        ({"guards": [{"metric": "repeat-contact", "variations": ARMS}]}, "/guards/0/variations"),
    ],
)
def test_an_experiment_of_another_measure_is_pointed_out_where_it_was_sent(sent, pointer):
    everybody()
    initiative()
    answer = api("programme_manager").post(PLACE, {**SENT, **sent}, format="json")
    assert (answer.status_code, [row["pointer"] for row in answer.json()["errors"]]) == (400, [pointer])


FLAT = [{**row, "stddev": 0} for row in ARMS]
TOO_MANY = [
    {"variation": "0", "users": 8412, "conversions": 8413},
    {"variation": "1", "users": 8388, "conversions": 1000},
]


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({"variations": FLAT, "guards": []}, "/variations"),
        ({"variations": [{**ARMS[0], "users": 1}, ARMS[1]]}, "/variations"),
        ({"guards": [{**GUARD, "variations": TOO_MANY}]}, "/guards/0/variations"),
    ],
)
def test_figures_that_determine_nothing_are_pointed_out_where_they_were_sent(sent, pointer):
    everybody()
    initiative()
    answer = api("programme_manager").post(PLACE, {**SENT, **sent}, format="json")
    assert (answer.status_code, [row["pointer"] for row in answer.json()["errors"]]) == (422, [pointer])


def test_no_result_is_read_before_its_plan_begins():
    everybody()
    initiative()
    answer = api("programme_manager").post(PLACE, {**SENT, "read_on": "2026-03-01"}, format="json")
    [fault] = answer.json()["errors"]
    assert (answer.status_code, fault["pointer"], fault["code"]) == (400, "/read_on", "before_start")
    assert (
        api("programme_manager").post(PLACE, {**SENT, "read_on": "2026-03-02"}, format="json").status_code
        == 201
    )


def test_a_result_that_is_read_before_its_plan_ends_says_so():
    everybody()
    initiative()  # its plan ends on 12 April 2026
    for day, early in (("2026-04-11", True), ("2026-04-12", False)):
        answer = api("programme_manager").post(PLACE, {**SENT, "read_on": day}, format="json")
        assert answer.status_code == 201
        assert ("Read before its plan ends" in answer.json()["sentence"]) is early
