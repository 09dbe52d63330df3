"""The page of one metric, readings by hand and from a file."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from alignment_portal.http.spreadsheets import XLSX
from metrics.models import Observation
from metrics.services.observations import record_observations
from tests.factories.metrics import initiative, reading
from tests.people import actor, browser

pytestmark = pytest.mark.django_db
ROOT = "/initiatives/AI-0001"
PAGE = f"{ROOT}/metrics/repeat-contact/"
HEAD = "metric,period_start,period_end,numerator,denominator\n"
WEEK = "repeat-contact,2026-01-05,2026-01-11,120,1000\n"


@pytest.fixture(autouse=True)
def subject(db):
    return initiative()


def recorded(*changes):
    rows = [reading(week, **change) for week, change in enumerate(changes)]
    record_observations(by=actor("programme_manager"), rows=rows)


def csv(text):
    return {"file": SimpleUploadedFile("readings.csv", text.encode(), content_type="text/csv")}


def hand(**changes):
    return {"period_start": "2026-01-05", "period_end": "2026-01-11", "value": "0.12", **changes}


def test_the_page_draws_the_series_with_its_limits_signals_and_table():
    recorded(*[{"numerator": 118 + 3 * (week % 3)} for week in range(14)], {"numerator": 260})
    page = browser("auditor").get(PAGE)
    [series] = page.context["series"]
    assert series.is_charted
    assert "readings that stand out to the worse: 1" in series.sentence
    assert (series.rows[0][2], "R1" in series.rows[0][4]) == ("260 / 1,000", True)
    assert len(series.rows) == 15
    assert page.content.decode().count("<svg") > 1


def test_the_page_of_a_claim_says_what_its_plan_can_tell_and_what_would_mend_it():
    plans = browser("executive").get(f"{ROOT}/metrics/handling-time/").context["plans"]
    assert plans
    assert all(plan.drawing and plan.rows for plan in plans if plan.smallest)


def test_an_unknown_metric_is_not_found():
    assert browser("executive").get(f"{ROOT}/metrics/no-such/").status_code == 404


def test_a_page_without_readings_says_so():
    page = browser("executive").get(PAGE).content.decode()
    assert "No reading of all cases has been recorded yet." in page
    assert "Nothing has been recorded yet." in page


def test_a_reading_by_hand_is_kept_and_a_second_one_corrects_it():
    client = browser("contributor")
    assert client.post(f"{PAGE}readings/", hand()).status_code == 302
    client.post(f"{PAGE}readings/", hand(value="0.13"))
    assert list(Observation.objects.order_by("revision").values_list("revision", "value", "source")) == [
        (1, 0.12, "entered by hand"),
        (2, 0.13, "entered by hand"),
    ]
    assert "2, a correction" in client.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"value": "nan"}, "value"),
        ({"value": ""}, "value"),
        ({"period_end": "2026-01-01"}, "period_end"),
        ({"period_end": "2999-01-01"}, "period_end"),
        ({"value": "", "numerator": "3", "denominator": "0"}, "denominator"),
    ],
)
def test_a_wrong_reading_is_refused_at_its_field_and_kept_in_the_form(changes, field):
    answer = browser("contributor").post(f"{PAGE}readings/", hand(**changes))
    form = answer.context["form"]
    assert (answer.status_code, Observation.objects.count()) == (422, 0)
    assert field in form.errors
    assert form["period_start"].value() == "2026-01-05"


def test_a_file_is_previewed_first_and_then_recorded_as_it_was():
    client = browser("contributor")
    page = client.post(f"{ROOT}/readings/", csv(HEAD + WEEK)).content.decode()
    assert "1 readings would be added, 0 would correct an earlier value" in page
    assert Observation.objects.count() == 0
    sealed = re.search(r'name="rows" value="([^"]+)"', page)[1]
    assert client.post(f"{ROOT}/readings/import/", {"rows": sealed}).status_code == 302
    assert Observation.objects.get().value == 0.12
    client.post(f"{ROOT}/readings/import/", {"rows": sealed})
    assert Observation.objects.count() == 1


def test_a_preview_of_somebody_else_or_changed_is_not_recorded():
    page = browser("contributor").post(f"{ROOT}/readings/", csv(HEAD + WEEK)).content.decode()
    sealed = re.search(r'name="rows" value="([^"]+)"', page)[1]
    browser("programme_manager").post(f"{ROOT}/readings/import/", {"rows": sealed})
    browser("contributor").post(f"{ROOT}/readings/import/", {"rows": f"{sealed}x"})
    assert Observation.objects.count() == 0


def test_a_workbook_is_read_like_a_csv():
    book = Workbook()
    for line in (HEAD + WEEK).split():
        book.active.append(line.split(","))
    file = io.BytesIO()
    book.save(file)
    sent = {"file": SimpleUploadedFile("readings.xlsx", file.getvalue(), content_type=XLSX)}
    assert browser("contributor").post(f"{ROOT}/readings/", sent).context["preview"].recorded.added == 1


def test_every_fault_names_its_row_and_nothing_is_recorded():
    rows = "no-such,2026-01-05,2026-01-11,1,2\nrepeat-contact,2026-01-05,2026-01-11,1,0\nrepeat-contact,soon,2026-01-11,1,2\n"
    answer = browser("contributor").post(f"{ROOT}/readings/", csv(HEAD + rows))
    said = [fault["sentence"] for fault in answer.context["faults"]]
    assert answer.status_code == 422
    assert [sentence[:6] for sentence in said] == ["Row 2:", "Row 3:", "Row 4:"]
    assert Observation.objects.count() == 0


def test_a_file_that_is_no_table_is_refused_in_a_sentence():
    answer = browser("contributor").post(
        f"{ROOT}/readings/", {"file": SimpleUploadedFile("a.csv", b"\xff\x00\x01")}
    )
    assert (answer.status_code, Observation.objects.count()) == (422, 0)
    assert answer.context["form"].errors["file"]


def test_a_template_names_the_columns_and_the_metrics():
    answer = browser("contributor").get(f"{ROOT}/readings/template/csv/")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("metric,deployment,segment,period_start,period_end,value")
    assert lines[1].startswith("handling-time,")
    assert browser("contributor").get(f"{ROOT}/readings/template/pdf/").status_code == 404


def test_who_may_not_record_sees_no_form():
    assert browser("auditor").get(PAGE).context["form"] is None
