"""HTML to PDF: the one door to WeasyPrint. It fetches nothing but the pack's own fonts and sheets, from bytes.

Built to PDF/UA-1 and PDF/A-3a: the a-3a variant writes tags and associated files; the claim of UA-1 is added after.
The same HTML and attachments always give the same bytes: dates and identifiers come from what is rendered.
"""

import hashlib
import io
import logging
import os
import re
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from alignment_portal.refusals import Refusal

STATIC = Path(__file__).resolve().parent.parent / "static"
FONTS = (
    "sans-400", "sans-600", "serif-400", "serif-400-italic", "serif-600", "display-400",
    "arabic-400", "hebrew-400", "emoji-400",
)  # fmt: skip
SHEETS = ("pack_widths.css", "pack_paper.css", "pack_scripts.css")
# Hebrew, Arabic and their presentation forms; signs and emoji.
OTHER_SCRIPTS = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u231a-\u2bff\U0001f000-\U0001faff]")
SCHEME = "pack:///"
VARIANT = "pdf/a-3a"
TYPES = {".css": "text/css", ".woff2": "font/woff2"}
Progress = Callable[[str, int], None]
# Fonts are dated while they are cut down; one renderer at a time may set the date for the whole process.
_dated = threading.Lock()

UA_CLAIM = """<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><pdfuaid:part>1</pdfuaid:part>
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource"><pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>PDF/UA version identifier</pdfaProperty:description><pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType></rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""


class CannotRender(Refusal):
    """The PDF cannot be made on this machine, or of this content; `is_lasting` when trying again changes nothing."""

    code = "cannot_render"
    is_lasting = False


class NoLibrary(CannotRender):
    is_lasting = True


@dataclass(frozen=True)
class Attached:
    """A file inside the PDF, from bytes and never from a place."""

    name: str
    description: str
    body: bytes


@cache
def own_files() -> Mapping[str, bytes]:
    """Everything a pack may load, by address."""
    fonts = {f"{SCHEME}{name}.woff2": STATIC / "vendor" / "fonts" / f"{name}.woff2" for name in FONTS}
    sheets = {f"{SCHEME}{name}": STATIC / "css" / name for name in SHEETS}
    return {address: path.read_bytes() for address, path in {**fonts, **sheets}.items()}


def library() -> Any:
    # Steps and font tables are of no use in the log of the portal.
    logging.getLogger("weasyprint.progress").propagate = False
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    try:
        import weasyprint  # noqa: PLC0415 — slow import
    except OSError as error:
        raise NoLibrary(
            "PDFs cannot be made on this machine: a library that WeasyPrint needs (Pango) is not installed. "
            "The pack can be read on screen and printed from the browser."
        ) from error
    return weasyprint


# WeasyPrint says what it is at in the log; a page count is not known before the end.
STEPS = {
    "Step 1": ("Reading the pack", 10),
    "Step 3": ("Applying the look", 15),
    "Step 4": ("Setting the words", 25),
    "Step 5": ("Laying out the pages", 35),
    "Step 6": ("Writing the PDF", 80),
    "Step 7": ("Attaching dossier and verdict", 92),
}
PAGE = re.compile(r"Page (\d+)")
MOST_OF_LAYOUT = 40


class Listener(logging.Handler):
    """Passes on the steps of the rendering that runs in this very thread; each step once, every fifth page."""

    def __init__(self, progress: Progress) -> None:
        super().__init__(logging.INFO)
        self.progress, self.thread, self.last, self.percent = progress, threading.get_ident(), "", 0

    def emit(self, record: logging.LogRecord) -> None:
        said = record.getMessage()
        known = STEPS.get(said[:6])
        if known is None or record.thread != self.thread:
            return
        step, percent = known
        page = PAGE.search(said)
        if page and int(page[1]) % 5 == 0:
            step, percent = f"{step}, {page[1]} so far", percent + min(MOST_OF_LAYOUT, int(page[1]))
        elif page:
            return
        # Pages are laid out more than once, until their numbers hold: never tell of a step back.
        if step != self.last and percent > self.percent:
            self.last, self.percent = step, percent
            self.progress(step, percent)


@contextmanager
def _heard(progress: Progress) -> Iterator[None]:
    logger, listener = logging.getLogger("weasyprint.progress"), Listener(progress)
    logger.addHandler(listener)
    try:
        yield
    finally:
        logger.removeHandler(listener)


def silent(_step: str, _percent: int) -> None:
    """For those who do not wait."""


def pdf_tool() -> Any:
    logging.getLogger("pikepdf").setLevel(logging.WARNING)
    import pikepdf  # noqa: PLC0415 — slow import

    return pikepdf


def _fetcher(refused: list[str]) -> Any:
    weasyprint = library()
    urls = weasyprint.urls

    class OwnFilesOnly(urls.URLFetcher):  # type: ignore[misc, name-defined]  # loaded late, so untyped
        """INVARIANT: answers from `own_files` alone; opens no file and no connection."""

        def __init__(self) -> None:
            super().__init__(allowed_protocols=[], allow_redirects=False)

        def fetch(self, url: str, headers: object = None) -> Any:
            body = own_files().get(url)
            if body is None:
                refused.append(url)
                raise ValueError("A pack loads nothing but its own fonts and sheets.")
            return urls.URLFetcherResponse(url, body, {"Content-Type": TYPES[Path(url).suffix]})

    return OwnFilesOnly()


@contextmanager
def _date_of(moment: datetime) -> Iterator[None]:
    with _dated:
        before = os.environ.get("SOURCE_DATE_EPOCH")
        os.environ["SOURCE_DATE_EPOCH"] = str(int(moment.timestamp()))
        try:
            with warnings.catch_warnings():
                # The library leaves the file of its colour profile to the collector.
                warnings.simplefilter("ignore", ResourceWarning)
                yield
        finally:
            if before is None:
                del os.environ["SOURCE_DATE_EPOCH"]
            else:
                os.environ["SOURCE_DATE_EPOCH"] = before


def needs_other_scripts(text: str) -> bool:
    """Whether a text holds letters or signs that the pack's own families lack and the bundled fonts have."""
    return OTHER_SCRIPTS.search(text) is not None


@dataclass(frozen=True)
class Rendered:
    body: bytes
    pages: int
    refused: tuple[str, ...]  # addresses that the content asked for and did not get


def render_pdf(
    html: str, *, moment: datetime, attachments: tuple[Attached, ...] = (), progress: Progress = silent
) -> Rendered:
    """The PDF of a document. Raises CannotRender when it cannot be laid out."""
    weasyprint = library()
    refused: list[str] = []
    fetcher = _fetcher(refused)
    files = [
        weasyprint.Attachment(
            string=item.body.decode(),
            url_fetcher=fetcher,
            name=item.name,
            description=item.description,
            created=moment,
            modified=moment,
            relationship="Data",
        )
        for item in attachments
    ]
    try:
        with _date_of(moment), _heard(progress):
            document = weasyprint.HTML(string=html, base_url=SCHEME, url_fetcher=fetcher).render()
            # What a text asks to attach never gets here: only the files handed in do.
            document.metadata.attachments = []
            body = document.write_pdf(
                pdf_variant=VARIANT,
                attachments=files,
                pdf_identifier=hashlib.sha256(html.encode()).digest()[:16],
            )
    except (ValueError, AssertionError, KeyError, IndexError, RecursionError, OverflowError) as error:
        raise CannotRender(f"The pages could not be laid out ({type(error).__name__}: {error}).") from error
    return Rendered(_with_claim(body), len(document.pages), tuple(refused))


def _with_claim(body: bytes) -> bytes:
    pikepdf = pdf_tool()
    with pikepdf.open(io.BytesIO(body)) as pdf:
        metadata = pdf.Root.Metadata
        xmp = metadata.read_bytes().decode()
        if "/AF" in pdf.Root:
            # The library lists each file twice.
            pdf.Root.AF = pikepdf.Array({file.objgen: file for file in pdf.Root.AF}.values())
        claimed = xmp.replace("</rdf:RDF>", f"{UA_CLAIM}</rdf:RDF>", 1)
        pdf.Root.Metadata = pdf.make_stream(
            claimed.encode(), Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML
        )
        return _saved(pdf)


def _saved(pdf: Any) -> bytes:
    target = io.BytesIO()
    pdf.save(target, deterministic_id=True, object_stream_mode=pdf_tool().ObjectStreamMode.generate)
    return target.getvalue()


LINE = """<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>Copy</title>
<style>@font-face {{ font-family: "Pack Sans"; src: url("pack:///sans-400.woff2"); }}
@page {{ size: A4; margin: 0; }} body {{ margin: 0; }}
p {{ position: absolute; left: 18mm; right: 18mm; bottom: 6.5mm; margin: 0; text-align: center;
font: 7pt "Pack Sans"; color: #4f5961; }}</style></head><body><p>{line}</p></body></html>"""


def stamp_copy(body: bytes, *, line: str, moment: datetime) -> bytes:
    """The same PDF with one line at the foot of each sheet: who took this copy, and when. Laid out once, not again."""
    weasyprint, pikepdf = library(), pdf_tool()
    escaped = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    with _date_of(moment):
        sheet = weasyprint.HTML(
            string=LINE.format(line=escaped), base_url=SCHEME, url_fetcher=_fetcher([])
        ).write_pdf()
    with pikepdf.open(io.BytesIO(body)) as pdf, pikepdf.open(io.BytesIO(sheet)) as foot:
        form = pdf.copy_foreign(foot.pages[0].as_form_xobject())
        for page in pdf.pages:
            # Each sheet needs resources of its own: they are shared in what the renderer writes.
            page.obj.Resources = pikepdf.Dictionary(dict(page.obj.Resources.items()))
            name = page.add_resource(form, pikepdf.Name.XObject, pikepdf.Name.CopyLine)
            mark = f"/Artifact <</Type /Pagination /Subtype /Footer>> BDC q {name} Do Q EMC"
            page.contents_add(b"q", prepend=True)
            page.contents_add(f"Q {mark}".encode())
        pdf.docinfo["/CopyFor"] = line
        return _saved(pdf)


@dataclass(frozen=True)
class Named:
    """What a PDF says of itself; proves nothing until its bytes are compared."""

    ref: str
    fingerprint: str


def named_in(body: bytes) -> Named | None:
    """The pack a PDF says it is, if it says so at all."""
    pikepdf = pdf_tool()
    try:
        with pikepdf.open(io.BytesIO(body)) as pdf:
            words = str(pdf.docinfo.get("/Keywords", "")).split(", ")
    except (pikepdf.PdfError, ValueError):
        return None
    ref = next((word for word in words if word.startswith("PK-")), "")
    return Named(ref, words[-1]) if ref else None
