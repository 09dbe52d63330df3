"""What a pack would say now: facts, judgement and records, put into words by the pure core."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

import msgspec
from django.conf import settings

from alignment_portal import clock
from gates.selectors.judging import explained
from initiatives.dossier.canonical import canonical_json
from packs.content.agreed import audience_words
from packs.content.cluster.paper import cluster_content
from packs.content.gathered import key_of
from packs.content.members import MOST_PAGES, member_of
from packs.content.paper import pack_content
from packs.content.parts import Member, PackContent, encode
from packs.content.portfolio.paper import portfolio_content
from packs.content.source import Meta, Source
from packs.models import Audience
from packs.selectors.gathering import gather
from packs.selectors.meta import meta_of
from packs.selectors.subjects import Subject

ROOT = Path(__file__).resolve().parents[2]
LOOK = ("templates/packs/**/*.html", "static/css/pack_*.css", "packs/templatetags/*.py", "packs/rendering/*.py", "alignment_portal/http/drawing/*.py")  # fmt: skip


@dataclass(frozen=True)
class Written:
    """A pack in words, with the two documents that are attached to it."""

    content: PackContent
    text: str
    fingerprint: str
    key: str
    members: tuple[str, ...]  # keys of the initiatives it speaks of
    dossier: str
    verdict: str
    as_of: datetime


def write_pack(subject: Subject, audience: str = Audience.READERS, at: datetime | None = None) -> Written:
    """The pack of a subject as it stands now, or stood; refuses a cluster or a portfolio without any initiative."""
    moment = at or clock.now()
    return (
        _of_one(subject, audience, moment)
        if subject.kind == "initiative"
        else _of_several(subject, audience, moment, at)
    )


def _of_one(subject: Subject, audience: str, moment: datetime) -> Written:
    case, verdict, explanation = explained(subject.code, moment)
    told = audience_words("initiative", audience, case.facts.dossier.initiative.classification)
    meta = meta_of(subject.code, case.facts, moment, told)
    return _written(
        pack_content(case.facts, verdict, explanation, case.policy, meta),
        members=(subject.code,),
        dossier=canonical_json(case.facts.dossier),
        verdict=msgspec.json.encode(verdict, order="sorted").decode(),
        as_of=moment,
    )


def _of_several(subject: Subject, audience: str, moment: datetime, at: datetime | None) -> Written:
    gathered = gather(subject, moment, at)
    told = audience_words(subject.kind, audience, gathered.classification)
    gathered = msgspec.structs.replace(gathered, audience=told)
    content = portfolio_content(gathered) if subject.kind == "portfolio" else cluster_content(gathered)
    printed = sorted(gathered.members[:MOST_PAGES], key=key_of)
    return _written(
        content,
        members=tuple(key_of(member) for member in gathered.members),
        dossier=f"{{{','.join(f'{json.dumps(key_of(one))}:{canonical_json(one.dossier)}' for one in printed)}}}",
        verdict=msgspec.json.encode({key_of(one): one.verdict for one in printed}, order="sorted").decode(),
        as_of=moment,
    )


def _written(
    content: PackContent, *, members: tuple[str, ...], dossier: str, verdict: str, as_of: datetime
) -> Written:
    text = encode(content)
    fingerprint = hashlib.sha256(text.encode()).hexdigest()
    return Written(
        content=content,
        text=text,
        fingerprint=fingerprint,
        key=hashlib.sha256(f"{fingerprint} {look_version()}".encode()).hexdigest(),
        members=members,
        dossier=dossier,
        verdict=verdict,
        as_of=as_of,
    )


def member_page(key: str, at: datetime | None = None) -> Member:
    """The page that a paper of several initiatives would hold of this one now."""
    case, verdict, explanation = explained(key, at or clock.now())
    return member_of(
        Source(facts=case.facts, verdict=verdict, explanation=explanation, policy=case.policy, meta=Meta())
    )


@cache
def look_version() -> str:
    """What decides the bytes beside the content: templates, sheets, drawings, libraries, and how many parts are set at once."""
    libraries = f"{version('weasyprint')} {version('pikepdf')}"
    digest = hashlib.sha256(f"{libraries} {settings.PACK_PARTS}".encode())
    for path in _files():
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()


def _files() -> Iterator[Path]:
    for pattern in LOOK:
        yield from sorted(ROOT.glob(pattern))
