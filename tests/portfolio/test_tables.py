"""Registers leave as files and come back with a preview: all of it, or nothing and every fault."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from portfolio.models import Bottleneck, PeopleGroup, SharedDependency
from tests.factories.portfolio import bottleneck, dependency
from tests.people import actor, api, browser, everybody

pytestmark = pytest.mark.django_db
BOTTLENECKS = "/portfolio/import/bottlenecks/"
CSV = b"Code,Function,People,Cap\nlegal,Legal,2,5\nsecurity,Security,1,2\n"


@pytest.fixture(autouse=True)
def people(db):
    return everybody()


def file_of(content, name="table.csv"):
    return SimpleUploadedFile(name, content)


def test_a_preview_says_what_would_change_and_then_exactly_that_is_done():
    bottleneck(people=2)
    client = browser("executive")
    page = client.post(BOTTLENECKS, {"file": file_of(CSV)})
    assert [page.context["outcome"].counts, Bottleneck.objects.count()] == [
        {"add": 1, "change": 1, "same": 0},
        1,
    ]
    assert [line.done.differences for line in page.context["outcome"].lines] == [(("cap", "2", "5"),), ()]
    client.post(BOTTLENECKS, {"rows": page.context["rows"]})
    assert list(Bottleneck.objects.values_list("code", "cap")) == [("legal", 5), ("security", 2)]


def test_wrong_rows_change_nothing_and_are_all_told():
    wrong = b"Code,Function,People,Cap\nlegal,Legal,many,5\nsec,,1,2\n"
    page = browser("executive").post(BOTTLENECKS, {"file": file_of(wrong)})
    assert [fault.sentence for fault in page.context["outcome"].faults] == [
        "Row 2: “many” is not a whole number.",
        "Row 3: “Function” is empty.",
    ]
    assert [page.status_code, Bottleneck.objects.count()] == [422, 0]


def test_a_preview_of_somebody_else_is_not_taken():
    rows = browser("executive").post(BOTTLENECKS, {"file": file_of(CSV)}).context["rows"]
    assert browser("administrator").post(BOTTLENECKS, {"rows": rows}).status_code == 409
    assert Bottleneck.objects.count() == 0


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", ["bottlenecks", "dependencies", "groups"])
def test_what_is_taken_away_comes_back_and_changes_nothing(kind, ending):
    bottleneck(title="=1+1", fresh_days=90, price_per_person=90_000)
    dependency(owner=actor("executive").email, duration_days=40, note="-2 and more")
    api("executive").post(
        "/api/v1/portfolio/groups/",
        {"code": "agents", "name": "@Agents", "headcount": 4, "peak_months": [11, 12], "peak_share": 0.5},
        format="json",
    )
    taken = browser("auditor").get(f"/portfolio/export/{kind}/{ending}/")
    page = browser("executive").post(
        f"/portfolio/import/{kind}/", {"file": file_of(taken.content, f"t.{ending}")}
    )
    assert page.context["outcome"].counts == {"add": 0, "change": 0, "same": 1}


def test_digits_that_a_spreadsheet_does_not_keep_are_no_change():
    exact = 37.333333333333336  # a workbook keeps 37.33333333333334 of it
    bottleneck(hours_per_week=exact)
    taken = browser("auditor").get("/portfolio/export/bottlenecks/xlsx/")
    client = browser("executive")
    page = client.post(BOTTLENECKS, {"file": file_of(taken.content, "t.xlsx")})
    assert page.context["outcome"].counts == {"add": 0, "change": 0, "same": 1}
    client.post(BOTTLENECKS, {"rows": page.context["rows"]})
    assert Bottleneck.objects.get().hours_per_week == exact


def test_every_register_is_filled_from_a_file_by_programs():
    caller = api("executive")
    tables = {
        "bottlenecks": "code,title,people,cap\nlegal,Legal,1,2\n",
        "dependencies": "code,title,kind,due_on\nlog,Log,platform,2027-01-04\n",
        "groups": 'code,name,headcount,peak_months\nagents,Agents,140,"11, 12"\n',
    }
    for kind, text in tables.items():
        address = f"/api/v1/portfolio/imports/{kind}/"
        dry = caller.post(address, {"file": io.BytesIO(text.encode()), "dry_run": "true"}, format="multipart")
        assert [dry.json()["committed"], dry.json()["added"]] == [False, 1]
        kept = caller.post(address, {"file": io.BytesIO(text.encode())}, format="multipart")
        assert [kept.json()["committed"], kept.json()["added"]] == [True, 1]
    assert [model.objects.count() for model in (Bottleneck, SharedDependency, PeopleGroup)] == [1, 1, 1]
    wrong = caller.post(
        "/api/v1/portfolio/imports/groups/",
        {"file": io.BytesIO(b"code,name,headcount\na,A,0\n")},
        format="multipart",
    )
    assert [wrong.status_code, wrong.json()["errors"][0]["pointer"]] == [400, "/rows/2/headcount"]
