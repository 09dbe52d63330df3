"""What a pack would say now: facts, judgement and records, put into words by the pure core."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

import msgspec
from django.db.models import Q

from alignment_portal import clock
from alignment_portal.accounts.models import User
from alignment_portal.refusals import Invalid
from gates.engine import Facts
from gates.models import StatusMove
from gates.selectors.judging import explained
from initiatives.dossier.canonical import canonical_json
from packs.content.paper import pack_content
from packs.content.parts import PackContent, encode
from packs.content.source import Meta, PastMove, Promise, Voice
from reviews.models import Commitment, Review
from reviews.selectors.standings import Standing, standing_of

ROOT = Path(__file__).resolve().parents[2]
LOOK = ("templates/packs/**/*.html", "static/css/pack_*.css", "packs/templatetags/*.py", "packs/rendering.py", "alignment_portal/http/drawing/*.py")  # fmt: skip
KIND = "initiative"


@dataclass(frozen=True)
class Written:
    """A pack in words, with the two documents that are attached to it."""

    content: PackContent
    text: str
    fingerprint: str
    key: str
    dossier: str
    verdict: str
    as_of: datetime


def initiative_key(subject: str) -> str:
    """The key in `initiative:AI-0001`; refuses every other subject in one sentence."""
    kind, _, key = subject.partition(":")
    if kind == KIND and key:
        return key
    raise Invalid(
        "A pack is about one initiative: name the subject as initiative:KEY, for example initiative:AI-0001.",
        pointer="/subject",
        code="subject_unknown",
    )


def write_pack(key: str, at: datetime | None = None) -> Written:
    moment = at or clock.now()
    case, verdict, explanation = explained(key, moment)
    content = pack_content(case.facts, verdict, explanation, case.policy, _meta(key, case.facts, moment))
    text = encode(content)
    fingerprint = hashlib.sha256(text.encode()).hexdigest()
    return Written(
        content=content,
        text=text,
        fingerprint=fingerprint,
        key=hashlib.sha256(f"{fingerprint} {look_version()}".encode()).hexdigest(),
        dossier=canonical_json(case.facts.dossier),
        verdict=msgspec.json.encode(verdict, order="sorted").decode(),
        as_of=moment,
    )


@cache
def look_version() -> str:
    """What decides how the content looks: templates, sheets, drawings and the libraries that set them."""
    digest = hashlib.sha256(f"{version('weasyprint')} {version('pikepdf')}".encode())
    for path in _files():
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()


def _files() -> Iterator[Path]:
    for pattern in LOOK:
        yield from sorted(ROOT.glob(pattern))


def _meta(key: str, facts: Facts, at: datetime) -> Meta:
    review = Review.objects.filter(ref=facts.review.ref).first() if facts.review else None
    standing = standing_of(review, at) if review else None
    # INVARIANT: while a review is sealed, nothing of what was said in it reaches a pack.
    is_open = standing is not None and standing.is_open_to_all()
    voices = _voices(standing) if standing and is_open else ()
    promises = _promises(review, standing, at) if review and standing and is_open else ()
    conclusion = getattr(review, "conclusion", None) if is_open else None
    spoken = (
        {voice.person for voice in voices}
        | {promise.owner for promise in promises}
        | {voice.deputy for voice in voices}
    )
    return Meta(
        voices=voices,
        promises=promises,
        moves=_moves(key, at),
        review_statement=conclusion.statement if conclusion and conclusion.at <= at else "",
        names=dict(User.objects.filter(email__in=spoken - set(facts.people)).values_list("email", "name")),
    )


def _voices(standing: Standing) -> tuple[Voice, ...]:
    roles = {seat.email: seat.role for seat in standing.seats}
    return tuple(
        Voice(
            person=given.email,
            role=roles.get(given.email, ""),
            trade_off=given.trade_off,
            answer=given.answer,
            at=given.given_at,
            reason=given.reason,
            commits=given.commits,
            will_do=given.will_do,
            rating=given.rating,
            deputy=given.deputy,
        )
        for given in sorted(standing.open_to_all(), key=lambda given: (given.trade_off, given.email))
    )


def _promises(review: Review, standing: Standing, at: datetime) -> tuple[Promise, ...]:
    """Those that answer nobody's condition, or one that is no secret any more."""
    known = Q(condition__isnull=True) | Q(
        condition__stance__in=[one.origin for one in standing.open_to_all()]
    )
    rows = Commitment.objects.filter(known, review=review, made_at__lte=at).select_related(
        "owner", "fulfilment"
    )
    return tuple(
        Promise(
            ref=row.ref,
            text=row.text,
            owner=row.owner.email,
            due_on=row.due_on,
            unblocks=row.unblocks,
            kept_on=kept.at.date() if (kept := getattr(row, "fulfilment", None)) and kept.at <= at else None,
        )
        for row in rows.order_by("id")
    )


def _moves(key: str, at: datetime) -> tuple[PastMove, ...]:
    rows = StatusMove.objects.filter(initiative__key=key, at__lte=at).order_by("number")
    names = ("at", "from_status", "to_status", "by__name", "reason")
    return tuple(
        PastMove(at=when, before=before, after=after, by=by or "The portal", reason=reason)
        for when, before, after, by, reason in rows.values_list(*names)
    )
