"""A pack's row as a printed document: the same words as on screen, with a stamp that says which pack it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from packs.content.since import since_section
from packs.models import PackBuild
from packs.rendering import PAYS, Attached, Progress, Rendered, needs_other_scripts, render_pdf, silent
from packs.selectors.packs import content_of, since_of

MOST_MOVED = 5  # differences that fit on the front page


@dataclass(frozen=True)
class Stamp:
    """What identifies a pack on every sheet."""

    ref: str
    number: int
    fingerprint: str
    as_of: datetime
    date_words: str
    organisation: str
    anchor_seq: int
    anchor_hash: str


def in_words(moment: datetime) -> str:
    """15 June 2026, 09:30 UTC."""
    then = moment.astimezone(UTC)
    return f"{then.day} {then:%B %Y, %H:%M} UTC"


def stamp_of(build: PackBuild) -> Stamp:
    return Stamp(
        ref=build.ref,
        number=build.number,
        fingerprint=build.fingerprint,
        as_of=build.as_of,
        date_words=in_words(build.as_of),
        organisation=settings.ORGANISATION,
        anchor_seq=build.anchor_seq,
        anchor_hash=build.anchor_hash,
    )


def verify_url(build: PackBuild) -> str:
    return settings.PORTAL_URL.rstrip("/") + reverse(
        "packs:verify-fingerprint", args=[build.fingerprint[:16]]
    )


@dataclass(frozen=True)
class Paper:
    """A pack as it goes to the renderer."""

    html: str
    moment: datetime
    attachments: tuple[Attached, ...]


def print_pack(build: PackBuild, progress: Progress) -> Rendered:
    progress("Putting the pack into words", 5)
    return print_paper(paper_of(build), progress, most_parts=settings.PACK_PARTS)


def paper_of(build: PackBuild) -> Paper:
    told = since_of(build)
    html = render_to_string(
        "packs/paper.html",
        {
            "content": content_of(build),
            "scripts": needs_other_scripts(build.content + build.changes),
            "since": since_section(told) if told.ref else None,
            "moved": told.first[:MOST_MOVED],
            "stamp": stamp_of(build),
            "palette": "print",
            "verify_url": verify_url(build),
        },
    )
    return Paper(html, build.as_of, _attached(build))


def print_paper(
    paper: Paper, progress: Progress = silent, *, most_parts: int, pays: Sequence[int] = PAYS
) -> Rendered:
    return render_pdf(
        paper.html,
        moment=paper.moment,
        attachments=paper.attachments,
        progress=progress,
        most_parts=most_parts,
        pays=pays,
    )


def _attached(build: PackBuild) -> tuple[Attached, ...]:
    if build.initiative is not None:
        return (
            Attached("dossier.json", "The dossier that was judged", build.dossier.encode()),
            Attached("verdict.json", "The verdict and every finding", build.verdict.encode()),
        )
    return (
        Attached("dossiers.json", "The dossiers that were judged, by key", build.dossier.encode()),
        Attached("verdicts.json", "The verdicts and every finding, by key", build.verdict.encode()),
    )
