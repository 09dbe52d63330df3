"""Where reviews stand at one moment: who takes part, on what, and what they said. Read in bulk."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, dataclass_transform

import msgspec
from django.db.models import OuterRef, Q, Subquery

from alignment_portal import clock
from reviews.models import (
    PART_POINTS,
    Commitment,
    Conclusion,
    Condition,
    Delegation,
    Fulfilment,
    GateQuestion,
    Part,
    Participant,
    Review,
    ReviewTradeOff,
    Settlement,
    Snapshot,
    Stance,
    State,
)

Packages = Mapping[str, Mapping[str, Any]]


# What the line below says of this class, type checkers do not pass on to the classes built on it.
@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Row(msgspec.Struct, frozen=True, kw_only=True):
    """Plain values, named as the judge names them."""


class ConditionRow(Row):
    ref: str
    text: str
    by: str
    met_at: dt.datetime | None = None
    owner: str | None = None
    due_on: dt.date | None = None
    gate: str | None = None  # asked there, to be answered by evidence


class Seat(Row):
    """One person who takes part, as of the moment asked for."""

    user_id: object
    email: str
    name: str
    role: str
    required: bool
    saw_stances: bool
    deputy: str = ""  # e-mail of whoever answers in their place


class Given(Row):
    """The latest stance of one person on one point; ``first_sealed`` is that of their first one."""

    id: int
    origin: int  # the stance that carries the conditions: itself, or the one it re-affirms
    user_id: object
    email: str
    trade_off: str  # its code, or that of a part
    version: int
    answer: str
    rating: int | None
    deputy: str  # e-mail of whoever gave it in their place
    reason: str
    commits: bool
    will_do: str
    given_at: dt.datetime
    first_sealed: bool
    snapshot: int
    packages: Packages


class Standing(Row):
    """Where one review stands at one moment: who takes part, on what, and what they said."""

    review_id: int
    moment: dt.datetime
    state: str
    is_pre_read_over: bool
    outcome: str
    concluded_packages: Packages | None
    seats: tuple[Seat, ...]
    trade_offs: tuple[str, ...]
    stances: tuple[Given, ...]  # of those who take part, on what was not withdrawn
    conditions: Mapping[int, tuple[ConditionRow, ...]]  # by stance
    commitments: tuple[ConditionRow, ...]  # made without a condition

    def _who_answered(self, points: Iterable[str]) -> frozenset[str]:
        answered: defaultdict[str, set[str]] = defaultdict(set)
        for stance in self.stances:
            answered[stance.email].add(stance.trade_off)
        wanted = set(points)
        return frozenset(seat.email for seat in self.seats if wanted and answered[seat.email] >= wanted)

    def present(self) -> frozenset[str]:
        """E-mails of those who gave a stance on every trade-off."""
        return self._who_answered(self.trade_offs)

    def rated(self) -> frozenset[str]:
        """E-mails of those who gave a stance on each of the three parts."""
        return self._who_answered(PART_POINTS)

    def seat_of(self, email: str) -> Seat | None:
        """The seat somebody answers for: their own, or the one whose deputy they are."""
        return next((seat for seat in self.seats if email in {seat.email, seat.deputy} - {""}), None)

    def is_complete(self) -> bool:
        """Whether everybody who takes part has answered everything."""
        return bool(self.seats) and {seat.email for seat in self.seats} == self.present()

    def has_ended(self) -> bool:
        """Concluded, or lapsed; letting it lapse before the pre-read closes opens nothing until then."""
        if self.state == State.LAPSED:
            return bool(self.outcome) or self.is_pre_read_over
        return self.state == State.CONCLUDED

    def is_open_to_all(self, *, parts: bool = False) -> bool:
        """Whether stances are no secret any more: it ended, or the pre-read closed and nobody is missing."""
        if self.has_ended():
            return True
        if parts and {seat.email for seat in self.seats} != self.rated():
            return False
        return self.is_pre_read_over and self.is_complete()

    def is_open_to(self, email: str, *, parts: bool = False) -> bool:
        """Whether this reader may see others' stances, on the trade-offs or on the parts.

        INVARIANT: no role is exempt, administrators included.
        """
        if self.is_open_to_all(parts=parts):
            return True
        seat = self.seat_of(email)
        if seat is None or not self.is_pre_read_over or seat.email not in self.present():
            return False
        return not parts or seat.email in self.rated()

    def seen_by(self, email: str) -> tuple[Given, ...]:
        """What this reader may see of what was said: always their own."""
        seat = self.seat_of(email)
        own = seat.email if seat else email
        trade_offs, parts = self.is_open_to(email), self.is_open_to(email, parts=True)
        return tuple(
            stance
            for stance in self.stances
            if stance.email == own or (parts if stance.trade_off in PART_POINTS else trade_offs)
        )

    def open_to_all(self) -> tuple[Given, ...]:
        """What is no secret any more."""
        trade_offs, parts = self.is_open_to_all(), self.is_open_to_all(parts=True)
        return tuple(
            stance for stance in self.stances if (parts if stance.trade_off in PART_POINTS else trade_offs)
        )


def standings(reviews: Sequence[Review], at: dt.datetime | None = None) -> dict[int, Standing]:
    """Ten queries, however many reviews."""
    moment = at or clock.now()
    ids = [review.pk for review in reviews]
    seats = _seats(ids, moment)
    trade_offs = _trade_offs(ids, moment)
    given = _given(ids, moment)
    conditions, commitments = _promises(ids, moment)
    conclusions = {
        review: (outcome, packages)
        for review, outcome, packages in Conclusion.objects.filter(
            review__in=ids, at__lte=moment
        ).values_list("review_id", "outcome", "snapshot__packages")
    }
    return {
        review.pk: Standing(
            review_id=review.pk,
            moment=moment,
            state=review.state_at(moment).value,
            is_pre_read_over=review.is_pre_read_over(moment),
            outcome=conclusions.get(review.pk, ("", None))[0],
            concluded_packages=conclusions.get(review.pk, ("", None))[1],
            seats=seats[review.pk],
            trade_offs=trade_offs[review.pk],
            stances=_of_those_present(given[review.pk], seats[review.pk], trade_offs[review.pk]),
            conditions=conditions,
            commitments=commitments[review.pk],
        )
        for review in reviews
    }


def standing_of(review: Review, at: dt.datetime | None = None) -> Standing:
    return standings([review], at)[review.pk]


def _known(begun: str, ended: str, moment: dt.datetime) -> Q:
    return Q(**{f"{begun}__lte": moment}) & (Q(**{f"{ended}__isnull": True}) | Q(**{f"{ended}__gt": moment}))


def _seats(ids: Sequence[int], moment: dt.datetime) -> defaultdict[int, tuple[Seat, ...]]:
    rows = Participant.objects.filter(_known("invited_at", "left_at", moment), review__in=ids).order_by("id")
    found: defaultdict[int, tuple[Seat, ...]] = defaultdict(tuple)
    named = Delegation.objects.filter(_known("named_at", "withdrawn_at", moment), review__in=ids)
    deputies = dict(named.values_list("seat_id", "deputy__email"))
    names = ("review_id", "id", "user_id", "user__email", "user__name", "role", "required", "saw_stances")
    for review, id_, user, email, name, role, required, saw in rows.values_list(*names):
        seat = Seat(
            user_id=user,
            email=email,
            name=name,
            role=role,
            required=required,
            saw_stances=saw,
            deputy=deputies.get(id_, ""),
        )
        found[review] = (*found[review], seat)
    return found


def _trade_offs(ids: Sequence[int], moment: dt.datetime) -> defaultdict[int, tuple[str, ...]]:
    rows = ReviewTradeOff.objects.filter(_known("proposed_at", "withdrawn_at", moment), review__in=ids)
    found: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    for review, code in rows.order_by("id").values_list("review_id", "code"):
        found[review] = (*found[review], code)
    return found


def _given(ids: Sequence[int], moment: dt.datetime) -> dict[int, list[Given]]:
    snapshots = dict(Snapshot.objects.filter(review__in=ids).values_list("id", "packages"))
    rows = Stance.objects.filter(review__in=ids, given_at__lte=moment).order_by("version").values_list(
        "review_id", "id", "origin_id", "user_id", "user__email", "trade_off__code", "part", "version", "answer",
        "rating", "deputy__email", "reason", "commits", "will_do", "given_at", "sealed", "snapshot_id",
    )  # fmt: skip
    first_sealed: dict[tuple[int, str, str], bool] = {}
    latest: dict[tuple[int, str, str], Given] = {}
    for (
        review,
        id_,
        origin,
        user,
        email,
        code,
        part,
        version,
        answer,
        rating,
        deputy,
        reason,
        commits,
        will_do,
        at,
        sealed,
        snapshot,
    ) in rows:
        point = code or Part(part).point
        key = (review, email, point)
        first_sealed.setdefault(key, sealed)
        latest[key] = Given(
            id=id_,
            origin=origin or id_,
            user_id=user,
            email=email,
            trade_off=point,
            version=version,
            answer=answer,
            rating=rating,
            deputy=deputy or "",
            reason=reason,
            commits=commits,
            will_do=will_do,
            given_at=at,
            first_sealed=first_sealed[key],
            snapshot=snapshot,
            packages=snapshots[snapshot],
        )
    found: defaultdict[int, list[Given]] = defaultdict(list)
    for (review, _, _), given in sorted(latest.items()):
        found[review].append(given)
    return found


def _of_those_present(
    given: Iterable[Given], seats: tuple[Seat, ...], trade_offs: tuple[str, ...]
) -> tuple[Given, ...]:
    people, points = {seat.email for seat in seats}, {*trade_offs, *PART_POINTS}
    return tuple(stance for stance in given if stance.email in people and stance.trade_off in points)


def _promises(
    ids: Sequence[int], moment: dt.datetime
) -> tuple[dict[int, tuple[ConditionRow, ...]], defaultdict[int, tuple[ConditionRow, ...]]]:
    """Conditions by stance, each with the commitment that answers it; and commitments that stand alone."""
    kept = dict(Fulfilment.objects.filter(review__in=ids, at__lte=moment).values_list("commitment_id", "at"))
    settled = dict(
        Settlement.objects.filter(review__in=ids, at__lte=moment).values_list("condition_id", "at")
    )
    answered: dict[int, tuple[str, dt.date, dt.datetime | None]] = {}
    alone: defaultdict[int, tuple[ConditionRow, ...]] = defaultdict(tuple)
    commitments = Commitment.objects.filter(review__in=ids, made_at__lte=moment).order_by("id")
    names = ("id", "review_id", "ref", "condition_id", "text", "owner__email", "due_on", "made_by__email")
    for id_, review, ref, condition, text, owner, due_on, maker in commitments.values_list(*names):
        if condition is not None:
            answered[condition] = (owner, due_on, kept.get(id_))
            continue
        row = ConditionRow(ref=ref, text=text, by=maker, met_at=kept.get(id_), owner=owner, due_on=due_on)
        alone[review] = (*alone[review], row)
    by_stance: defaultdict[int, tuple[ConditionRow, ...]] = defaultdict(tuple)
    conditions = Condition.objects.filter(review__in=ids, stance__given_at__lte=moment).order_by("id")
    columns = ("id", "stance_id", "ref", "text", "stance__user__email")
    rows = conditions.annotate(gate=gate_asking(moment)).values_list(*columns, "gate")
    for id_, stance, ref, text, by, gate in rows:
        owner, due_on, kept_at = answered.get(id_, (None, None, None))
        row = ConditionRow(
            ref=ref,
            text=text,
            by=by,
            met_at=settled.get(id_) or kept_at,
            owner=owner,
            due_on=due_on,
            gate=gate or None,
        )
        by_stance[stance] = (*by_stance[stance], row)
    return dict(by_stance), alone


def gate_asking(moment: dt.datetime) -> Subquery:
    """Of a condition: the gate that asked it at that moment; empty when it was taken back, None when it never was."""
    asked = GateQuestion.objects.filter(condition=OuterRef("pk"), at__lte=moment).order_by("-id")
    return Subquery(asked.values("gate")[:1])


def is_resolved(stance: Given, standing: Standing) -> bool:
    """A disagreement with a promise to make it work, or conditions that are all met, promised, or asked at a gate."""
    if stance.answer == "disagree":
        return stance.commits
    conditions = standing.conditions.get(stance.origin, ())
    return bool(conditions) and all(row.met_at or row.owner or row.gate for row in conditions)


def affirmed_until(review: Review, stance: Given) -> dt.datetime | None:
    """Until when an answer holds without being said again: the period begins with the end of the review.

    None where the review has not ended, or the policy it was opened under set no period.
    """
    if review.concluded_at is None or review.reaffirm_days is None:
        return None
    return max(review.concluded_at, stance.given_at) + dt.timedelta(days=review.reaffirm_days)


DUE_AHEAD = dt.timedelta(days=30)


def is_due(review: Review, stance: Given, moment: dt.datetime | None = None) -> bool:
    """Whether the period of the policy has run out for an answer, or will within the month."""
    until = affirmed_until(review, stance)
    return until is not None and until - DUE_AHEAD <= (moment or clock.now())
