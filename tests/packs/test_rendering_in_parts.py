"""A long pack laid out in parts by several processes: as good as one laid out whole, and the same each time."""

import os
import re
import subprocess
from functools import cache

import msgspec
import pikepdf
import pytest
from celery.exceptions import SoftTimeLimitExceeded
from PIL import Image, ImageChops

from packs.content.portfolio.paper import portfolio_content
from packs.rendering import CannotRender, named_in, render_pdf, stamp_copy
from packs.rendering.cutting import PAYS, cut
from packs.rendering.helpers import Helper, LostHelper
from packs.rendering.library import SHEETS, own_files
from packs.rendering.messages import Counted, Task
from tests.packs import papers
from tests.packs.papers import FILES, MOMENT, content, gathered, html, member, opened, text_of

ALWAYS = (1, 2)  # lengths that everything has: three parts
CONTENTS_AT = "change-title"


@cache
def case():
    """The paper of one initiative, of which the contents name pages of every part."""
    return html(content())


@cache
def portfolio():
    """Pages of four initiatives, of which every other one is a draft."""
    members = [
        member(f"AI-000{number}", facts=msgspec.structs.replace(papers.whole(), status=status))
        for number, status in enumerate(["draft", "aligned", "draft", "aligned"], start=1)
    ]
    return html(portfolio_content(gathered(*members)))


@cache
def whole(document):
    return render_pdf(document(), moment=MOMENT, attachments=FILES, most_parts=1)


@cache
def in_parts(document):
    return render_pdf(document(), moment=MOMENT, attachments=FILES, pays=ALWAYS)


PAPERS = pytest.mark.parametrize("document", [case, portfolio])


# --- as good as the one laid out whole ----------------------------------------------------------------------


def pages_of(pdf):
    return {page.objgen: number for number, page in enumerate(pdf.pages, start=1)}


def rounded(numbers):
    return [round(float(number), 2) for number in numbers]


def places(pdf):
    """Each name that a link may lead to: its page and where on it."""
    pages, names = pages_of(pdf), list(pdf.Root.Names.Dests.Names)
    return [
        (str(name), pages[place[0].objgen], rounded(list(place)[2:]))
        for name, place in zip(names[::2], names[1::2], strict=True)
    ]


def links(pdf):
    """Each link: its page, its rectangle, where it leads and what is said of it."""
    return [
        (number, rounded(link.Rect), str(link.Dest if "/Dest" in link else link.A.URI), str(link.Contents))
        for number, page in enumerate(pdf.pages, start=1)
        for link in page.obj.get("/Annots", ())
    ]


def bookmarks(pdf, item, depth=0):
    """Each bookmark in order: depth, title, page, height on it, and how many stand open below it."""
    while item is not None:
        yield depth, str(item.Title), pages_of(pdf)[item.Dest[0].objgen], float(item.Dest[3]), int(item.Count)
        if "/First" in item:
            yield from bookmarks(pdf, item.First, depth + 1)
        item = item.get("/Next")


def tags(pdf):
    """Each element of the structure in reading order: its kind, its page, its words instead, how many cells it heads."""
    pages, parents = pages_of(pdf), parents_of(pdf)
    found, headed = [], set()

    def walk(element, parent):
        assert element.P.objgen == parent.objgen
        page = pages[element.Pg.objgen]
        more = element.get("/A", {})
        headed.update(bytes(name) for name in more.get("/Headers", ()))
        found.append((str(element.S), page, str(element.get("/Alt", "")), len(more.get("/Headers", ()))))
        for kid in element.K:
            if isinstance(kid, int):
                marked = parents[int(pdf.pages[page - 1].obj.StructParents)]
                assert marked[kid].objgen == element.objgen
            elif kid.get("/Type") == "/OBJR":
                assert parents[int(kid.Obj.StructParent)].objgen == element.objgen
            else:
                walk(kid, element)

    document = pdf.Root.StructTreeRoot.K[0]
    for kid in document.K:
        walk(kid, document)
    return found, headed


def parents_of(pdf):
    numbers = list(pdf.Root.StructTreeRoot.ParentTree.Nums)
    return {int(key): parent for key, parent in zip(numbers[::2], numbers[1::2], strict=True)}


@PAPERS
def test_every_page_says_the_same_its_number_included(document):
    one, other = whole(document), in_parts(document)
    assert one.pages == other.pages
    count = one.pages
    for page in range(1, count + 1):
        told = text_of(other.body, page)
        assert told == text_of(one.body, page)
        assert f"Page {page} of {count}" in told


def test_the_contents_name_the_pages_of_other_parts():
    first = cut(case(), pays=ALWAYS)[0]
    assert CONTENTS_AT in first.elsewhere
    with opened(in_parts(case).body) as pdf:
        page = next(page for name, page, _ in places(pdf) if name == CONTENTS_AT)
    assert re.search(rf"Change impact\s+{page}\b", text_of(in_parts(case).body, 1))


@PAPERS
def test_bookmarks_links_and_the_places_they_lead_to_are_the_same(document):
    with opened(whole(document).body) as one, opened(in_parts(document).body) as other:
        for told in (places, links, lambda pdf: list(bookmarks(pdf, pdf.Root.Outlines.First))):
            assert told(one) == told(other)
        assert int(one.Root.Outlines.Count) == int(other.Root.Outlines.Count)
        names = {name for name, _, _ in places(other)}
        assert {to for _, _, to, _ in links(other) if not to.startswith("http")} <= names


@PAPERS
def test_the_tags_are_one_tree_in_the_same_order(document):
    with opened(whole(document).body) as one, opened(in_parts(document).body) as other:
        (expected, _), (found, headed) = tags(one), tags(other)
        assert found == expected
        parents = parents_of(other)
        assert list(parents) == list(range(len(parents)))
        marked = [int(page.obj.StructParents) for page in other.pages]
        assert marked == list(range(len(other.pages)))
        identifiers = [bytes(item.ID) for item in other.objects if is_header(item)]
        assert len(identifiers) == len(set(identifiers))
        assert headed <= set(identifiers)


def is_header(item):
    return isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/StructElem" and "/ID" in item


@PAPERS
def test_every_marked_piece_of_a_page_belongs_to_an_element(document):
    with opened(in_parts(document).body) as pdf:
        parents = parents_of(pdf)
        for page in pdf.pages:
            marked = {int(number) for number in re.findall(rb"/MCID (\d+)", page.Contents.read_bytes())}
            assert marked == set(range(len(parents[int(page.obj.StructParents)])))


@PAPERS
def test_claim_metadata_language_and_files_are_there_once(document):
    with opened(whole(document).body) as one, opened(in_parts(document).body) as other:
        assert other.Root.Metadata.read_bytes() == one.Root.Metadata.read_bytes()
        assert b"<pdfuaid:part>1</pdfuaid:part>" in other.Root.Metadata.read_bytes()
        assert dict(other.docinfo.items()) == dict(one.docinfo.items())
        assert sorted(other.Root.keys()) == sorted(one.Root.keys())
        assert (str(other.Root.Lang), bool(other.Root.MarkInfo.Marked)) == ("en-GB", True)
        assert bool(other.Root.ViewerPreferences.DisplayDocTitle)
        assert sorted(other.attachments) == ["dossier.json", "verdict.json"]
        assert (len(other.Root.AF), len(other.Root.OutputIntents)) == (2, 1)


@PAPERS
def test_the_file_is_sound_and_hardly_larger(document, tmp_path):
    place = tmp_path / "pack.pdf"
    place.write_bytes(in_parts(document).body)
    done = subprocess.run(["qpdf", "--check", place], capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    # The fonts, cut down to the letters of each part: some 20 kB a part.
    assert len(in_parts(document).body) < len(whole(document).body) + 2 * 30_000
    with opened(in_parts(document).body) as pdf:
        profiles = {page.Resources.ColorSpace["/srgb"][1].objgen for page in pdf.pages}
    assert len(profiles) == 1


def pictures(body, folder):
    folder.mkdir()
    (folder / "pack.pdf").write_bytes(body)
    subprocess.run(
        ["pdftoppm", "-r", "75", "-gray", "-png", folder / "pack.pdf", folder / "page"], check=True
    )
    return [Image.open(place).convert("L") for place in sorted(folder.glob("*.png"))]


@PAPERS
def test_it_looks_the_same(document, tmp_path):
    ones = pictures(whole(document).body, tmp_path / "whole")
    others = pictures(in_parts(document).body, tmp_path / "parts")
    for one, other in zip(ones, others, strict=True):
        assert one.size == other.size
        shades = ImageChops.difference(one, other).histogram()
        # Letters may stand a hundredth of a point off, which greys their edges; nothing is elsewhere.
        assert sum(shades[80:]) == 0
        assert sum(shades[16:]) < one.width * one.height * 0.002


# --- the same each time -------------------------------------------------------------------------------------


def test_the_same_content_gives_the_same_bytes_whatever_the_seed(monkeypatch):
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    again = render_pdf(case(), moment=MOMENT, attachments=FILES, pays=ALWAYS)
    assert again.body == in_parts(case).body


def test_a_copy_of_it_is_whole_and_it_names_its_pack():
    body = in_parts(portfolio).body
    copy = stamp_copy(body, line="Copy for Eva <Risk> & Co", moment=MOMENT)
    assert named_in(body) == named_in(copy) == named_in(whole(portfolio).body)
    pages = in_parts(portfolio).pages
    assert all("Copy for Eva <Risk> & Co" in text_of(copy, page) for page in range(1, pages + 1))


# --- where it is cut ----------------------------------------------------------------------------------------


def long_document(sections, length):
    words = "x" * length
    begun = "".join(
        f'<section class="pack-member" id="page-{number}">{words}</section>' for number in range(sections)
    )
    return f'<html><head></head><body data-title="t"><div class="cover">c</div>{begun}</body></html>'


def test_length_alone_decides_into_how_many_parts_it_is_cut():
    shortest = PAYS[0]
    assert [
        len(cut(long_document(60, length // 60)))
        for length in (shortest // 2, shortest, PAYS[1], PAYS[2], PAYS[2] * 3)
    ] == [1, 2, 3, 4, 4]
    assert len(cut(long_document(60, shortest), most=3)) == 3
    assert len(cut(long_document(60, shortest), most=1)) == 1


def test_parts_hold_everything_once_and_are_about_equal():
    document = long_document(60, 10_000)
    parts = cut(document)
    told = [re.findall(r'id="page-(\d+)"', part.html) for part in parts]
    assert [int(number) for part in told for number in part] == list(range(60))
    assert all(part.html.startswith('<html><head></head><body data-title="t">') for part in parts)
    first, second = (len(part) for part in told)
    assert 0 <= first - second <= 8


def test_a_document_without_sections_that_begin_a_sheet_stays_whole():
    text = f"<html><body><section>{'x' * PAYS[0]}</section></body></html>"
    assert [part.html for part in cut(text)] == [text]
    assert [part.html for part in cut("x" * PAYS[0])] == ["x" * PAYS[0]]


def test_what_the_sheet_breaks_before_is_where_it_may_be_cut():
    sheet = own_files()[f"pack:///{SHEETS[1]}"].decode()
    named = re.search(r"^(#.*) \{ break-before: page;", sheet, re.MULTILINE)[1].split(", ")
    sections = [f'<section class="pack-section" id="{name.removeprefix("#")}">' for name in named]
    for section in [*sections, '<section class="pack-member" id="page-1">']:
        assert len(cut(f"<html><head></head><body>x{section}y</body></html>", pays=(1,))) == 2
    assert ".pack-member { break-before: page;" in sheet


def test_contents_that_come_out_longer_or_shorter_are_laid_out_whole():
    """Three noughts stand where a number is not known yet; here they take two pages more than "2" does."""
    document = (
        "<html lang=en><head><title>t</title><style>.contents-line a::after { display: block; width: 1em;"
        " overflow-wrap: anywhere; font-size: 400pt; }</style></head><body><p class=contents-line>"
        '<a href="#page-1">x</a></p><section class="pack-member" id="page-1">y</section></body></html>'
    )
    assert cut(document, pays=(1,))[0].elsewhere == ("page-1",)
    made = render_pdf(document, moment=MOMENT, pays=(1,))
    assert made == render_pdf(document, moment=MOMENT, most_parts=1)


# --- when something goes wrong ------------------------------------------------------------------------------


def helpers_running():
    """Those of this process, which may have other children: the driver of a browser, for one."""
    done = subprocess.run(
        ["pgrep", "-P", str(os.getpid()), "-f", "packs.rendering"],
        capture_output=True,
        check=False,
        text=True,
    )
    return [int(number) for number in done.stdout.split()]


def test_nobody_is_left_behind():
    in_parts(case)
    assert helpers_running() == []


def test_a_part_that_is_killed_fails_the_build_for_now():
    killed = []

    def kill(_step, _percent):
        if not killed:
            killed.extend(helpers_running())
            os.kill(killed[-1], 9)

    with pytest.raises(CannotRender) as raised:
        render_pdf(case(), moment=MOMENT, attachments=FILES, pays=ALWAYS, progress=kill)
    assert len(killed) == 2
    assert "was lost (it ended with -9)" in raised.value.sentence
    assert raised.value.is_lasting is False
    assert helpers_running() == []


def test_a_build_that_is_stopped_takes_its_helpers_with_it():
    seen = []

    def stop(_step, _percent):
        seen.extend(helpers_running())
        raise SoftTimeLimitExceeded

    with pytest.raises(SoftTimeLimitExceeded):
        render_pdf(case(), moment=MOMENT, attachments=FILES, pays=ALWAYS, progress=stop)
    assert len(seen) == 2
    assert helpers_running() == []


def test_a_helper_to_whom_nobody_listens_ends_by_itself():
    helper = Helper.start()
    part = cut(case(), most=2, pays=(1,))[1]
    helper.send(Task(part.html, part.elsewhere, 1, MOMENT))
    helper.line.close()
    assert helper.process.wait(timeout=60) == 70


def test_a_helper_without_memory_is_told_as_such_or_lost():
    helper = Helper.start()
    try:
        part = cut(case(), most=2, pays=(1,))[1]
        subprocess.run(["prlimit", f"--pid={helper.process.pid}", "--as=400000000"], check=True)
        helper.send(Task(part.html * 200, part.elsewhere, 1, MOMENT))
        with pytest.raises((MemoryError, LostHelper)):
            helper.expect(Counted)
    finally:
        helper.stop()


def test_what_a_part_cannot_be_laid_out_for_is_said():
    broken = (
        "<html lang=en><head><title>t</title></head><body>x"
        '<section class="pack-member" id="page-1"><a href="elsewhere:7">y</a></section></body></html>'
    )
    with pytest.raises(CannotRender, match=r"could not be laid out \(IndexError"):
        render_pdf(broken, moment=MOMENT, pays=(1,))
    assert helpers_running() == []


def test_a_part_fetches_nothing_and_says_what_it_was_asked_for():
    reaching = (
        "<html lang=en><head><title>t</title></head><body>x"
        '<section class="pack-member" id="page-1"><img alt=z src="http://127.0.0.1:9/a.png"></section></body></html>'
    )
    made = render_pdf(reaching, moment=MOMENT, pays=(1,))
    assert (made.pages, made.refused) == (2, ("http://127.0.0.1:9/a.png",))


def test_progress_counts_the_pages_of_all_parts_and_only_grows():
    heard = []
    render_pdf(
        case(), moment=MOMENT, attachments=FILES, pays=ALWAYS, progress=lambda *said: heard.append(said)
    )
    percents = [percent for _, percent in heard]
    assert percents == sorted(percents)
    assert heard[0][0] == "Reading the pack"
    assert heard[-1] == ("Putting the parts together", 95)
