import msgspec

from packs.content.differences import Change, section_fingerprints, what_changed
from tests.packs.papers import content, whole


def test_the_same_content_has_no_changes():
    assert what_changed(content(), content()) == ()


def test_a_changed_status_shows_on_the_summary_alone_beside_what_follows_from_it():
    later = content(msgspec.structs.replace(whole(), status="scale_ready"))
    changes = {change.code: change.changes for change in what_changed(content(), later)}
    assert Change(what="Status", before="aligned", after="scale-ready") in changes["summary"]


def test_a_row_that_is_gone_is_named():
    later = content(msgspec.structs.replace(whole(), endorsements=()))
    changes = {change.code: change.changes for change in what_changed(content(), later)}
    assert any(
        change.what
        == "The gates at a glance: Data rights and access (May the data be used for this, and is personal data handled properly?)"
        for change in changes["gates"]
    )


def test_untouched_sections_keep_their_fingerprint():
    before = section_fingerprints(content())
    after = section_fingerprints(content(msgspec.structs.replace(whole(), endorsements=())))
    assert before["chain"] == after["chain"]
    assert before["gates"] != after["gates"]
