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
from reviews.models import Answer, Condition, Part, Participant, Review, Snapshot, Stance
from reviews.selectors.packages import current_packages
from reviews.selectors.standings import is_due, standing_of
from reviews.services.locks import (
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
RATINGS = range(1, 6)
MOST_CONDITIONS = 20


@service
def give_stance(
    *,
    by: Actor,
    review: Review,
    answer: str,
    trade_off: str = "",
    part: str = "",
    rating: int | None = None,
    reason: str = "",
    conditions: Sequence[str] = (),
    commits: bool = False,
    will_do: str = "",
) -> Stance:
    """Answer one trade-off or one of the three parts. The same answer on the same package again changes nothing."""
    review = locked(review)
    seat = _require_seat(by, review)
    require_running(review)
    if review.sent_at is None:
        raise Conflict(
            f"{review.ref} is still being drafted; stances are taken once it has been sent.",
            code="review_not_sent",
        )
    _check_point(trade_off, part, answer, rating)
    subject = active_trade_off(review, trade_off) if trade_off else None
    texts = [text.strip() for text in conditions if text.strip()]
    _check(answer, reason.strip(), texts, commits=commits, will_do=will_do.strip())
    stance = Stance(
        review=review,
        trade_off=subject,
        part=part,
        rating=rating,
        user_id=seat.user_id,
        answer=answer,
        reason=reason.strip(),
        commits=commits,
        will_do=will_do.strip(),
    )
    latest = _latest(stance)
    snapshot = take_snapshot(review)
    if latest is None or _said(latest) != _said(stance, texts):
        return _append(by, stance, latest, snapshot, texts)
    return latest if latest.snapshot_id == snapshot.pk else _append(by, _again(latest), latest, snapshot)


@service
def reaffirm(*, by: Actor, review: Review) -> list[Stance]:
    """Say of a changed package what one said of the one before: every stance again, unchanged, on what stands now.

    Works on a running review and on a concluded one, there also when the period of the policy is running out; a change
    of mind after the end needs a new review.
    """
    review = locked(review)
    seat = _require_seat(by, review)
    if review.lapsed_at is not None:
        raise Conflict(f"{review.ref} has lapsed. Open a new review.", code="review_lapsed")
    standing = standing_of(review)
    if seat.user.email not in standing.present():
        raise Conflict(
            "You have not answered every trade-off, so there is nothing to re-affirm yet.", code="not_given"
        )
    snapshot = take_snapshot(review)
    owed = [
        given.id
        for given in standing.stances
        if given.email == seat.user.email and (given.snapshot != snapshot.pk or is_due(review, given))
    ]
    said = Stance.objects.filter(pk__in=owed).select_related("review", "trade_off").order_by("pk")
    return [_append(by, _again(stance), stance, snapshot) for stance in said]


def _again(stance: Stance) -> Stance:
    kept = (
        "review_id",
        "trade_off_id",
        "part",
        "rating",
        "user_id",
        "answer",
        "reason",
        "commits",
        "will_do",
    )
    return Stance(origin_id=stance.origin_id or stance.pk, **{name: getattr(stance, name) for name in kept})


def _require_seat(by: Actor, review: Review) -> Participant:
    require(by, Action.REVIEW_STANCE)
    seat = seat_of(by, review)
    if by.user_id in authors(initiatives_of(review)):
        raise Forbidden("You write the dossier under review, so you take no stance on it.", code="own_work")
    return seat


def _check_point(trade_off: str, part: str, answer: str, rating: int | None) -> None:
    if bool(trade_off) == bool(part):
        raise Invalid(
            "A stance is on one trade-off or on one part: name one of them.",
            pointer="/trade_off",
            code="one_point",
        )
    if part and part not in Part.values:
        raise Invalid(f"A part is one of {', '.join(Part.values)}.", pointer="/part", code="unknown_part")
    if rating is not None and not part:
        raise Invalid("Only a part is rated.", pointer="/rating", code="unwanted")
    if rating is not None and answer == Answer.ABSTAIN:
        raise Invalid("Whoever abstains gives no rating.", pointer="/rating", code="unwanted")
    if part and answer != Answer.ABSTAIN and rating not in RATINGS:
        raise Invalid(
            "Rate the part from 1 to 5; 5 means that you would defend it before the board.",
            pointer="/rating",
            code="required",
        )


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


def _latest(stance: Stance) -> Stance | None:
    """The version before, of the same person on the same point."""
    said = Stance.objects.filter(
        review=stance.review, trade_off=stance.trade_off, part=stance.part, user_id=stance.user_id
    )
    return said.order_by("-version").first()


def _conditions_of(stance: Stance) -> list[str]:
    given = Condition.objects.filter(stance_id=stance.origin_id or stance.pk)
    return list(given.order_by("id").values_list("text", flat=True))


def _said(stance: Stance, conditions: list[str] | None = None) -> tuple[Any, ...]:
    texts = _conditions_of(stance) if conditions is None else conditions
    rated = () if stance.rating is None else (stance.rating,)
    return stance.answer, stance.reason, stance.commits, stance.will_do, texts, *rated


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
    seat = seat_of(by, review)
    stance.deputy_id = None if seat.user_id == by.user_id else by.user_id
    stance.version = 1 if latest is None else latest.version + 1
    stance.snapshot = snapshot
    stance.given_at = clock.now()
    is_open = standing_of(review).is_open_to(by.email, parts=bool(stance.part))
    stance.sealed = not seat.saw_stances and not is_open
    stance.save(force_insert=True)
    for text in conditions:
        Condition.objects.create(ref=next_reference("CN"), review=review, stance=stance, text=text)
    record(
        by=by,
        action=Actions.STANCE_REAFFIRMED if stance.origin_id else Actions.STANCE_GIVEN,
        subject=review.ref,
        initiative=audit_key(review),
        after={
            "trade_off": stance.point,
            **({"for": stance.user_id} if stance.deputy_id else {}),
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
