"""Verdicts as plain values, in the one form that the command prints and the API answers."""

from datetime import UTC, datetime
from typing import Any

from alignment_portal import clock
from alignment_portal.refusals import Invalid
from gates.engine import Explanation, Finding, NextMove, Verdict
from gates.selectors.facts import Case


def moment_of(text: str, *, pointer: str = "/at") -> datetime:
    """A past moment written as ISO 8601; without a zone it is UTC. Raises Invalid."""
    try:
        moment = datetime.fromisoformat(text.strip().replace(" ", "+"))
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        sentence = f"“{text}” is no time. Write one such as 2026-06-30T00:00:00Z."
        raise Invalid(sentence, pointer=pointer, code="not_a_time") from error
    if moment > clock.now():
        raise Invalid(
            "Nothing is known of the future. Give a time that has passed.",
            pointer=pointer,
            code="in_the_future",
        )
    return moment


def verdict_body(case: Case, verdict: Verdict) -> dict[str, Any]:
    """What DESIGN promises of `evaluate --json`: these names, in this order."""
    return {
        "key": verdict.key,
        "status": case.facts.status,
        "verdict": verdict.level,
        "fingerprint": verdict.fingerprint,
        "policy": verdict.policy,
        "findings": [finding_body(finding) for finding in verdict.findings],
    }


def finding_body(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "gate": finding.gate,
        "severity": finding.severity,
        "outcome": finding.outcome,
        "reason": finding.reason,
        "remedy": finding.remedy,
        "next_mover": finding.next_mover or finding.next_role,
        "link": finding.link,
    }


def full_finding_body(finding: Finding) -> dict[str, Any]:
    return {
        **finding_body(finding),
        "title": finding.title,
        "why": finding.why,
        "next_role": finding.next_role,
        "next_mover_name": finding.next_mover_name,
        "evidence": list(finding.evidence),
        "unknown": finding.unknown,
        "lapses_at": finding.lapses_at,
        "waiver": finding.waiver,
        "items": [
            {
                "label": item.label,
                "found": item.found,
                "needed": item.needed,
                "place": item.place,
                "ok": item.ok,
            }
            for item in finding.items
        ],
    }


def move_body(move: NextMove) -> dict[str, Any]:
    return {
        "key": move.key,
        "kind": move.kind,
        "deed": move.deed,
        "role": move.role,
        "person": move.person,
        "person_name": move.person_name,
        "link": move.place,
        "after": list(move.after),
    }


def explained_body(case: Case, verdict: Verdict, explanation: Explanation) -> dict[str, Any]:
    """A verdict with why, what would better it, and who has the next move."""
    return {
        **verdict_body(case, verdict),
        "findings": [full_finding_body(finding) for finding in verdict.findings],
        "sentence": explanation.sentence,
        "answers": [
            {"question": answer.question, "ok": answer.ok, "sentence": answer.sentence}
            for answer in explanation.answers
        ],
        "lane": verdict.lane,
        "lane_reason": verdict.lane_reason,
        "judged_at": verdict.judged_at,
        "valid_until": verdict.valid_until,
        "next_verdict": explanation.target,
        "next_moves": [move_body(move) for move in explanation.moves],
    }
