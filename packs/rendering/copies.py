"""Copies of a pack: a line at the foot of every sheet that says whose it is, and what a PDF says of itself."""

import io
from dataclasses import dataclass
from datetime import datetime

from packs.rendering.library import SCHEME, date_of, fetcher, library, pdf_tool, saved

LINE = """<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>Copy</title>
<style>@font-face {{ font-family: "Pack Sans"; src: url("pack:///sans-400.woff2"); }}
@page {{ size: A4; margin: 0; }} body {{ margin: 0; }}
p {{ position: absolute; left: 18mm; right: 18mm; bottom: 6.5mm; margin: 0; text-align: center;
font: 7pt "Pack Sans"; color: #4f5961; }}</style></head><body><p>{line}</p></body></html>"""


def stamp_copy(body: bytes, *, line: str, moment: datetime) -> bytes:
    """The same PDF with one line at the foot of each sheet: who took this copy, and when. Laid out once, not again."""
    weasyprint, pikepdf = library(), pdf_tool()
    escaped = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    with date_of(moment):
        sheet = weasyprint.HTML(
            string=LINE.format(line=escaped), base_url=SCHEME, url_fetcher=fetcher([])
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
        return saved(pdf)


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
