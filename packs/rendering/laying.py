"""One document, or one part of it, laid out and written by WeasyPrint in this process."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from packs.rendering.cutting import Part
from packs.rendering.library import SCHEME, Attached, fetcher, library
from packs.rendering.numbering import Desk, anchors_of, numbers_of, settle

VARIANT = "pdf/a-3a"
# What WeasyPrint raises about content that it cannot lay out.
FAULTS = (ValueError, AssertionError, KeyError, IndexError, RecursionError, OverflowError)


@dataclass(frozen=True)
class Written:
    body: bytes
    pages: int
    refused: tuple[str, ...]  # addresses that the content asked for and did not get


def write_whole(html: str, *, moment: datetime, attachments: tuple[Attached, ...] = ()) -> Written:
    return _written(html, moment, attachments)


def write_part(
    part: Part, number: int, *, desk: Desk, moment: datetime, attachments: tuple[Attached, ...] = ()
) -> Written:
    """A PDF of one part, its numbers and links those of the whole. Waits at the desk for the other parts."""
    numbers = numbers_of(desk)

    def hand_in(document: Any) -> None:
        desk.found(anchors_of(document, numbers.counted(len(document.pages)).before))

    def finish(_document: Any, pdf: Any) -> None:
        settle(pdf, number, part.elsewhere)

    return _written(part.html, moment, attachments, numbers=numbers, hand_in=hand_in, finish=finish)


def _written(
    html: str,
    moment: datetime,
    attachments: tuple[Attached, ...],
    *,
    numbers: Any = None,
    hand_in: Callable[[Any], None] | None = None,
    finish: Callable[[Any, Any], None] | None = None,
) -> Written:
    weasyprint = library()
    refused: list[str] = []
    source = fetcher(refused)
    files = [
        weasyprint.Attachment(
            string=item.body.decode(),
            url_fetcher=source,
            name=item.name,
            description=item.description,
            created=moment,
            modified=moment,
            relationship="Data",
        )
        for item in attachments
    ]
    page_source = weasyprint.HTML(string=html, base_url=SCHEME, url_fetcher=source)
    document = page_source.render(counter_style=numbers)
    # What a text asks to attach never gets here: only the files handed in do.
    document.metadata.attachments = []
    if hand_in:
        hand_in(document)
    body = document.write_pdf(
        pdf_variant=VARIANT,
        attachments=files,
        pdf_identifier=hashlib.sha256(html.encode()).digest()[:16],
        finisher=finish,
    )
    return Written(body, len(document.pages), tuple(refused))
