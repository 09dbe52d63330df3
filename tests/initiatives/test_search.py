"""Searching among the initiatives: what is found, whoever asks, on either database."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alignment_portal.audit import triggers
from alignment_portal.audit.guard import writes_allowed
from initiatives import selectors
from initiatives.models import Initiative, SearchText
from initiatives.models.search import folded, text_of
from initiatives.selectors import InitiativeFilter, initiative_table, searched
from initiatives.services.dossiers import save_dossier
from initiatives.web.table import wanted_from
from tests.factories.initiatives import small_document
from tests.people import actor, api

pytestmark = pytest.mark.django_db
TITLES = {
    "AI-0001": ("Fraud triage", "Sorts claims, 20 % quicker"),
    "AI-0002": ("Überweisungen prüfen", "Straße und Hausnummer"),
    "AI-0003": ('A "quoted" OR title', "It's under_scored\\"),
    "AI-0004": ("Claims drafting", "Letters NEAR the end*"),
}


def save(key, title, summary):
    document = small_document(key)
    document["initiative"] |= {"title": title, "summary": summary}
    return save_dossier(by=actor("programme_manager"), document=document)


@pytest.fixture
def four():
    for key, (title, summary) in TITLES.items():
        save(key, title, summary)


def found(sought, **how):
    rows = searched(Initiative.objects.all(), sought, **how)
    return [int(key[-1]) for key in rows.order_by("key").values_list("key", flat=True)]


@pytest.mark.parametrize(
    ("sought", "expected"),
    {
        "fraud": [1],
        "raud": [1],
        "AI-00": [1, 2, 3, 4],
        "ai-0003": [3],
        "claims": [1, 4],
        "CLAIMS draft": [4],
        "überw": [2],
        "ÜBERW": [2],
        "u\u0308berw": [2],
        "strasse": [2],
        "straß": [2],
        "ub": [],
        "ü": [2],
        "20 %": [1],
        "%": [1],
        "_": [3],
        '"quoted"': [3],
        "it's": [3],
        "\\": [3],
        "OR": [1, 3],
        "NEAR": [4],
        "end*": [4],
        "fraud AND claims": [],
        "fraud NOT claims": [],
        "-fraud": [],
        "title:fraud": [],
        "(fraud": [],
        'fraud"': [],
        "cla ai": [1, 4],
        "zzz": [],
        "": [1, 2, 3, 4],
        "  ": [1, 2, 3, 4],
        "fraud\x00": [1],
    }.items(),
)
@pytest.mark.parametrize("many", [0, 500])
def test_a_part_of_every_word_is_enough_and_no_sign_means_anything(monkeypatch, four, sought, expected, many):
    """Alike whether the index finds few, or so many that the list is walked instead."""
    monkeypatch.setattr(selectors, "MANY", many)
    assert found(sought) == expected


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sought=st.text(st.characters(codec="utf-8"), max_size=30))
def test_whatever_is_typed_is_only_looked_for(four, sought):
    words = folded(sought).split()[:8]
    expected = [
        one.initiative.key for one in SearchText.objects.order_by("text") if all(w in one.text for w in words)
    ]
    rows = searched(Initiative.objects.all(), sought).order_by("search_text__text")
    assert list(rows.values_list("key", flat=True)) == expected


def test_the_name_of_an_owner_is_looked_at_where_it_is_shown(four):
    name = Initiative.objects.earliest("key").owner.name
    word = name.split()[0].upper()
    assert found(word, by_owner=True) == [1, 2, 3, 4]
    assert found(f"{word} fraud", by_owner=True) == [1]
    assert found(word) == []


def test_what_was_changed_is_found_as_it_is_now(four):
    save("AI-0001", "Credit limits", "Sorts claims")
    assert (found("fraud"), found("credit limits"), found("sorts")) == ([], [1], [1])
    assert SearchText.objects.count() == 4


def test_what_one_may_not_see_is_not_found(four):
    def seen(who):
        return [row.key for row in initiative_table(actor(who), InitiativeFilter(q="fraud")).rows]

    assert (seen("programme_manager"), seen("other_manager")) == (["AI-0001"], [])


@pytest.mark.parametrize("many", [0, 1, 3, 500])
def test_however_few_one_sees_the_list_is_the_same(monkeypatch, four, many):
    monkeypatch.setattr(selectors, "MANY", many)
    document = small_document("AI-0005")
    document["initiative"]["owner"] = actor("other_manager").email
    save_dossier(by=actor("other_manager"), document=document)

    def seen(who, **wanted):
        return [row.key for row in initiative_table(actor(who), InitiativeFilter(**wanted)).rows]

    assert seen("programme_manager") == sorted(TITLES)
    assert seen("other_manager") == ["AI-0005"]
    assert seen("contributor") == []
    assert seen("programme_manager", q="claims") == ["AI-0001", "AI-0004"]
    assert seen("executive") == [*sorted(TITLES), "AI-0005"]


def test_the_newest_are_found_first_and_no_more_than_wanted(four):
    ids = SearchText.objects.newest_holding(["claims"], 1)
    assert [one.key for one in Initiative.objects.filter(pk__in=ids)] == ["AI-0004"]
    assert len(SearchText.objects.newest_holding(["claims"], 9)) == 2


def test_what_is_sought_comes_by_its_latest_change_unless_an_order_is_said(four):
    save("AI-0001", "Fraud triage", "Sorts claims, and more")
    client = api("programme_manager")

    def listed(**query):
        return [row["key"] for row in client.get("/api/v1/initiatives/", query).json()["results"]]

    assert (listed(q="claims"), listed(q="claims", order="key")) == (
        ["AI-0001", "AI-0004"],
        ["AI-0001", "AI-0004"],
    )
    assert listed(q="a") == ["AI-0001", "AI-0004", "AI-0003", "AI-0002"]
    assert listed() == ["AI-0001", "AI-0002", "AI-0003", "AI-0004"]
    assert [wanted_from(QueryDict(address)).order for address in ("q=a", "q=a&order=title", "q=", "")] == [
        "-changed",
        "title",
        "key",
        "key",
    ]
    first = client.get("/api/v1/initiatives/", {"q": "a", "limit": 3}).json()
    assert [row["key"] for row in client.get(first["next"]).json()["results"]] == ["AI-0002"]


def test_every_text_is_what_its_initiative_says(four):
    texts = {one.initiative_id: one.text for one in SearchText.objects.all()}
    assert texts == {one.pk: text_of(one) for one in Initiative.objects.all()}
    assert len(texts) == 4


@pytest.mark.sqlite
def test_the_index_is_made_anew_when_the_guards_were_off(four):
    with transaction.atomic(), writes_allowed():
        triggers.remove_all()
        SearchText.objects.filter(initiative__key="AI-0001").update(text="meanwhile renamed")
        triggers.install_all()
    assert (found("fraud"), found("meanwhile")) == ([], [1])
    with connection.cursor() as cursor, writes_allowed():
        cursor.execute(
            "INSERT INTO initiatives_searchindex (initiatives_searchindex) VALUES ('integrity-check')"
        )


@pytest.mark.sqlite
def test_the_index_leads_there_without_reading_the_texts(four):
    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN QUERY PLAN SELECT rowid FROM initiatives_searchindex"
            " WHERE initiatives_searchindex MATCH %s ORDER BY rowid DESC LIMIT 5",
            ['"fra"'],
        )
        [plan] = cursor.fetchall()
    assert "VIRTUAL TABLE INDEX" in plan[-1]


@pytest.fixture
def migration():
    return import_module("initiatives.migrations.0005_search_text")


@pytest.mark.postgres
def test_trigrams_lead_there_where_the_server_has_them(four, migration):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with connection.schema_editor() as editor:
        migration.index_parts(None, editor)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    assert "initiatives_searchtext_parts" in SearchText.objects.holding(["fraud"]).explain()
    assert found("fraud") == [1]


@pytest.mark.postgres
def test_a_server_that_refuses_them_is_searched_all_the_same(four, migration):
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP EXTENSION IF EXISTS pg_trgm CASCADE; CREATE ROLE may_little; SET LOCAL ROLE may_little"
        )
    with connection.schema_editor() as editor:
        migration.index_parts(None, editor)
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE; SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'")
        assert cursor.fetchone() == (0,)
    assert found("fraud") == [1]


def test_initiatives_of_before_are_found_after_the_migration(four, migration):
    texts = list(SearchText.objects.order_by("initiative__key").values_list("initiative__key", "text"))
    with writes_allowed():
        SearchText.objects.all().delete()
        assert found("fraud") == []
        migration.write_texts(apps, None)
    assert (
        list(SearchText.objects.order_by("initiative__key").values_list("initiative__key", "text")) == texts
    )
    assert found("fraud") == [1]
