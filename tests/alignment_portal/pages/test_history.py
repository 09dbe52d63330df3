import csv

import pytest

from alignment_portal.accounts import services
from alignment_portal.accounts.actors import SYSTEM
from alignment_portal.audit import triggers
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service, writes_allowed
from alignment_portal.audit.models import Entry
from alignment_portal.http.spreadsheets import safe_cell
from tests import people

pytestmark = pytest.mark.django_db


@service
def write(count=1, **more):
    for n in range(count):
        record(**{"by": SYSTEM, "action": "tests.row.write", "subject": f"row:{n}", **more})


def page(address="/history/"):
    answer = people.browser("auditor").get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_record_reads_in_words():
    services.grant_role(
        by=people.actor("administrator"), person=people.person("executive"), role="contributor"
    )
    assert "Adaeze Obi gave Eleanor Voss the role contributor" in page()


def test_a_long_record_comes_in_pages():
    write(60)
    context = people.browser("auditor").get("/history/").context
    assert (len(context["lines"]), context["older"]) == (50, "?before=11")
    context = people.browser("auditor").get("/history/?before=11").context
    assert ([line.seq for line in context["lines"]], context["older"]) == (list(range(10, 0, -1)), "")


def test_the_filter_stays_in_the_address():
    write(60, initiative="AI-0001")
    context = people.browser("auditor").get("/history/?initiative=AI-0001").context
    assert context["older"] == "?initiative=AI-0001&before=11"
    assert context["export"] == "export/?initiative=AI-0001"


def test_a_filter_that_cannot_be_read_is_said_at_its_field():
    assert "Enter a valid date." in page("/history/?since=soon")


def test_a_page_costs_the_same_however_long(django_assert_max_num_queries):
    browser = people.browser("auditor")
    for count in (1, 30):
        write(count)
        with django_assert_max_num_queries(9):
            browser.get("/history/")


def test_the_whole_record_can_be_verified_on_the_page():
    write(2)
    assert "The record is whole" in page("/history/?verify=1")
    triggers.remove_all()
    with writes_allowed():
        Entry.objects.filter(seq=1).update(subject="row:other")
    assert "Entry 1 was changed after it was recorded." in page("/history/?verify=1")
    triggers.install_all()


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_of_the_export_is_a_formula(first):
    write(1, subject=f"{first}1+1", reason=f"{first}cmd")
    answer = people.browser("auditor").get("/history/export/")
    [head, row] = list(csv.reader(answer.getvalue().decode("utf-8-sig").splitlines(keepends=True)))
    cells = dict(zip(head, row, strict=True))
    assert (cells["subject"], cells["reason"]) == (f"'{first}1+1", f"'{first}cmd")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="history-')


def test_an_ordinary_cell_is_left_alone():
    assert safe_cell("row:1") == "row:1"


def test_the_api_gives_the_same_words():
    write(3)
    body = people.api("auditor").get("/api/v1/history/?limit=2").json()
    assert [row["sentence"] for row in body["results"]] == [
        "The portal: tests.row.write on row:2",
        "The portal: tests.row.write on row:1",
    ]
    assert [row["seq"] for row in people.api("auditor").get(body["next"]).json()["results"]] == [1]
