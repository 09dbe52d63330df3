import hashlib

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction

from alignment_portal import clock
from alignment_portal.accounts.models import RoleGrant
from alignment_portal.audit.guard import writes_allowed
from alignment_portal.files import FileDamaged
from initiatives.services.dossiers import save_dossier
from packs.models import PackBuild, PackCopy, PackFile
from packs.selectors.files import pack_path, read_file
from packs.selectors.genuineness import check_words
from packs.services.building import build_pack, finish, tell_requester
from packs.services.checking import check_upload
from packs.services.copies import take_copy
from packs.services.holding import LostHold, claim
from packs.services.requests import cancel_pack, request_pack
from tests.factories.initiatives import full_document
from tests.packs.conftest import SUBJECT, short_pdf
from tests.packs.papers import opened, text_of
from tests.people import actor, person


def test_a_built_pack_is_kept_under_its_hash_and_holds_what_was_judged(queued):
    build = build_pack(queued.pk)
    assert (build.state, build.percent) == ("ready", 100)
    body = read_file(build.file)
    assert hashlib.sha256(body).hexdigest() == build.file.sha256
    with opened(body) as pdf:
        assert len(pdf.pages) == build.file.pages
        assert pdf.attachments["dossier.json"].get_file().read_bytes().decode() == build.dossier
        assert pdf.attachments["verdict.json"].get_file().read_bytes().decode() == build.verdict


def test_a_file_changed_on_disk_is_not_given_out(ready):
    place = pack_path(ready.file.sha256)
    place.chmod(0o600)
    place.write_bytes(place.read_bytes() + b"x")
    with pytest.raises(FileDamaged):
        read_file(ready.file)


def test_what_is_built_is_not_built_again(ready):
    assert build_pack(ready.pk) is None
    assert PackFile.objects.count() == 1


def test_cancelling_while_it_is_built_drops_the_result(owner, queued):
    held = claim(queued.pk)
    cancel_pack(by=owner, build=queued)
    with pytest.raises(LostHold):
        finish(held, short_pdf())
    queued.refresh_from_db()
    assert (queued.state, PackFile.objects.count()) == ("cancelled", 0)


def test_whoever_asked_is_told(ready):
    tell_requester(ready)
    assert [letter.subject for letter in mail.outbox] == [f"{ready.ref} is ready"]
    assert f"/packs/{ready.ref}/" in mail.outbox[0].body


@pytest.fixture
def bucket_away(settings):
    """Files are kept in an object store, and nothing listens where it should be."""
    settings.FILES_BUCKET = "files"
    store = {"bucket_name": "files", "endpoint_url": "http://127.0.0.1:1", "region_name": "eu-west-1"}
    store |= {"access_key": "test", "secret_key": "test"}
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "alignment_portal.object_store.ObjectStore", "OPTIONS": store},
    }


def test_a_copy_names_its_reader_and_is_recorded(owner, ready):
    copy = take_copy(by=owner, build=ready)
    assert f"Copy for {owner.name}" in text_of(copy.body, 1)
    kept = PackCopy.objects.get()
    assert (kept.user_id, kept.sha256) == (owner.user_id, hashlib.sha256(copy.body).hexdigest())


def test_a_copy_is_genuine_and_says_whose_it_is(owner, ready):
    checked = check_upload(by=owner, body=take_copy(by=owner, build=ready).body)
    assert (checked.state, checked.is_current, checked.copy.user_id) == ("genuine", True, owner.user_id)


def test_a_changed_copy_is_altered(owner, ready):
    body = take_copy(by=owner, build=ready).body
    assert check_upload(by=owner, body=body + b"\n%").state == "altered"


def test_a_stranger_learns_from_a_copy_only_that_it_is_genuine(owner, ready):
    checked = check_upload(by=actor("other_manager"), body=take_copy(by=owner, build=ready).body)
    assert (checked.state, checked.is_current, checked.may_read) == ("genuine", True, False)
    assert (checked.copy, checked.latest, checked.changes) == (None, None, ())


def test_a_stranger_cannot_find_out_by_its_reference_whether_there_is_a_pack(owner, ready):
    assert check_words(owner, "pk-0001").state == "genuine"
    assert check_words(actor("other_manager"), "PK-0001").state == "unknown"


def test_whoever_lost_the_right_to_read_it_does_not_get_the_pack_built(initiative):
    build = request_pack(by=actor("executive"), subject=SUBJECT).build
    with writes_allowed():
        RoleGrant.objects.filter(user=person("executive")).update(revoked_at=clock.now())
    assert build_pack(build.pk).state == "failed"
    build.refresh_from_db()
    assert build.error == "Eleanor Voss may no longer read all of what this pack holds, so it was not built."


def test_a_store_that_is_away_is_told_in_one_sentence_and_the_pack_tried_again(initiative, bucket_away):
    build = request_pack(by=actor("executive"), subject=SUBJECT).build
    assert build_pack(build.pk).state == "queued"
    build.refresh_from_db()
    away = "The object store refused or did not answer (EndpointConnectionError)"
    assert build.error == f"The file could not be kept: {away}."


def test_the_printed_fingerprint_finds_the_pack_and_says_what_changed(owner, ready):
    save_dossier(by=owner, document=full_document(title="Another title"))
    checked = check_words(owner, ready.fingerprint[:16])
    assert (checked.state, checked.is_current, checked.build.pk) == ("genuine", False, ready.pk)


@pytest.mark.parametrize("fingerprint", ["", "abc", "z" * 16, "0" * 64])
def test_a_fingerprint_nobody_printed_is_unknown(owner, ready, fingerprint):
    assert check_words(owner, fingerprint).state == "unknown"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE packs_packbuild SET content = '{}' WHERE id = %s",
        "UPDATE packs_packbuild SET fingerprint = key WHERE id = %s",
        "DELETE FROM packs_packbuild WHERE id = %s",
        "UPDATE packs_packfile SET sha256 = 'x' WHERE build_id = %s",
        "DELETE FROM packs_packfile WHERE build_id = %s",
    ],
)
def test_what_a_pack_says_cannot_be_changed_by_sql(ready, statement):
    with pytest.raises(IntegrityError), writes_allowed(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [ready.pk])
    assert PackBuild.objects.get(pk=ready.pk).content == ready.content


def test_a_held_build_always_has_a_lease(queued):
    claim(queued.pk)
    with pytest.raises(IntegrityError), writes_allowed(), transaction.atomic():
        PackBuild.objects.filter(pk=queued.pk).update(token=None)
