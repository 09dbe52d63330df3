"""Lifting a suspension as its page shows it: one person proposes with the root cause, a second confirms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from alignment_portal.accounts.permissions import Action, who_may
from gates.engine import Gate
from gates.engine.verdict import LEVELS
from gates.models import REINSTATEMENT_LIFE, Reinstatement, StatusMove
from gates.services.reinstatement import gate_owners
from gates.web.forms import ConfirmForm, ProposeForm
from gates.web.frame import Visit
from gates.web.words import STATUSES


@dataclass(frozen=True)
class ReinstatementPanel:
    suspended: StatusMove | None
    proposal: Reinstatement | None
    gate: str
    ends_at: datetime | None
    confirm_form: ConfirmForm | None
    why_not: str
    propose_form: ProposeForm | None


def reinstatement_panel(
    at: Visit, moves: Sequence[StatusMove], given: Mapping[str, Any]
) -> ReinstatementPanel:
    suspended = next((move for move in moves if move.to_status == "suspended"), None)
    proposal = open_proposal(at, suspended)
    why_not = _why_not(at, proposal)
    confirm = given.get("confirm") or ConfirmForm(prefix="confirm")
    return ReinstatementPanel(
        suspended=suspended,
        proposal=proposal,
        gate=at.gate(proposal.gate).title if proposal else "",
        ends_at=proposal.proposed_at + REINSTATEMENT_LIFE if proposal else None,
        confirm_form=confirm if proposal and not why_not else None,
        why_not=why_not,
        propose_form=given.get("propose") or proposal_form(at, moves),
    )


def open_proposal(at: Visit, suspended: StatusMove | None) -> Reinstatement | None:
    """The newest proposal, while it is about this suspension and not too old."""
    row = (
        Reinstatement.objects.filter(initiative=at.initiative)
        .select_related("proposed_by")
        .order_by("-id")
        .first()
    )
    if row is None or at.now > row.proposed_at + REINSTATEMENT_LIFE:
        return None
    return None if suspended is not None and suspended.at > row.proposed_at else row


def _why_not(at: Visit, proposal: Reinstatement | None) -> str:
    if proposal is None:
        return ""
    if proposal.proposed_by_id == at.by.user_id:
        return _("You proposed this. A second person, an executive, confirms it.")
    if not at.may(Action.STATUS_MOVE):
        return _("It waits for %(who)s who did not propose it.") % {"who": who_may(Action.STATUS_MOVE)}
    return ""


def proposal_form(at: Visit, moves: Sequence[StatusMove], data: Any = None) -> ProposeForm | None:
    """For whoever owns one of the gates; nothing for everybody else."""
    owned = [gate for gate in at.policy.gates if _is_owner(at, gate)]
    if not owned:
        return None
    statuses = [(level, STATUSES[level]) for level in _allowed(moves)]
    gates = [(gate.code, gate.title) for gate in owned]
    return ProposeForm(data, prefix="propose", statuses=statuses, gates=gates)


def _is_owner(at: Visit, gate: Gate) -> bool:
    functions = ("", *gate.reviewers)
    is_named = at.by.email in gate_owners(at.policy, at.case.facts, gate.code)
    return is_named and at.may(Action.STATUS_PROPOSE_REINSTATEMENT, *functions)


def _allowed(moves: Sequence[StatusMove]) -> tuple[str, ...]:
    """Back to where it was, or lower."""
    suspended = next((move for move in moves if move.to_status == "suspended"), None)
    before = suspended.from_status if suspended is not None else "learning_only"
    return tuple(level for level in LEVELS[1:] if LEVELS.index(level) <= [*LEVELS].index(before))  # type: ignore[arg-type]  # it was running
