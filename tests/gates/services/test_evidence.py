import hashlib
from datetime import timedelta

import pytest
from django.core.files.base import File
from django.db import DatabaseError

from alignment_portal import clock
from alignment_portal.accounts.models import RoleGrant
from alignment_portal.audit.guard import writes_allowed
from alignment_portal.audit.models import Entry
from alignment_portal.files import FileDamaged
from alignment_portal.outbox.models import Event
from alignment_portal.refusals import Conflict, Forbidden, Invalid, TooLarge
from gates.models import Blob, Evidence, EvidenceReview
from gates.selectors.files import blob_path, damaged_blobs, open_blob
from gates.services.evidence import offer_evidence, review_evidence, withdraw_evidence
from gates.services.offers import Offer
from tests.gates.scene import CSV, offered, saved, upload
from tests.people import actor, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def initiative():
    return saved()


def several(initiative, *uploads):
    offer = Offer(
        question="WI-01",
        form="file",
        kind="sample",
        title="Events",
        statement="The events flow.",
        observed_on=clock.now().date(),
    )
    return offer_evidence(by=actor("contributor"), initiative=initiative, offer=offer, files=uploads)


def kept(files):
    return sorted(path.name for path in files.rglob("*") if path.is_file())


def faults(refused):
    return {fault.pointer: fault.sentence for fault in refused.value.faults}


# --- submitting --------------------------------------------------------------------------------------------


def test_evidence_is_recorded_audited_and_announced(initiative):
    item = offered(initiative)
    assert (item.ref, item.version, item.submitted_by.email) == ("EV-0001", 1, "priya@example.org")
    entry = Entry.objects.first()
    assert (entry.action, entry.subject, entry.initiative_key) == (
        "gates.evidence.submit",
        "EV-0001",
        "AI-0001",
    )
    assert Event.objects.last().name == "gates.evidence_changed"


def test_a_file_is_kept_once_under_its_hash(initiative, files):
    first = offered(initiative, form="file", file=upload())
    second = offered(initiative, form="file", file=upload(name="again.csv"))
    sha256 = hashlib.sha256(CSV).hexdigest()
    assert kept(files) == [sha256]
    assert (first.blob_id, second.blob_id, second.filename) == (sha256, sha256, "again.csv")
    with open_blob(first.blob) as stored:
        assert stored.read() == CSV


def test_several_files_are_one_item_each(initiative):
    items = several(initiative, upload(), upload(b"case\n2\n", "more.csv"))
    assert [(item.ref, item.filename) for item in items] == [
        ("EV-0001", "sample.csv"),
        ("EV-0002", "more.csv"),
    ]


def test_one_bad_file_refuses_all_and_leaves_nothing(initiative, files):
    with pytest.raises(Invalid) as refused:
        several(initiative, upload(), upload(b"MZ" + b"\0" * 9, "setup.csv"), upload(b"", "empty.csv"))
    assert sorted(faults(refused)) == ["/files/1", "/files/2"]
    assert (Evidence.objects.count(), Blob.objects.count(), kept(files)) == (0, 0, [])


def test_a_file_over_the_limit_is_refused_while_it_streams(initiative, files, settings):
    settings.UPLOAD_MAX_BYTES = 1024 * 1024
    endless = File(EndlessText(), name="huge.csv")
    with pytest.raises(Invalid) as refused:
        offered(initiative, form="file", file=endless)
    assert faults(refused) == {
        "/files/0": "huge.csv: This file is larger than 1 MB, the most that can be kept."
    }
    assert endless.file.given <= 3 * 1024 * 1024
    assert kept(files) == []


class EndlessText:
    """Two gigabytes of text, given out only as far as somebody asks."""

    def __init__(self):
        self.given = 0

    def seek(self, *_):
        return 0

    def read(self, size):
        self.given += size
        return b"a" * size if self.given < 2**31 else b""


def test_too_many_files_at_once_are_refused(initiative, settings):
    settings.UPLOAD_MAX_FILES = 2
    with pytest.raises(TooLarge):
        several(initiative, *(upload() for _ in range(3)))


def test_nothing_is_kept_when_the_row_cannot_be_written(initiative, monkeypatch):
    monkeypatch.setattr(Evidence, "save", lambda *_, **__: (_ for _ in ()).throw(DatabaseError("gone")))
    with pytest.raises(DatabaseError):
        offered(initiative, form="file", file=upload())
    assert (Evidence.objects.count(), Blob.objects.count()) == (0, 0)


def test_every_fault_of_an_offer_is_named_at_once(initiative):
    with pytest.raises(Invalid) as refused:
        offered(
            initiative,
            question="DR-01",
            form="link",
            kind="poem",
            title=" ",
            statement="",
            link="javascript:alert(1)",
            observed_on=clock.now().date() + timedelta(days=2),
            deployment="moon",
        )
    assert sorted(faults(refused)) == [
        "/deployment",
        "/kind",
        "/link",
        "/observed_on",
        "/statement",
        "/title",
    ]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"question": "XX-99"}, "/question"),
        ({"question": "OC-01"}, "/question"),
        ({"form": "song"}, "/form"),
        ({"form": "file"}, "/file"),
        ({"form": "measurement"}, "/measures"),
        ({"measures": {"recall": float("nan")}}, "/measures/recall"),
        ({"measures": {"Not a name": 1}}, "/measures"),
        ({"measures": {"flag": True}}, "/measures/flag"),
        ({"link": "https://example.org/"}, "/link"),
        ({"form": "link", "link": "https://user:secret@example.org/"}, "/link"),
        ({"form": "link", "link": "https://"}, "/link"),
        ({"form": "link", "link": "https://example.org:bad/"}, "/link"),
        ({"title": "x" * 201}, "/title"),
        ({"statement": "a\x00b"}, "/statement"),
        ({"expires_on": clock.now().date() - timedelta(days=9)}, "/expires_on"),
        ({"observed_on": clock.now().date() - timedelta(days=4000)}, "/observed_on"),
    ],
)
def test_an_unsound_offer_is_refused_at_its_field(initiative, changes, pointer):
    with pytest.raises(Invalid) as refused:
        offered(initiative, **changes)
    assert list(faults(refused)) == [pointer]


@pytest.mark.parametrize("who", ["other_manager", "assurer", "executive", "auditor", "administrator"])
def test_only_those_who_work_on_it_submit(initiative, who):
    if who == "executive":
        initiative = saved("AI-0002", sponsor=None)
    with pytest.raises(Forbidden):
        offered(initiative, who)


# --- versions ----------------------------------------------------------------------------------------------


def test_a_correction_is_a_new_version_that_supersedes(initiative):
    first = offered(initiative)
    second = offered(initiative, "contributor", supersedes=first, title="Better memo")
    third = offered(initiative, supersedes=second)
    assert [(item.version, item.first, item.supersedes) for item in (second, third)] == [
        (2, first, first),
        (3, first, second),
    ]
    assert Evidence.objects.get(pk=first.pk).title == "Clearance memo"


def test_an_item_is_replaced_once(initiative):
    first = offered(initiative)
    offered(initiative, supersedes=first)
    with pytest.raises(Conflict) as refused:
        offered(initiative, supersedes=first)
    assert refused.value.code == "evidence_superseded"


def test_a_version_answers_the_same_question(initiative):
    first = offered(initiative)
    with pytest.raises(Invalid):
        offered(initiative, supersedes=first, question="DR-03", kind="agreement")


# --- reviewing ---------------------------------------------------------------------------------------------


def test_a_reviewer_of_the_gates_function_accepts_with_a_reason(initiative):
    item = offered(initiative)
    review = review_evidence(by=actor("legal_assurer"), evidence=item, accepted=True, reason=" It does. ")
    assert (review.accepted, review.reason, review.by.email) == (True, "It does.", "ludovic@example.org")
    assert Entry.objects.first().action == "gates.evidence.accept"


@pytest.mark.parametrize(
    "who", ["change_assurer", "executive", "programme_manager", "auditor", "administrator"]
)
def test_nobody_else_reviews_it(initiative, who):
    item = offered(initiative)
    with pytest.raises(Forbidden):
        review_evidence(by=actor(who), evidence=item, accepted=True, reason="Fine.")
    assert EvidenceReview.objects.count() == 0


def test_nobody_reviews_what_they_submitted_a_version_of():
    person("other_manager")
    initiative = saved("AI-0003", team=["callum@example.org", "oskar@example.org"])
    first = offered(initiative, "other_manager")
    second = offered(initiative, "contributor", supersedes=first)
    with writes_allowed():
        RoleGrant.objects.create(user=person("other_manager"), role="assurer", function="legal")
    with pytest.raises(Forbidden) as refused:
        review_evidence(by=actor("other_manager"), evidence=second, accepted=True, reason="Fine.")
    assert refused.value.code == "own_evidence"


def test_a_review_needs_a_reason(initiative):
    item = offered(initiative)
    with pytest.raises(Invalid):
        review_evidence(by=actor("legal_assurer"), evidence=item, accepted=False, reason="  ")


def test_an_item_is_reviewed_once(initiative):
    item = offered(initiative)
    review_evidence(by=actor("legal_assurer"), evidence=item, accepted=False, reason="It is unsigned.")
    with pytest.raises(Conflict) as refused:
        review_evidence(by=actor("assurer"), evidence=item, accepted=True, reason="Fine.")
    assert refused.value.code == "already_reviewed"


def test_what_was_replaced_or_withdrawn_is_not_reviewed(initiative):
    first = offered(initiative)
    second = offered(initiative, supersedes=first)
    withdraw_evidence(by=actor("programme_manager"), evidence=second, reason="Wrong file.")
    for item, code in ((first, "evidence_superseded"), (second, "evidence_withdrawn")):
        with pytest.raises(Conflict) as refused:
            review_evidence(by=actor("legal_assurer"), evidence=item, accepted=True, reason="Fine.")
        assert refused.value.code == code


# --- withdrawing -------------------------------------------------------------------------------------------


def test_withdrawing_leaves_the_item_and_says_why(initiative):
    item = offered(initiative)
    withdrawal = withdraw_evidence(by=actor("contributor"), evidence=item, reason="The memo was a draft.")
    again = withdraw_evidence(by=actor("contributor"), evidence=item, reason="Again.")
    assert (withdrawal.reason, again) == ("The memo was a draft.", withdrawal)
    assert Evidence.objects.get().title == "Clearance memo"


# --- reading files -----------------------------------------------------------------------------------------


def test_a_file_changed_on_disk_is_not_served(initiative):
    item = offered(initiative, form="file", file=upload())
    path = blob_path(item.blob_id)
    path.chmod(0o600)
    path.write_bytes(b"case,reason\n1,all is well\n")
    with pytest.raises(FileDamaged):
        open_blob(item.blob)
    path.unlink()
    with pytest.raises(FileDamaged) as refused:
        open_blob(item.blob)
    assert refused.value.code == "file_missing"
    assert [sha256 for sha256, _ in damaged_blobs()] == [item.blob_id]
