"""Tables from spreadsheets are read as texts, within caps, with every fault of their heads."""

import codecs
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


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_names_of_every_script_come_back_as_they_were(ending):
    names = ["Zoë Müller-Łukasz", "株式会社", "שלום", "Ωμέγα", "\ufeffmark", "e\u0301", "🙂"]
    answer = table_file(ending, name="names", heads=["Code", "Cap"], rows=[[name, 1] for name in names])
    columns = (Column("code", "Code"), Column("cap", "Cap"))
    rows = read_rows(io.BytesIO(answer.content), columns)
    assert [row.values["code"] for row in rows] == names


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
@pytest.mark.parametrize("head", ["Code", '"Code"', "code"])
def test_a_csv_is_read_with_the_mark_of_utf_8_and_without_it(mark, head):
    assert rows_of(mark + f"{head}\nlégal\n".encode()) == [SheetRow(2, {"code": "légal"})]


@pytest.mark.parametrize("text", ["'=A", "''+1", "'#N/A", "#N/A", "'plain", "#1 of them", "it's -5"])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_apostrophes_and_words_of_a_spreadsheet_come_back_as_they_were(text, ending):
    answer = table_file(ending, name="things", heads=["Code", "cap"], rows=[[text, 4]])
    assert rows_of(answer.content) == [SheetRow(2, {"code": text, "cap": "4"})]


# --- nothing is lost without a word ------------------------------------------------------------------------


def faults_of(raw):
    """Of the heads, which are refused, or of the rows, which bring their faults along."""
    try:
        rows = rows_of(raw)
    except Invalid as refusal:
        return [(fault.pointer, fault.code) for fault in refusal.faults]
    return [(f"/rows/{row.number}{fault.pointer}", fault.code) for row in rows for fault in row.faults]


def rewritten(raw, part, change):
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return file.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_a_row_far_below_the_others_is_read():
    raw = workbook(("Code", "Cap on work in flight"), ("a", 3), ("b", 4))
    raw = rewritten(raw, SHEET, lambda xml: xml.replace(b'r="3"', b'r="9000"').replace(b'3"', b'9000"'))
    assert rows_of(raw) == [
        SheetRow(2, {"code": "a", "cap": "3"}),
        SheetRow(9000, {"code": "b", "cap": "4"}),
    ]


def test_something_at_the_end_of_a_sheet_is_told_at_once():
    raw = workbook(("Code", "Cap on work in flight"), ("a", 3), ("b", 4))
    raw = rewritten(raw, SHEET, lambda xml: xml.replace(b'r="3"', b'r="1048576"').replace(b'3"', b'1048576"'))
    with pytest.raises(TooLarge, match="below row 50,000"):
        rows_of(raw)


def test_a_sheet_formatted_down_to_its_last_row_is_read():
    raw = workbook(("Code", "Cap on work in flight"), ("a", 3))
    formatted = b'<row r="1048576"><c r="A1048576" s="1" /></row></sheetData>'
    raw = rewritten(raw, SHEET, lambda xml: xml.replace(b"</sheetData>", formatted))
    assert rows_of(raw) == [SheetRow(2, {"code": "a", "cap": "3"})]


def test_a_comma_that_moves_the_cells_of_a_row_is_told():
    raw = b"Code,Cap on work in flight\na,3\nb, or c,4\nd,5,\ne,6,,x\n"
    assert faults_of(raw) == [("/rows/3", "no_head"), ("/rows/5", "no_head")]


def test_cells_beyond_the_last_column_there_may_be_are_told():
    cells = ["Code", *[""] * 59, "more"]
    assert faults_of(",".join(cells).encode()) == [("/columns", "too_many")]
    assert faults_of(workbook(cells)) == [("/columns", "too_many")]
    assert faults_of(workbook(["Code"], ["a", *[None] * 59, "more"])) == [("/rows/2", "no_head")]


def test_a_formula_that_nothing_has_calculated_is_told_and_no_empty_cell():
    raw = workbook(("Code", "Cap on work in flight"), ("a", "=1+1"), ("=A2", 3), ("b", None))
    assert faults_of(raw) == [("/rows/2/cap", "not_calculated"), ("/rows/3/code", "not_calculated")]


def test_a_formula_that_was_calculated_counts_as_what_it_shows():
    raw = workbook(("Code", "Cap on work in flight"), ("a", "=1+1"))
    raw = rewritten(
        raw, SHEET, lambda xml: xml.replace(b"<v></v>", b"<v>2</v>").replace(b"<v />", b"<v>2</v>")
    )
    assert rows_of(raw) == [SheetRow(2, {"code": "a", "cap": "2"})]


def test_an_error_of_the_spreadsheet_is_told_and_no_text():
    raw = workbook(("Code", "Cap on work in flight"), ("#N/A", "#DIV/0!"))
    assert faults_of(raw) == [
        ("/rows/2/code", "spreadsheet_error"),
        ("/rows/2/cap", "spreadsheet_error"),
    ]


def test_merged_cells_are_refused_because_only_the_first_holds_anything():
    book = Workbook()
    for row in (("Code", "Cap on work in flight"), ("a", 3), ("b", 3)):
        book.active.append(row)
    book.active.merge_cells("B2:B3")
    file = io.BytesIO()
    book.save(file)
    with pytest.raises(Invalid, match=r"merged \(B2:B3\)"):
        rows_of(file.getvalue())


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_control_characters_do_not_keep_a_table_from_being_taken_away(ending):
    raw = table_file(ending, name="codes", heads=["Code"], rows=[["be\x07ll"], ["=\x1b"]]).content
    assert [row.values["code"] for row in rows_of(raw)] == ["be\ufffdll", "=\ufffd"]
