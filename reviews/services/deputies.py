"""Who answers in a participant's place: named by them, for a reason, and recorded as such with every stance."""

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import User
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.refusals import Forbidden, Invalid
from reviews.actions import Actions
from reviews.models import Delegation, Participant, Review
from reviews.services.locks import (
    acting,
    announce_change,
    audit_key,
    locked,
    person,
    require_running,
    require_voice,
)


def _own_seat(by: Actor, review: Review) -> Participant:
    found = review.participants.filter(user_id=acting(by), left_at__isnull=True).first()
    if found is None:
        raise Forbidden("Only whoever takes part names a deputy, for their own seat.", code="not_invited")
    seat: Participant = found
    return seat


@service
def name_deputy(*, by: Actor, review: Review, email: str, reason: str) -> Delegation:
    """Let somebody answer in one's place. The same deputy again changes nothing; another replaces the one before."""
    require(by, Action.REVIEW_STANCE)
    review = locked(review)
    require_running(review)
    seat = _own_seat(by, review)
    if not reason.strip():
        raise Invalid("Say why a deputy answers for you.", pointer="/reason", code="required")
    deputy = person(email, "/email")
    current = seat.delegations.filter(withdrawn_at__isnull=True).first()
    if current is not None and current.deputy_id == deputy.pk:
        return current
    _require_free(review, deputy)
    if current is not None:
        _end(current)
    delegation = Delegation.objects.create(
        review=review, seat=seat, deputy=deputy, reason=reason.strip(), named_at=clock.now()
    )
    _tell(by, Actions.DEPUTY_NAMED, review, deputy, reason.strip())
    return delegation


def _require_free(review: Review, deputy: User) -> None:
    """A deputy has a voice of their own nowhere in this review: neither now nor before, so that the seal holds."""
    require_voice(review, deputy)
    seated = review.participants.filter(user=deputy).exists()
    elsewhere = review.delegations.filter(deputy=deputy)
    if seated or elsewhere.exists():
        raise Invalid(
            f"{deputy.name} takes part in {review.ref} already or did so before. Name somebody who has not.",
            pointer="/email",
            code="takes_part",
        )


@service
def withdraw_deputy(*, by: Actor, review: Review) -> None:
    """Answer for oneself again. What the deputy said stands until it is changed."""
    require(by, Action.REVIEW_STANCE)
    review = locked(review)
    require_running(review)
    current = (
        Delegation.objects.filter(seat=_own_seat(by, review), withdrawn_at__isnull=True)
        .select_related("deputy")
        .first()
    )
    if current is None:
        return
    _end(current)
    _tell(by, Actions.DEPUTY_WITHDRAWN, review, current.deputy)


def end_delegations(seat: Participant) -> None:
    """A seat that is given up leaves its deputy none."""
    for delegation in seat.delegations.filter(withdrawn_at__isnull=True):
        _end(delegation)


def _end(delegation: Delegation) -> None:
    delegation.withdrawn_at = clock.now()
    delegation.save(update_fields=["withdrawn_at"])


def _tell(by: Actor, action: Actions, review: Review, deputy: User, reason: str = "") -> None:
    record(
        by=by,
        action=action,
        subject=review.ref,
        initiative=audit_key(review),
        after={"deputy": deputy.pk},
        reason=reason,
    )
    announce_change(review)
