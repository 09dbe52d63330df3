"""What the records say of one initiative beyond the facts the judge looks at."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q

from alignment_portal.accounts.models import User
from gates.engine import Facts
from gates.models import StatusMove
from packs.content.source import Meta, PastMove, Promise, Settled, Voice
from packs.content.words import day
from reviews.models import Commitment, Review
from reviews.selectors.standings import Standing, standing_of


def meta_of(key: str, facts: Facts, at: datetime, audience: str = "") -> Meta:
    review = Review.objects.filter(ref=facts.review.ref).first() if facts.review else None
    standing = standing_of(review, at) if review else None
    # INVARIANT: while a review is sealed, nothing of what was said in it reaches a pack.
    is_open = standing is not None and standing.is_open_to_all()
    voices = voices_of(standing, {}) if standing and is_open else ()
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
        audience=audience,
        review_statement=conclusion.statement if conclusion and conclusion.at <= at else "",
        review_lapse=_lapse(review, at) if review else "",
        trade_offs=_trade_offs(review, at) if review else (),
        names=dict(User.objects.filter(email__in=spoken - set(facts.people)).values_list("email", "name")),
    )


def _lapse(review: Review, at: datetime) -> str:
    if review.lapsed_at is None or review.lapsed_at > at:
        return ""
    return f"on {day(review.lapsed_at.date())}: {review.lapse_reason}"


def _trade_offs(review: Review, at: datetime) -> tuple[Settled, ...]:
    standing = Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=at)
    columns = ("code", "choose", "accept", "because", "until")
    rows = review.trade_offs.filter(standing).order_by("id").values_list(*columns)
    return tuple(Settled(**dict(zip(columns, row, strict=True))) for row in rows)


def voices_of(standing: Standing, offs: Mapping[str, str]) -> tuple[Voice, ...]:
    """The stances of a review that is open to all; `offs` puts the words of a trade-off in place of its code."""
    roles = {seat.email: seat.role for seat in standing.seats}
    return tuple(
        Voice(
            person=given.email,
            role=roles.get(given.email, ""),
            trade_off=offs.get(given.trade_off, given.trade_off),
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


def openly(standing: Standing) -> Q:
    """Commitments that answer nobody's condition, or one that is no secret any more."""
    return Q(condition__isnull=True) | Q(condition__stance__in=[one.origin for one in standing.open_to_all()])


def _promises(review: Review, standing: Standing, at: datetime) -> tuple[Promise, ...]:
    rows = Commitment.objects.filter(openly(standing), review=review, made_at__lte=at).select_related(
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
