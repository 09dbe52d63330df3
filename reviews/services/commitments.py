"""Conditions that are met, and promises made and kept. Both go on after a review is concluded."""

import datetime as dt
from collections.abc import Callable, Collection

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, may
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.http.references import next_reference
from alignment_portal.refusals import Conflict, Forbidden, Invalid, NotFound
from portfolio.selectors.register import bottlenecks_at, dependencies_at
from reviews.actions import Actions
from reviews.models import Commitment, Condition, Delegation, Fulfilment, GateQuestion, Review, Settlement
from reviews.selectors.standings import Standing, gate_asking, standing_of
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

LONGEST_NAME = 80
LONGEST_PROMISE = dt.timedelta(days=1827)  # five years, two leap days among them


@service
def settle_condition(*, by: Actor, review: Review, condition: str, note: str) -> Settlement:
    """Only whoever set a condition can say that it is met, and only when it is no secret that they set one."""
    review = locked(review)
    _require_not_lapsed(review)
    found = _condition(by, review, condition)
    if not _speaks_for(by, found):
        raise Forbidden(f"Only whoever set {found.ref} can say that it is met.", code="not_yours")
    if not standing_of(review).is_open_to_all(parts=bool(found.stance.part)):
        raise Conflict(
            "Stances are still sealed, and saying that a condition is met would tell that you set one. If it is met "
            "already, change your stance.",
            code="sealed",
        )
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
def ask_at_gate(*, by: Actor, review: Review, condition: str, gate: str, gates: Collection[str]) -> Condition:
    """Make a condition a question of a gate, which is then not met before evidence for it is accepted.

    By whoever takes part, or answers for what the review is about. The same gate again changes nothing. The policy's gates are handed in
    by the door.
    """
    review = locked(review)
    _require_not_lapsed(review)
    _require_close(by, review)
    found = _condition(by, review, condition)
    if gate not in gates:
        raise Invalid(f"There is no gate called {gate}.", pointer="/gate", code="unknown_gate")
    standing = standing_of(review)
    if not standing.is_open_to_all(parts=bool(found.stance.part)):
        raise Conflict(
            "Stances are still sealed, and asking for a condition at a gate would tell that somebody set one.",
            code="sealed",
        )
    _require_standing(found, standing)
    if _gate_of(found) == gate:
        return found
    if _gate_of(found):
        raise Conflict(
            f"{found.ref} is asked at another gate. Take it back there first.", code="asked_elsewhere"
        )
    if hasattr(found, "settlement"):
        raise Conflict(f"{found.ref} is met already.", code="condition_met")
    _note_gate(by, review, found, gate=gate)
    _tell(by, Actions.CONDITION_ASKED, review, found.ref, gate=gate)
    return found


@service
def ask_no_more(*, by: Actor, review: Review, condition: str, reason: str) -> Condition:
    """Take a question back from its gate; only whoever set the condition can, since it is theirs that is weakened."""
    review = locked(review)
    _require_not_lapsed(review)
    found = _condition(by, review, condition)
    if not _speaks_for(by, found):
        raise Forbidden(f"Only whoever set {found.ref} can take it back from its gate.", code="not_yours")
    why = _said(reason, "Say why the gate need not ask it any more.", "/reason")
    if not _gate_of(found):
        return found
    _note_gate(by, review, found, gate="", reason=why)
    _tell(by, Actions.CONDITION_TAKEN_BACK, review, found.ref)
    return found


def _gate_of(condition: Condition) -> str:
    """The gate that asks it, as `_condition` read it."""
    return getattr(condition, "gate", None) or ""


def _note_gate(by: Actor, review: Review, condition: Condition, *, gate: str, reason: str = "") -> None:
    GateQuestion.objects.create(
        review=review, condition=condition, gate=gate, reason=reason, by_id=acting(by), at=clock.now()
    )
    condition.gate = gate  # type: ignore[attr-defined]  # as `_condition` reads it


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
    gates: Collection[str] = (),
) -> Commitment:
    """Record who will do what by when; with `condition`, that it answers somebody's condition.

    `unblocks` names a gate, a shared dependency or a bottleneck (`gate:data_rights`, `dependency:decision-log`,
    `bottleneck:legal`), or says in words what waits for it. The policy's gates are handed in by the door.
    """
    review = locked(review)
    _require_not_lapsed(review)
    _require_part(by, review)
    what = _said(text, "Say what is promised.", "/text")
    if due_on < clock.now().date():
        raise Invalid("A promise is due today or later.", pointer="/due_on", code="past")
    if due_on > clock.now().date() + LONGEST_PROMISE:
        raise Invalid("A promise is due within five years.", pointer="/due_on", code="too_far_ahead")
    answered = None if condition is None else _condition(by, review, condition)
    if answered is not None:
        _require_standing(answered, standing_of(review))
    commitment = Commitment.objects.create(
        ref=next_reference("CM"),
        review=review,
        condition=answered,
        text=what,
        owner=person(owner, "/owner"),
        due_on=due_on,
        unblocks=_unblocked(unblocks.strip(), gates),
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


def _unblocked(name: str, gates: Collection[str]) -> str:
    kind, _, code = name.partition(":")
    known: dict[str, Callable[[], Collection[str]]] = {
        "gate": lambda: gates,
        "dependency": dependencies_at,
        "bottleneck": bottlenecks_at,
    }
    if len(name) > LONGEST_NAME:
        raise Invalid(f"This is longer than {LONGEST_NAME} characters.", pointer="/unblocks", code="too_long")
    if kind in known and code not in known[kind]():
        raise Invalid(f"There is no {kind} called {code}.", pointer="/unblocks", code="unknown_block")
    return name


def _require_part(by: Actor, review: Review) -> None:
    if not may(by, Action.REVIEW_OPEN, own=is_own(by, initiatives_of(review))):
        seat_of(by, review)


def _require_close(by: Actor, review: Review) -> None:
    """Whoever takes part, or answers for what the review is about."""
    if not (is_own(by, initiatives_of(review)) and may(by, Action.REVIEW_OPEN, own=True)):
        seat_of(by, review)


def _require_standing(condition: Condition, standing: Standing) -> None:
    """A condition of a stance that was replaced, or of somebody who left, asks nobody for anything."""
    origins = {stance.origin for stance in standing.stances}
    if condition.stance_id not in origins:
        raise Conflict(
            f"{condition.ref} no longer stands: whoever set it has answered anew, or takes no part any more.",
            code="condition_replaced",
        )


def _require_not_lapsed(review: Review) -> None:
    if review.lapsed_at is not None:
        raise Conflict(f"{review.ref} has lapsed. Open a new review.", code="review_lapsed")


def _condition(by: Actor, review: Review, ref: str) -> Condition:
    """A condition the actor may know of: their own, or one that is no longer sealed."""
    rows = review.conditions.select_related("stance", "settlement").annotate(gate=gate_asking(clock.now()))
    found = rows.filter(ref=ref).first()
    sealed = (
        found is not None
        and not _speaks_for(by, found)
        and not standing_of(review).is_open_to(by.email, parts=bool(found.stance.part))
    )
    if found is None or sealed:
        raise NotFound(f"{review.ref} has no condition {ref} that you can see.")
    condition: Condition = found
    return condition


def _speaks_for(by: Actor, condition: Condition) -> bool:
    """Whether the actor set it, or answers now in the place of whoever did."""
    as_deputy = Delegation.objects.filter(
        review=condition.review_id,
        seat__user=condition.stance.user_id,
        deputy=by.user_id,
        withdrawn_at__isnull=True,
    )
    return condition.stance.user_id == by.user_id or as_deputy.exists()


def _said(text: str, otherwise: str, pointer: str = "/note") -> str:
    if not text.strip():
        raise Invalid(otherwise, pointer=pointer, code="required")
    return text.strip()


def _tell(by: Actor, action: Actions, review: Review, ref: str, **more: object) -> None:
    record(by=by, action=action, subject=review.ref, initiative=audit_key(review), after={"ref": ref, **more})
    announce_change(review)
