from threading import Thread

import pytest
from django.db import connection

from alignment_portal.portions import Everything, held_still, rows_about
from initiatives.models import DossierVersion, Initiative
from initiatives.selectors import load_dossiers, versions_at
from initiatives.services.dossiers import save_dossier
from tests.factories.initiatives import small_document
from tests.people import actor


def many(*numbers):
    for number in numbers:
        save_dossier(by=actor("programme_manager"), document=small_document(f"AI-{number:04d}"))


def keys():
    return Initiative.objects.order_by("key").values_list("key")


def numbers_about(about):
    return [(key, number) for key, number in rows_about(about, versions_at, "initiative__key", ["number"])]


@pytest.mark.django_db
def test_rows_come_about_some_all_and_everything_alike():
    many(1, 2, 3)
    assert numbers_about(["AI-0003", "AI-0001"]) == [("AI-0001", 1), ("AI-0003", 1)]
    assert numbers_about(None) == [("AI-0001", 1), ("AI-0002", 1), ("AI-0003", 1)]
    everything = Everything()
    assert [numbers_about(everything) for _ in everything.portions(keys(), 2)] == [
        [("AI-0001", 1), ("AI-0002", 1)],
        [("AI-0003", 1)],
    ]


def of_the_third(at):
    return DossierVersion.objects.filter(initiative__key="AI-0003")


@pytest.mark.django_db
def test_a_portion_without_rows_takes_none_of_the_next():
    many(1, 2, 3)
    everything = Everything()
    found = [
        list(rows_about(everything, of_the_third, "initiative__key", ["number"]))
        for _ in everything.portions(keys(), 1)
    ]
    assert found == [[], [], [("AI-0003", 1)]]


@pytest.mark.django_db
@pytest.mark.parametrize("number", [2, 7])
def test_everything_is_one_query_a_table_however_many_portions(number, django_assert_num_queries):
    many(*range(1, number + 1))
    everything = Everything()
    with django_assert_num_queries(2):
        assert sum(len(load_dossiers(everything)) for _ in everything.portions(keys(), 2)) == number


def elsewhere(deed):
    """Run it on a connection of its own, and say whether it came through."""
    outcome = []

    def run():
        try:
            deed()
            outcome.append("done")
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    thread.join(30)
    return outcome


@pytest.mark.django_db(transaction=True)
def test_what_is_written_meanwhile_is_neither_seen_nor_held_up():
    many(1, 3)
    everything = Everything()
    seen = []
    with held_still():
        for portion in everything.portions(keys(), 1):
            seen.append((list(portion), sorted(load_dossiers(everything))))
            if len(seen) == 1:
                assert elsewhere(lambda: many(2)) == ["done"]
    assert seen == [(["AI-0001"], ["AI-0001"]), (["AI-0003"], ["AI-0003"])]
    assert list(keys()) == [("AI-0001",), ("AI-0002",), ("AI-0003",)]
