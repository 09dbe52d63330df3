"""The drill: a backup of a working portal, restored, proved, signed in to, and worked with."""

import gzip
import json
import shutil

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction

from alignment_portal.audit.chain import head, record, verify_chain
from alignment_portal.audit.guard import writes_allowed
from alignment_portal.audit.models import Entry
from alignment_portal.audit.triggers import faults
from alignment_portal.operations.actions import Actions
from alignment_portal.operations.manifest import NAME, kept_models, read_manifest, sha256_of, stored_fields
from alignment_portal.operations.snapshot import snapshot
from alignment_portal.outbox.models import Pulse
from gates.models import Evidence
from gates.selectors.files import blob_path, open_blob
from initiatives.models import Initiative
from initiatives.models.search import INDEX
from packs.models import PackBuild
from packs.selectors.files import pack_path, read_file
from packs.services.building import finish
from packs.services.holding import claim
from packs.services.requests import request_pack
from tests.gates import scene
from tests.packs.conftest import short_pdf
from tests.people import PASSWORD, actor, person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def portal(settings, tmp_path):
    """A portal with a file of evidence and a pack, and the folder its backups go to."""
    settings.MEDIA_ROOT = tmp_path / "files"
    initiative = scene.saved()
    scene.offered(initiative, form="file", file=scene.upload())
    person("administrator")
    asked = request_pack(by=actor("programme_manager"), subject="initiative:AI-0001")
    finish(claim(asked.build.pk), short_pdf())
    return tmp_path


def back_up(portal, name="kept"):
    call_command("backup", to=str(portal / name))
    return portal / name


def restore(place, *arguments):
    call_command("restore", str(place), *arguments)


def contents():
    """Every row of every table that is backed up."""
    found = {}
    for name, model in kept_models().items():
        columns = [one.attname for one in stored_fields(model)]
        found[name] = list(model._base_manager.order_by("pk").values_list(*columns))
    return found


def test_what_was_backed_up_comes_back_row_for_row_and_works(portal, client):
    before, anchor = contents(), head()
    place = back_up(portal)
    shutil.rmtree(portal / "files")
    with writes_allowed():
        Initiative.objects.update(title="Overwritten since")
    restore(place, "--force", "--anchor", f"{anchor.seq}:{anchor.hash}")

    after = contents()
    added = {Actions.RESTORED}
    assert {row.action for row in Entry.objects.filter(seq__gt=anchor.seq)} == added
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"audit_entry", "audit_head", "outbox_pulse"}
    assert after["audit_entry"][:-1] == before["audit_entry"]
    assert (verify_chain().faults, faults()) == ((), [])
    with open_blob(Evidence.objects.get().blob) as file:
        assert file.read() == scene.CSV
    assert read_file(PackBuild.objects.get().file) == short_pdf().body

    assert (
        client.post("/sign-in/", {"username": person("executive").email, "password": PASSWORD}).status_code
        == 302
    )
    assert client.get("/initiatives/AI-0001/").status_code == 200
    scene.offered(Initiative.objects.get(), title="Given after the restore")
    built = request_pack(by=actor("executive"), subject="initiative:AI-0001")
    finish(claim(built.build.pk), short_pdf())
    assert [build.number for build in PackBuild.objects.order_by("id")] == [1, 2]


def test_a_portal_that_holds_something_is_not_replaced_unasked(portal):
    place = back_up(portal)
    with pytest.raises(CommandError, match="Restore into an empty one, or say --force"):
        restore(place)


def test_a_damaged_backup_restores_nothing(portal):
    place = back_up(portal)
    table = place / "tables" / "audit_entry.ndjson.gz"
    lines = gzip.decompress(table.read_bytes()).replace(b"programme_manager", b"programme_monitor")
    table.write_bytes(gzip.compress(lines))
    before = contents()
    with pytest.raises(CommandError, match="audit_entry is not what it was when the backup was made"):
        restore(place, "--force")
    assert contents() == before


def test_a_record_rewritten_with_its_manifest_is_still_found_out(portal):
    """Whoever changes the backup can change its hashes; the chain and the guards of the database remain."""
    place = back_up(portal)
    table = place / "tables" / "audit_entry.ndjson.gz"
    table.write_bytes(
        gzip.compress(gzip.decompress(table.read_bytes()).replace(b"programme_manager", b"nobody"))
    )
    manifest = json.loads((place / NAME).read_text())
    manifest["tables"]["audit_entry"]["sha256"] = sha256_of(table)
    (place / NAME).write_text(json.dumps(manifest))
    before = contents()
    with pytest.raises(CommandError, match="was changed after it was recorded"):
        restore(place, "--force")
    assert (contents(), faults()) == (before, [])


def test_an_older_backup_does_not_pass_for_the_record_an_anchor_was_taken_of(portal):
    place = back_up(portal)
    kept = head()
    with pytest.raises(CommandError, match=rf"Entry {kept.seq}, which was kept as an anchor, is no longer"):
        restore(place, "--force", "--anchor", f"{kept.seq}:{kept.hash}")


def test_a_missing_file_of_evidence_is_found_before_anything_is_written(portal):
    place = back_up(portal)
    sha256 = Evidence.objects.get().blob_id
    (place / "files" / "evidence" / sha256[:2] / sha256).unlink()
    with pytest.raises(CommandError, match=f"{sha256} is missing from the backup"):
        restore(place, "--force")


def test_a_backup_leaves_its_trace_and_never_overwrites_another(portal):
    place = back_up(portal)
    manifest, _ = read_manifest(place)
    entry = Entry.objects.order_by("-seq")[0]
    assert (entry.action, json.loads(entry.payload)["rows"]) == (Actions.BACKED_UP, manifest.rows)
    assert Pulse.objects.get(name="backup").words == f"{manifest.rows} rows, 2 files"
    with pytest.raises(CommandError, match="is there already"):
        back_up(portal)


def test_every_row_is_of_one_moment_though_others_write_meanwhile(portal):
    with snapshot() as alias:
        before = Entry.objects.using(alias).count()
        with writes_allowed(), transaction.atomic():
            record(by=actor("administrator"), action=Actions.BACKED_UP, subject="portal", rows=0, files=0)
        assert Entry.objects.using(alias).count() == before
        assert Entry.objects.count() == before + 1
    assert "snapshot" not in connections


def test_every_table_is_backed_up_or_can_be_made_again(portal):
    with connection.cursor() as cursor:
        tables = {
            table.name for table in connection.introspection.get_table_list(cursor) if table.type == "t"
        }
    left_out = {name for name in tables - set(kept_models()) if not name.startswith(INDEX)}
    assert sorted(left_out) == ["django_migrations", "django_session"]


def test_a_backup_with_no_room_leaves_nothing_behind(portal, monkeypatch):
    def full(folder, name):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("alignment_portal.operations.backing_up._write_file", full)
    with pytest.raises(CommandError, match="No space left on device"):
        back_up(portal)
    assert not list(portal.glob("kept*"))


def test_stored_files_are_named_as_the_backup_names_them(portal):
    manifest, _ = read_manifest(back_up(portal))
    places = [blob_path(Evidence.objects.get().blob_id), pack_path(PackBuild.objects.get().file.sha256)]
    assert sorted(manifest.files) == [str(place.relative_to(portal / "files")) for place in places]
