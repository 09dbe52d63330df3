"""What a conclusion says as one document, and whether those who signed it signed what it says now."""

from typing import Any

import msgspec

from initiatives.dossier.canonical import canonical_json, digest
from reviews.models import Review, Signature
from reviews.selectors.standings import standing_of


def concluded(review: Review) -> dict[str, Any]:
    """Everything that was concluded: on what, by whom, on which package, and what everybody said then."""
    ended = review.conclusion
    then = standing_of(review, ended.at)
    words = ("code", "choose", "accept", "because", "until", "change_our_mind")
    rows = review.trade_offs.filter(code__in=then.trade_offs).order_by("code").values(*words)
    said = ("email", "trade_off", "version", "answer", "rating", "deputy", "reason", "commits", "will_do")
    return {
        "review": review.ref,
        "purpose": review.purpose,
        "decision_sought": review.decision_sought,
        "policy": review.policy_version,
        "outcome": ended.outcome,
        "statement": ended.statement,
        "dissent": ended.dissent,
        "package": ended.snapshot.digest,
        "concluded_at": ended.at.isoformat(),
        "trade_offs": list(rows),
        "participants": [{"email": seat.email, "role": seat.role} for seat in then.seats],
        "stances": [
            {
                **{name: getattr(stance, name) for name in said},
                "conditions": [row.text for row in then.conditions.get(stance.origin, ())],
            }
            for stance in then.stances
        ],
    }


def conclusion_fingerprint(review: Review) -> str:
    """SHA-256 over the canonical JSON of everything that was concluded."""
    return digest(canonical_json(concluded(review)))


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """One signature, and whether it is on what the record holds now."""

    name: str
    email: str
    role: str
    at: Any
    fingerprint: str
    holds: bool


def signatures_of(review: Review) -> tuple[Signed, ...]:
    rows = list(Signature.objects.filter(review=review).select_related("by").order_by("id"))
    now = conclusion_fingerprint(review) if rows else ""
    return tuple(
        Signed(
            name=row.name,
            email=row.by.email,
            role=row.role,
            at=row.at,
            fingerprint=row.fingerprint,
            holds=row.fingerprint == now,
        )
        for row in rows
    )
