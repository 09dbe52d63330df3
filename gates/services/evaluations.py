"""Recording verdicts: what status rests on, what lists show, and whom to tell."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

import msgspec

from alignment_portal import clock
from alignment_portal.accounts.actors import SYSTEM, Actor
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.outbox.events import announce
from gates.actions import Actions
from gates.engine import Facts, Finding, NextMove, Policy, Verdict, evaluate, explain
from gates.engine.standing import standing_ground
from gates.engine.view import View
from gates.models import Evaluation, FindingSet
from gates.selectors.facts import Case
from gates.selectors.judging import case_of
from gates.services.demotion import demote_as_needed
from gates.services.holding import hold
from gates.services.notices import tell_next_moves
from initiatives.models import Initiative
from initiatives.services.judgements import note_judgement

encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True)
class Judged:
    """A recorded verdict with all it was made from."""

    evaluation: Evaluation
    case: Case
    verdict: Verdict
    is_new: bool


@service
def record_evaluation(*, initiative: Initiative, by: Actor = SYSTEM) -> Evaluation:
    """Judge the initiative as it stands, under its lock; keep the verdict, and act on it.

    When nothing changed since the last one, that one still counts and nothing is written.
    """
    initiative = hold(initiative, for_good=True)
    judged = judge_and_keep(by=by, initiative=initiative)
    if initiative.status != "retired":
        demote_as_needed(initiative=initiative, evaluation=judged.evaluation, verdict=judged.verdict)
    if judged.is_new or initiative.judged_at is None:
        _tell(initiative, judged)
    return judged.evaluation


def judge_and_keep(*, by: Actor, initiative: Initiative, pinned: bool = True) -> Judged:
    """To be called under the initiative's lock, in a service. Unpinned: under the policy in force."""
    case = case_of(initiative.key, pinned=pinned)
    verdict = evaluate(case.policy, case.facts, clock.now())
    last = Evaluation.objects.filter(initiative=initiative).order_by("-id").first()
    if last is not None and is_same(last, case.policy_id, initiative.inputs_rev, initiative.status, verdict):
        return Judged(last, case, verdict, is_new=False)
    kept = _keep(by=by, initiative=initiative, case=case, verdict=verdict, last=last)
    return Judged(kept, case, verdict, is_new=True)


def digest_of(findings: tuple[Finding, ...]) -> tuple[str, str]:
    body = encode(findings)
    return hashlib.sha256(body).hexdigest(), body.decode()


def facts_digest(facts: Facts) -> str:
    return hashlib.sha256(encode(facts)).hexdigest()


def is_same(last: Evaluation, policy_id: int, inputs_rev: int, status: str, verdict: Verdict) -> bool:
    """Whether a recorded verdict says all that a new one would."""
    return (
        last.inputs_rev == inputs_rev
        and last.policy_id == policy_id
        and last.status == status
        and last.fingerprint == verdict.fingerprint
        and last.level == verdict.level
        and last.valid_until == verdict.valid_until
        and last.findings_id == digest_of(verdict.findings)[0]
    )


def _keep(
    *, by: Actor, initiative: Initiative, case: Case, verdict: Verdict, last: Evaluation | None
) -> Evaluation:
    sha256, body = digest_of(verdict.findings)
    findings, _ = FindingSet.objects.get_or_create(sha256=sha256, defaults={"body": body})
    suspenders = breached_in(verdict, initiative.status)
    evaluation = Evaluation(
        initiative=initiative,
        at=verdict.judged_at,
        policy_id=case.policy_id,
        fingerprint=verdict.fingerprint,
        inputs_rev=initiative.inputs_rev,
        facts_sha256=facts_digest(case.facts),
        level=verdict.level,
        lane=verdict.lane,
        status=initiative.status,
        findings=findings,
        suspenders=suspenders,
        suspenders_changed=suspenders != ([] if last is None else last.suspenders),
        awaiting_endorsement=gates_ready(case.policy, case.facts, verdict),
        valid_until=verdict.valid_until,
    )
    evaluation.save(force_insert=True)
    if last is None or last.level != verdict.level:
        record(
            by=by,
            action=Actions.EVALUATED,
            subject=initiative.key,
            initiative=initiative.key,
            before=None if last is None else {"level": last.level},
            after={"level": verdict.level},
            level=verdict.level,
            policy=verdict.policy,
            findings=sha256,
        )
    announce("gates.evaluated", key=initiative.key, evaluation=evaluation.pk)
    return evaluation


def breached_in(verdict: Verdict, status: str) -> list[str]:
    """Suspenders that failed. What was never recorded before anything was agreed is a gap in the file, no breach."""
    is_agreed = status not in {"draft", "in_review"}
    return sorted(found.code for found in verdict.failing("suspender") if is_agreed or not found.unknown)


def gates_ready(policy: Policy, facts: Facts, verdict: Verdict) -> list[str]:
    """Gates whose questions are all answered and that wait for an executive's yes to the present evidence."""
    ready, view = [], View(policy, facts, verdict.judged_at)
    for gate in policy.gates:
        asked = [finding for finding in verdict.findings if finding.gate == gate.code]
        if not gate.endorsed or not asked or any(finding.is_failing for finding in asked):
            continue
        given = (yes for yes in facts.endorsements if yes.gate == gate.code)
        if not any(standing_ground(view, yes) for yes in given):
            ready.append(gate.code)
    return ready


def _tell(initiative: Initiative, judged: Judged) -> None:
    verdict, policy = judged.verdict, judged.case.policy
    explanation = explain(policy, judged.case.facts, verdict.judged_at, verdict)
    first = next((move for move in explanation.moves if not move.after), None)
    worst = next(
        iter(verdict.failing("suspender", "blocker") or verdict.failing("limiter", "readiness")), None
    )
    note_judgement(
        initiative=initiative,
        level=verdict.level,
        at=verdict.judged_at,
        reason=explanation.in_brief,
        gate="" if worst is None else policy.gate(worst.gate).title,
        mover="" if first is None else first.person_name or first.role,
        deed="" if first is None else first.deed,
        since=_since(initiative, first, verdict.judged_at),
    )
    tell_next_moves(initiative=initiative, policy=policy, moves=explanation.moves)


def _since(initiative: Initiative, first: NextMove | None, now: datetime) -> datetime | None:
    """Since when this deed has been the next one."""
    if first is None:
        return None
    return initiative.next_since if initiative.next_deed == first.deed and initiative.next_since else now
