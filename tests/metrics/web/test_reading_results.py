"""Reading the result of a comparison on its page: by what the plan allows, with its guards, and what is refused."""

import datetime as dt

import pytest

from metrics.models import MetricResult
from metrics.services.observations import record_observations
from tests.factories.metrics import document_of, initiative, reading
from tests.people import actor, browser

pytestmark = pytest.mark.django_db
METRIC = "/initiatives/AI-0001/metrics/handling-time/"
PAGE = f"{METRIC}result/"
CLAIM = {
    "claim-changed-mean": "10.1", "claim-changed-sd": "6.2", "claim-changed-n": "8388",
    "claim-comparison-mean": "11.8", "claim-comparison-sd": "6.2", "claim-comparison-n": "8412",
}  # fmt: skip
GUARD = {
    "guard0-changed-events": "1000", "guard0-changed-total": "8388",
    "guard0-comparison-events": "1019", "guard0-comparison-total": "8412",
}  # fmt: skip


@pytest.fixture(autouse=True)
def subject(db):
    return initiative()


def sent(kind="means", **changes):
    given = {"read_on": "2026-04-13", **CLAIM, **GUARD, **changes}
    return browser("programme_manager").post(f"{PAGE}?kind={kind}", given)


def errors(page):
    return page.context["form"].errors


def test_the_ways_offered_are_those_of_the_plan_and_the_measure():
    page = browser("programme_manager").get(PAGE)
    assert [kind for kind, _ in page.context["kinds"]] == ["observed", "means"]
    assert 'href="?kind=means"' in page.content.decode()


def test_each_metric_has_its_fields_by_group_the_claim_first():
    blocks = browser("programme_manager").get(f"{PAGE}?kind=means").context["form"].blocks()
    assert [(block.is_claim, block.read) for block in blocks] == [(True, None), (False, None)]
    assert [[str(field.field.short) for field in column.fields] for column in blocks[1].columns] == [
        ["cases with the event", "all cases"]
    ] * 2


def test_from_the_readings_a_guard_is_read_too_unless_somebody_says_no():
    blocks = browser("programme_manager").get(f"{PAGE}?kind=observed").context["form"].blocks()
    assert [bool(block.read) for block in blocks] == [False, True]


def test_two_means_and_the_guard_give_the_same_result_as_over_rest():
    page = sent()
    assert page.headers["Location"] == f"{METRIC}#result"
    result = MetricResult.objects.get()
    assert (result.code, result.n, result.estimate) == ("R5_WIN", 16800, pytest.approx(1.7))
    assert result.sentence in browser("auditor").get(METRIC).content.decode()


def test_a_guard_that_is_left_empty_leaves_the_win_open():
    sent(**dict.fromkeys(GUARD, ""))
    assert MetricResult.objects.get().code == "R3_WIN_GUARD_OPEN"


def test_cases_assigned_in_another_ratio_make_it_unreadable():
    sent(**{"assigned-changed": "9000", "assigned-comparison": "8000"})
    assert MetricResult.objects.get().code == "R0_INVALID"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"claim-changed-sd": "-1"}, "claim-changed-sd"),
        ({"claim-changed-n": ""}, "claim-changed-n"),
        ({"claim-changed-mean": "nan"}, "claim-changed-mean"),
        ({"guard0-changed-events": "-4"}, "guard0-changed-events"),
        ({"read_on": (dt.date.today() + dt.timedelta(days=400)).isoformat()}, "read_on"),  # noqa: DTZ011 — any day ahead
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(changes, field):
    page = sent(**changes)
    assert (page.status_code, list(errors(page))) == (422, [field])
    assert MetricResult.objects.count() == 0


def test_what_is_missing_is_a_sentence_and_no_number():
    page = sent("observed", **{"claim-changed": "treated", "claim-comparison": "control"})
    assert page.status_code == 422
    assert errors(page)
    assert MetricResult.objects.count() == 0


def test_the_readings_before_and_after_launch_need_no_figure(subject):
    document = document_of(key="AI-0002")
    document["metrics"][0]["comparison"] = {"method": "interrupted_time_series", "launch_on": "2026-03-30"}
    initiative("AI-0002", document=document)
    values = [
        62,
        61.5,
        62.4,
        61.8,
        62.2,
        61.9,
        62.1,
        61.6,
        62.3,
        61.7,
        62.0,
        61.9,
        55,
        54.2,
        53.6,
        53.9,
        53.1,
        52.8,
        53.3,
        52.6,
    ]
    rows = [
        reading(
            week, initiative="AI-0002", metric="handling-time", value=value, numerator=None, denominator=None
        )
        for week, value in enumerate(values)
    ]
    record_observations(by=actor("programme_manager"), rows=rows)
    page = PAGE.replace("AI-0001", "AI-0002")
    given = {"read_on": "2026-06-01", "other_changes": "None that we know of."}
    answer = browser("programme_manager").post(f"{page}?kind=series", given)
    assert answer.status_code == 302
    assert MetricResult.objects.get().method == "interrupted_time_series"


def test_without_claim_or_plan_there_is_nothing_to_read():
    place = "/initiatives/AI-0001/metrics/repeat-contact/result/"
    answer = browser("programme_manager").get(place, follow=True)
    assert "There is nothing to read yet" in answer.content.decode()
    assert browser("programme_manager").get(PAGE.replace("handling-time", "nothing")).status_code == 404


def test_only_whoever_manages_it_reads_it():
    assert "Read the result" in browser("programme_manager").get(METRIC).content.decode()
    assert "Read the result" not in browser("executive").get(METRIC).content.decode()
    assert browser("executive").post(PAGE, {}).status_code == 403
