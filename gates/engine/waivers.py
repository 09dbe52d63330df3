"""Exceptions: which waiver is in force for a rule, and what is wrong with one that is not."""

from __future__ import annotations

import datetime as dt

from gates.engine.facts import Waiver
from gates.engine.policy import Rule
from gates.engine.view import UTC, View
from gates.engine.words import count, day


def latest_waiver(view: View, rule: Rule) -> Waiver | None:
    """The waiver of the rule that was accepted last and not withdrawn, whatever it is worth."""
    standing = [w for w in view.facts.waivers if w.rule == rule.code and w.accepted_at and not w.withdrawn_at]
    return max(standing, key=lambda w: (w.accepted_at or view.now, w.ref), default=None)


def waiver_in_force(view: View, rule: Rule) -> Waiver | None:
    """The waiver that covers the rule now, if the policy allows it and nothing is wrong with it."""
    if rule.waiver == "none":
        return None
    standing = [w for w in view.facts.waivers if w.rule == rule.code and not waiver_fault(view, rule, w)]
    return max(standing, key=lambda w: (w.until, w.ref), default=None)


def waiver_fault(view: View, rule: Rule, waiver: Waiver) -> str:
    """Why the waiver does not hold, as a clause; empty when it does."""
    return (
        _fault_of_permission(view, rule, waiver)
        or _fault_of_acceptance(view, rule, waiver)
        or _fault_of_time(view, waiver)
    )


def _fault_of_permission(view: View, rule: Rule, waiver: Waiver) -> str:
    initiative = view.dossier.initiative
    if rule.waiver == "none":
        return "this rule cannot be waived"
    if waiver.horizon != initiative.horizon:
        return f"it was given for {waiver.horizon}, and this package is for {initiative.horizon}"
    if rule.waiver == "h1_exec" and initiative.horizon != "H1":
        return "it can be waived in H1 only"
    if rule.waiver == "h1_exec" and initiative.scope.personal_data == "customers":
        return "it cannot be waived where customers' personal data is concerned"
    return ""


def _fault_of_acceptance(view: View, rule: Rule, waiver: Waiver) -> str:
    by = waiver.accepted_by
    if by is None or waiver.accepted_at is None:
        return "no executive has accepted it"
    if waiver.withdrawn_at is not None:
        return f"it was withdrawn on {day(waiver.withdrawn_at.astimezone(UTC).date())}"
    if not view.has_role(by, "executive"):
        return f"{view.name(by)} is not an active executive"
    if by == waiver.requested_by:
        return f"{view.name(by)} asked for it and accepted it"
    offered = (
        e for e in view.facts.evidence if e.question == rule.code and e.submitted_at <= waiver.accepted_at
    )
    if any(by in item.touched_by | {item.submitted_by} for item in offered):
        return f"{view.name(by)} submitted evidence for it and accepted it"
    return ""


def _fault_of_time(view: View, waiver: Waiver) -> str:
    terms = view.policy.waivers
    accepted_on = (waiver.accepted_at or view.now).astimezone(UTC).date()
    if waiver.until > accepted_on + dt.timedelta(days=terms.days_at_most):
        return f"it runs longer than {count(terms.days_at_most, 'day')}"
    if waiver.renewals > terms.renewals_at_most:
        return f"it was renewed {waiver.renewals} times"
    if waiver.until < view.today:
        return f"it ended on {day(waiver.until)}"
    return ""
