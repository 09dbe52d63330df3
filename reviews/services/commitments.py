"""Conditions that are met, and promises made and kept. Both go on after a review is concluded."""

import datetime as dt

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, may
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.http.references import next_reference
from alignment_portal.refusals import Conflict, Forbidden, Invalid, NotFound
from reviews.actions import Actions
from reviews.models import Commitment, Condition, Fulfilment, Review, Settlement
from reviews.selectors.standings import standing_of
from reviews.services.locks import (
    acting,
    announce_change,
    audit_key,
    initiatives_of,
    is_own,
    locked,
    person,
    seat_of,
)


@service
def settle_condition(*, by: Actor, review: Review, condition: str, note: str) -> Settlement:
    """Only whoever set a condition can say that it is met."""
    review = locked(review)
    _require_not_lapsed(review)
    found = _condition(by, review, condition)
    if found.stance.user_id != by.user_id:
        raise Forbidden(f"Only whoever set {found.ref} can say that it is met.", code="not_yours")
    if hasattr(found, "settlement"):
        settled: Settlement = found.settlement
        return settled
    settlement = Settlement.objects.create(
        review=review,
        condition=found,
        by_id=acting(by),
        at=clock.now(),
        note=_said(note, "Say how it was met."),
    )
    _tell(by, Actions.CONDITION_SETTLED, review, found.ref)
    return settlement


@service
def make_commitment(
    *,
    by: Actor,
    review: Review,
    text: str,
    owner: str,
    due_on: dt.date,
    condition: str | None = None,
    unblocks: str = "",
) -> Commitment:
    """Record who will do what by when; with `condition`, that it answers somebody's condition."""
    review = locked(review)
    _require_not_lapsed(review)
    _require_part(by, review)
    what = _said(text, "Say what is promised.", "/text")
    if due_on < clock.now().date():
        raise Invalid("A promise is due today or later.", pointer="/due_on", code="past")
    answered = None if condition is None else _condition(by, review, condition)
    commitment = Commitment.objects.create(
        ref=next_reference("CM"),
        review=review,
        condition=answered,
        text=what,
        owner=person(owner, "/owner"),
        due_on=due_on,
        unblocks=unblocks.strip()[:80],
        made_by_id=acting(by),
        made_at=clock.now(),
    )
    _tell(by, Actions.COMMITMENT_MADE, review, commitment.ref, due_on=due_on, owner=commitment.owner_id)
    return commitment


@service
def meet_commitment(*, by: Actor, review: Review, commitment: str, note: str) -> Fulfilment:
    """Its owner, or whoever set the condition it answers, says that a commitment was kept."""
    review = locked(review)
    _require_not_lapsed(review)
    found = (
        review.commitments.select_related("condition__stance", "fulfilment").filter(ref=commitment).first()
    )
    if found is None:
        raise NotFound(f"{review.ref} has no commitment {commitment}.")
    if hasattr(found, "fulfilment"):
        kept: Fulfilment = found.fulfilment
        return kept
    setter = found.condition.stance.user_id if found.condition else None
    if by.user_id not in {found.owner_id, setter} - {None}:
        raise Forbidden(f"Only the owner of {found.ref} can say that it was kept.", code="not_yours")
    fulfilment = Fulfilment.objects.create(
        review=review,
        commitment=found,
        by_id=acting(by),
        at=clock.now(),
        note=_said(note, "Say how it was kept."),
    )
    _tell(by, Actions.COMMITMENT_MET, review, found.ref)
    return fulfilment


def _require_part(by: Actor, review: Review) -> None:
    if not may(by, Action.REVIEW_OPEN, own=is_own(by, initiatives_of(review))):
        seat_of(by, review)


def _require_not_lapsed(review: Review) -> None:
    if review.lapsed_at is not None:
        raise Conflict(f"{review.ref} has lapsed. Open a new review.", code="review_lapsed")


def _condition(by: Actor, review: Review, ref: str) -> Condition:
    """A condition the actor may know of: their own, or one that is no longer sealed."""
    found = review.conditions.select_related("stance", "settlement").filter(ref=ref).first()
    sealed = (
        found is not None
        and found.stance.user_id != by.user_id
        and not standing_of(review).is_open_to(by.email)
    )
    if found is None or sealed:
        raise NotFound(f"{review.ref} has no condition {ref} that you can see.")
    condition: Condition = found
    return condition


def _said(text: str, otherwise: str, pointer: str = "/note") -> str:
    if not text.strip():
        raise Invalid(otherwise, pointer=pointer, code="required")
    return text.strip()


def _tell(by: Actor, action: Actions, review: Review, ref: str, **more: object) -> None:
    record(by=by, action=action, subject=review.ref, initiative=audit_key(review), after={"ref": ref, **more})
    announce_change(review)
