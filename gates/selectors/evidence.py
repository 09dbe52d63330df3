"""Evidence, endorsements and waivers as lists and answers show them."""

from typing import Any
from urllib.parse import quote

from django.db.models import QuerySet

from alignment_portal import clock
from gates.models import (
    Endorsement,
    Evidence,
    EvidenceReview,
    EvidenceWithdrawal,
    Waiver,
    WaiverAnswer,
    WaiverWithdrawal,
)
from gates.selectors.kinds import KINDS


def evidence_table() -> QuerySet[Evidence]:
    """Evidence with everything that is shown beside it, in one query."""
    return Evidence.objects.select_related(
        "initiative",
        "blob",
        "submitted_by",
        "supersedes",
        "superseded_by",
        "review__by",
        "withdrawal__by",
    ).order_by("-id")


def endorsement_table() -> QuerySet[Endorsement]:
    return Endorsement.objects.select_related("by", "withdrawal").order_by("-id")


def waiver_table() -> QuerySet[Waiver]:
    return Waiver.objects.select_related("requested_by", "answer__by", "withdrawal__by").order_by("-id")


def state_of(item: Evidence) -> str:
    """As recorded; whether accepted evidence is still fresh depends on the policy, and is in the verdict."""
    if hasattr(item, "withdrawal"):
        return "withdrawn"
    if hasattr(item, "superseded_by"):
        return "superseded"
    if not hasattr(item, "review"):
        return "in_review"
    return "accepted" if item.review.accepted else "rejected"


def waiver_state(waiver: Waiver) -> str:
    if hasattr(waiver, "withdrawal"):
        return "withdrawn"
    if hasattr(waiver, "answer") and not waiver.answer.accepted:
        return "declined"
    if waiver.until < clock.now().date():
        return "lapsed"
    return "accepted" if hasattr(waiver, "answer") else "requested"


def person_body(person: Any) -> dict[str, str] | None:
    return None if person is None else {"email": person.email, "name": person.name}


def _said(row: EvidenceReview | WaiverAnswer | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {"accepted": row.accepted, "reason": row.reason, "by": person_body(row.by), "at": row.at}


def _ended(row: EvidenceWithdrawal | WaiverWithdrawal | None) -> dict[str, Any] | None:
    return None if row is None else {"reason": row.reason, "by": person_body(row.by), "at": row.at}


def evidence_body(item: Evidence) -> dict[str, Any]:
    blob, later = item.blob, getattr(item, "superseded_by", None)
    return {
        "ref": item.ref,
        "question": item.question,
        "form": item.form,
        "kind": item.kind,
        "title": item.title,
        "statement": item.statement,
        "state": state_of(item),
        "version": item.version,
        "supersedes": item.supersedes.ref if item.supersedes else None,
        "superseded_by": later.ref if later else None,
        "link": item.link,
        "filename": item.filename,
        "size": blob.size if blob else None,
        "sha256": blob.sha256 if blob else None,
        "content_type": KINDS[blob.kind].content_type if blob else None,
        "measures": item.measures,
        "deployment": item.deployment,
        "control": item.control,
        "observed_on": item.observed_on,
        "expires_on": item.expires_on,
        "submitted_by": person_body(item.submitted_by),
        "submitted_at": item.submitted_at,
        "review": _said(getattr(item, "review", None)),
        "withdrawal": _ended(getattr(item, "withdrawal", None)),
    }


def waiver_body(waiver: Waiver) -> dict[str, Any]:
    return {
        "ref": waiver.ref,
        "rule": waiver.rule,
        "reason": waiver.reason,
        "compensating_control": waiver.compensating_control,
        "horizon": waiver.horizon,
        "until": waiver.until,
        "renewals": waiver.renewals,
        "state": waiver_state(waiver),
        "requested_by": person_body(waiver.requested_by),
        "requested_at": waiver.requested_at,
        "answer": _said(getattr(waiver, "answer", None)),
        "withdrawal": _ended(getattr(waiver, "withdrawal", None)),
    }


def file_headers(item: Evidence) -> dict[str, str]:
    """How a stored file is served, to pages and programs alike: saved, never shown, never guessed at."""
    if item.blob is None:
        return {}
    return {
        # INVARIANT: from our own table, never from the uploader.
        "Content-Type": KINDS[item.blob.kind].content_type,
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(item.filename, safe='')}",
        "Content-Length": str(item.blob.size),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
        "ETag": f'"{item.blob.sha256}"',
    }
