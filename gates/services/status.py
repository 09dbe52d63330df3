"""Moving status: the only way. Every move is a row of the table of moves, with an actor, a reason and a verdict."""

from datetime import timedelta

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.audit.guard import service
from alignment_portal.refusals import Conflict, Forbidden
from gates.actions import BY_ENDS, MOVES, Move, Mover
from gates.engine import Policy, Verdict
from gates.engine.verdict import LEVELS, rank
from gates.models import Evaluation, Evidence, Status, StatusMove
from gates.selectors.judging import case_of
from gates.selectors.policies import current_version
from gates.services.completeness import missing_parts
from gates.services.evaluations import judge_and_keep
from gates.services.holding import hold, said
from gates.services.moves import blockers_of, write_move
from initiatives.dossier.document import Dossier
from initiatives.models import Initiative
from initiatives.selectors import require_on

_EXECUTIVE_ACTIONS = {"suspended": Action.STATUS_SUSPEND, "retired": Action.STATUS_RETIRE}


@service
def move_status(*, by: Actor, initiative: Initiative, to: str, reason: str) -> StatusMove | None:
    """Move to another status. The one it has already: a success that does nothing, and answers None."""
    initiative = hold(initiative, for_good=True)
    if to == initiative.status:
        return None
    move = _known_move(initiative, to)
    _require_mover(by, initiative, move)
    reason = said(reason, "/reason", "Say why the status moves.")
    evaluation = None
    if move.level:
        evaluation = _founded(by=by, initiative=initiative, move=move)
    elif to == "in_review":
        _require_complete(case_of(initiative.key).facts.dossier)
    return write_move(by=by, initiative=initiative, to=to, reason=reason, evaluation=evaluation)


def _known_move(initiative: Initiative, to: str) -> Move:
    if to not in Status.values:
        raise Conflict(
            f"There is no status “{to}”. There are: {', '.join(Status.values)}.",
            code="status_unknown",
            pointer="/to",
        )
    move = BY_ENDS.get((initiative.status, to))
    if move is not None:
        return move
    from_here = [other.to_status for other in MOVES if other.from_status == initiative.status]
    ways = f"From there it may go to: {', '.join(from_here)}." if from_here else "Nothing follows it."
    raise Conflict(
        f"{initiative.key} is {initiative.status} and cannot become {to}. {ways}",
        code="move_not_allowed",
        pointer="/to",
    )


def _require_mover(by: Actor, initiative: Initiative, move: Move) -> None:
    if Mover.AUTHOR in move.movers:
        require_on(by, Action.STATUS_SUBMIT, initiative)
    elif Mover.EXECUTIVE in move.movers:
        require(by, _EXECUTIVE_ACTIONS.get(move.to_status, Action.STATUS_MOVE))
        if move.level:
            require_uninvolved(by, initiative)
    elif Mover.TWO_PEOPLE in move.movers:
        raise Conflict(
            "Lifting a suspension takes two people: the owner of the gate proposes it with the root cause,"
            " and an executive confirms.",
            code="two_people_needed",
            next_mover="gate owner",
        )
    else:
        raise Forbidden("Only the portal itself makes this move, when the verdict falls.", code="system_only")


def require_uninvolved(by: Actor, initiative: Initiative) -> None:
    """Executives decide nothing that rests on what they submitted themselves."""
    if Evidence.objects.filter(initiative=initiative, submitted_by_id=by.user_id).exists():
        raise Forbidden(
            "You submitted evidence for this initiative, so another executive must decide on its status.",
            code="own_evidence",
            next_mover="executive",
        )


def _founded(*, by: Actor, initiative: Initiative, move: Move) -> Evaluation:
    """A verdict recorded this moment, under the policy in force, that is good enough for the move."""
    judged = judge_and_keep(by=by, initiative=initiative, pinned=False)
    require_level(judged.verdict, move.level, initiative)
    if move.to_status == "learning_only":
        _require_learning_terms(judged.case.facts.dossier, judged.case.policy)
    return judged.evaluation


@service
def reaffirm_status(*, by: Actor, initiative: Initiative, reason: str) -> StatusMove | None:
    """Let a status rest on a verdict under the policy in force, instead of the one it was decided under."""
    require(by, Action.STATUS_MOVE)
    initiative = hold(initiative)
    if initiative.status not in LEVELS[1:]:
        raise Conflict(
            f"{initiative.key} is {initiative.status}: nothing to re-affirm.", code="nothing_to_reaffirm"
        )
    require_uninvolved(by, initiative)
    rests_on = Evaluation.objects.get(pk=initiative.verdict_evaluation_id or 0)
    if rests_on.policy_id == current_version().pk:
        return None
    reason = said(reason, "/reason", "Say why it stands under the new policy.")
    judged = judge_and_keep(by=by, initiative=initiative, pinned=False)
    require_level(judged.verdict, initiative.status, initiative)
    return write_move(
        by=by, initiative=initiative, to=initiative.status, reason=reason, evaluation=judged.evaluation
    )


def require_level(verdict: Verdict, level: str, initiative: Initiative) -> None:
    if rank(verdict.level) >= LEVELS.index(level):
        return
    deciding = [finding for finding in verdict.failing() if finding.severity != "advisory"]
    words = verdict.level.replace("_", " ")
    raise Conflict(
        f"The verdict on {initiative.key} is “{words}”, and “{level.replace('_', ' ')}” needs better:"
        f" {len(deciding)} rules stand against it.",
        code="verdict_forbids",
        blockers=blockers_of(deciding),
        next_mover=deciding[0].next_mover if deciding else "",
    )


def _require_complete(dossier: Dossier) -> None:
    missing = missing_parts(dossier)
    if missing:
        raise Conflict(
            f"The dossier is not complete yet: {len(missing)} parts are empty.",
            code="dossier_incomplete",
            blockers=[{"pointer": pointer, "reason": sentence} for pointer, sentence in missing],
        )


def _require_learning_terms(dossier: Dossier, policy: Policy) -> None:
    today = clock.now().date()
    initiative, weeks = dossier.initiative, policy.learning.weeks_at_most
    faults = []
    if not initiative.learning_question.strip():
        faults.append(("/initiative/learning_question", "Write the question that learning is to answer."))
    if initiative.learning_ends_on is None:
        faults.append(("/initiative/learning_ends_on", "Write until when it may learn."))
    elif not today < initiative.learning_ends_on <= today + timedelta(weeks=weeks):
        faults.append(
            ("/initiative/learning_ends_on", f"Learning ends after today and within {weeks} weeks.")
        )
    if faults:
        raise Conflict(
            "Learning only needs a written question and an end date.",
            code="learning_terms",
            blockers=[{"pointer": pointer, "reason": sentence} for pointer, sentence in faults],
        )
