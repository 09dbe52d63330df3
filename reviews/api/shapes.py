"""What the calls about alignment reviews take and answer."""

from collections.abc import Mapping
from typing import Any

import msgspec
from rest_framework import serializers

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.http.serializers import StrictSerializer
from reviews.models import (
    Answer,
    Commitment,
    Outcome,
    Participant,
    Review,
    ReviewTradeOff,
    Stance,
    SubjectKind,
)
from reviews.selectors.blockers import current_packages, find_blockers
from reviews.selectors.standings import Standing, standing_of

LONG = 4000
TRADE_OFF = (
    "code",
    "choose",
    "accept",
    "because",
    "until",
    "change_our_mind",
    "from_dossier",
    "withdrawn_at",
    "withdrawal_reason",
    "version",
)


class ListQuery(StrictSerializer):
    subject = serializers.CharField(required=False, help_text="initiative:KEY, cluster:CODE or portfolio")
    running = serializers.BooleanField(required=False, help_text="Neither concluded nor lapsed")
    cursor = serializers.CharField(required=False)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=200)


class PageQuery(StrictSerializer):
    cursor = serializers.CharField(required=False)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=200)


class SeatIn(StrictSerializer):
    email = serializers.EmailField()
    role = serializers.RegexField(
        r"^[a-z][a-z_]{0,39}\Z", help_text="For example business, risk_legal, operations, technology"
    )


class ReviewChange(StrictSerializer):
    purpose = serializers.CharField(max_length=LONG, required=False)
    decision_sought = serializers.CharField(max_length=LONG, required=False, allow_blank=True)
    pre_read_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Stances are sealed till then"
    )
    meeting_at = serializers.DateTimeField(required=False, allow_null=True)
    send = serializers.BooleanField(required=False, default=False, help_text="Put it before its participants")


class ReviewIn(ReviewChange):
    subject = serializers.CharField(help_text="initiative:KEY, cluster:CODE or portfolio")
    purpose = serializers.CharField(max_length=LONG)
    participants = SeatIn(many=True, required=False)


class TradeOffChange(StrictSerializer):
    choose = serializers.CharField(max_length=LONG, required=False)
    accept = serializers.CharField(max_length=LONG, required=False)
    because = serializers.CharField(max_length=LONG, required=False, allow_blank=True)
    until = serializers.CharField(max_length=200, required=False, allow_blank=True)
    change_our_mind = serializers.CharField(max_length=LONG, required=False, allow_blank=True)


class TradeOffIn(TradeOffChange):
    code = serializers.RegexField(r"^[a-z0-9][a-z0-9._-]{0,63}\Z")
    choose = serializers.CharField(max_length=LONG)
    accept = serializers.CharField(max_length=LONG)


class StanceIn(StrictSerializer):
    trade_off = serializers.CharField(max_length=64)
    answer = serializers.ChoiceField(choices=Answer.choices)
    reason = serializers.CharField(max_length=LONG, required=False, allow_blank=True)
    conditions = serializers.ListField(
        child=serializers.CharField(max_length=LONG, allow_blank=True), required=False, max_length=20
    )
    commits = serializers.BooleanField(required=False, help_text="Disagrees, and will help to make it work")
    will_do = serializers.CharField(max_length=LONG, required=False, allow_blank=True)


class CommitmentIn(StrictSerializer):
    text = serializers.CharField(max_length=LONG)
    owner = serializers.EmailField()
    due_on = serializers.DateField()
    condition = serializers.CharField(max_length=20, required=False, allow_null=True)
    unblocks = serializers.CharField(max_length=80, required=False, allow_blank=True)


class ConclusionIn(StrictSerializer):
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    statement = serializers.CharField(max_length=LONG, required=False, allow_blank=True)


class ReasonIn(StrictSerializer):
    reason = serializers.CharField(max_length=LONG)


class RemovalIn(ReasonIn):
    email = serializers.EmailField()


class NoteIn(StrictSerializer):
    note = serializers.CharField(max_length=LONG)


class NothingIn(StrictSerializer):
    """A call without a body."""


class ParticipantOut(serializers.Serializer[Any]):
    email = serializers.EmailField()
    name = serializers.CharField()
    role = serializers.CharField()
    required = serializers.BooleanField()  # type: ignore[assignment]  # a name that the framework uses too
    answered = serializers.BooleanField()


class TradeOffOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    choose = serializers.CharField()
    accept = serializers.CharField()
    because = serializers.CharField()
    until = serializers.CharField()
    change_our_mind = serializers.CharField()
    from_dossier = serializers.BooleanField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    withdrawal_reason = serializers.CharField()
    version = serializers.IntegerField()


class ConditionOut(serializers.Serializer[Any]):
    ref = serializers.CharField()
    text = serializers.CharField()


class StanceOut(serializers.Serializer[Any]):
    person = serializers.EmailField()
    name = serializers.CharField()
    trade_off = serializers.CharField()
    version = serializers.IntegerField()
    answer = serializers.ChoiceField(choices=Answer.choices)
    reason = serializers.CharField()
    commits = serializers.BooleanField()
    will_do = serializers.CharField()
    sealed = serializers.BooleanField()
    reaffirms = serializers.BooleanField()
    conditions = ConditionOut(many=True)
    given_at = serializers.DateTimeField()


class StanceList(serializers.Serializer[Any]):
    results = StanceOut(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class CommitmentOut(serializers.Serializer[Any]):
    ref = serializers.CharField()
    text = serializers.CharField()
    owner = serializers.EmailField()
    due_on = serializers.DateField()
    condition = serializers.CharField(allow_null=True)
    unblocks = serializers.CharField()
    made_by = serializers.EmailField()
    made_at = serializers.DateTimeField()
    met_at = serializers.DateTimeField(allow_null=True)


class ReviewRow(serializers.Serializer[Any]):
    ref = serializers.CharField()
    subject = serializers.CharField()
    purpose = serializers.CharField()
    state = serializers.CharField(help_text="drafting, pre_read, meeting, concluded or lapsed")
    outcome = serializers.CharField()
    opened_by = serializers.EmailField()
    opened_at = serializers.DateTimeField()
    pre_read_at = serializers.DateTimeField(allow_null=True)
    meeting_at = serializers.DateTimeField(allow_null=True)
    concluded_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class ReviewOut(ReviewRow):
    decision_sought = serializers.CharField()
    required_roles = serializers.ListField(child=serializers.CharField())
    quorum = serializers.FloatField()
    policy = serializers.CharField()
    participants = ParticipantOut(many=True)
    trade_offs = TradeOffOut(many=True)
    stances_open = serializers.BooleanField(help_text="Whether you may see what others said")
    blockers = serializers.ListField(child=serializers.DictField())
    statement = serializers.CharField()
    dissent = serializers.ListField(child=serializers.DictField())


def valid(serializer: StrictSerializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    data: Mapping[str, Any] = serializer.validated_data
    return dict(data)


def subject_of(review: Review) -> str:
    if review.subject_kind == SubjectKind.PORTFOLIO:
        return "portfolio"
    name = review.initiative.key if review.initiative else review.cluster.code if review.cluster else ""
    return f"{review.subject_kind}:{name}"


def row_body(review: Review) -> dict[str, Any]:
    ended = getattr(review, "conclusion", None)
    return {
        "ref": review.ref,
        "subject": subject_of(review),
        "purpose": review.purpose,
        "state": review.state_at(clock.now()).value,
        "outcome": ended.outcome if ended else "",
        "opened_by": review.opened_by.email,
        "opened_at": review.opened_at,
        "pre_read_at": review.pre_read_at,
        "meeting_at": review.meeting_at,
        "concluded_at": review.concluded_at,
        "version": review.version,
    }


def review_body(review: Review, reader: Actor) -> dict[str, Any]:
    standing = standing_of(review)
    ended = getattr(review, "conclusion", None)
    revealed = standing.is_open_to(reader.email)
    missing = (
        find_blockers(review, standing, current_packages(review), revealed=revealed) if review.is_open else ()
    )
    return {
        **row_body(review),
        "decision_sought": review.decision_sought,
        "required_roles": review.required_roles,
        "quorum": review.quorum,
        "policy": review.policy_version,
        "participants": participants_body(standing),
        "trade_offs": [trade_off_body(row) for row in review.trade_offs.order_by("id")],
        "stances_open": revealed,
        "blockers": [msgspec.to_builtins(row) for row in missing],
        "statement": ended.statement if ended else "",
        "dissent": ended.dissent if ended else [],
    }


def participants_body(standing: Standing) -> list[dict[str, Any]]:
    present = standing.present()
    return [
        {
            "email": seat.email,
            "name": seat.name,
            "role": seat.role,
            "required": seat.required,
            "answered": seat.email in present,
        }
        for seat in standing.seats
    ]


def seat_body(seat: Participant) -> dict[str, Any]:
    return {
        "email": seat.user.email,
        "name": seat.user.name,
        "role": seat.role,
        "required": seat.required,
        "answered": False,
    }


def trade_off_body(row: ReviewTradeOff) -> dict[str, Any]:
    return {name: getattr(row, name) for name in TRADE_OFF}


def stance_body(stance: Stance) -> dict[str, Any]:
    return {
        "person": stance.user.email,
        "name": stance.user.name,
        "trade_off": stance.trade_off.code,
        "version": stance.version,
        "answer": stance.answer,
        "reason": stance.reason,
        "commits": stance.commits,
        "will_do": stance.will_do,
        "sealed": stance.sealed,
        "reaffirms": stance.origin_id is not None,
        "conditions": [{"ref": row.ref, "text": row.text} for row in stance.conditions.all()],
        "given_at": stance.given_at,
    }


def commitment_body(commitment: Commitment) -> dict[str, Any]:
    kept = getattr(commitment, "fulfilment", None)
    return {
        "ref": commitment.ref,
        "text": commitment.text,
        "owner": commitment.owner.email,
        "due_on": commitment.due_on,
        "condition": commitment.condition.ref if commitment.condition else None,
        "unblocks": commitment.unblocks,
        "made_by": commitment.made_by.email,
        "made_at": commitment.made_at,
        "met_at": kept.at if kept else None,
    }
