"""A document as PDF: laid out whole, or in parts side by side when it is long; the claim of PDF/UA-1 added at the end."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alignment_portal.collector import collector_paused
from packs.rendering.cutting import MOST_PARTS, PAYS, Part, cut
from packs.rendering.helpers import FirstDesk, helped
from packs.rendering.laying import FAULTS, write_part, write_whole
from packs.rendering.library import (
    Attached,
    CannotRender,
    date_of,
    library,
    pdf_tool,
    saved,
)
from packs.rendering.merging import merged
from packs.rendering.messages import Made
from packs.rendering.numbering import Uneven
from packs.rendering.progress import Progress, heard, silent

# Hebrew, Arabic and their presentation forms; signs and emoji.
OTHER_SCRIPTS = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u231a-\u2bff\U0001f000-\U0001faff]")
JOINING = ("Putting the parts together", 95)

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


def needs_other_scripts(text: str) -> bool:
    """Whether a text holds letters or signs that the pack's own families lack and the bundled fonts have."""
    return OTHER_SCRIPTS.search(text) is not None


@dataclass(frozen=True)
class Rendered:
    body: bytes
    pages: int
    refused: tuple[str, ...]  # addresses that the content asked for and did not get


def render_pdf(
    html: str,
    *,
    moment: datetime,
    attachments: tuple[Attached, ...] = (),
    progress: Progress = silent,
    most_parts: int = MOST_PARTS,
    pays: Sequence[int] = PAYS,
) -> Rendered:
    """The PDF of a document, `cut` in parts where that pays. Raises CannotRender when it cannot be laid out."""
    library()
    parts = cut(html, most_parts, pays)
    try:
        if len(parts) > 1:
            try:
                return _in_parts(parts, moment=moment, attachments=attachments, progress=progress)
            except Uneven:
                # Decided by the content, so that it is the same on every machine: such a pack is laid out whole.
                pass
        with date_of(moment), collector_paused(), heard(progress):
            made = write_whole(html, moment=moment, attachments=attachments)
    except FAULTS as error:
        raise CannotRender(f"The pages could not be laid out ({type(error).__name__}: {error}).") from error
    with pdf_tool().open(io.BytesIO(made.body)) as pdf:
        return _claimed(pdf, made.pages, made.refused)


def _in_parts(
    parts: Sequence[Part], *, moment: datetime, attachments: tuple[Attached, ...], progress: Progress
) -> Rendered:
    with date_of(moment), collector_paused(), helped(parts, moment) as helpers:
        desk = FirstDesk(parts[0], helpers)
        with heard(progress, lambda: sum(helper.listen() for helper in helpers)):
            first = write_part(parts[0], 0, desk=desk, moment=moment, attachments=attachments)
        others = [helper.expect(Made) for helper in helpers]
    progress(*JOINING)
    refused = [*first.refused, *(address for made in others for address in made.refused)]
    with merged([first.body, *(made.body for made in others)]) as pdf:
        return _claimed(pdf, desk.total, tuple(refused))


def _claimed(pdf: Any, pages: int, refused: tuple[str, ...]) -> Rendered:
    pikepdf = pdf_tool()
    xmp = pdf.Root.Metadata.read_bytes().decode()
    if "/AF" in pdf.Root:
        # The library lists each file twice.
        pdf.Root.AF = pikepdf.Array({file.objgen: file for file in pdf.Root.AF}.values())
    claimed = xmp.replace("</rdf:RDF>", f"{UA_CLAIM}</rdf:RDF>", 1)
    pdf.Root.Metadata = pdf.make_stream(
        claimed.encode(), Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML
    )
    return Rendered(saved(pdf), pages, refused)
