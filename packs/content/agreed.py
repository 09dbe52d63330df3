"""Whether what a pack says was agreed, and for whom it is written."""

from __future__ import annotations

from gates.engine.facts import Facts

DRAFTS = frozenset({"draft", "in_review"})
AUDIENCES = ("readers", "executives")


def is_draft(facts: Facts) -> bool:
    """Whether a paper has to say “Draft: not agreed” on every sheet.

    What is recorded was agreed when a review of this package ended aligned and nothing material changed since; then it
    is no draft, though its status may still be in review because a gate or evidence is missing. Without such a review
    it is one, unless the status says that the executives let it run.
    """
    review = facts.review
    if review is not None and review.state == "concluded":
        return facts.status in DRAFTS and (review.outcome != "aligned" or bool(review.stale))
    return facts.status in DRAFTS


def audience_words(kind: str, audience: str, classification: str) -> str:
    """For whom a pack is, as its cover says it."""
    if audience == "executives":
        return "Executives and auditors only"
    if kind == "portfolio":
        return "Executives, assurers, auditors and administrators, and managers who may read every initiative in it"
    about = "this initiative" if kind == "initiative" else "every initiative in it"
    invited = "" if classification == "restricted" else ", and those invited to help with it"
    if kind == "cluster":
        invited = "" if classification == "restricted" else ", and those invited to help with all of them"
    return (
        f"Executives, assurers, auditors and administrators, the owner, sponsor and team of {about}{invited}"
    )
