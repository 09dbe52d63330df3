"""A named executive's yes to a gate, tied to the evidence they saw."""

from collections.abc import Sequence

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.http.references import next_reference
from alignment_portal.outbox.events import announce
from alignment_portal.refusals import Conflict, Forbidden, NotFound
from gates.actions import Actions
from gates.engine import Verdict, evaluate
from gates.models import EndorsedEvidence, Endorsement, EndorsementWithdrawal, Evidence
from gates.selectors.facts import Case
from gates.selectors.judging import case_of, current_seen
from gates.services.holding import acting, hold, said
from gates.services.moves import blockers_of
from initiatives.models import Initiative

LONGEST_STATEMENT = 4000


@service
def endorse_gate(*, by: Actor, initiative: Initiative, gate: str, statement: str, seen: str) -> Endorsement:
    """Say yes to a gate on the evidence of the fingerprint `seen`; refused when that is no longer current.

    Saying yes again to the same evidence is a success that does nothing.
    """
    require(by, Action.GATE_ENDORSE)
    initiative = hold(initiative)
    case = case_of(initiative.key)
    now = clock.now()
    _require_endorsed(case, gate)
    current = current_seen(case, gate, now)
    if seen != current:
        raise Conflict(
            "The evidence of this gate is no longer what you saw. Look at it again, then endorse it.",
            code="evidence_changed",
            pointer="/seen",
            blockers=[{"gate": gate, "seen": seen, "current": current}],
        )
    before = Endorsement.objects.filter(
        initiative=initiative, gate=gate, by=by.user_id, seen=seen, withdrawal__isnull=True
    ).first()
    if before is not None:
        return before
    verdict = evaluate(case.policy, case.facts, now)
    _require_answered(verdict, gate)
    evidence = evidence_behind(initiative, verdict, gate)
    _require_untouched(by, case, evidence)
    statement = said(statement, "/statement", "Say what you endorse, in your own words.")[:LONGEST_STATEMENT]
    return _write(by=by, initiative=initiative, gate=gate, statement=statement, seen=seen, evidence=evidence)


def _require_endorsed(case: Case, gate: str) -> None:
    known = {each.code: each for each in case.policy.gates}
    if gate not in known:
        raise NotFound(f"The policy has no gate “{gate}”.", code="gate_unknown")
    if not known[gate].endorsed:
        raise Conflict(
            f"The gate “{known[gate].title}” is not one that executives endorse.", code="gate_not_endorsed"
        )


def _require_answered(verdict: Verdict, gate: str) -> None:
    failing = [finding for finding in verdict.failing() if finding.gate == gate]
    if failing:
        raise Conflict(
            f"{len(failing)} questions of this gate are not answered yet, so there is nothing to endorse.",
            code="gate_incomplete",
            blockers=blockers_of(failing),
            next_mover=failing[0].next_mover,
        )


def evidence_behind(initiative: Initiative, verdict: Verdict, gate: str) -> list[Evidence]:
    """The items that the answers to the gate's questions rest on."""
    refs = {ref for finding in verdict.findings if finding.gate == gate for ref in finding.evidence}
    return list(Evidence.objects.filter(initiative=initiative, ref__in=refs).order_by("id"))


def _require_untouched(by: Actor, case: Case, evidence: Sequence[Evidence]) -> None:
    refs = {item.ref for item in evidence}
    touched = [item.ref for item in case.facts.evidence if item.ref in refs and by.email in item.touched_by]
    if touched:
        raise Forbidden(
            f"You submitted {', '.join(touched)}, which this gate rests on. Another executive must endorse it.",
            code="own_evidence",
            next_mover="executive",
        )


def _write(
    *,
    by: Actor,
    initiative: Initiative,
    gate: str,
    statement: str,
    seen: str,
    evidence: Sequence[Evidence],
) -> Endorsement:
    endorsement = Endorsement(
        ref=next_reference("EN"),
        initiative=initiative,
        gate=gate,
        statement=statement,
        seen=seen,
        by_id=acting(by),
        at=clock.now(),
    )
    endorsement.save(force_insert=True)
    EndorsedEvidence.objects.bulk_create(
        [EndorsedEvidence(endorsement=endorsement, evidence=item) for item in evidence]
    )
    record(
        by=by,
        action=Actions.GATE_ENDORSED,
        subject=endorsement.ref,
        initiative=initiative.key,
        after={"statement": statement, "seen": seen, "evidence": [item.ref for item in evidence]},
        gate=gate,
    )
    announce("gates.endorsement_changed", key=initiative.key)
    return endorsement


@service
def withdraw_endorsement(*, by: Actor, endorsement: Endorsement, reason: str) -> EndorsementWithdrawal:
    """Take one's own yes back. Both stay on record."""
    require(by, Action.GATE_ENDORSE)
    initiative = hold(endorsement.initiative)
    if endorsement.by_id != by.user_id:
        raise Forbidden("Only who gave an endorsement may withdraw it.", code="not_yours")
    before = EndorsementWithdrawal.objects.filter(endorsement=endorsement).first()
    if before is not None:
        return before
    reason = said(reason, "/reason", "Say why you withdraw it.")
    withdrawal = EndorsementWithdrawal(
        endorsement=endorsement, reason=reason, by_id=acting(by), at=clock.now()
    )
    withdrawal.save(force_insert=True)
    record(
        by=by,
        action=Actions.ENDORSEMENT_WITHDRAWN,
        subject=endorsement.ref,
        initiative=initiative.key,
        reason=reason,
        gate=endorsement.gate,
    )
    announce("gates.endorsement_changed", key=initiative.key)
    return withdrawal
