"""The papers of a cluster and of the portfolio as files: sound, tagged, and standing up to whatever people write."""

import subprocess
from functools import cache

import msgspec
import pytest

from packs.content.cluster.paper import cluster_content
from packs.content.parts import Table
from packs.content.portfolio.paper import portfolio_content
from tests.packs.papers import bare, gathered, member, opened, printed, save, text_of

PAPERS = {"cluster": cluster_content, "portfolio": portfolio_content}
MOST_COLUMNS = 8
LONG = "The teams wait for the same two people. " * 1250  # 50,000 characters
HEBREW = "המודל עוצר כאשר אין תורן"
ARABIC = "يتوقف النموذج عندما لا يوجد مناوب"
EMOJI = "Launch 🚀 after the drill 👩🏽‍🚒"


@cache
def paper(kind):
    return printed(PAPERS[kind](gathered())).body


def written(text, title="Claims"):
    """An initiative whose free texts all say this."""
    facts = bare()
    initiative = msgspec.structs.replace(
        facts.dossier.initiative, summary=text, decision_sought=text, learning_question=text, title=title
    )
    dossier = msgspec.structs.replace(facts.dossier, initiative=initiative)
    return msgspec.structs.replace(facts, dossier=dossier)


@pytest.mark.parametrize("kind", PAPERS)
def test_it_is_tagged_and_says_what_it_is_built_to(kind):
    with opened(paper(kind)) as pdf:
        assert bool(pdf.Root.MarkInfo.Marked)
        assert str(pdf.Root.Lang) == "en-GB"
        assert pdf.Root.StructTreeRoot is not None
        xmp = pdf.Root.Metadata.read_bytes().decode()
        assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
        assert 'pdfaid:part="3"' in xmp
        assert sorted(pdf.attachments) == ["dossier.json", "verdict.json"]


@pytest.mark.parametrize("kind", PAPERS)
def test_the_file_is_sound_and_brings_its_fonts(kind, tmp_path):
    place = save(paper(kind), tmp_path)
    done = subprocess.run(["qpdf", "--check", place], capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    listed = subprocess.run(["pdffonts", place], capture_output=True, check=True, text=True).stdout
    assert {row.split()[-5] for row in listed.splitlines()[2:]} == {"yes"}


@pytest.mark.parametrize("kind", PAPERS)
def test_every_sheet_says_which_pack_it_is(kind):
    with opened(paper(kind)) as pdf:
        count = len(pdf.pages)
    told = [text_of(paper(kind), page) for page in range(1, count + 1)]
    assert [f"Page {n} of {count}" in text for n, text in enumerate(told, start=1)] == [True] * count
    assert all("Fingerprint 0123456789abcdef" in text for text in told)


@pytest.mark.parametrize("kind", PAPERS)
def test_no_table_is_wider_than_a_sheet_however_many_initiatives(kind):
    many = gathered(*(member(f"AI-{n:04d}", horizon=f"H{1 + n % 3}") for n in range(1, 201)))
    said = PAPERS[kind](many)
    tables = [block for part in said.sections for block in part.blocks if isinstance(block, Table)]
    assert tables
    assert max(len(row) for table in tables for row in table.rows) <= MOST_COLUMNS


@pytest.mark.parametrize("kind", PAPERS)
def test_long_right_to_left_and_emoji_texts_stand(kind, tmp_path):
    some = gathered(
        member("AI-0001", facts=written(LONG)),
        member("AI-0002", facts=written(f"{HEBREW}. {ARABIC}.", HEBREW)),
        member("AI-0003", facts=written(EMOJI, EMOJI)),
    )
    body = printed(PAPERS[kind](some)).body
    done = subprocess.run(["qpdf", "--check", save(body, tmp_path)], capture_output=True, check=False)
    assert done.returncode == 0
    told = text_of(body)
    assert all(key in told for key in ("AI-0001", "AI-0002", "AI-0003"))
    assert "Launch" in told
