"""No table the portal hands out holds a cell that a spreadsheet would take for a formula. Every export is walked."""

import codecs
import csv
import io
import re
from pathlib import Path

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from alignment_portal.accounts.models import User
from alignment_portal.audit.guard import writes_allowed
from alignment_portal.http.spreadsheets import FORMULA
from portfolio.services.people import record_group
from tests.alignment_portal.test_permission_matrix import routes
from tests.factories.metrics import document_of, initiative
from tests.factories.portfolio import bottleneck, dependency
from tests.gates import scene
from tests.people import actor, browser, everybody

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[3]
EVIL = "=HYPERLINK(0)"
TABLES = [
    *(f"/initiatives/export/{ending}/" for ending in ("csv", "xlsx")),
    *(f"/initiatives/table/{ending}/" for ending in ("csv", "xlsx")),
    *(f"/evidence/links/{ending}/" for ending in ("csv", "xlsx")),
    *(f"/settings/people/table/{ending}/" for ending in ("csv", "xlsx")),
    *(
        f"/portfolio/export/{kind}/{ending}/"
        for kind in ("bottlenecks", "dependencies", "groups")
        for ending in ("csv", "xlsx")
    ),
    "/history/export/",
]
# Routes with “export” in their address that hand out JSON.
NOT_TABLES = {
    "/settings/people/<uuid:person_id>/data/export/",
    "/settings/data/export/",
    "/initiatives/<str:key>/dossier/export/",
}
WRITERS = {
    "alignment_portal/http/spreadsheets.py",
    "initiatives/web/exports.py",
}


@pytest.fixture
def dangerous():
    """Every word that somebody may type begins like a formula."""
    everybody()
    with writes_allowed():
        User.objects.filter(email="priya@example.org").update(name=EVIL, title="@SUM(1)")
        User.objects.filter(email="eleanor@example.org").update(name="+1", title="\t=1")
    subject = initiative(document=document_of(title=EVIL, summary="-2+3", decision_sought="@x"))
    scene.offered(
        subject,
        form="link",
        kind="legal_clearance",
        link="https://example.org/1",
        title="=1+1",
        statement="+cmd|' /C calc'!A0",
    )
    bottleneck(title="=1+1")
    dependency(title="@SUM(A1)", note="-1\n=2", owner="priya@example.org")
    record_group(by=actor("executive"), code="agents", name="=agents", headcount=3)


def cells_of(answer):
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if answer["Content-Type"].startswith("text/csv"):
        return [cell for row in csv.reader(io.StringIO(body.decode("utf-8-sig"))) for cell in row]
    book = load_workbook(io.BytesIO(body))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    return [cell.value for cell in cells if isinstance(cell.value, str)]


def addresses():
    return [
        *TABLES,
        reverse("gates:framework-export", args=["nist-ai-rmf"]),
        *(reverse("metrics:template", args=["AI-0001", ending]) for ending in ("csv", "xlsx")),
    ]


def test_no_cell_of_any_table_is_taken_for_a_formula(dangerous):
    found = []
    for address in addresses():
        answer = browser("programme_manager" if "/readings/" in address else "administrator").get(address)
        assert answer.status_code == 200, address
        cells = cells_of(answer)
        assert cells, address
        found += [(address, cell) for cell in cells if cell.startswith(FORMULA)]
    assert found == []


def test_every_csv_begins_with_the_one_mark_by_which_a_spreadsheet_knows_utf_8(dangerous):
    for address in addresses():
        if "xlsx" not in address and "/framework" not in address:
            person = "programme_manager" if "/readings/" in address else "administrator"
            answer = browser(person).get(address)
            body = answer.getvalue()
            assert answer["Content-Type"] == "text/csv; charset=utf-8", address
            assert (body.startswith(codecs.BOM_UTF8), body.count(codecs.BOM_UTF8)) == (True, 1), address


def test_what_was_typed_stands_behind_an_apostrophe(dangerous):
    for address in ("/initiatives/table/csv/", "/initiatives/export/xlsx/"):
        assert f"'{EVIL}" in cells_of(browser("administrator").get(address))


def test_every_route_that_hands_out_a_table_is_walked():
    walked = {re.sub(r"\?.*", "", address) for address in addresses()}
    for route, _ in routes():
        if (
            not re.search(r"export|<slug:ending>|template/<", route)
            or "/api/" in route
            or route in NOT_TABLES
        ):
            continue
        pattern = re.sub(r"<[^>]+>", "[^/]+", route)
        assert any(re.fullmatch(pattern, address) for address in walked), f"{route} is not walked"


def test_tables_are_written_in_known_places_only():
    writing = {
        str(path.relative_to(ROOT))
        for app in ("alignment_portal", "initiatives", "metrics", "portfolio", "reviews", "gates", "packs")
        for path in (ROOT / app).rglob("*.py")
        if re.search(r"csv\.writer|Workbook\(", path.read_text(encoding="utf-8"))
    }
    assert writing == WRITERS
