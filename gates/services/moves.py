"""Writing one move of status. The row itself changes the status (a database guard does, and nothing else can)."""

from collections.abc import Sequence

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.audit.chain import record
from alignment_portal.outbox.events import announce
from gates.actions import Actions
from gates.engine import Finding
from gates.models import Evaluation, Reinstatement, StatusMove
from gates.services.notices import tell_of_move
from initiatives.models import Initiative

LONGEST_REASON = 4000


def write_move(
    *,
    by: Actor,
    initiative: Initiative,
    to: str,
    reason: str,
    evaluation: Evaluation | None = None,
    reinstatement: Reinstatement | None = None,
) -> StatusMove:
    """To be called under the initiative's lock, in a service."""
    last = StatusMove.objects.filter(initiative=initiative).order_by("-number").first()
    move = StatusMove(
        initiative=initiative,
        number=1 if last is None else last.number + 1,
        from_status=initiative.status,
        to_status=to,
        by_id=by.user_id,
        # Two moves in one instant would not have an order.
        at=clock.now() if last is None else max(clock.now(), last.at),
        reason=reason[:LONGEST_REASON],
        evaluation=evaluation,
        reinstatement=reinstatement,
    )
    move.save(force_insert=True)
    initiative.refresh_from_db(fields=["status", "status_since", "verdict_evaluation_id"])
    record(
        by=by,
        action=Actions.STATUS_MOVED,
        subject=initiative.key,
        initiative=initiative.key,
        before={"status": move.from_status},
        after={"status": move.to_status},
        reason=move.reason,
        from_status=move.from_status,
        to_status=move.to_status,
        evaluation=None if evaluation is None else evaluation.pk,
    )
    announce("gates.status_moved", key=initiative.key, move=move.pk)
    tell_of_move(move=move)
    return move


def blockers_of(findings: Sequence[Finding]) -> list[dict[str, object]]:
    """Failing findings as a program reads them in a refusal."""
    return [
        {
            "code": finding.code,
            "gate": finding.gate,
            "severity": finding.severity,
            "reason": finding.reason,
            "remedy": finding.remedy,
            "next_mover": finding.next_mover,
            "link": finding.link,
        }
        for finding in findings
    ]
