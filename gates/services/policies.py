"""Putting policies in force: one person proposes, a second confirms, and what would change is shown before."""

import hashlib

from django.db.models import Q

from alignment_portal import clock
from alignment_portal.accounts.actors import SYSTEM, Actor
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.outbox.events import announce
from alignment_portal.refusals import Conflict, Fault, Forbidden, Invalid
from gates.actions import Actions
from gates.engine import Policy, PolicyFaults, load_policy
from gates.models import PolicyGate, PolicyQuestion, PolicyVersion
from gates.selectors.policies import shipped_files
from gates.services.holding import hold_policy, said


@service
def propose_policy(*, by: Actor, text: str, reason: str) -> PolicyVersion:
    """Keep a policy for a second person to confirm. The same text proposed again is the same proposal."""
    require(by, Action.POLICY_MANAGE)
    policy = read_or_refuse(text)
    reason = said(reason, "/reason", "Say why the policy should change.")
    return _register(policy, text, proposed_by=by, reason=reason)


def read_or_refuse(text: str) -> Policy:
    try:
        return load_policy(text, "the proposed policy")
    except PolicyFaults as refused:
        faults = [
            Fault("/text", f"Line {fault.line}: {fault.reason}.", "policy_fault") for fault in refused.faults
        ]
        raise Invalid("This policy cannot be read.", faults=faults, code="policy_faults") from refused


def _register(policy: Policy, text: str, *, proposed_by: Actor, reason: str) -> PolicyVersion:
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    same = PolicyVersion.objects.filter(Q(sha256=sha256) | Q(version=policy.version)).first()
    if same is not None and same.sha256 == sha256:
        return same
    if same is not None:
        raise Conflict(
            f"There is a different policy {policy.version} already. Give this one a new version.",
            code="version_taken",
        )
    row = PolicyVersion(
        version=policy.version,
        sha256=sha256,
        text=text,
        reason=reason,
        proposed_by_id=proposed_by.user_id,
        proposed_at=clock.now(),
    )
    row.save(force_insert=True)
    _repeat_gates(row, policy)
    record(
        by=proposed_by,
        action=Actions.POLICY_PROPOSED,
        subject=policy.version,
        after={"sha256": sha256},
        reason=reason,
    )
    return row


def _repeat_gates(row: PolicyVersion, policy: Policy) -> None:
    """Tell the database which gates are endorsed and what they ask, so that its guards can ask for it too."""
    for gate in policy.gates:
        if not gate.endorsed:
            continue
        kept = PolicyGate.objects.create(policy=row, gate=gate.code, waivable=gate.waivable)
        PolicyQuestion.objects.bulk_create(
            PolicyQuestion(policy_gate=kept, question=rule.code)
            for rule in policy.rules_of(gate.code)
            if rule.asks is not None
        )


@service
def adopt_policy(*, by: Actor, version: str) -> PolicyVersion:
    """The second person's yes: from now on, what is judged anew is judged by this policy."""
    require(by, Action.POLICY_MANAGE)
    hold_policy(exclusively=True)
    row = PolicyVersion.objects.select_for_update().filter(version=version).first()
    if row is None:
        raise Conflict(f"Nobody has proposed a policy {version}.", code="not_proposed")
    if row.is_current:
        return row
    if row.adopted_at is not None:
        raise Conflict(
            "A policy is put in force once. Propose it under a new version.", code="policy_adopted_once"
        )
    if row.proposed_by_id == by.user_id:
        raise Forbidden("You proposed this policy. A second person confirms it.", code="two_people_needed")
    return _put_in_force(by=by, row=row)


def _put_in_force(*, by: Actor, row: PolicyVersion) -> PolicyVersion:
    before = PolicyVersion.objects.filter(is_current=True).first()
    if before is not None:
        PolicyVersion.objects.filter(pk=before.pk).update(is_current=False)
    row.is_current, row.adopted_at, row.confirmed_by_id = True, clock.now(), by.user_id
    row.save(update_fields=["is_current", "adopted_at", "confirmed_by"])
    record(
        by=by,
        action=Actions.POLICY_ADOPTED,
        subject=row.version,
        before=None if before is None else {"policy": before.version},
        after={"policy": row.version, "sha256": row.sha256},
    )
    if before is not None:  # nothing was judged under none
        announce("gates.policy_activated", version=row.version)
    return row


@service
def adopt_shipped_policy() -> PolicyVersion | None:
    """On an empty portal the newest shipped policy comes into force by itself; later ones need two people."""
    if PolicyVersion.objects.filter(adopted_at__isnull=False).exists():
        return None
    text = shipped_files()[-1].read_text(encoding="utf-8")
    row = _register(read_or_refuse(text), text, proposed_by=SYSTEM, reason="It came with the portal.")
    return _put_in_force(by=SYSTEM, row=row)
