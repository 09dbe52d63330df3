"""A table is mended once: whatever is wrong in a row is told together, an empty cell hides nothing."""

import io

import pytest
from openpyxl import Workbook

from alignment_portal.operations.people_table import COLUMNS as PEOPLE
from gates.services.importing import COLUMNS as LINKS
from initiatives.services.importing import COLUMNS as INITIATIVES
from metrics.models import Observation
from metrics.services.sheets import COLUMNS as READINGS
from portfolio.models import Bottleneck
from portfolio.services.importing import COLUMNS as REGISTERS
from tests.factories.metrics import initiative
from tests.people import api, everybody

pytestmark = pytest.mark.django_db
REGISTER = "/api/v1/portfolio/imports/{}/"
# Per table: who brings it and where to, its columns, and a row that comes in.
TABLES = {
    "bottlenecks": ("executive", REGISTER.format("bottlenecks"), REGISTERS["bottlenecks"], {
        "code": "legal", "title": "Legal", "people": "2", "cap": "3", "hours_per_week": "40",
        "fresh_days": "90", "price_per_person": "90000"}),
    "dependencies": ("executive", REGISTER.format("dependencies"), REGISTERS["dependencies"], {
        "code": "log", "title": "Log", "kind": "platform", "owner": "eleanor@example.org", "funding": "funded",
        "state": "open", "due_on": "2027-01-04", "duration_days": "40", "price": "1000", "note": ""}),
    "groups": ("executive", REGISTER.format("groups"), REGISTERS["groups"], {
        "code": "agents", "name": "Agents", "headcount": "4", "capacity_hours": "12", "peak_months": "11, 12",
        "peak_share": "0.5"}),
    "people": ("administrator", "/api/v1/people/imports/", PEOPLE, {
        "email": "ann@example.org", "name": "Ann", "title": "", "function": "risk", "time_zone": "UTC",
        "roles": "assurer"}),
    "initiatives": ("programme_manager", "/api/v1/initiatives/imports/", INITIATIVES, {
        "key": "AI-0100", "title": "Drafting", "archetype": "internal_copilot", "owner": "priya@example.org",
        "sponsor": "eleanor@example.org", "team": "callum@example.org", "horizon": "H1",
        "classification": "internal", "planned_launch_on": "2027-03-01"}),
    "links": ("programme_manager", "/api/v1/evidence/imports/", LINKS, {
        "initiative": "AI-0001", "question": "DR-01", "kind": "legal_clearance", "title": "Memo",
        "statement": "The data may be used.", "link": "https://example.org/1", "observed_on": "2026-06-30",
        "expires_on": "2030-06-30"}),
    "readings": ("programme_manager", "/api/v1/observations/imports/", READINGS, {
        "initiative": "AI-0001", "metric": "repeat-contact", "period_start": "2026-01-05",
        "period_end": "2026-01-11", "numerator": "3", "denominator": "25"}),
}  # fmt: skip
# Per table: cells that are wrong whatever stands in the others.
WRONG = {
    "bottlenecks": {"title": "t" * 201, "people": "many", "cap": "0", "hours_per_week": "200", "fresh_days": "-1"},
    "dependencies": {"kind": "magic", "owner": "nobody@example.org", "funding": "luck", "due_on": "soon",
                     "duration_days": "-1", "price": "dear"},
    "groups": {"name": "n" * 201, "headcount": "0", "capacity_hours": "0", "peak_months": "13", "peak_share": "2"},
    "people": {"email": "ann", "name": "n" * 121, "function": "wizardry", "time_zone": "Mars", "roles": "king"},
    "initiatives": {"archetype": "magic", "sponsor": "nobody@example.org", "horizon": "H9",
                    "classification": "gossip", "planned_launch_on": "soon"},
    "links": {"question": "XX-99", "title": "t" * 201, "link": "ftp://x", "observed_on": "soon",
              "expires_on": "2020-13-01"},
    "readings": {"period_start": "soon", "numerator": "-1", "denominator": "none",
                 "sample_size": "-3", "deployment": "nowhere"},
}  # fmt: skip


@pytest.fixture(autouse=True)
def people(db):
    return everybody()


@pytest.fixture
def about():
    """The initiative that links and readings are about."""
    return initiative()


def workbook(columns, rows):
    book = Workbook()
    for cells in ([column.name for column in columns], *rows):
        book.active.append(cells)
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    file.name = "table.xlsx"
    return file


def send(kind, *rows):
    who, address, columns, _ = TABLES[kind]
    cells = [[row.get(column.name) for column in columns] for row in rows]
    return api(who).post(address, {"file": workbook(columns, cells), "dry_run": "true"}, format="multipart")


def pointers(answer):
    assert (answer.status_code, answer.json()["code"]) == (400, "rows_wrong")
    return {fault["pointer"] for fault in answer.json()["errors"]}


def required(kind):
    return [column.name for column in TABLES[kind][2] if column.required]


@pytest.mark.parametrize("kind", TABLES)
def test_the_row_that_the_others_are_made_of_comes_in(kind, about):
    assert send(kind, TABLES[kind][3]).status_code == 200


@pytest.mark.parametrize("kind", TABLES)
def test_every_wrong_cell_of_a_row_is_told_together(kind, about):
    found = pointers(send(kind, {**TABLES[kind][3], **WRONG[kind]}))
    assert found == {f"/rows/2/{name}" for name in WRONG[kind]}


@pytest.mark.parametrize(("kind", "empty"), [(kind, name) for kind in TABLES for name in required(kind)])
def test_an_empty_cell_is_told_beside_everything_else_that_is_wrong(kind, empty, about):
    """Also of the rows behind it, of which each is judged by itself."""
    first, second, third = (numbered(kind, number) for number in (1, 2, 3))
    apart = {name: text for name, text in WRONG[kind].items() if name not in hidden_by(kind, empty)}
    found = pointers(send(kind, {**first, **apart, empty: ""}, {**second, empty: ""}, {**third, **apart}))
    assert found == {
        *(f"/rows/2/{name}" for name in {empty, *apart}),
        f"/rows/3/{empty}",
        *(f"/rows/4/{name}" for name in apart),
    }


def numbered(kind, number):
    """The row under a key of its own."""
    row = TABLES[kind][3]
    keys = {"code": f"row-{number}", "key": f"AI-010{number}", "email": f"ann{number}@example.org"}
    return {**row, **{name: text for name, text in keys.items() if name in row}}


def hidden_by(kind, empty):
    """What nobody can judge without that cell: whether an initiative has it, or a question takes it."""
    hidden = {
        ("links", "initiative"): {"question"},
        ("readings", "initiative"): {"deployment"},
        ("readings", "metric"): {"deployment"},
    }.get((kind, empty), set())
    return {empty, *hidden}


@pytest.mark.parametrize("kind", TABLES)
def test_a_row_without_anything_but_a_stray_cell_tells_what_is_missing_and_no_more(kind, about):
    stray = {"title": "x"} if "title" in required(kind) else {"name": "x"} if "name" in required(kind) else {
        "numerator": "3", "denominator": "25"
    }  # fmt: skip
    assert pointers(send(kind, stray)) == {
        f"/rows/2/{name}" for name in required(kind) if name not in stray
    } | ({"/rows/2/initiative"} if kind == "readings" else set())


def test_what_reading_a_file_finds_is_told_with_what_is_wrong_in_the_other_rows():
    text = "code,title,people,cap\nlegal,#N/A,many,3\nsecurity,Security, or so,1,2\nhr,,0,\n"
    answer = api("executive").post(
        REGISTER.format("bottlenecks"), {"file": io.BytesIO(text.encode())}, format="multipart"
    )
    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [
        ("/rows/2/title", "spreadsheet_error"),
        ("/rows/2/people", "invalid"),
        ("/rows/3", "no_head"),
        ("/rows/4/title", "required"),
        ("/rows/4/cap", "required"),
        ("/rows/4/people", "out_of_range"),
    ]
    assert not Bottleneck.objects.exists()


def test_cells_of_readings_that_cannot_be_read_are_told_with_the_rest_and_nothing_is_recorded(about):
    text = (
        "initiative,metric,period_start,period_end,numerator,denominator,source\n"
        "AI-0001,repeat-contact,2026-01-05,2026-01-11,3,25,#N/A\n"
        "#REF!,repeat-contact,soon,2026-01-11,#N/A,0,\n"
        ",,2026-01-05,,3,\n"
        "AI-0001,repeat-contact,2026-01-05,2026-01-11,3,25,till, upstairs\n"
    )
    answer = api("programme_manager").post(
        "/api/v1/observations/imports/", {"file": io.BytesIO(text.encode())}, format="multipart"
    )
    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [
        ("/rows/2/source", "spreadsheet_error"),
        ("/rows/3/initiative", "spreadsheet_error"),
        ("/rows/3/numerator", "spreadsheet_error"),
        ("/rows/3/period_start", "shape"),
        ("/rows/3/denominator", "not_positive"),
        ("/rows/4/initiative", "required"),
        ("/rows/4/metric", "required"),
        ("/rows/4/period_end", "required"),
        ("/rows/4/denominator", "required"),
        ("/rows/5", "no_head"),
    ]
    assert not Observation.objects.exists()
