import msgspec

from packs.content.differences import Change, section_fingerprints, what_changed
from packs.content.since import where_they_differ
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


def test_of_two_long_texts_the_part_that_differs_is_shown():
    shared = (
        "Blocked because the operating model names nobody for monitoring, incidents or the on-call rota; "
    )
    before, after = where_they_differ(f"{shared}two gates are open", f"{shared}three gates are open", 80)
    assert (before, after) == (
        "… incidents or the on-call rota; two gates are open",
        "… incidents or the on-call rota; three gates are open",
    )


def test_short_texts_are_shown_whole():
    assert where_they_differ("two gates are open", "three gates are open", 80) == (
        "two gates are open",
        "three gates are open",
    )


def test_a_text_is_never_longer_than_asked_though_it_differs_from_the_start():
    before, after = where_they_differ("word " * 500, "", 80)
    assert len(before) <= 82
    assert after == ""
