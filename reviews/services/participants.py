"""Who takes part, and in which role."""

import re

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import User
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.refusals import Conflict, Invalid
from reviews.actions import Actions
from reviews.models import Participant, Review
from reviews.selectors.standings import standing_of
from reviews.services.deputies import end_delegations
from reviews.services.locks import (
    announce_change,
    audit_key,
    initiatives_of,
    locked,
    person,
    require_editor,
    require_running,
    require_voice,
)

ROLE = re.compile(r"[a-z][a-z_]{0,39}")


@service
def invite_participant(*, by: Actor, review: Review, email: str, role: str) -> Participant:
    """Ask an executive for their stances, in a role. The same invitation again changes nothing."""
    review = locked(review)
    require_editor(by, initiatives_of(review))
    require_running(review)
    if not ROLE.fullmatch(role):
        raise Invalid(
            f"A role is a word such as operations or risk_legal, not “{role}”.",
            pointer="/role",
            code="invalid_role",
        )
    user = person(email, "/email")
    require_voice(review, user)
    if review.delegations.filter(deputy=user, withdrawn_at__isnull=True).exists():
        raise Conflict(
            f"{user.name} answers as somebody's deputy in {review.ref}.",
            code="is_deputy",
            pointer="/email",
        )
    seat = review.participants.filter(user=user, left_at__isnull=True).first()
    if seat is not None:
        if seat.role != role:
            raise Conflict(
                f"{user.name} takes part as {seat.role} already.", code="already_invited", pointer="/role"
            )
        return seat
    seat = Participant.objects.create(
        review=review,
        user=user,
        role=role,
        required=role in review.required_roles,
        saw_stances=_has_seen(review, user),
        invited_at=clock.now(),
        invited_by_id=by.user_id,
    )
    record(
        by=by,
        action=Actions.PARTICIPANT_INVITED,
        subject=review.ref,
        initiative=audit_key(review),
        after={"person": user.pk, "role": role},
    )
    announce_change(review)
    return seat


@service
def remove_participant(*, by: Actor, review: Review, email: str, reason: str) -> None:
    """Take somebody off a running review. What they said stays in the record and counts no more."""
    review = locked(review)
    require_editor(by, initiatives_of(review))
    require_running(review)
    seat = review.participants.filter(user__email=email.strip().lower(), left_at__isnull=True).first()
    if seat is None:
        raise Conflict(f"{email} does not take part in {review.ref}.", code="not_invited")
    if not reason.strip():
        raise Invalid("Say why they no longer take part.", pointer="/reason", code="required")
    seat.left_at = clock.now()
    seat.save(update_fields=["left_at"])
    end_delegations(seat)
    record(
        by=by,
        action=Actions.PARTICIPANT_LEFT,
        subject=review.ref,
        initiative=audit_key(review),
        before={"person": seat.user_id, "role": seat.role},
        reason=reason.strip(),
    )
    announce_change(review)


def _has_seen(review: Review, user: User) -> bool:
    """Whether others' stances are open to them, or were while they were somebody's deputy."""
    if not review.stances.exists():
        return False
    was_deputy = review.delegations.filter(deputy=user).exists() and review.is_pre_read_over(clock.now())
    return was_deputy or standing_of(review).is_open_to(user.email)
