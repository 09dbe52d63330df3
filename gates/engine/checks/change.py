"""Change impact: who decides, which incentives and obligations change, and whether all of it was looked at."""

from __future__ import annotations

from typing import Literal

import msgspec

from gates.engine import mending
from gates.engine.checking import Ledger, Outcome, check, deed
from gates.engine.facts import Facts
from gates.engine.policy import Params
from gates.engine.stand_ins import with_somebody, year_after
from gates.engine.verdict import NextMove
from gates.engine.view import Case, midnight_after
from gates.engine.words import count, day, listing
from initiatives.dossier.change import (
    Assessment,
    BeforeAfter,
    Dimension,
    Impact,
    IncentiveConflict,
    Obligation,
)
from initiatives.dossier.operating_model import DecisionRight

RIGHTS = {
    "before": "who decides before",
    "after": "who decides after",
    "accountable": "who stays accountable",
    "override_rule": "when and by whom it may be overridden",
    "escalation_to": "to whom it is escalated",
    "logged_in": "where it is logged",
}
MODES = {
    "information": "for information",
    "advisory": "advisory",
    "default_with_override": "a default with override",
    "binding": "binding",
}
KINDS = {
    "monitoring": "monitoring",
    "evaluation": "evaluation",
    "retraining": "retraining",
    "audit": "audit",
    "incidents": "incident response",
}
IMPACTS = {
    "decision_rights": "decision rights",
    "workload": "workload",
    "incentives": "incentives",
    "obligations": "obligations",
}
DIMENSIONS = {
    "decision_flow": "decision flow",
    "accountability": "accountability",
    "work_measurement": "work measurement",
    "risk_management": "risk management",
    "capacity_constraints": "capacity constraints",
}


class RightFields(Params, frozen=True):
    """What a row of the decision-right table must say."""

    fields: tuple[
        Literal["before", "after", "accountable", "override_rule", "escalation_to", "logged_in"], ...
    ]


class ConflictTerms(Params, frozen=True):
    """From which rating on a KPI rewards unsafe use."""

    rating_at_most: int


class ObligationKinds(Params, frozen=True):
    """The work that running an AI always brings."""

    kinds: tuple[Literal["monitoring", "evaluation", "retraining", "audit", "incidents"], ...]


class Assessed(Params, frozen=True):
    """What must be assessed."""

    impacts: tuple[Impact, ...]
    dimensions: tuple[Dimension, ...]


def record(text: str, *, role: str = "change", place: str = "change/", person: str = "") -> NextMove:
    """A deed of writing something into the dossier."""
    return deed(text, role=role, place=place, person=person)


# -- decision rights ------------------------------------------------------------------------------------------


@check("change.decision_rights_are_explicit", RightFields)
def decision_rights_are_explicit(case: Case, params: RightFields) -> Outcome:
    """Who decides before and after, how to override and escalate; nobody accountable without control."""
    ledger = Ledger()
    rights = case.dossier.operating_model.decision_rights
    if not rights:
        move = record("Write the decision-right table", role="owner", place="operating-model/")
        ledger.lack("Decision rights", "the decision-right table is empty", move, unknown=True)
    for index, right in enumerate(rights):
        place = f"/operating_model/decision_rights/{index}"
        missing = [RIGHTS[field] for field in params.fields if not getattr(right, field).strip()]
        if _lacks_control(right):
            found = (
                f"{right.accountable} is accountable for “{right.decision}” but {right.after} decides, and nothing "
                "says how to escalate: accountable without control"
            )
            move = record(
                f"Say how {right.accountable} can escalate “{right.decision}”", place="operating-model/"
            )
            ledger.lack(right.decision, found, move, place=place)
            missing = [words for words in missing if words != RIGHTS["escalation_to"]]
        if missing:
            move = record(f"Say of “{right.decision}” {listing(missing)}", place="operating-model/")
            found = f"“{right.decision}” does not say {listing(missing)}"
            ledger.lack(right.decision, found, move, place=place, unknown=True)
        elif not _lacks_control(right):
            ledger.note(right.decision, _right_in_words(right), place=place)
    return ledger.settle()


def _lacks_control(right: DecisionRight) -> bool:
    """Accountable for the outcome, not the one who decides, and without a way to escalate."""
    accountable, decider = right.accountable.strip().casefold(), right.after.strip().casefold()
    return bool(accountable and decider) and accountable != decider and not right.escalation_to.strip()


def _right_in_words(right: DecisionRight) -> str:
    within = f" within {count(right.escalation_hours, 'hour')}" if right.escalation_hours else ""
    return (
        f"“{right.decision}” is decided by {right.after} ({right.before} before); the output is {MODES[right.mode]}, "
        f"escalated to {right.escalation_to}{within}, logged in {right.logged_in}"
    )


@decision_rights_are_explicit.mend
def mend_decision_rights_are_explicit(case: Case, params: RightFields) -> Facts:
    """Complete every row, or write the first one."""
    rights = case.dossier.operating_model.decision_rights or (
        DecisionRight(code="decision", decision=mending.STAND_IN),
    )
    complete = []
    for right in rights:
        wanted = [*params.fields, *(["escalation_to"] if _lacks_control(right) else [])]
        given = {f: getattr(right, f) if getattr(right, f).strip() else mending.STAND_IN for f in wanted}
        complete.append(msgspec.structs.replace(right, **given))
    return mending.with_part(case.facts, "operating_model", decision_rights=tuple(complete))


# -- incentives -----------------------------------------------------------------------------------------------


@check("change.incentives_reward_safe_use", ConflictTerms)
def incentives_reward_safe_use(case: Case, params: ConflictTerms) -> Outcome:
    """Each KPI that rewards unsafe use is changed, suspended or tied to a counter-metric, by a named owner."""
    ledger, impact = Ledger(), case.dossier.change_impact
    if not impact.incentive_conflicts and not impact.no_incentive_conflict_reason.strip():
        move = record("Write down which KPIs reward unsafe use, or how you know that none does")
        found = "nothing says whether a KPI rewards unsafe use"
        ledger.lack("Incentives", found, move, unknown=True)
    elif not impact.incentive_conflicts:
        ledger.note(
            "Incentives", f"no KPI rewards unsafe use: {impact.no_incentive_conflict_reason.rstrip('.')}"
        )
    for index, conflict in enumerate(impact.incentive_conflicts):
        place = f"/change_impact/incentive_conflicts/{index}"
        if conflict.rating > params.rating_at_most:
            ledger.note(conflict.kpi, f"“{conflict.kpi}” does not reward unsafe use", place=place)
        elif missing := _unresolved(case, conflict):
            behaviour = f" “{conflict.behaviour}”" if conflict.behaviour else " unsafe use"
            found = f"“{conflict.kpi}” rewards{behaviour} (rated {str(conflict.rating).replace('-', '−')}), and {missing}"
            move = record(
                f"Change “{conflict.kpi}” or tie it to a counter-metric, with owner and date",
                person=conflict.owner or "",
            )
            ledger.lack(conflict.kpi, found, move, place=place)
        else:
            ledger.note(conflict.kpi, _resolved_in_words(case, conflict), place=place)
    return ledger.settle()


def _unresolved(case: Case, conflict: IncentiveConflict) -> str:
    """What the conflict still lacks, as a clause; empty when it is resolved."""
    if conflict.resolution == "open":
        return "nothing has been done about it"
    if not case.view.is_active(conflict.owner):
        return "nobody active owns its resolution" if conflict.owner else "nobody owns its resolution"
    if conflict.resolution == "counter_metric":
        metric = case.view.metrics.get(conflict.counter_metric or "")
        return (
            "" if metric and metric.layer == "counter" else "it is tied to no counter-metric that is recorded"
        )
    by = max(case.today, case.view.launched_on or case.today)
    if conflict.resolved_on is None:
        return "no date says when it was changed"
    return f"it changes only on {day(conflict.resolved_on)}" if conflict.resolved_on > by else ""


def _resolved_in_words(case: Case, conflict: IncentiveConflict) -> str:
    owner = case.view.name(conflict.owner)
    if conflict.resolution == "counter_metric":
        metric = case.view.metrics[conflict.counter_metric or ""]
        return f"“{conflict.kpi}” is tied to {metric.title}, owned by {owner}"
    what = "changed" if conflict.resolution == "kpi_changed" else "suspended"
    on = f" on {day(conflict.resolved_on)}" if conflict.resolved_on else ""
    return f"“{conflict.kpi}” was {what}{on}, owned by {owner}"


@incentives_reward_safe_use.mend
def mend_incentives_reward_safe_use(case: Case, params: ConflictTerms) -> Facts:
    """Suspend each KPI that is still in the way."""
    facts, owner = with_somebody(case.facts)
    impact = facts.dossier.change_impact
    if not impact.incentive_conflicts:
        reason = impact.no_incentive_conflict_reason.strip() or mending.STAND_IN
        return mending.with_part(case.facts, "change_impact", no_incentive_conflict_reason=reason)
    settled = tuple(
        msgspec.structs.replace(one, resolution="kpi_suspended", owner=owner, resolved_on=case.today)
        if one.rating <= params.rating_at_most and _unresolved(case, one)
        else one
        for one in impact.incentive_conflicts
    )
    return mending.with_part(facts, "change_impact", incentive_conflicts=settled)


# -- obligations ----------------------------------------------------------------------------------------------


@check("change.obligations_are_resourced", ObligationKinds)
def obligations_are_resourced(case: Case, params: ObligationKinds) -> Outcome:
    """Monitoring, evaluation, retraining, audit and incidents each have an owner, hours and a budget in force."""
    ledger = Ledger()
    recorded = case.dossier.change_impact.obligations
    for kind in params.kinds:
        if not any(obligation.kind == kind for obligation in recorded):
            move = record(f"Name owner, hours and budget for {KINDS[kind]}", role="sponsor")
            ledger.lack(KINDS[kind], f"nothing is set aside for {KINDS[kind]}", move, unknown=True)
    for index, one in enumerate(recorded):
        place = f"/change_impact/obligations/{index}"
        missing = _unresourced(case, one)
        if missing:
            move = record(f"Resource {KINDS[one.kind]}: it has {listing(missing)}", role="sponsor")
            unknown = not any("until" in words or "left" in words for words in missing)
            ledger.lack(
                KINDS[one.kind],
                f"{KINDS[one.kind]} has {listing(missing)}",
                move,
                place=place,
                unknown=unknown,
            )
        else:
            hours = count(one.hours_per_month or 0, "hour")
            until = f", funded until {day(one.funded_until)}" if one.funded_until else ""
            found = f"{KINDS[one.kind]}: {case.view.name(one.owner)}, {hours} a month{until}"
            ledger.note(KINDS[one.kind], found, place=place)
            ledger.lapses(midnight_after(one.funded_until) if one.funded_until else None)
    return ledger.settle()


def _unresourced(case: Case, one: Obligation) -> list[str]:
    """What the obligation lacks, as nouns."""
    missing = []
    if one.owner is None:
        missing.append("no owner")
    elif not case.view.is_active(one.owner):
        missing.append(f"an owner who has left ({case.view.name(one.owner)})")
    if not one.hours_per_month:
        missing.append("no hours")
    if one.budget is None:
        missing.append("no budget")
    elif one.budget == 0 and not one.note.strip():
        missing.append("a budget of 0 and no note that says whose time it is")
    elif one.budget and one.funded_until is None:
        missing.append("no day to which it is funded")
    if one.funded_until is not None and one.funded_until < case.today:
        missing.append(f"funding only until {day(one.funded_until)}")
    return missing


@obligations_are_resourced.mend
def mend_obligations_are_resourced(case: Case, params: ObligationKinds) -> Facts:
    """Give each obligation an owner, hours and money."""
    facts, owner = with_somebody(case.facts)
    recorded = case.dossier.change_impact.obligations
    taken = tuple(one.code for one in recorded)
    absent = [kind for kind in params.kinds if not any(one.kind == kind for one in recorded)]
    fresh = tuple(Obligation(code=mending.free_code(kind, taken), kind=kind) for kind in absent)
    full = tuple(
        msgspec.structs.replace(
            one, owner=owner, hours_per_month=one.hours_per_month or 8.0, budget=one.budget or 1.0,
            funded_until=year_after(case.today),
        )
        if _unresourced(case, one) else one
        for one in (*recorded, *fresh)
    )  # fmt: skip
    return mending.with_part(facts, "change_impact", obligations=full)


# -- the four impacts and five dimensions ---------------------------------------------------------------------


@check("change.impacts_are_assessed", Assessed)
def impacts_are_assessed(case: Case, params: Assessed) -> Outcome:
    """The four impacts are each assessed, none with a reason, and the dimensions are filled before and after."""
    ledger, impact = Ledger(), case.dossier.change_impact
    assessed = {one.impact: one for one in impact.assessments}
    for name in params.impacts:
        one = assessed.get(name)
        if one is None:
            move = record(f"Assess the impact on {IMPACTS[name]}")
            ledger.lack(IMPACTS[name], f"the impact on {IMPACTS[name]} is not assessed", move, unknown=True)
        elif one.extent == "none" and not one.summary.strip():
            move = record(f"Say why nothing changes in {IMPACTS[name]}")
            ledger.lack(
                IMPACTS[name], f"no reason says why nothing changes in {IMPACTS[name]}", move, unknown=True
            )
        else:
            ledger.note(IMPACTS[name], f"{IMPACTS[name]}: {one.extent}")
    filled = {one.dimension for one in impact.before_after if one.before.strip() and one.after.strip()}
    for dimension in params.dimensions:
        title = DIMENSIONS[dimension]
        if dimension in filled:
            ledger.note(title, f"{title} is described before and after")
        else:
            move = record(f"Describe {title} before and after")
            ledger.lack(title, f"{title} is not described before and after", move, unknown=True)
    return ledger.settle()


@impacts_are_assessed.mend
def mend_impacts_are_assessed(case: Case, params: Assessed) -> Facts:
    """Assess what is not, and fill in both sides."""
    impact = case.dossier.change_impact
    known = {one.impact: one for one in impact.assessments}
    assessments = {
        name: known.get(name, Assessment(impact=name, extent="some")) for name in (*known, *params.impacts)
    }
    sides = {one.dimension: one for one in impact.before_after}
    return mending.with_part(
        case.facts,
        "change_impact",
        assessments=tuple(
            msgspec.structs.replace(one, summary=one.summary.strip() or mending.STAND_IN)
            for one in assessments.values()
        ),
        before_after=tuple(
            _described(sides.get(name, BeforeAfter(dimension=name)))
            for name in (*sides, *(d for d in params.dimensions if d not in sides))
        ),
    )


def _described(one: BeforeAfter) -> BeforeAfter:
    return msgspec.structs.replace(
        one, before=one.before.strip() or mending.STAND_IN, after=one.after.strip() or mending.STAND_IN
    )
