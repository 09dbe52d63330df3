"""The list of initiatives: what it shows to whom, in which order, and as which file."""

import csv
import io

import pytest
from django.http import QueryDict
from openpyxl import load_workbook

from alignment_portal.http.spreadsheets import safe_cell
from initiatives.models import SavedView
from initiatives.services.judgements import note_judgement
from initiatives.web.table import SORTS, table_page, wanted_from
from tests.factories.initiatives import small_document
from tests.initiatives.cast import actor, saved
from tests.people import browser

pytestmark = pytest.mark.django_db
LIST = "/initiatives/"


def several(count, start=1, **initiative):
    return [saved(small_document(f"AI-{number:04}", **initiative)) for number in range(start, start + count)]


def keys_on(answer):
    return [row["key"] for row in answer.context["rows"]]


def judged(initiative, level, at="2026-06-01T00:00:00+00:00", **more):
    note_judgement(initiative=initiative, level=level, at=at, **more)


def test_only_what_one_may_see_is_listed(people):
    several(2)
    assert keys_on(browser("programme_manager").get(LIST)) == ["AI-0001", "AI-0002"]
    assert keys_on(browser("executive").get(LIST)) == ["AI-0001", "AI-0002"]
    assert keys_on(browser("other_manager").get(LIST)) == []


@pytest.mark.parametrize("count", [1, 30])
def test_the_number_of_queries_does_not_grow_with_the_rows(people, django_assert_num_queries, count):
    several(count)
    client = browser("programme_manager")
    client.get(LIST)
    with django_assert_num_queries(7):
        assert len(keys_on(client.get(LIST))) == count


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "second"}, ["AI-0002"]),
        ({"q": "priya AI-0003"}, ["AI-0003"]),
        ({"horizon": "H2"}, ["AI-0003"]),
        ({"archetype": "forecasting"}, ["AI-0002"]),
        ({"verdict": "blocked"}, ["AI-0001"]),
        ({"verdict": "unjudged"}, ["AI-0002", "AI-0003"]),
        ({"status": ["draft", "aligned"]}, ["AI-0001", "AI-0002", "AI-0003"]),
        ({"cluster": "claims"}, ["AI-0003"]),
        ({"owner": "nobody@example.org"}, []),
    ],
)
def test_each_filter_keeps_what_fits(people, query, found):
    first = saved(small_document("AI-0001"))
    saved(small_document("AI-0002", title="The second", archetype="forecasting"))
    saved(small_document("AI-0003", horizon="H2", cluster="claims"))
    judged(first, "blocked")
    assert keys_on(browser("programme_manager").get(LIST, query)) == found


@pytest.mark.parametrize("order", [*SORTS, *(f"-{name}" for name in SORTS)])
def test_pages_of_every_order_hold_each_row_once_and_lead_back(people, order):
    rows = several(7)
    judged(rows[2], "aligned", since="2026-05-01T00:00:00+00:00", mover="Ruth", gate="Risk")
    judged(rows[4], "blocked", since="2026-05-02T00:00:00+00:00", mover="Karl", gate="Alignment")
    by, seen, cursor = actor("priya@example.org"), [], ""
    pages = []
    for _ in range(4):
        page = table_page(by, wanted_from(_query(order=order, cursor=cursor)), size=3)
        pages.append([row["key"] for row in page.rows])
        seen += pages[-1]
        cursor = page.next
        if not cursor:
            break
    assert sorted(seen) == [row.key for row in rows]
    back = table_page(by, wanted_from(_query(order=order, cursor=page.previous)), size=3)
    assert [row["key"] for row in back.rows] == pages[-2]


def _query(**values):

    query = QueryDict(mutable=True)
    query.update(values)
    return query


def test_a_cursor_that_nobody_gave_out_begins_at_the_first_page(people):
    several(1)
    assert keys_on(browser("programme_manager").get(LIST, {"cursor": "nX%00", "order": "age"})) == ["AI-0001"]


def test_columns_and_density_are_in_the_address(people):
    several(1)
    page = browser("programme_manager").get(LIST, {"cols": ["cluster", "owner"], "density": "compact"})
    assert page.context["shown"] == {"cluster", "owner"}
    assert b"table-dense" in page.content


def test_an_empty_list_teaches_what_to_do_first(people):
    assert b"Begin an initiative" in browser("programme_manager").get(LIST).content
    assert b"Begin an initiative" not in browser("contributor").get(LIST).content


def test_the_files_hold_what_the_list_shows(people):
    saved(small_document("AI-0001", title="=1+1"))
    saved(small_document("AI-0002", title="Other", horizon="H2"))
    client = browser("programme_manager")
    text = b"".join(client.get(f"{LIST}export/csv/", {"horizon": "H1"}).streaming_content).decode("utf-8-sig")
    assert [row[:2] for row in csv.reader(io.StringIO(text))] == [["Key", "Title"], ["AI-0001", "'=1+1"]]
    book = load_workbook(io.BytesIO(client.get(f"{LIST}export/xlsx/", {"horizon": "H1"}).content))
    assert [cell.value for cell in book.active[2]][:2] == ["AI-0001", "'=1+1"]
    assert b"AI-0001" not in b"".join(browser("other_manager").get(f"{LIST}export/csv/").streaming_content)


@pytest.mark.parametrize("text", ["=A1", "+1", "-1", "@x", "\tx", "\rx"])
def test_a_cell_that_begins_like_a_formula_is_text(text):
    assert safe_cell(text) == f"'{text}"


def test_a_view_is_kept_shared_and_removed_by_whoever_made_it(people):
    client, other = browser("programme_manager"), browser("executive")
    client.post(f"{LIST}views/", {"name": "At risk", "query": "verdict=blocked&cursor=x&q=", "shared": "on"})
    view = SavedView.objects.get()
    assert view.query == "verdict=blocked"
    assert other.get(f"{LIST}views/{view.pk}/").headers["Location"] == "/initiatives/?verdict=blocked"
    assert other.post(f"{LIST}views/{view.pk}/remove/").status_code == 403
    client.post(f"{LIST}views/{view.pk}/remove/")
    assert SavedView.objects.count() == 0


def test_a_view_of_ones_own_is_nobody_elses(people):
    browser("programme_manager").post(f"{LIST}views/", {"name": "Mine", "query": ""})
    assert browser("executive").get(f"{LIST}views/{SavedView.objects.get().pk}/").status_code == 404
