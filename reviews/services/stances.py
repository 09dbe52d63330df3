"""Stances: sealed until one's own is given, kept for ever, re-affirmed when the package changes."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.audit.chain import canonical_json, record
from alignment_portal.audit.guard import service
from alignment_portal.http.references import next_reference
from alignment_portal.refusals import Conflict, Forbidden, Invalid
from reviews.actions import Actions
from reviews.models import Answer, Condition, Review, ReviewTradeOff, Snapshot, Stance
from reviews.selectors.blockers import current_packages
from reviews.selectors.standings import standing_of
from reviews.services.locks import (
    acting,
    announce_change,
    audit_key,
    authors,
    initiatives_of,
    locked,
    require_running,
    seat_of,
)
from reviews.services.trade_offs import active_trade_off

LONGEST_TEXT = 4000
MOST_CONDITIONS = 20


@service
def give_stance(
    *,
    by: Actor,
    review: Review,
    trade_off: str,
    answer: str,
    reason: str = "",
    conditions: Sequence[str] = (),
    commits: bool = False,
    will_do: str = "",
) -> Stance:
    """Answer one trade-off. The same answer on the same package again changes nothing."""
    review = locked(review)
    _require_seat(by, review)
    require_running(review)
    if review.sent_at is None:
        raise Conflict(
            f"{review.ref} is still being drafted; stances are taken once it has been sent.",
            code="review_not_sent",
        )
    subject = active_trade_off(review, trade_off)
    texts = [text.strip() for text in conditions if text.strip()]
    _check(answer, reason.strip(), texts, commits=commits, will_do=will_do.strip())
    stance = Stance(
        review=review,
        trade_off=subject,
        user_id=acting(by),
        answer=answer,
        reason=reason.strip(),
        commits=commits,
        will_do=will_do.strip(),
    )
    latest = _latest(subject, by)
    snapshot = take_snapshot(review)
    if latest is None or _said(latest) != _said(stance, texts):
        return _append(by, stance, latest, snapshot, texts)
    return latest if latest.snapshot_id == snapshot.pk else _append(by, _again(latest), latest, snapshot)


@service
def reaffirm(*, by: Actor, review: Review) -> list[Stance]:
    """Say of a changed package what one said of the one before: every stance again, unchanged, on what stands now.

    Works on a running review and on a concluded one; a change of mind after the end needs a new review.
    """
    review = locked(review)
    _require_seat(by, review)
    if review.lapsed_at is not None:
        raise Conflict(f"{review.ref} has lapsed. Open a new review.", code="review_lapsed")
    active = list(review.trade_offs.filter(withdrawn_at__isnull=True))
    latest = [stance for stance in (_latest(trade_off, by) for trade_off in active) if stance is not None]
    if len(latest) < len(active) or not latest:
        raise Conflict(
            "You have not answered every trade-off, so there is nothing to re-affirm yet.", code="not_given"
        )
    snapshot = take_snapshot(review)
    stale = [stance for stance in latest if stance.snapshot_id != snapshot.pk]
    return [_append(by, _again(stance), stance, snapshot) for stance in stale]


def _again(stance: Stance) -> Stance:
    kept = ("review_id", "trade_off_id", "user_id", "answer", "reason", "commits", "will_do")
    return Stance(origin_id=stance.origin_id or stance.pk, **{name: getattr(stance, name) for name in kept})


def _require_seat(by: Actor, review: Review) -> None:
    require(by, Action.REVIEW_STANCE)
    seat_of(by, review)
    if by.user_id in authors(initiatives_of(review)):
        raise Forbidden("You write the dossier under review, so you take no stance on it.", code="own_work")


def _check(answer: str, reason: str, conditions: list[str], *, commits: bool, will_do: str) -> None:
    if answer not in Answer.values:
        raise Invalid(
            f"A stance is one of {', '.join(Answer.values)}.", pointer="/answer", code="unknown_answer"
        )
    if answer in {Answer.DISAGREE, Answer.ABSTAIN} and not reason:
        raise Invalid(
            "Give a reason: whoever disagrees or abstains says why.", pointer="/reason", code="required"
        )
    if answer == Answer.CONDITIONS and not conditions:
        raise Invalid(
            "Write at least one condition, or agree without.", pointer="/conditions", code="required"
        )
    if answer != Answer.CONDITIONS and conditions:
        raise Invalid(
            "Conditions belong to the answer “agree with conditions”.", pointer="/conditions", code="unwanted"
        )
    if commits and (answer != Answer.DISAGREE or not will_do):
        raise Invalid(
            "To disagree and commit, disagree and say what you will do to make it work.",
            pointer="/will_do",
            code="required",
        )
    if len(conditions) > MOST_CONDITIONS:
        raise Invalid(f"Write at most {MOST_CONDITIONS} conditions.", pointer="/conditions", code="too_many")
    for pointer, text in (
        ("/reason", reason),
        ("/will_do", will_do),
        *((("/conditions"), text) for text in conditions),
    ):
        if len(text) > LONGEST_TEXT:
            raise Invalid(f"This is longer than {LONGEST_TEXT} characters.", pointer=pointer, code="too_long")


def _latest(trade_off: ReviewTradeOff, by: Actor) -> Stance | None:
    return Stance.objects.filter(trade_off=trade_off, user_id=acting(by)).order_by("-version").first()


def _conditions_of(stance: Stance) -> list[str]:
    given = Condition.objects.filter(stance_id=stance.origin_id or stance.pk)
    return list(given.order_by("id").values_list("text", flat=True))


def _said(stance: Stance, conditions: list[str] | None = None) -> tuple[Any, ...]:
    texts = _conditions_of(stance) if conditions is None else conditions
    return stance.answer, stance.reason, stance.commits, stance.will_do, texts


def take_snapshot(review: Review) -> Snapshot:
    packages = current_packages(review)
    digest = hashlib.sha256(json.dumps(packages, sort_keys=True).encode()).hexdigest()
    snapshot, _ = Snapshot.objects.get_or_create(
        review=review, digest=digest, defaults={"packages": packages, "taken_at": clock.now()}
    )
    return snapshot


def _append(
    by: Actor, stance: Stance, latest: Stance | None, snapshot: Snapshot, conditions: Iterable[str] = ()
) -> Stance:
    review = stance.review
    stance.version = 1 if latest is None else latest.version + 1
    stance.snapshot = snapshot
    stance.given_at = clock.now()
    stance.sealed = not seat_of(by, review).saw_stances and not standing_of(review).is_open_to(by.email)
    stance.save(force_insert=True)
    for text in conditions:
        Condition.objects.create(ref=next_reference("CN"), review=review, stance=stance, text=text)
    record(
        by=by,
        action=Actions.STANCE_REAFFIRMED if stance.origin_id else Actions.STANCE_GIVEN,
        subject=review.ref,
        initiative=audit_key(review),
        after={
            "trade_off": stance.trade_off.code,
            "version": stance.version,
            "sealed": stance.sealed,
            "digest": stance_digest(stance),
        },
    )
    announce_change(review)
    return stance


def stance_digest(stance: Stance) -> str:
    """What the record keeps of a stance. The record is read before the seal ends, so it holds no word of it."""
    said = [str(stance.nonce), *_said(stance)]
    return hashlib.sha256(canonical_json(said).encode()).hexdigest()
