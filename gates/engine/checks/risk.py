"""Harms we do not accept, and the controls that travel with every deployment."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from gates.engine import mending
from gates.engine.checking import Ledger, Outcome, check, deed
from gates.engine.checks.evidence import answer_lines, with_a_deployment, with_answers
from gates.engine.checks.people import STAND_INS, controls_at, with_people
from gates.engine.facts import Facts
from gates.engine.policy import Evidenced, NoParams
from gates.engine.view import Case
from gates.engine.words import count, listing, some
from initiatives.dossier.document import Dossier
from initiatives.dossier.metrics import Limits
from initiatives.dossier.operating_model import Owner
from initiatives.dossier.risk import DeploymentControls, Harm, LogField, OversightRule, Severity
from initiatives.dossier.scalars import DecisionMode

PAGE = "risk/"


# -- harms ----------------------------------------------------------------------------------------------------


@check("risk.harms_are_written", NoParams)
def harms_are_written(case: Case, _: NoParams) -> Outcome:
    """Each unacceptable harm says how it is noticed, where the limit is and what is done."""
    ledger = Ledger()
    if not case.dossier.risk_posture.harms:
        move = deed("Write down the harms that are not acceptable", role="risk", place=PAGE)
        ledger.lack("Harms", "no unacceptable harm is written down", move, unknown=True)
    for harm in case.dossier.risk_posture.harms:
        missing = list(_missing_in_harm(harm))
        title = harm.description.rstrip(".")
        if missing:
            move = deed(f"Say of “{title}” {listing(missing)}", role="risk", place=PAGE)
            ledger.lack(title, f"“{title}” does not say {listing(missing)}", move, unknown=True)
        else:
            ledger.note(title, f"“{title}” has a detection, a limit and a response")
    return ledger.settle()


def _missing_in_harm(harm: Harm) -> Iterator[str]:
    if not (harm.detection.strip() or harm.metric):
        yield "how we would notice it"
    if not harm.limit.strip():
        yield "where the limit is"
    if not harm.response.strip():
        yield "what we do then"


@harms_are_written.mend
def mend_harms_are_written(case: Case, _: NoParams) -> Facts:
    """Complete the harms there are, or write one."""
    text = mending.STAND_IN
    harms = case.dossier.risk_posture.harms or (Harm(code="harm", description=text),)
    whole = tuple(
        msgspec.structs.replace(
            harm,
            detection=harm.detection.strip() or text,
            limit=harm.limit.strip() or text,
            response=harm.response.strip() or text,
        )
        for harm in harms
    )
    return mending.with_part(case.facts, "risk_posture", harms=whole)


# -- incidents ------------------------------------------------------------------------------------------------


@check("risk.incident_process_is_rehearsed", Evidenced)
def incident_process_is_rehearsed(case: Case, params: Evidenced) -> Outcome:
    """Severities say who is told and how fast, there is a playbook, and a drill shows that it works."""
    ledger, posture = Ledger(), case.dossier.risk_posture
    if not posture.severities:
        move = deed("Write the scale of incident severities", role="incidents", place=PAGE)
        ledger.lack("Severities", "no incident severity is described", move, unknown=True)
    for severity in posture.severities:
        missing = list(_missing_in_severity(severity))
        label = f"Severity {severity.level}"
        if missing:
            move = deed(f"Say of severity {severity.level} {listing(missing)}", role="incidents", place=PAGE)
            ledger.lack(
                label, f"severity {severity.level} does not say {listing(missing)}", move, unknown=True
            )
        else:
            told = f"{some(severity.notify)} told within {count(severity.within_minutes or 0, 'minute')}"
            ledger.note(label, f"severity {severity.level}: {told}")
    if posture.playbook.strip():
        ledger.note("Playbook", f"the playbook is {posture.playbook}")
    else:
        move = deed("Say where the incident playbook is", role="incidents", place=PAGE)
        ledger.lack("Playbook", "no incident playbook is named", move, unknown=True)
    answer_lines(case, params, ledger)
    return ledger.settle()


def _missing_in_severity(severity: Severity) -> Iterator[str]:
    if not severity.description.strip():
        yield "what counts as it"
    if not severity.notify:
        yield "who is told"
    if severity.within_minutes is None:
        yield "how fast they are told"


@incident_process_is_rehearsed.mend
def mend_incident_process_is_rehearsed(case: Case, params: Evidenced) -> Facts:
    """Complete the severities, name the playbook, and rehearse."""
    posture, text = case.dossier.risk_posture, mending.STAND_IN
    whole = tuple(
        msgspec.structs.replace(
            severity,
            description=severity.description.strip() or text,
            notify=severity.notify or (text,),
            within_minutes=60 if severity.within_minutes is None else severity.within_minutes,
        )
        for severity in posture.severities or (Severity(level=1),)
    )
    playbook = posture.playbook.strip() or text
    facts = mending.with_part(case.facts, "risk_posture", severities=whole, playbook=playbook)
    return with_answers(case, params, facts)


# -- oversight ------------------------------------------------------------------------------------------------


def _oversight(dossier: Dossier) -> object:
    return dossier.risk_posture.oversight_rules


@check("risk.oversight_is_written", Evidenced, sees=_oversight)
def oversight_is_written(case: Case, params: Evidenced) -> Outcome:
    """There is at least one oversight rule that says who applies it, and evidence that it is in force."""
    ledger = Ledger()
    rules = case.dossier.risk_posture.oversight_rules
    if not rules:
        move = deed("Write who may override and who must review", role="risk", place=PAGE)
        ledger.lack("Oversight rules", "no oversight rule is written", move, unknown=True)
    for rule in rules:
        if rule.who.strip():
            ledger.note(rule.who, f"{rule.who}: {rule.rule.rstrip('.')}")
        else:
            move = deed(f"Say who applies the rule “{rule.rule.rstrip('.')}”", role="risk", place=PAGE)
            found = f"the oversight rule “{rule.rule.rstrip('.')}” names nobody"
            ledger.lack("Oversight rule", found, move, unknown=True)
    answer_lines(case, params, ledger)
    return ledger.settle()


@oversight_is_written.mend
def mend_oversight_is_written(case: Case, params: Evidenced) -> Facts:
    """Name who applies each rule, and supply the evidence."""
    text = mending.STAND_IN
    rules = case.dossier.risk_posture.oversight_rules or (OversightRule(code="oversight", rule=text),)
    whole = tuple(msgspec.structs.replace(rule, who=rule.who.strip() or text) for rule in rules)
    return with_answers(case, params, mending.with_part(case.facts, "risk_posture", oversight_rules=whole))


# -- the three that travel with every deployment --------------------------------------------------------------


class LogFields(Evidenced, frozen=True, kw_only=True):
    """What each decision in the log must hold."""

    fields: tuple[LogField, ...]


def _with_controls(facts: Facts, **fields: object) -> Facts:
    """Facts in which every deployment's controls have these fields where they are empty."""
    known = {c.deployment: c for c in facts.dossier.non_negotiables.per_deployment}
    for place in facts.dossier.deployments:
        if place.state != "retired":
            controls = known.get(place.code, DeploymentControls(deployment=place.code))
            empty = {name: value for name, value in fields.items() if not getattr(controls, name)}
            known[place.code] = msgspec.structs.replace(controls, **empty)
    return mending.with_part(facts, "non_negotiables", per_deployment=tuple(known.values()))


@check("risk.decisions_are_logged", LogFields)
def decisions_are_logged(case: Case, params: LogFields) -> Outcome:
    """Every deployment logs each decision with all fields, and a sample of the log proves its completeness."""
    ledger = Ledger()
    for place in case.view.deployments:
        where = place.title or place.code
        controls = controls_at(case, place.code)
        if controls is None or not controls.log_system.strip():
            move = deed(f"Say where each decision at {where} is logged", role="platform", place=PAGE)
            ledger.lack(
                f"Decision log at {where}", f"no decision log is named for {where}", move, unknown=True
            )
            continue
        missing = [field.replace("_", " ") for field in params.fields if field not in controls.log_fields]
        if missing:
            move = deed(f"Log {listing(missing)} at {where}", role="platform", place=PAGE, days=5.0)
            found = f"the decision log at {where} does not hold {listing(missing)}"
            ledger.lack(
                f"Decision log at {where}", found, move, needed=f"all {count(len(params.fields), 'field')}"
            )
        else:
            ledger.note(f"Decision log at {where}", f"{where} logs every field in {controls.log_system}")
    answer_lines(case, params, ledger)
    return ledger.settle()


@decisions_are_logged.mend
def mend_decisions_are_logged(case: Case, params: LogFields) -> Facts:
    """Log all fields everywhere, and prove it."""
    facts = _with_controls(with_a_deployment(case.facts), log_system=mending.STAND_IN)
    whole = tuple(
        msgspec.structs.replace(c, log_fields=tuple(dict.fromkeys((*c.log_fields, *params.fields))))
        for c in facts.dossier.non_negotiables.per_deployment
    )
    return with_answers(case, params, mending.with_part(facts, "non_negotiables", per_deployment=whole))


@check("risk.incidents_are_covered", Evidenced)
def incidents_are_covered(case: Case, params: Evidenced) -> Outcome:
    """Every deployment is covered by the incident process, says how it is rolled back, and has rehearsed it."""
    ledger = Ledger()
    for place in case.view.deployments:
        where = place.title or place.code
        controls = controls_at(case, place.code)
        missing = []
        if controls is None or not controls.covered_by_incident_process:
            missing.append("covered by the incident process")
        if controls is None or not controls.rollback_procedure.strip():
            missing.append("given a rollback procedure")
        if missing:
            move = deed(f"Have {where} {listing(missing)}", role="incidents", place=PAGE)
            found = f"{where} is not {listing(missing)}"
            ledger.lack(f"Incident process at {where}", found, move, unknown=controls is None)
        else:
            ledger.note(f"Incident process at {where}", f"{where} is covered by the incident process")
    answer_lines(case, params, ledger)
    return ledger.settle()


@incidents_are_covered.mend
def mend_incidents_are_covered(case: Case, params: Evidenced) -> Facts:
    """Cover every deployment, and rehearse its rollback."""
    more = {"covered_by_incident_process": True, "rollback_procedure": mending.STAND_IN}
    return with_answers(case, params, _with_controls(with_a_deployment(case.facts), **more))


# -- by archetype ---------------------------------------------------------------------------------------------


@check("risk.scope_is_limited", Evidenced)
def scope_is_limited(case: Case, params: Evidenced) -> Outcome:
    """The scope names its categories, everything else goes to a person, and a test shows that it does."""
    ledger, scope = Ledger(), case.dossier.initiative.scope
    if scope.categories:
        ledger.note("Categories", f"it touches {some(scope.categories)} only")
    else:
        move = deed("Name the categories it may touch", role="owner", place="edit/initiative/")
        ledger.lack("Categories", "the scope names no categories", move, unknown=True)
    if scope.everything_else_to.strip():
        ledger.note("Everything else", f"everything else goes to: {scope.everything_else_to.rstrip('.')}")
    else:
        move = deed("Say to whom everything outside the scope goes", role="owner", place="edit/initiative/")
        ledger.lack("Everything else", "nobody is named for what falls outside the scope", move, unknown=True)
    answer_lines(case, params, ledger)
    return ledger.settle()


@scope_is_limited.mend
def mend_scope_is_limited(case: Case, params: Evidenced) -> Facts:
    """Name the categories and who takes the rest, and test it."""
    scope = case.dossier.initiative.scope
    named = tuple(dict.fromkeys(c for d in case.view.deployments for c in d.categories))
    facts = mending.with_scope(
        case.facts,
        categories=scope.categories or named or (mending.STAND_IN,),
        everything_else_to=scope.everything_else_to.strip() or mending.STAND_IN,
    )
    return with_answers(case, params, facts)


@check("risk.drift_is_answered", Evidenced)
def drift_is_answered(case: Case, params: Evidenced) -> Outcome:
    """Drift has thresholds, there is a way back, and somebody is on call for it."""
    ledger, model = Ledger(), case.dossier.operating_model
    thresholds = [
        m.title for m in case.dossier.metrics if "drift" in m.tags and _has_threshold(case, m.code, m.limits)
    ]
    if thresholds:
        ledger.note("Drift thresholds", f"{some(thresholds)} has a threshold")
    else:
        move = deed("Set a threshold for a drift metric", role="model_health", place="measurement/")
        ledger.lack("Drift thresholds", "no drift metric has a threshold", move, unknown=True)
    if model.rollback_procedure.strip():
        ledger.note("Rollback", "the rollback procedure is written")
    else:
        move = deed("Write the rollback procedure", role="platform", place="operating-model/")
        ledger.lack("Rollback", "no rollback procedure is written", move, unknown=True)
    on_call = case.view.owner_of("on_call")
    if on_call and case.view.is_active(on_call):
        ledger.note("On-call", f"{case.view.name(on_call)} answers for on-call")
    else:
        move = deed("Name who answers for on-call", role="operation", place="operating-model/")
        ledger.lack("On-call", "nobody answers for on-call", move, unknown=True)
    answer_lines(case, params, ledger)
    return ledger.settle()


def _has_threshold(case: Case, code: str, limits: Limits | None) -> bool:
    triggered = any(t.metric == code and t.threshold.strip() for t in case.dossier.operating_model.triggers)
    return triggered or (limits is not None and (limits.limit is not None or limits.amber is not None))


@drift_is_answered.mend
def mend_drift_is_answered(case: Case, params: Evidenced) -> Facts:
    """Set a threshold, write the way back, name somebody, and show it."""
    facts, text = with_people(case.facts), mending.STAND_IN
    model = facts.dossier.operating_model
    if not any("drift" in m.tags and _has_threshold(case, m.code, m.limits) for m in facts.dossier.metrics):
        drift = mending.new_metric(
            facts, "drift", layer="model_health", tags=("drift",), limits=Limits(limit=0.25)
        )
        facts = mending.with_more_metrics(facts, drift)
    owners = tuple(o for o in model.owners if o.responsibility != "on_call")
    if not case.view.is_active(case.view.owner_of("on_call")):
        someone = Owner(
            responsibility="on_call", owner=STAND_INS[0], deputy=STAND_INS[1], accepted_on=case.today
        )
        facts = mending.with_part(facts, "operating_model", owners=(*owners, someone))
    procedure = model.rollback_procedure.strip() or text
    return with_answers(
        case, params, mending.with_part(facts, "operating_model", rollback_procedure=procedure)
    )


class Proof(Evidenced, frozen=True, kw_only=True):
    """What must be shown before the output may bind."""

    advisory_modes: tuple[DecisionMode, ...]
    clean_weeks: int


@check("risk.advisory_until_proven", Proof)
def advisory_until_proven(case: Case, params: Proof) -> Outcome:
    """Advice only, until long stability and a full replay of the audit trail are shown."""
    ledger = Ledger()
    modes = _modes(case)
    if not modes:
        move = deed(
            "Record the decision it supports and that its output is advisory",
            role="owner",
            place="operating-model/",
        )
        ledger.lack(
            "Decision rights", "no decision right says whether its output is advisory", move, unknown=True
        )
        return ledger.settle()
    binding = [where for where, mode in modes if mode not in params.advisory_modes]
    if not binding:
        ledger.note("Mode", f"its output is advice only: {some([where for where, _mode in modes])}")
        return ledger.settle()
    since = case.view.clean_since_start
    weeks = (case.now - since).days // 7 if since else 0
    if weeks >= params.clean_weeks:
        ledger.note("Stability", f"{count(weeks, 'clean week')} behind it")
    else:
        found = f"{some(binding)} is more than advice after {count(weeks, 'clean week')}"
        move = deed(
            f"Make the output advisory again at {some(binding)}", role="operation", place="operating-model/"
        )
        ledger.lack(
            "Mode", found, move, needed=f"advice only until {count(params.clean_weeks, 'week')} are clean"
        )
    answer_lines(case, params, ledger)
    return ledger.settle()


def _modes(case: Case) -> list[tuple[str, DecisionMode]]:
    rights = [(right.decision, right.mode) for right in case.dossier.operating_model.decision_rights]
    return rights + [(place.title or place.code, place.mode) for place in case.view.deployments]


@advisory_until_proven.mend
def mend_advisory_until_proven(case: Case, params: Proof) -> Facts:
    """Make every output advisory."""
    rights = tuple(
        right if right.mode in params.advisory_modes else msgspec.structs.replace(right, mode="advisory")
        for right in case.dossier.operating_model.decision_rights
    ) or (mending.advisory_right(),)
    places = tuple(
        place if place.mode in params.advisory_modes else msgspec.structs.replace(place, mode="advisory")
        for place in case.dossier.deployments
    )
    facts = mending.with_part(case.facts, "operating_model", decision_rights=rights)
    return mending.with_dossier(facts, deployments=places)
