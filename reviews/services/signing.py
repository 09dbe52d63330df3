"""Signing what was concluded: name, time and the fingerprint of everything it says."""

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import User
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.refusals import Conflict, Forbidden
from reviews.actions import Actions
from reviews.models import Review, Signature
from reviews.selectors.signatures import conclusion_fingerprint
from reviews.services.locks import acting, announce_change, audit_key, locked


@service
def sign_conclusion(*, by: Actor, review: Review) -> Signature:
    """Put one's name to a conclusion, having shown lately that it is oneself; a second time changes nothing."""
    require(by, Action.REVIEW_SIGN)
    review = locked(review)
    if review.concluded_at is None:
        raise Conflict(f"{review.ref} is not concluded, so there is nothing to sign.", code="not_concluded")
    if review.lapsed_at is not None:
        raise Conflict(f"{review.ref} has lapsed. Open a new review.", code="review_lapsed")
    signed = Signature.objects.filter(review=review, by_id=acting(by)).first()
    if signed is not None:
        return signed
    signature = Signature.objects.create(
        review=review,
        by_id=acting(by),
        name=User.objects.get(pk=acting(by)).name,
        role=_role(by, review),
        fingerprint=conclusion_fingerprint(review),
        at=clock.now(),
    )
    record(
        by=by,
        action=Actions.CONCLUSION_SIGNED,
        subject=review.ref,
        initiative=audit_key(review),
        after={"fingerprint": signature.fingerprint},
    )
    announce_change(review)
    return signature


def _role(by: Actor, review: Review) -> str:
    seat = review.participants.filter(user_id=acting(by), left_at__isnull=True).first()
    if seat is None and review.conclusion.by_id != by.user_id:
        raise Forbidden(
            f"Those who took part in {review.ref} sign it, and whoever concluded it.", code="not_invited"
        )
    return seat.role if seat else ""
