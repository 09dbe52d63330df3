"""An import does every row by the real service, tells all faults at once, and does all of it or nothing."""

import pytest

from alignment_portal.audit.models import Entry
from alignment_portal.http.importing import Done, Importer, sealed, unsealed
from alignment_portal.http.sheets import Column, SheetRow
from alignment_portal.refusals import Conflict
from portfolio.models import Bottleneck
from tests.factories.portfolio import bottleneck
from tests.people import everybody

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def people(db):
    return everybody()


def keep(values):
    bottleneck(values["code"], cap=int(values["cap"]))
    return Done("add", values["code"])


IMPORTER = Importer(
    "functions",
    (Column("code", "Code", required=True), Column("cap", "Cap", required=True)),
    keep,
    stand_ins={"code": "row-without-code", "cap": "1"},
)


def rows(*pairs):
    return [SheetRow(number, {"code": code, "cap": cap}) for number, (code, cap) in enumerate(pairs, start=2)]


def test_an_import_keeps_every_row():
    done = IMPORTER.run(rows(("legal", "2"), ("security", "3")), commit=True)
    assert [done.committed, done.counts] == [True, {"add": 2, "change": 0, "same": 0}]
    assert list(Bottleneck.objects.values_list("code", "cap")) == [("legal", 2), ("security", 3)]


def test_a_preview_keeps_nothing_and_leaves_no_trace():
    before = Entry.objects.count()
    done = IMPORTER.run(rows(("legal", "2")), commit=False)
    assert [done.committed, done.of("add"), done.faults] == [False, 1, ()]
    assert [Bottleneck.objects.count(), Entry.objects.count()] == [0, before]


def test_one_wrong_row_keeps_nothing_and_every_fault_is_told():
    done = IMPORTER.run(rows(("legal", "2"), ("Security", "0"), ("hr", ""), ("HR ", "")), commit=True)
    assert [(fault.pointer, fault.code) for fault in done.faults] == [
        ("/rows/3/code", "invalid_code"),
        ("/rows/3/cap", "out_of_range"),
        ("/rows/4/cap", "required"),
        ("/rows/5/cap", "required"),
        ("/rows/5/code", "invalid_code"),
    ]
    assert [done.committed, Bottleneck.objects.count()] == [False, 0]


def test_the_same_key_twice_is_a_fault():
    done = IMPORTER.run(rows(("legal", "2"), ("legal", "3")), commit=True)
    assert (done.faults[0].pointer, done.faults[0].code) == ("/rows/3/code", "twice")
    assert Bottleneck.objects.count() == 0


def test_a_preview_is_imported_by_whoever_saw_it_and_as_it_was():
    text = sealed("functions", 7, rows(("legal", "2")))
    assert unsealed("functions", 7, text) == rows(("legal", "2"))
    for kind, user, given in (("functions", 8, text), ("groups", 7, text), ("functions", 7, text + "x")):
        with pytest.raises(Conflict, match="Send the file again"):
            unsealed(kind, user, given)
