"""Tables from spreadsheets are read as texts, within caps, with every fault of their heads."""

import csv
import datetime as dt
import io
import zipfile

import pytest
from openpyxl import Workbook

from alignment_portal.http import sheets
from alignment_portal.http.sheets import Column, SheetRow, read_rows
from alignment_portal.http.spreadsheets import FORMULA, table_file
from alignment_portal.refusals import Invalid, TooLarge

pytestmark = pytest.mark.unit
COLUMNS = (
    Column("code", "Code", required=True),
    Column("due_on", "Due on"),
    Column("cap", "Cap on work in flight"),
)


def rows_of(raw: bytes) -> list[SheetRow]:
    return read_rows(io.BytesIO(raw), COLUMNS)


def workbook(*rows):
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_csv_is_read_in_any_order_of_columns_and_with_blank_lines(delimiter, encoding):
    text = "\n".join(delimiter.join(cells) for cells in [["CAP on work in flight", "code"], ["3", "légal"]])
    assert rows_of(f"{text}\n\n{delimiter}\n".encode(encoding)) == [
        SheetRow(2, {"cap": "3", "code": "légal"})
    ]


def test_a_workbook_gives_days_and_whole_numbers_as_they_are_typed():
    raw = workbook(("Code", "Due on", "Colour"), ("a", dt.date(2026, 7, 1), 3.0))
    with pytest.raises(Invalid, match="no column “Colour”"):
        rows_of(raw)
    raw = workbook(("Code", "Due on", "cap"), (), ("a", dt.date(2026, 7, 1), 3.0))
    assert rows_of(raw) == [SheetRow(3, {"code": "a", "due_on": "2026-07-01", "cap": "3"})]


def test_every_fault_of_the_heads_is_told_at_once():
    with pytest.raises(Invalid) as refused:
        rows_of(b"Cap on work in flight,cap,colour\n1,2,red\n")
    assert [fault.code for fault in refused.value.faults] == ["twice", "unknown_column", "missing_column"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n\n",
        b"\x89PNG\r\n\x1a\n\x00\xff",
        b"code\n\x00",
        b'code\n"open',
        b"PK\x03\x04 not a zip",
        workbook(("Code",), ("a",))[:-200],
    ],
)
def test_what_is_no_table_is_refused_in_words(raw):
    with pytest.raises(Invalid) as refused:
        rows_of(raw)
    assert refused.value.code in {"empty_file", "not_a_table"}


def test_too_much_is_refused():
    many = "\n".join(["code", *(f"c{number}" for number in range(sheets.MOST_ROWS + 1))])
    with pytest.raises(TooLarge, match="2,000 rows"):
        rows_of(many.encode())
    with pytest.raises(TooLarge, match="5 MB"):
        rows_of(b"code\n" + b"a" * sheets.MOST_BYTES)
    with pytest.raises(TooLarge, match="8,000 characters"):
        rows_of(b"code\n" + b"a" * 8001)


def test_a_workbook_that_unpacks_to_far_more_is_refused_before_it_is_unpacked():
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (sheets.MOST_UNPACKED + 1))
    with pytest.raises(TooLarge, match="unpack"):
        rows_of(bomb.getvalue())


def test_entities_in_a_workbook_are_not_expanded():
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    book = io.BytesIO(workbook(("Code",), ("a",)))
    changed = io.BytesIO()
    with zipfile.ZipFile(book) as source, zipfile.ZipFile(changed, "w") as target:
        for part in source.namelist():
            content = source.read(part).decode()
            if part == "xl/worksheets/sheet1.xml":
                content = f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]>' + content.replace("<v>", "<v>&l9;")
            target.writestr(part, content)
    with pytest.raises(Invalid, match="damaged"):
        rows_of(changed.getvalue())


@pytest.mark.parametrize("start", FORMULA)
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_what_we_export_is_no_formula_and_comes_back_as_it_was(start, ending):
    text = f"{start}1+1".strip() or "x"
    answer = table_file(ending, name="things", heads=["Code", "cap"], rows=[[text, 4]])
    [row] = rows_of(answer.content)
    assert row == SheetRow(2, {"code": text, "cap": "4"})
    if ending == "csv" and text[0] in "=+-@":
        assert list(csv.reader(io.StringIO(answer.content.decode())))[1][0] == f"'{text}"
