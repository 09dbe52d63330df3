"""Opening a review, changing its frame, sending it, letting it lapse."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.http.references import next_reference
from alignment_portal.refusals import Conflict, Invalid, Stale
from initiatives.models import Cluster, Initiative
from initiatives.selectors import load_dossiers
from reviews.actions import Actions
from reviews.models import Review, SubjectKind
from reviews.selectors.standings import standing_of
from reviews.services.locks import (
    acting,
    announce_change,
    audit_key,
    initiatives_of,
    locked,
    require_editor,
    require_running,
)
from reviews.services.participants import invite_participant
from reviews.services.trade_offs import propose_trade_off

FARTHEST = timedelta(days=1827)  # five years, two leap days among them
FRAME = ("purpose", "decision_sought", "pre_read_at", "meeting_at")


@service
def open_review(
    *,
    by: Actor,
    subject: Initiative | Cluster | None,
    purpose: str,
    required_roles: Sequence[str],
    policy_version: str,
    quorum: float = 0.75,
    reaffirm_days: int | None = None,
    decision_sought: str = "",
    pre_read_at: datetime | None = None,
    meeting_at: datetime | None = None,
    participants: Sequence[tuple[str, str]] = (),
    send: bool = False,
) -> Review:
    """Open a review of an initiative, of a cluster, or (`subject=None`) of the whole portfolio.

    Roles, quorum and how long an agreement holds come from the policy in force, handed in by the door, and stay those of this review. The
    trade-offs of the dossiers are proposed at once; `participants` are pairs of e-mail and role.
    """
    review = Review(
        subject_kind=_kind(subject),
        initiative=subject if isinstance(subject, Initiative) else None,
        cluster=subject if isinstance(subject, Cluster) else None,
        purpose=purpose.strip(),
        decision_sought=decision_sought.strip(),
        pre_read_at=pre_read_at,
        meeting_at=meeting_at,
        required_roles=sorted(set(required_roles)),
        quorum=quorum,
        reaffirm_days=reaffirm_days,
        policy_version=policy_version,
        opened_by_id=acting(by),
        opened_at=clock.now(),
    )
    require_editor(by, initiatives_of(review))
    _check_frame(review)
    review.ref = next_reference("RV")
    review.save(force_insert=True)
    record(
        by=by,
        action=Actions.REVIEW_OPENED,
        subject=review.ref,
        initiative=audit_key(review),
        after={**_frame(review), "required_roles": review.required_roles, "policy": policy_version},
    )
    _propose_from_dossiers(by, review)
    for email, role in participants:
        invite_participant(by=by, review=review, email=email, role=role)
    if send:
        return change_review(by=by, review=review, send=True)
    announce_change(review)
    return review


def _kind(subject: Initiative | Cluster | None) -> SubjectKind:
    if subject is None:
        return SubjectKind.PORTFOLIO
    return SubjectKind.CLUSTER if isinstance(subject, Cluster) else SubjectKind.INITIATIVE


def _frame(review: Review) -> dict[str, Any]:
    return {name: getattr(review, name) for name in FRAME}


def _check_frame(review: Review) -> None:
    if not review.purpose:
        raise Invalid("Say what the review is for.", pointer="/purpose", code="required")
    for name in ("pre_read_at", "meeting_at"):
        moment = getattr(review, name)
        if moment is not None and moment.tzinfo is None:
            raise Invalid("A time needs its zone, for example 2026-06-30T12:00:00Z.", pointer=f"/{name}")
        if moment is not None and abs(moment - clock.now()) > FARTHEST:
            raise Invalid("A review is held within five years.", pointer=f"/{name}", code="too_far")
    if review.pre_read_at and review.meeting_at and review.meeting_at < review.pre_read_at:
        raise Invalid("The meeting comes after the end of the pre-read.", pointer="/meeting_at", code="order")


def _propose_from_dossiers(by: Actor, review: Review) -> None:
    """Trade-offs of every dossier concerned; in a cluster the code is preceded by the initiative's key."""
    keys = [initiative.key for initiative in initiatives_of(review)]
    for key, loaded in sorted(load_dossiers(keys).items()) if keys else ():
        for offered in loaded.dossier.trade_offs:
            code = offered.code if review.initiative else f"{key.lower()}.{offered.code}"[:64]
            words = {
                name: getattr(offered, name)
                for name in ("choose", "accept", "because", "until", "change_our_mind")
            }
            propose_trade_off(by=by, review=review, code=code, from_dossier=True, **words)


@service
def change_review(
    *,
    by: Actor,
    review: Review,
    changes: Mapping[str, Any] | None = None,
    send: bool = False,
    seen: Mapping[str, Any] | None = None,
) -> Review:
    """Change purpose, decision or dates, and with `send` put it before its participants.

    With `seen`, what the caller saw of these, nothing is changed that somebody else has changed since.
    """
    review = locked(review)
    require_editor(by, initiatives_of(review))
    require_running(review)
    before = _frame(review)
    if seen is not None and any(before[name] != value for name, value in seen.items()):
        raise Stale("Somebody changed this after you opened it. Nothing was overwritten.", code="stale")
    for name, value in (changes or {}).items():
        if name not in FRAME:
            raise Invalid(
                f"A review has no field {name} to change.", pointer=f"/{name}", code="unknown_field"
            )
        setattr(review, name, value.strip() if isinstance(value, str) else value)
    _check_frame(review)
    after = _frame(review)
    if review.sent_at is not None and review.pre_read_at != before["pre_read_at"]:
        _refuse_earlier_deadline(review, before["pre_read_at"])
    is_sending = send and review.sent_at is None
    if is_sending:
        _send(review)
    if before == after and not is_sending:
        return review
    review.save(update_fields=[*FRAME, "sent_at"])
    if before != after:
        record(
            by=by,
            action=Actions.REVIEW_CHANGED,
            subject=review.ref,
            initiative=audit_key(review),
            before={name: before[name] for name in FRAME if before[name] != after[name]},
            after={name: after[name] for name in FRAME if before[name] != after[name]},
        )
    if is_sending:
        record(by=by, action=Actions.REVIEW_SENT, subject=review.ref, initiative=audit_key(review))
    announce_change(review)
    return review


def _refuse_earlier_deadline(review: Review, before: datetime | None) -> None:
    """INVARIANT: once sent, the seal may be kept longer; broken earlier only when nobody is left to answer."""
    after = review.pre_read_at
    is_earlier = after is None or (before is not None and after < before)
    if is_earlier and (after is None or not standing_of(review).is_complete()):
        raise Conflict(
            "The pre-read is running and somebody has not answered yet: its end may be put off, not brought forward.",
            code="seal_shortened",
            pointer="/pre_read_at",
        )


def _send(review: Review) -> None:
    if review.pre_read_at is None:
        raise Invalid(
            "Say when the pre-read ends before you send it.", pointer="/pre_read_at", code="required"
        )
    if not review.trade_offs.filter(withdrawn_at__isnull=True).exists():
        raise Conflict(
            "Record at least one trade-off before you send it: agreement is about trade-offs.",
            code="no_trade_off",
        )
    if not review.participants.filter(left_at__isnull=True).exists():
        raise Conflict("Invite somebody before you send it.", code="no_participant")
    review.sent_at = clock.now()


@service
def lapse_review(*, by: Actor, review: Review, reason: str) -> Review:
    """End a review that no longer holds: abandoned, or agreed on a package that nobody re-affirms."""
    review = locked(review)
    require_editor(by, initiatives_of(review))
    if review.lapsed_at is not None:
        return review
    if not reason.strip():
        raise Invalid("Say why the review lapses.", pointer="/reason", code="required")
    review.lapsed_at, review.lapse_reason = clock.now(), reason.strip()
    review.save(update_fields=["lapsed_at", "lapse_reason"])
    record(
        by=by,
        action=Actions.REVIEW_LAPSED,
        subject=review.ref,
        initiative=audit_key(review),
        reason=reason.strip(),
    )
    announce_change(review)
    return review
