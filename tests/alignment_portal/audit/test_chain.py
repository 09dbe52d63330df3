"""The record: what joins it, and every way we know to tamper with it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from alignment_portal import clock
from alignment_portal.accounts.actors import SYSTEM
from alignment_portal.audit import triggers
from alignment_portal.audit.chain import anchor_fault, hash_of, head, record, verify_chain
from alignment_portal.audit.guard import service, writes_allowed
from alignment_portal.audit.models import Entry
from tests import people

pytestmark = pytest.mark.django_db


@service
def write(count=1, **more):
    return [record(by=SYSTEM, action="tests.row.write", subject=f"row:{n}", **more) for n in range(count)]


def sql(statement, *values):
    with writes_allowed(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.fixture
def four_without_guards():
    """Four entries, in the hand of somebody who owns the database and has taken every guard off."""
    write(4)
    triggers.remove_all()
    yield
    triggers.install_all()


def faults():
    return [seq for seq, _ in verify_chain().faults]


def test_an_empty_record_is_whole():
    assert verify_chain().ok


def test_entries_follow_one_another_without_a_gap():
    entries = write(3)
    assert [entry.seq for entry in entries] == [1, 2, 3]
    assert [entry.prev for entry in entries[1:]] == [entry.hash for entry in entries[:-1]]
    assert verify_chain() == verify_chain().__class__(True, 3, (), entries[-1].hash, 3)


def test_what_is_stored_hashes_as_what_was_written():
    person = people.actor("executive")

    @service
    def act():
        return record(
            by=person,
            action="tests.row.write",
            subject='é\x01"\\',
            initiative="AI-0001",
            before={"a": [1, None, "\u2028"]},
            after={"z": datetime(2026, 1, 1, tzinfo=UTC)},
            reason="warum\nnicht",
        )

    entry = act()
    assert hash_of(Entry.objects.get(seq=entry.seq)) == entry.hash


def test_an_entry_names_nobody():
    with_person = people.actor("executive")

    @service
    def act():
        return record(by=with_person, action="tests.row.write", subject="row:1")

    entry = act()
    assert (entry.actor_label, entry.actor_id) == ("executive", with_person.user_id)
    assert with_person.name not in entry.payload


@service
def write_and_fail():
    record(by=SYSTEM, action="tests.row.write", subject="row:9")
    raise ZeroDivisionError


def test_work_that_is_rolled_back_leaves_no_gap():
    write(1)
    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert write(1)[0].seq == 2


def test_a_replayed_moment_is_kept_beside_the_time_of_writing():
    moment = datetime(2026, 1, 5, 9, tzinfo=UTC)
    with clock.at_moment(moment):
        [entry] = write(1)
    assert entry.at == moment
    assert entry.recorded_at > moment


def test_the_time_of_writing_never_goes_back(monkeypatch):
    [first] = write(1)
    monkeypatch.setattr(clock, "wall", lambda: first.recorded_at - timedelta(hours=1))
    assert write(1)[0].recorded_at == first.recorded_at


# --- the guards refuse ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET action = 'tests.row.other'",
        "UPDATE audit_entry SET seq = seq + 10",
        "UPDATE audit_entry SET payload = payload WHERE seq = 2",
        "DELETE FROM audit_entry",
        "DELETE FROM audit_entry WHERE seq = 3",
        "UPDATE audit_head SET seq = 2",
        "UPDATE audit_head SET seq = 4",
        "UPDATE audit_head SET hash = prev FROM audit_entry WHERE audit_entry.seq = 3",
        "UPDATE audit_head SET stream = 'other'",
        "DELETE FROM audit_head",
    ],
)
def test_a_written_record_can_be_neither_changed_nor_removed(statement):
    write(3)
    with pytest.raises(IntegrityError, match="guard_audit_"):
        sql(statement)
    assert verify_chain().ok


COLUMNS = "stream, seq, prev, hash, at, recorded_at, actor_id, actor_label, via, action, initiative_key, subject, payload"


def copy_of_last(seq, prev="prev", hash_="hash", recorded="recorded_at"):
    return (
        f"INSERT INTO audit_entry ({COLUMNS}) SELECT stream, {seq}, {prev}, {hash_}, at, {recorded}, actor_id,"
        " actor_label, via, action, initiative_key, subject, payload FROM audit_entry WHERE seq = 3"
    )


@pytest.mark.parametrize(
    "statement",
    [
        copy_of_last("3"),
        copy_of_last("4"),
        copy_of_last("5", "hash", "'x'"),
        copy_of_last("4", "hash", "hash"),
        copy_of_last("4", "hash", "'short'"),
        copy_of_last("4", "'" + "a" * 64 + "'", "'" + "b" * 64 + "'"),
        copy_of_last("1", "'" + "0" * 64 + "'", "'" + "c" * 64 + "'"),
    ],
)
def test_an_entry_out_of_place_is_refused(statement):
    write(3)
    with pytest.raises(IntegrityError):
        sql(statement)
    assert verify_chain().entries == 3


@pytest.mark.postgres
def test_an_entry_with_a_made_up_hash_is_refused():
    write(3)
    with pytest.raises(IntegrityError, match="guard_audit_entry_link"):
        sql(copy_of_last("4", "hash", "'" + "d" * 64 + "'"))


@pytest.mark.sqlite
def test_an_entry_with_a_made_up_hash_is_found():
    write(3)
    sql(copy_of_last("4", "hash", "'" + "d" * 64 + "'"))
    assert faults() == [4]


@pytest.mark.sqlite
@pytest.mark.parametrize("table", ["audit_entry", "audit_head"])
def test_replacing_a_row_is_refused(table):
    write(3)
    with pytest.raises(IntegrityError, match="guard_audit_"):
        sql(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")


@pytest.mark.postgres
@pytest.mark.parametrize("table", ["audit_entry", "audit_head"])
def test_truncating_is_refused(table):
    write(3)
    with pytest.raises(IntegrityError, match="truncate"):
        sql(f"TRUNCATE {table}")


def test_a_second_beginning_is_refused():
    write(1)
    with pytest.raises(IntegrityError):
        sql(
            "INSERT INTO audit_head (stream, seq, hash, recorded_at) SELECT 'portal2', seq, hash, recorded_at"
            " FROM audit_head"
        )


# --- the verifier finds, should somebody take the guards off ---------------------------------------------------


@pytest.mark.usefixtures("four_without_guards")
class TestWithoutGuards:
    def test_an_edit_is_found_where_it_is(self):
        sql("UPDATE audit_entry SET subject = 'row:other' WHERE seq = 2")
        assert faults() == [2]

    def test_a_deletion_is_found_where_it_is(self):
        sql("DELETE FROM audit_entry WHERE seq = 2")
        assert faults() == [2]

    def test_a_cut_tail_is_found_by_the_head(self):
        sql("DELETE FROM audit_entry WHERE seq > 2")
        assert faults() == [2]

    def test_a_cut_tail_with_a_rewritten_head_is_found_by_the_anchor(self):
        anchor = head()
        cut_to(2)
        assert verify_chain().ok
        assert anchor_fault(anchor.seq, anchor.hash) == (
            "Entry 4, which was kept as an anchor, is no longer in the record: its end was cut off."
        )

    def test_a_rewritten_end_is_found_by_the_anchor(self):
        anchor = head()
        cut_to(2)
        triggers.install_all()
        write(2, reason="another story")
        assert verify_chain().ok
        assert anchor_fault(anchor.seq, anchor.hash) == (
            "Entry 4 no longer has the hash that was kept as an anchor: the record was rewritten."
        )

    def test_a_splice_is_found(self):
        sql("DELETE FROM audit_entry WHERE seq = 2")
        sql("UPDATE audit_entry SET seq = seq - 1 WHERE seq = 3")
        sql("UPDATE audit_entry SET seq = seq - 1 WHERE seq = 4")
        assert set(faults()) == {2, 3}

    def test_reordering_is_found(self):
        for old, new in ((2, 20), (3, 2), (20, 3)):
            sql("UPDATE audit_entry SET seq = %s WHERE seq = %s", new, old)
        assert set(faults()) == {2, 3, 4}

    def test_a_duplicate_is_found(self):
        sql(copy_of_last("5", "'" + "e" * 64 + "'"))
        assert set(faults()) == {5}

    def test_a_rewritten_head_is_found(self):
        sql("UPDATE audit_head SET hash = %s", "f" * 64)
        assert faults() == [4]

    def test_missing_guards_are_named(self):
        assert len(triggers.faults()) == sum(
            1 for guard in triggers.registered() if guard.sql_for(connection.vendor)
        )
        with pytest.raises(CommandError, match="guard_audit_entry_update is missing"):
            call_command("check_guards")


def cut_to(seq):
    sql("DELETE FROM audit_entry WHERE seq > %s", seq)
    sql("UPDATE audit_head SET seq = %s, hash = (SELECT hash FROM audit_entry WHERE seq = %s)", seq, seq)


def test_the_command_says_what_is_wrong_and_fails(four_without_guards):
    sql("UPDATE audit_entry SET subject = 'row:other' WHERE seq = 1")
    with pytest.raises(CommandError, match="Entry 1 was changed after it was recorded"):
        call_command("verify_audit")


def test_the_command_holds_the_record_against_an_anchor(capsys):
    write(2)
    call_command("audit_head")
    anchor = capsys.readouterr().out.strip()
    call_command("verify_audit", anchor=[anchor])
    assert capsys.readouterr().out == f"The record is whole: 2 entries, head {anchor}.\n"


def test_the_guards_are_in_place(capsys):
    call_command("check_guards")
    assert capsys.readouterr().out.endswith("guards are in place.\n")


def test_a_guard_that_was_loosened_is_named():
    loosened = "guard_audit_entry_delete"
    guard = next(guard for guard in triggers.registered() if guard.name == loosened)
    if connection.vendor == "sqlite":
        sql(f"DROP TRIGGER {loosened}")
        sql(triggers.sqlite_trigger(loosened, guard.table, event="BEFORE DELETE", when="OLD.seq < 0"))
        expected = "is not the one we wrote"
    else:
        sql(f"ALTER TABLE {guard.table} DISABLE TRIGGER {loosened}")
        expected = "is switched off"
    assert triggers.faults() == [(loosened, f"The guard {loosened} on the table {guard.table} {expected}.")]
    triggers.install_all()
    assert triggers.faults() == []
