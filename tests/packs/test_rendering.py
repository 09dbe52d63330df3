"""The PDF: what it holds, that it is the same each time, and that no text in it reaches out."""

import datetime as dt
import http.server
import re
import subprocess
import threading

import msgspec
import pytest

from gates.engine.facts import Condition, Waiver
from initiatives.dossier.document import TradeOff
from packs import rendering
from packs.rendering import Attached, named_in, render_pdf, stamp_copy
from tests.packs.papers import MOMENT, bare, content, html, opened, printed, save, text_of, whole, whole_print

SECRET = "this line must never be found in a pack"


def test_the_same_content_gives_the_same_bytes():
    assert printed(content()).body == whole_print()


def test_other_content_gives_other_bytes():
    assert printed(content(msgspec.structs.replace(whole(), status="scale_ready"))).body != whole_print()


def test_the_summary_takes_exactly_the_second_sheet():
    second, third = text_of(whole_print(), 2), text_of(whole_print(), 3)
    assert "Decision sought" in second
    assert "Open conditions" in second
    assert "Outcome chain" in third
    assert "Decision sought" not in third


def crowded():
    """Everything on the summary at its longest: decision, deeds, rules, four waivers, six conditions."""
    facts = bare()
    initiative = msgspec.structs.replace(
        facts.dossier.initiative,
        decision_sought="We ask for this decision. " * 150,
        planned_launch_on=dt.date(2026, 9, 28),
    )
    long = "The metric that shows it is being built by two teams and will be ready in time. " * 4
    waivers = tuple(
        Waiver(
            ref=f"WV-{n:04d}", rule="OC-08", reason=long, compensating_control=long, horizon="H1", until=dt.date(2026, 6, 30),
            requested_by="pam.manager@example.org", accepted_by="eva.risk@example.org", accepted_at=MOMENT,
        )
        for n in range(4)
    )  # fmt: skip
    conditions = tuple(Condition(ref=f"CD-{n}", text=long, by="eva.risk@example.org") for n in range(6))
    review = msgspec.structs.replace(whole().review, conditions=conditions)
    dossier = msgspec.structs.replace(facts.dossier, initiative=initiative)
    return msgspec.structs.replace(facts, dossier=dossier, waivers=waivers, review=review)


def test_the_summary_keeps_to_its_sheet_at_its_longest():
    body = printed(content(crowded())).body
    second, third = text_of(body, 2), text_of(body, 3)
    assert ("WV-0003" in second, "CD-5" in second, "before 28 September 2026" in second) == (True, True, True)
    assert "Outcome chain" in third
    assert "CD-5" not in third


def test_the_cover_keeps_clear_of_its_foot_at_its_longest(tmp_path):
    facts = crowded()
    long = "The teams wait for the same two people, and say so. " * 20
    initiative = msgspec.structs.replace(
        facts.dossier.initiative,
        title="A support assistant that drafts replies to customers in eleven languages and two scripts " * 2,
        summary=long,
        learning_question=long,
        scope=msgspec.structs.replace(facts.dossier.initiative.scope, description=long),
    )
    dossier = msgspec.structs.replace(facts.dossier, initiative=initiative)
    place = save(printed(content(msgspec.structs.replace(facts, dossier=dossier))).body, tmp_path)
    done = subprocess.run(
        ["pdftotext", "-bbox", "-l", "1", place, "-"], capture_output=True, check=True, text=True
    ).stdout
    words = [
        (float(low), float(high), word)
        for low, high, word in re.findall(r'yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">([^<]+)<', done)
    ]
    foot = min(low for low, _, word in words if word == "PK-0001,")
    assert max(high for _, high, word in words if word == "Appendix") < foot
    assert "Decision sought" in text_of(place.read_bytes(), 2)


def test_every_sheet_says_which_pack_it_is():
    with opened(whole_print()) as pdf:
        count = len(pdf.pages)
    for page in range(1, count + 1):
        told = text_of(whole_print(), page)
        assert f"Page {page} of {count}" in told
        assert "PK-0001, version 3 · 15 June 2026, 09:30 UTC" in told
        assert "Fingerprint 0123456789abcdef" in told
        assert "Internal" in told


def test_a_draft_says_so_on_every_sheet():
    body = printed(content(msgspec.structs.replace(whole(), status="in_review", review=None))).body
    with opened(body) as pdf:
        assert all("Draft: not agreed" in text_of(body, page) for page in range(1, len(pdf.pages) + 1))
    assert "Draft" not in text_of(whole_print())


def test_it_is_tagged_titled_and_says_what_it_is_built_to():
    with opened(whole_print()) as pdf:
        assert str(pdf.Root.Lang) == "en-GB"
        assert bool(pdf.Root.MarkInfo.Marked)
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        assert str(pdf.docinfo["/Title"]) == "AI-0001 Case support: alignment pack PK-0001"
        xmp = pdf.Root.Metadata.read_bytes().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
    assert 'pdfaid:part="3"' in xmp
    assert 'pdfaid:conformance="A"' in xmp


def test_every_section_has_a_bookmark():
    with opened(whole_print()) as pdf, pdf.open_outline() as outline:
        titles = [item.title for item in outline.root]
    assert titles[1:] == [
        "Summary", "Outcome chain", "Measurement", "Gates, evidence and endorsements", "Risk posture and non-negotiables",
        "Operating model and RACI", "Change impact", "Trade-offs, stances and commitments", "What would change our mind",
        "Appendix",
    ]  # fmt: skip


def test_dossier_and_verdict_are_attached_from_bytes():
    with opened(whole_print()) as pdf:
        assert sorted(pdf.attachments) == ["dossier.json", "verdict.json"]
        assert pdf.attachments["dossier.json"].get_file().read_bytes() == b'{"a":1}'
        assert [str(file.AFRelationship) for file in pdf.Root.AF] == ["/Data", "/Data"]


def test_every_font_is_embedded(tmp_path):
    listed = subprocess.run(
        ["pdffonts", save(whole_print(), tmp_path)], capture_output=True, check=True, text=True
    ).stdout
    rows = listed.splitlines()[2:]
    assert rows
    assert {row.split()[-5] for row in rows} == {"yes"}


def test_the_file_is_sound(tmp_path):
    done = subprocess.run(
        ["qpdf", "--check", save(whole_print(), tmp_path)], capture_output=True, check=False, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


# --- nothing is fetched, nothing is attached ----------------------------------------------------------------


@pytest.fixture
def canary():
    """A server on this machine that counts who asks."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            """Keep quiet."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def payloads(place, file):
    return [
        f"<img src='{place}/a.png'>",
        f'<link rel=stylesheet href="{place}/b.css">',
        f'<link rel=attachment href="file://{file}">',
        f"<a rel=attachment href='file://{file}'>file</a>",
        f"<style>@import url('{place}/c.css'); body {{ background: url({place}/d.png) }}</style>",
        f"<p style='background:url({place}/e.png)'>x</p>",
        f"<iframe src='file://{file}'></iframe>",
        f"<object data='file://{file}'></object>",
        f"<embed src='{place}/f'>",
        f"<svg><image href='{place}/g.svg'/></svg>",
        f"<svg><use href='file://{file}#x'/></svg>",
        f"]]></text><image xlink:href='{place}/h'/>",
        f'"><img src=x:x onerror=fetch("{place}/i")>',
        f"url({place}/j)",
        f"'); @import '{place}/k'; ('",
        "<img src='http://169.254.169.254/latest/meta-data/'>",
        f"<base href='{place}/'><img src=l>",
        f"<meta http-equiv=refresh content='0;url={place}/m'>",
        f"<video poster='{place}/n'></video>",
        f"<input type=image src='{place}/o'>",
        "{% include '/etc/passwd' %}{{ settings.SECRET_KEY }}",
        "&lt;img src=x&gt;",
        "<script>alert(1)</script>",
        f"<xmp><link rel=attachment href='file://{file}'></xmp>",
        f"<details><summary><img srcset='{place}/p 2x'></summary></details>",
    ]


@pytest.mark.parametrize("number", range(25))
def test_no_free_text_is_more_than_text(number, canary, tmp_path):
    place, asked = canary
    file = tmp_path / "secret.txt"
    file.write_text(SECRET)
    text = payloads(place, file)[number]
    rendered = poisoned(text)
    assert (asked, rendered.refused) == ([], ())
    with opened(rendered.body) as pdf:
        assert sorted(pdf.attachments) == ["dossier.json", "verdict.json"]
    assert SECRET.encode() not in rendered.body
    assert SECRET not in text_of(rendered.body)


def poisoned(text):
    """A short pack in which every kind of place holds the text: title, words, table, quotation, drawing, metadata."""
    facts = bare()
    dossier = facts.dossier
    initiative = msgspec.structs.replace(
        dossier.initiative, title=text[:200], summary=text, decision_sought=text, learning_question=text
    )
    trade_off = TradeOff(code="a", choose=text, accept=text, because=text, change_our_mind=text)
    chain = msgspec.structs.replace(whole().dossier.outcome_chain, nodes=tuple(_renamed(text)))
    changed = msgspec.structs.replace(
        dossier, initiative=initiative, trade_offs=(trade_off,), outcome_chain=chain
    )
    said = content(msgspec.structs.replace(facts, dossier=changed))
    short = msgspec.structs.replace(
        said, sections=tuple(one for one in said.sections if one.code in {"chain", "alignment"})
    )
    return printed(short)


def _renamed(text):
    for node in whole().dossier.outcome_chain.nodes:
        yield msgspec.structs.replace(node, title=text[:200], difference=text)


def test_the_text_is_printed_as_it_was_written():
    assert "<b>bold</b> & more" in text_of(poisoned("<b>bold</b> & more").body, 2)


def test_markup_that_got_through_would_still_fetch_nothing(canary, tmp_path):
    place, asked = canary
    file = tmp_path / "secret.txt"
    file.write_text(SECRET)
    raw = f"<p>x</p><img src='{place}/a'><link rel=attachment href='file://{file}'><link rel=stylesheet href='{place}/b'>"
    made = render_pdf(raw, moment=MOMENT)
    assert asked == []
    assert sorted(made.refused) == [f"{place}/a", f"{place}/b"]
    with opened(made.body) as pdf:
        assert list(pdf.attachments) == []


def test_an_own_file_is_served_from_bytes_only():
    assert sorted(rendering.own_files()) == sorted(
        [f"pack:///{name}.woff2" for name in rendering.FONTS]
        + [f"pack:///{name}" for name in rendering.SHEETS]
    )


# --- copies -------------------------------------------------------------------------------------------------


def test_a_copy_carries_its_reader_on_every_sheet_and_stays_whole():
    copy = stamp_copy(whole_print(), line="Copy for Eva <Risk> & Co", moment=MOMENT)
    with opened(copy) as pdf:
        count = len(pdf.pages)
        assert sorted(pdf.attachments) == ["dossier.json", "verdict.json"]
        assert "/StructTreeRoot" in pdf.Root
    assert all("Copy for Eva <Risk> & Co" in text_of(copy, page) for page in range(1, count + 1))


def test_a_pdf_names_its_pack():
    named = named_in(whole_print())
    assert (named.ref, named.fingerprint) == ("PK-0001", "0123456789abcdef" * 4)


def test_what_is_no_pdf_names_nothing():
    assert named_in(b"%PDF-1.7 not really") is None


def test_progress_is_told_in_steps_that_only_grow():
    heard = []
    render_pdf(
        html(content()),
        moment=MOMENT,
        attachments=(Attached("a.json", "a", b"{}"),),
        progress=lambda *said: heard.append(said),
    )
    percents = [percent for _, percent in heard]
    assert percents == sorted(percents)
    assert heard[0][0] == "Reading the pack"
    assert heard[-1] == ("Attaching dossier and verdict", 92)
