"""What the calls about alignment reviews answer, built from rows. INVARIANT: nothing of it breaks a seal."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.http.etags import etag_of
from alignment_portal.http.serializers import StrictSerializer
from initiatives.dossier.canonical import canonical_json, digest
from reviews.consensus import Divergence
from reviews.models import Commitment, Condition, Participant, Review, ReviewTradeOff, Stance, SubjectKind
from reviews.selectors.blockers import find_blockers
from reviews.selectors.changes import FieldChange, changes_of
from reviews.selectors.divergence import Seen
from reviews.selectors.proposals import Proposal
from reviews.selectors.signatures import Signed, signatures_of
from reviews.selectors.standings import Standing, standing_of

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
    missing = (
        find_blockers(review, standing, changes_of(review, standing), reader=reader.email)
        if review.is_open
        else ()
    )
    return {
        **row_body(review),
        "decision_sought": review.decision_sought,
        "required_roles": review.required_roles,
        "quorum": review.quorum,
        "policy": review.policy_version,
        "participants": participants_body(standing),
        "trade_offs": [trade_off_body(row) for row in review.trade_offs.order_by("id")],
        "stances_open": standing.is_open_to(reader.email),
        "parts_open": standing.is_open_to(reader.email, parts=True),
        "blockers": [msgspec.to_builtins(row) for row in missing],
        "statement": ended.statement if ended else "",
        "dissent": ended.dissent if ended else [],
        "reaffirm_days": review.reaffirm_days,
        "signatures": [signature_body(row) for row in signatures_of(review)] if ended else [],
    }


def participants_body(standing: Standing) -> list[dict[str, Any]]:
    present, rated = standing.present(), standing.rated()
    return [
        {
            "email": seat.email,
            "name": seat.name,
            "role": seat.role,
            "required": seat.required,
            "answered": seat.email in present,
            "rated": seat.email in rated,
            "deputy": seat.deputy,
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
        "rated": False,
        "deputy": "",
    }


def trade_off_body(row: ReviewTradeOff) -> dict[str, Any]:
    return {name: getattr(row, name) for name in TRADE_OFF}


def stance_body(stance: Stance) -> dict[str, Any]:
    return {
        "person": stance.user.email,
        "name": stance.user.name,
        "trade_off": stance.trade_off.code if stance.trade_off else None,
        "part": stance.part or None,
        "rating": stance.rating,
        "deputy": stance.deputy.email if stance.deputy else None,
        "version": stance.version,
        "answer": stance.answer,
        "reason": stance.reason,
        "commits": stance.commits,
        "will_do": stance.will_do,
        "sealed": stance.sealed,
        "reaffirms": stance.origin_id is not None,
        "conditions": [condition_body(row) for row in stance.conditions.all()],
        "given_at": stance.given_at,
    }


def condition_body(condition: Condition) -> dict[str, Any]:
    return {"ref": condition.ref, "text": condition.text, "gate": getattr(condition, "gate", None) or None}


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


def signature_body(signed: Signed) -> dict[str, Any]:
    return msgspec.structs.asdict(signed)


def change_body(change: FieldChange) -> dict[str, Any]:
    return msgspec.structs.asdict(change)


def proposal_body(proposal: Proposal) -> dict[str, Any]:
    return msgspec.structs.asdict(proposal)


def tag_of_body(body: dict[str, Any]) -> str:
    """What a reader sees is its own version: the seal may end without anything being written."""
    return etag_of(digest(canonical_json(body))[:32])


def divergence_body(
    review: Review,
    standing: Standing,
    reader: str,
    points: Sequence[Divergence],
    cells: Mapping[tuple[str, str], Seen],
) -> dict[str, Any]:
    return {
        "review": review.ref,
        "stances_open": standing.is_open_to(reader),
        "parts_open": standing.is_open_to(reader, parts=True),
        "agenda": [_agenda_body(one, place) for place, one in enumerate(points, start=1)],
        "map": [
            {
                "person": person,
                "point": point,
                "answer": seen.given.answer,
                "rating": seen.given.rating,
                "first_answer": seen.first_answer or None,
            }
            for (person, point), seen in sorted(cells.items())
        ],
    }


def _agenda_body(one: Divergence, place: int) -> dict[str, Any]:
    plain = {name: value for name, value in msgspec.structs.asdict(one).items() if name != "places"}
    answers = [{"answer": answer, "people": people} for answer, people in sorted(one.answers.items())]
    return {**plain, "place": place, "answers": answers}
