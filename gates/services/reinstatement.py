"""Lifting a suspension: the gate's owner proposes with the root cause, a different executive confirms."""

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, may, require
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.refusals import Conflict, Forbidden, NotFound
from gates.actions import Actions
from gates.engine import Facts, Policy
from gates.engine.verdict import LEVELS
from gates.models import REINSTATEMENT_LIFE, Evaluation, Reinstatement, StatusMove
from gates.selectors.calm import unquiet_rules
from gates.selectors.judging import case_of
from gates.services.evaluations import judge_and_keep
from gates.services.holding import acting, hold, said
from gates.services.moves import write_move
from gates.services.status import require_level, require_uninvolved
from initiatives.models import Initiative
from initiatives.selectors import standing


@service
def propose_reinstatement(
    *, by: Actor, initiative: Initiative, to: str, gate: str, root_cause: str, remedy: str
) -> Reinstatement:
    initiative = hold(initiative)
    case = case_of(initiative.key)
    _require_suspended(initiative)
    _require_not_above(initiative, to)
    _require_gate_owner(by, initiative, case.policy, case.facts, gate)
    proposal = Reinstatement(
        initiative=initiative,
        to_status=to,
        root_cause=said(root_cause, "/root_cause", "Write the root cause."),
        remedy=said(remedy, "/remedy", "Write what was done about it."),
        gate=gate,
        proposed_by_id=acting(by),
        proposed_at=clock.now(),
    )
    proposal.save(force_insert=True)
    record(
        by=by,
        action=Actions.REINSTATEMENT_PROPOSED,
        subject=initiative.key,
        initiative=initiative.key,
        after={"root_cause": proposal.root_cause, "remedy": proposal.remedy},
        to_status=to,
        gate=gate,
    )
    return proposal


def _require_suspended(initiative: Initiative) -> None:
    if initiative.status != "suspended":
        raise Conflict(f"{initiative.key} is not suspended.", code="not_suspended")


def _require_not_above(initiative: Initiative, to: str) -> None:
    """Back to where it was, or lower; rising further is a move of its own."""
    suspended = (
        StatusMove.objects.filter(initiative=initiative, to_status="suspended").order_by("-number").first()
    )
    before = "scale_ready" if suspended is None else suspended.from_status
    allowed = LEVELS[1 : LEVELS.index(before) + 1]
    if to not in allowed:
        raise Conflict(
            f"From its suspension {initiative.key} may return to: {', '.join(allowed)}.",
            code="move_not_allowed",
            pointer="/to",
        )


def _require_gate_owner(by: Actor, initiative: Initiative, policy: Policy, facts: Facts, gate: str) -> None:
    known = {each.code: each for each in policy.gates}
    if gate not in known:
        raise NotFound(f"The policy has no gate “{gate}”.", code="gate_unknown")
    owners = gate_owners(policy, facts, gate)
    stands = standing(by, initiative)
    permitted = any(
        may(
            by,
            Action.STATUS_PROPOSE_REINSTATEMENT,
            function=function,
            own=stands.own,
            invited=stands.invited,
        )
        for function in ("", *known[gate].reviewers)
    )
    if by.email not in owners and not permitted:
        require(by, Action.STATUS_PROPOSE_REINSTATEMENT)
    if by.email not in owners:
        names = ", ".join(sorted(owners)) or "nobody yet: name one in the operating model"
        raise Forbidden(
            f"The owner of the gate “{known[gate].title}” proposes this: {names}.",
            code="not_gate_owner",
            next_mover="gate owner",
        )


def gate_owners(policy: Policy, facts: Facts, gate: str) -> frozenset[str]:
    """E-mails of who works the gate: the responsible owner and deputy, else the initiative's owner or sponsor."""
    role = policy.gate(gate).owner_role
    about = facts.dossier.initiative
    if role in {"owner", "sponsor"}:
        return frozenset({about.owner if role == "owner" else about.sponsor} - {None})  # type: ignore[arg-type]  # None is taken out
    named = {
        email
        for owner in facts.dossier.operating_model.owners
        if owner.responsibility == role
        for email in (owner.owner, owner.deputy)
        if email
    }
    return frozenset(named or {about.owner})


@service
def confirm_reinstatement(*, by: Actor, proposal: Reinstatement, reason: str) -> StatusMove:
    """The second person's yes: an executive who did not propose it, on a verdict that allows it, after calm."""
    require(by, Action.STATUS_MOVE)
    initiative = hold(proposal.initiative)
    _require_suspended(initiative)
    if proposal.proposed_by_id == by.user_id:
        raise Forbidden(
            "You proposed this. A second person, an executive, confirms it.", code="two_people_needed"
        )
    _require_newest(proposal)
    require_uninvolved(by, initiative)
    reason = said(reason, "/reason", "Say why it may run again.")
    judged = judge_and_keep(by=by, initiative=initiative, pinned=False)
    require_level(judged.verdict, proposal.to_status, initiative)
    _require_calm(judged.case.policy, judged.case.facts, initiative)
    return write_move(
        by=by,
        initiative=initiative,
        to=proposal.to_status,
        reason=reason,
        evaluation=judged.evaluation,
        reinstatement=proposal,
    )


def _require_newest(proposal: Reinstatement) -> None:
    newest = Reinstatement.objects.filter(initiative=proposal.initiative_id).order_by("-id").first()
    if newest is None or newest.pk != proposal.pk:
        raise Conflict("A newer proposal has replaced this one.", code="proposal_replaced")
    since = StatusMove.objects.filter(initiative=proposal.initiative_id).order_by("-number").first()
    if since is not None and since.at > proposal.proposed_at:
        raise Conflict("This proposal is about an earlier suspension.", code="proposal_replaced")
    if clock.now() > proposal.proposed_at + REINSTATEMENT_LIFE:
        raise Conflict(
            f"This proposal is more than {REINSTATEMENT_LIFE.days} days old. Propose it again.",
            code="proposal_lapsed",
        )


def _require_calm(policy: Policy, facts: Facts, initiative: Initiative) -> None:
    suspended = (
        StatusMove.objects.filter(initiative=initiative, to_status="suspended").order_by("-number").first()
    )
    rested_on = None if suspended is None else suspended.evaluation
    breached = _breached(rested_on, facts)
    unquiet = unquiet_rules(policy, facts, breached, clock.now())
    if unquiet:
        raise Conflict(
            "The series that broke the rules must be clean for two periods before it may run again.",
            code="not_calm",
            blockers=[{"code": code, "reason": reason} for code, reason in unquiet],
        )


def _breached(rested_on: Evaluation | None, facts: Facts) -> frozenset[str]:
    codes = set() if rested_on is None else set(rested_on.suspenders)
    if facts.breaches:
        codes |= set(facts.breaches[-1].rules)
    return frozenset(codes)
