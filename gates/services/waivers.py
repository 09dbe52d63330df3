"""Time-boxed exceptions to single rules. Rules that cannot be waived have no way in here."""

from datetime import date, timedelta

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.http.references import next_reference
from alignment_portal.outbox.events import announce
from alignment_portal.refusals import Conflict, Fault, Forbidden, Invalid
from gates.actions import Actions
from gates.engine import Policy
from gates.models import Evidence, Waiver, WaiverAnswer, WaiverWithdrawal
from gates.selectors.judging import case_of
from gates.services.holding import acting, hold, said
from initiatives.dossier.initiative import Initiative as About
from initiatives.models import Initiative
from initiatives.selectors import require_on


@service
def request_waiver(
    *,
    by: Actor,
    initiative: Initiative,
    rule: str,
    reason: str,
    compensating_control: str,
    until: date,
    renews: Waiver | None = None,
) -> Waiver:
    """Ask an executive to let one rule pass for a while; `renews` continues an earlier one, once."""
    require_on(by, Action.WAIVER_REQUEST, initiative)
    initiative = hold(initiative)
    case = case_of(initiative.key)
    _require_waivable(case.policy, rule, case.facts.dossier.initiative)
    _require_terms(case.policy, until)
    _require_first_or_renewal(case.policy, initiative, rule, renews)
    waiver = Waiver(
        ref=next_reference("WV"),
        initiative=initiative,
        rule=rule,
        reason=said(reason, "/reason", "Say why the rule cannot be met now."),
        compensating_control=said(
            compensating_control, "/compensating_control", "Say what keeps people safe meanwhile."
        ),
        horizon=case.facts.dossier.initiative.horizon,
        until=until,
        renews=renews,
        renewals=0 if renews is None else renews.renewals + 1,
        requested_by_id=acting(by),
        requested_at=clock.now(),
    )
    waiver.save(force_insert=True)
    record(
        by=by,
        action=Actions.WAIVER_REQUESTED,
        subject=waiver.ref,
        initiative=initiative.key,
        after={"compensating_control": waiver.compensating_control, "horizon": waiver.horizon},
        reason=waiver.reason,
        rule=rule,
        until=until,
        renews=None if renews is None else renews.ref,
    )
    announce("gates.waiver_changed", key=initiative.key)
    return waiver


def _require_waivable(policy: Policy, code: str, about: About) -> None:
    rule = policy.rules_by_code.get(code)
    if rule is None:
        raise Invalid(f"The policy has no rule “{code}”.", pointer="/rule", code="rule_unknown")
    if rule.waiver == "none":
        raise Conflict(f"{code} cannot be waived by anybody.", code="not_waivable", pointer="/rule")
    if rule.waiver == "h1_exec" and about.horizon != "H1":
        raise Conflict(
            f"{code} can be waived in H1 only; this package is for {about.horizon}.", code="not_waivable"
        )
    if rule.waiver == "h1_exec" and about.scope.personal_data == "customers":
        raise Conflict(
            f"{code} cannot be waived where customers’ personal data is concerned.", code="not_waivable"
        )


def _require_terms(policy: Policy, until: date) -> None:
    today = clock.now().date()
    most = policy.waivers.days_at_most
    if not today <= until <= today + timedelta(days=most):
        last = today + timedelta(days=most)
        sentence = f"A waiver ends between today and {last:%-d %B %Y}: {most} days at most."
        raise Invalid(sentence, faults=[Fault("/until", sentence, "waiver_too_long")], code="waiver_too_long")


def _require_first_or_renewal(
    policy: Policy, initiative: Initiative, rule: str, renews: Waiver | None
) -> None:
    """One chain of waivers a rule: open ones are answered first, and a granted one can only be renewed."""
    asked = Waiver.objects.filter(initiative=initiative, rule=rule)
    waiting = asked.filter(
        answer__isnull=True, withdrawal__isnull=True, until__gte=clock.now().date()
    ).first()
    if waiting is not None:
        raise Conflict(f"{waiting.ref} asks for the same and waits for an answer.", code="waiver_waiting")
    if renews is None:
        granted = asked.filter(answer__accepted=True, horizon=_horizon(initiative)).order_by("-id").first()
        if granted is not None:
            raise Conflict(
                f"{rule} was waived before ({granted.ref}). A waiver can only be renewed, once.",
                code="waived_before",
            )
        return
    if renews.initiative_id != initiative.pk or renews.rule != rule:
        raise Invalid("A renewal continues a waiver of the same rule.", pointer="/renews")
    if renews.renewals >= policy.waivers.renewals_at_most or Waiver.objects.filter(renews=renews).exists():
        raise Conflict(
            f"{renews.ref} was renewed already. It cannot be renewed again.", code="renewed_already"
        )
    if not WaiverAnswer.objects.filter(waiver=renews, accepted=True).exists():
        raise Conflict(
            f"{renews.ref} was never accepted, so there is nothing to renew.", code="never_accepted"
        )


def _horizon(initiative: Initiative) -> str:
    return str(initiative.horizon)


@service
def answer_waiver(*, by: Actor, waiver: Waiver, accepted: bool, reason: str) -> WaiverAnswer:
    """An executive's yes or no, with a reason."""
    require(by, Action.WAIVER_ACCEPT)
    initiative = hold(waiver.initiative)
    _require_independent(by, waiver, initiative)
    reason = said(reason, "/reason", "Say why you accept or decline it.")
    if WaiverWithdrawal.objects.filter(waiver=waiver).exists():
        raise Conflict(f"{waiver.ref} was withdrawn.", code="waiver_withdrawn")
    before = WaiverAnswer.objects.filter(waiver=waiver).first()
    if before is not None:
        raise Conflict(f"{waiver.ref} has been answered already.", code="already_answered")
    if waiver.until < clock.now().date():
        raise Conflict(f"{waiver.ref} has run out. A new one must be asked for.", code="waiver_lapsed")
    answer = WaiverAnswer(
        waiver=waiver,
        accepted=accepted,
        reason=reason,
        requested_by_id=waiver.requested_by_id,
        by_id=acting(by),
        at=clock.now(),
    )
    answer.save(force_insert=True)
    record(
        by=by,
        action=Actions.WAIVER_ACCEPTED if accepted else Actions.WAIVER_DECLINED,
        subject=waiver.ref,
        initiative=initiative.key,
        reason=reason,
        rule=waiver.rule,
        until=waiver.until,
    )
    announce("gates.waiver_changed", key=initiative.key)
    return answer


def accept_waiver(*, by: Actor, waiver: Waiver, reason: str) -> WaiverAnswer:
    return answer_waiver(by=by, waiver=waiver, accepted=True, reason=reason)


def decline_waiver(*, by: Actor, waiver: Waiver, reason: str) -> WaiverAnswer:
    return answer_waiver(by=by, waiver=waiver, accepted=False, reason=reason)


def _require_independent(by: Actor, waiver: Waiver, initiative: Initiative) -> None:
    if waiver.requested_by_id == by.user_id:
        raise Forbidden("You asked for this waiver. Another executive must answer it.", code="own_waiver")
    if initiative.sponsor_id == by.user_id:
        raise Forbidden(
            "You sponsor this initiative. Another executive must answer it.", code="own_initiative"
        )
    if Evidence.objects.filter(
        initiative=initiative, question=waiver.rule, submitted_by_id=by.user_id
    ).exists():
        raise Forbidden(
            f"You submitted evidence for {waiver.rule}. Another executive must answer it.",
            code="own_evidence",
        )


@service
def withdraw_waiver(*, by: Actor, waiver: Waiver, reason: str) -> WaiverWithdrawal:
    """End a waiver before its time: by whoever asked for it, or by the executive who accepted it."""
    initiative = hold(waiver.initiative)
    answer = WaiverAnswer.objects.filter(waiver=waiver).first()
    if by.user_id not in {waiver.requested_by_id, None if answer is None else answer.by_id}:
        raise Forbidden("Only who asked for a waiver or who answered it may withdraw it.", code="not_yours")
    require_on(
        by,
        Action.WAIVER_REQUEST if by.user_id == waiver.requested_by_id else Action.WAIVER_ACCEPT,
        initiative,
    )
    before = WaiverWithdrawal.objects.filter(waiver=waiver).first()
    if before is not None:
        return before
    reason = said(reason, "/reason", "Say why it is withdrawn.")
    withdrawal = WaiverWithdrawal(waiver=waiver, reason=reason, by_id=acting(by), at=clock.now())
    withdrawal.save(force_insert=True)
    record(
        by=by,
        action=Actions.WAIVER_WITHDRAWN,
        subject=waiver.ref,
        initiative=initiative.key,
        reason=reason,
        rule=waiver.rule,
    )
    announce("gates.waiver_changed", key=initiative.key)
    return withdrawal
