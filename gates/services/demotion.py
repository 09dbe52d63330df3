"""What the portal itself does to a status, at once and without asking: lower it to what the verdict still carries."""

from alignment_portal.accounts.actors import SYSTEM
from alignment_portal.audit.guard import service
from gates.engine import Finding, Verdict
from gates.engine.verdict import LEVELS, Severity, rank
from gates.models import Evaluation, StatusMove
from gates.services.moves import write_move
from initiatives.models import Initiative

DECIDING: tuple[Severity, ...] = ("suspender", "blocker", "limiter", "readiness")


@service
def demote_as_needed(
    *, initiative: Initiative, evaluation: Evaluation, verdict: Verdict
) -> StatusMove | None:
    """Suspend when a blocker or suspender fails, step down when only lesser rules do, else nothing."""
    status = initiative.status
    if status not in LEVELS[1:] or rank(verdict.level) >= LEVELS.index(status):
        return None
    to = "suspended" if verdict.level == "blocked" else verdict.level
    return write_move(
        by=SYSTEM,
        initiative=initiative,
        to=to,
        reason=_reason(verdict, status),
        evaluation=evaluation,
    )


def _reason(verdict: Verdict, status: str) -> str:
    words = status.replace("_", "-")
    deciding = _deciding(verdict)
    more = f" and {len(deciding) - 3} more" if len(deciding) > 3 else ""  # noqa: PLR2004 — a sentence bears three
    named = "; ".join(f"{finding.code}: {finding.reason.rstrip('.')}" for finding in deciding[:3])
    return f"No longer {words}: {named}{more}."


def _deciding(verdict: Verdict) -> list[Finding]:
    """The findings that hold the verdict down, the worst kind first."""
    for severity in DECIDING:
        found = list(verdict.failing(severity))
        if found:
            return found
    return []
