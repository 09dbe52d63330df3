"""Ending a review: aligned only when nothing is missing, or openly not aligned."""

from typing import Any

import msgspec

from alignment_portal import clock
from alignment_portal.accounts.actors import SYSTEM, Actor
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.refusals import Conflict, Invalid
from reviews.actions import Actions
from reviews.models import Conclusion, Outcome, Review
from reviews.selectors.blockers import Blocker, blockers_of, find_blockers, has_hidden_dissent
from reviews.selectors.changes import changes_of
from reviews.selectors.standings import Standing, standing_of
from reviews.services.locks import acting, announce_change, audit_key, locked, require_running
from reviews.services.stances import take_snapshot


@service
def conclude_review(*, by: Actor, review: Review, outcome: str, statement: str = "") -> Conclusion:
    """Freeze what was agreed, and on which package. Refused as aligned, with blockers, while anything is missing."""
    require(by, Action.REVIEW_CONCLUDE)
    review = locked(review)
    require_running(review)
    _check(review, outcome, statement.strip())
    standing = standing_of(review)
    if not standing.is_open_to(by.email) and not standing.is_complete():
        _refuse_while_sealed(review)
    if standing.is_open_to(by.email) and len(standing.seen_by(by.email)) < len(standing.stances):
        raise Conflict(
            "Stances on the three parts are still sealed to you: give your own first, or leave it to somebody who has.",
            code="sealed",
        )
    if not standing.is_pre_read_over:
        _refuse_if_somebody_was_taken_off(review, standing)
    if outcome == Outcome.ALIGNED:
        _require_alignment(by, review, standing)
    else:
        _require_a_reason_against(by, review, standing)
    conclusion = Conclusion.objects.create(
        review=review,
        outcome=outcome,
        statement=statement.strip(),
        dissent=dissent_in(standing),
        snapshot=take_snapshot(review),
        by_id=acting(by),
        at=clock.now(),
    )
    review.concluded_at = conclusion.at
    review.save(update_fields=["concluded_at"])
    record(
        by=by,
        action=Actions.REVIEW_CONCLUDED,
        subject=review.ref,
        initiative=audit_key(review),
        after={"outcome": outcome, "package": conclusion.snapshot.digest, "policy": review.policy_version},
    )
    announce_change(review)
    return conclusion


def _check(review: Review, outcome: str, statement: str) -> None:
    if outcome not in Outcome.values:
        raise Invalid(
            f"A review ends as {' or '.join(Outcome.values)}.", pointer="/outcome", code="unknown_outcome"
        )
    if outcome == Outcome.NOT_ALIGNED and not statement:
        raise Invalid("Say why you are not aligned.", pointer="/statement", code="required")
    if review.sent_at is None:
        raise Conflict(
            f"{review.ref} was never sent to its participants. Send it, or let it lapse.",
            code="review_not_sent",
        )


def _refuse_while_sealed(review: Review) -> None:
    blockers = [msgspec.to_builtins(blocker) for blocker in blockers_of(review, SYSTEM)]
    raise Conflict(
        f"Stances in {review.ref} are still sealed. It can be concluded once everybody has answered, or after the "
        "pre-read by somebody who has answered every trade-off.",
        code="sealed",
        blockers=blockers,
    )


def _refuse_if_somebody_was_taken_off(review: Review, standing: Standing) -> None:
    """Nobody ends the seal early by taking somebody off: what they would have answered counts no more."""
    left = set(review.participants.filter(left_at__isnull=False).values_list("user__email", flat=True))
    if left - {seat.email for seat in standing.seats}:
        raise Conflict(
            f"Somebody was taken off {review.ref}, so it can be concluded only after the pre-read.",
            code="sealed",
        )


def _require_a_reason_against(by: Actor, review: Review, standing: Standing) -> None:
    """Not aligned is an outcome, not a veto: something is missing, or somebody said other than a plain yes."""
    changes = changes_of(review, standing)
    if dissent_in(standing) or any(True for _ in find_blockers(review, standing, changes, reader=by.email)):
        return
    raise Conflict(
        f"Everybody agrees in {review.ref} and nothing is missing: conclude it as aligned, change your stance, or let it "
        "lapse.",
        code="nothing_against",
    )


def _require_alignment(by: Actor, review: Review, standing: Standing) -> None:
    blockers = list(find_blockers(review, standing, changes_of(review, standing), reader=by.email))
    if not blockers and has_hidden_dissent(standing, by.email):
        sentence = (
            "Not every stance on the three parts is a yes; who said what is shown when the pre-read ends."
        )
        blockers = [Blocker(code="sealed", sentence=sentence)]
    if blockers:
        raise Conflict(
            f"{review.ref} cannot be concluded as aligned: {blockers[0].sentence}"
            + (f" And {len(blockers) - 1} more." if len(blockers) > 1 else ""),
            code="not_aligned",
            blockers=[msgspec.to_builtins(blocker) for blocker in blockers],
        )


def dissent_in(standing: Standing) -> list[dict[str, Any]]:
    """Everything said that is not a plain yes, verbatim."""
    return [
        {
            "person": stance.email,
            "trade_off": stance.trade_off,
            **({"rating": stance.rating} if stance.rating is not None else {}),
            **({"deputy": stance.deputy} if stance.deputy else {}),
            "answer": stance.answer,
            "reason": stance.reason,
            "commits": stance.commits,
            "will_do": stance.will_do,
            "conditions": [row.text for row in standing.conditions.get(stance.origin, ())],
        }
        for stance in standing.stances
        if stance.answer != "agree"
    ]
