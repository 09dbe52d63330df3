"""JSON written by the database is, byte for byte, what the API would write of the same rows."""

import orjson
import pytest
from django.db import connection
from django.utils import timezone

from alignment_portal.accounts.roles import Scope
from alignment_portal.audit.guard import writes_allowed
from initiatives.api.initiatives import JSON
from initiatives.api.shapes import row_body
from initiatives.models import Initiative
from initiatives.selectors import InitiativeFilter, initiative_table
from initiatives.selectors.written import written_page
from tests import people
from tests.factories.metrics import initiative

pytestmark = pytest.mark.django_db

ODD_TEXTS = [
    "",
    'A "quoted" \\ backslash / slash',
    "".join(map(chr, range(1, 32))),
    "\x7f\x80\x9f\u2028\u2029\ufeff\ufffd",
    "Ünïcödé, 漢字, 🦉, e\u0301",
    "%s %(key)s {key} 100 %",
    "123",
    "null",
]


@pytest.fixture
def odd():
    """Initiatives whose texts are all of them awkward in one way; every second has never been judged."""
    for number, text in enumerate(ODD_TEXTS):
        made = initiative(f"AI-{number:04}")
        judged_at = timezone.now().replace(microsecond=number) if number % 2 else None
        with writes_allowed():
            Initiative.objects.filter(pk=made.pk).update(
                title=f"A title {text}",
                judged_reason=text,
                next_mover_name=text,
                next_deed=text,
                judged_at=judged_at,
            )


def page_of(**asked):
    return written_page(people.actor("executive"), row_body, InitiativeFilter(), **{"order": "key", **asked})


def test_the_text_of_each_row_is_the_one_made_here(odd):
    page = page_of(limit=100)
    made = initiative_table(people.actor("executive"), limit=100)
    assert len(made.rows) == len(ODD_TEXTS)
    if connection.vendor == "sqlite":
        assert [text.encode() for text in page.rows] == [
            orjson.dumps(row_body(row), option=JSON) for row in made.rows
        ]
    else:
        assert page is None


def test_its_marks_are_those_of_the_other_page(odd):
    if connection.vendor != "sqlite":
        assert page_of(limit=3) is None
        return
    for limit in (1, 3, len(ODD_TEXTS), 100):
        for after in (None, ("AI-0002", "AI-0002"), ("AI-0007", "AI-0007")):
            page = page_of(limit=limit, after=after)
            made = initiative_table(people.actor("executive"), limit=limit, after=after)
            assert (page.next, page.previous) == (made.next, made.previous)
            assert len(page.rows) == len(made.rows)


@pytest.mark.parametrize(
    ("who", "wanted", "place"),
    [
        ("programme_manager", InitiativeFilter(), {"order": "key"}),
        ("executive", InitiativeFilter(q="fraud"), {"order": "key"}),
        ("executive", InitiativeFilter(), {"order": "-key"}),
        ("executive", InitiativeFilter(), {"order": "title"}),
        ("executive", InitiativeFilter(), {"order": "key", "before": ("AI-0003", "AI-0003")}),
    ],
)
def test_only_a_page_of_everything_by_key_is_written_so(odd, who, wanted, place):
    assert written_page(people.actor(who), row_body, wanted, limit=3, **place) is None


def test_whoever_asks_is_answered_the_same_bytes_with_and_without_it(odd):
    reader = people.api("executive", Scope.READ)
    whole = reader.get("/api/v1/initiatives/")
    rows = initiative_table(people.actor("executive"), limit=50).rows
    body = {"results": [row_body(row) for row in rows], "next": None, "previous": None}
    assert whole.content == orjson.dumps(body, option=JSON)


def test_the_database_is_asked_again_each_time():
    made, reader = initiative("AI-0001"), people.api("executive", Scope.READ)
    assert [row["title"] for row in reader.get("/api/v1/initiatives/").json()["results"]] == [made.title]
    with writes_allowed():
        Initiative.objects.filter(pk=made.pk).update(title="Another")
    assert [row["title"] for row in reader.get("/api/v1/initiatives/").json()["results"]] == ["Another"]
