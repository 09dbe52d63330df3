"""Submitting, reviewing and withdrawing evidence."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.core.files.base import File

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.http.references import next_reference
from alignment_portal.outbox.events import announce
from alignment_portal.refusals import Conflict, Forbidden
from gates.actions import Actions
from gates.models import Evidence, EvidenceReview, EvidenceWithdrawal
from gates.selectors.judging import policy_asking
from gates.services.files import Received, keep_file, receive_files
from gates.services.holding import acting, hold, require_function, said
from gates.services.offers import Offer, check_offer
from initiatives.models import Initiative
from initiatives.selectors import require_on


def submit_evidence(
    *,
    by: Actor,
    initiative: Initiative,
    question: str,
    form: str,
    kind: str,
    title: str,
    statement: str,
    observed_on: date,
    file: "File[bytes] | None" = None,
    link: str = "",
    measures: Mapping[str, float] | None = None,
    supersedes: Evidence | None = None,
    deployment: str = "",
    control: str = "",
    expires_on: date | None = None,
) -> Evidence:
    """Offer one item for one question; `supersedes` makes it the next version of that item."""
    offer = Offer(
        question=question,
        form=form,
        kind=kind,
        title=title,
        statement=statement,
        observed_on=observed_on,
        expires_on=expires_on,
        link=link,
        measures=dict(measures or {}),
        deployment=deployment or "",
        control=control or "",
    )
    files = () if file is None else (file,)
    return offer_evidence(by=by, initiative=initiative, offer=offer, files=files, supersedes=supersedes)[0]


def offer_evidence(
    *,
    by: Actor,
    initiative: Initiative,
    offer: Offer,
    files: "Sequence[File[bytes]]" = (),
    supersedes: Evidence | None = None,
) -> tuple[Evidence, ...]:
    """As many items as files, or one; all of them or none. The files are judged before anything is written."""
    require_on(by, Action.EVIDENCE_SUBMIT, initiative)
    offer = check_offer(offer, by=by, initiative=initiative, n_files=len(files), replaces=supersedes)
    with receive_files(files) as received:
        return _record(by=by, initiative=initiative, offer=offer, received=received, supersedes=supersedes)


@service
def _record(
    *,
    by: Actor,
    initiative: Initiative,
    offer: Offer,
    received: tuple[Received, ...],
    supersedes: Evidence | None,
) -> tuple[Evidence, ...]:
    initiative = hold(initiative)
    require_on(by, Action.EVIDENCE_SUBMIT, initiative)
    if supersedes is not None:
        _require_current(supersedes)
    items = tuple(
        _write(by=by, initiative=initiative, offer=offer, received=one, supersedes=supersedes)
        for one in received or (None,)
    )
    announce("gates.evidence_changed", key=initiative.key)
    return items


def _write(
    *,
    by: Actor,
    initiative: Initiative,
    offer: Offer,
    received: Received | None,
    supersedes: Evidence | None,
) -> Evidence:
    item = Evidence(
        ref=next_reference("EV"),
        initiative=initiative,
        submitted_by_id=acting(by),
        submitted_at=clock.now(),
        blob=None if received is None else keep_file(received),
        filename="" if received is None else received.name,
        supersedes=supersedes,
        first=None if supersedes is None else supersedes.first or supersedes,
        version=1 if supersedes is None else supersedes.version + 1,
        **offer.columns(),
    )
    item.save(force_insert=True)
    record(
        by=by,
        action=Actions.EVIDENCE_SUBMITTED,
        subject=item.ref,
        initiative=initiative.key,
        after={**offer.columns(), "sha256": item.blob_id, "filename": item.filename, "version": item.version},
        question=item.question,
        supersedes=None if supersedes is None else supersedes.ref,
    )
    return item


def _require_current(item: Evidence) -> None:
    if hasattr(item, "withdrawal"):
        raise Conflict(f"{item.ref} was withdrawn. Submit a new item instead.", code="evidence_withdrawn")
    later = Evidence.objects.filter(supersedes=item).values_list("ref", flat=True).first()
    if later is not None:
        raise Conflict(
            f"{item.ref} was replaced by {later} already. Look at that one.", code="evidence_superseded"
        )


def touched_by(item: Evidence) -> frozenset[object]:
    """Everybody who submitted this item or another version of it."""
    first = item.first_id or item.pk
    versions = Evidence.objects.filter(first_id=first) | Evidence.objects.filter(pk=first)
    return frozenset(versions.values_list("submitted_by_id", flat=True))


@service
def review_evidence(*, by: Actor, evidence: Evidence, accepted: bool, reason: str) -> EvidenceReview:
    """Accept or reject one item, once, with a reason; never what one submitted a version of."""
    initiative = hold(evidence.initiative)
    policy = policy_asking(initiative.key, evidence.question)
    if evidence.question not in policy.rules_by_code:
        raise Conflict(f"The policy in force no longer asks {evidence.question}.", code="question_unknown")
    gate = policy.gate(policy.rule(evidence.question).gate)
    require_function(by, Action.EVIDENCE_REVIEW, gate.reviewers)
    if by.user_id in touched_by(evidence):
        raise Forbidden(
            f"You submitted {evidence.ref} or an earlier version of it. Somebody else must review it.",
            code="own_evidence",
            next_mover="assurer",
        )
    reason = said(reason, "/reason", "Say why you accept or reject it.")
    _require_current(evidence)
    if EvidenceReview.objects.filter(evidence=evidence).exists():
        raise Conflict(f"{evidence.ref} has been reviewed already.", code="already_reviewed")
    review = EvidenceReview(
        evidence=evidence,
        accepted=accepted,
        reason=reason,
        submitted_by_id=evidence.submitted_by_id,
        by_id=acting(by),
        at=clock.now(),
    )
    review.save(force_insert=True)
    record(
        by=by,
        action=Actions.EVIDENCE_ACCEPTED if accepted else Actions.EVIDENCE_REJECTED,
        subject=evidence.ref,
        initiative=initiative.key,
        before={"state": "in_review"},
        after={"state": "accepted" if accepted else "rejected"},
        reason=reason,
        question=evidence.question,
    )
    announce("gates.evidence_changed", key=initiative.key)
    return review


@service
def withdraw_evidence(*, by: Actor, evidence: Evidence, reason: str) -> EvidenceWithdrawal:
    """Say that an item no longer stands. It stays readable, with who withdrew it and why."""
    initiative = hold(evidence.initiative)
    require_on(by, Action.EVIDENCE_WITHDRAW, initiative)
    reason = said(reason, "/reason", "Say why it is withdrawn.")
    before = EvidenceWithdrawal.objects.filter(evidence=evidence).first()
    if before is not None:
        return before
    _require_current(evidence)
    withdrawal = EvidenceWithdrawal(evidence=evidence, reason=reason, by_id=acting(by), at=clock.now())
    withdrawal.save(force_insert=True)
    record(
        by=by,
        action=Actions.EVIDENCE_WITHDRAWN,
        subject=evidence.ref,
        initiative=initiative.key,
        reason=reason,
        question=evidence.question,
    )
    announce("gates.evidence_changed", key=initiative.key)
    return withdrawal
