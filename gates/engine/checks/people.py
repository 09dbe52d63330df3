"""Named people: who owns the running system, who is on call, who is accountable, and are they still here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import msgspec

from gates.engine import mending
from gates.engine.checking import Ledger, Outcome, check, deed
from gates.engine.checks.evidence import answer_lines, no_place, with_a_deployment, with_answers
from gates.engine.facts import Facts, Person
from gates.engine.policy import Evidenced, Params
from gates.engine.view import UTC, Case, View, midnight_after
from gates.engine.words import count, day, listing
from initiatives.dossier.document import Dossier
from initiatives.dossier.initiative import Deployment
from initiatives.dossier.operating_model import Activity, Owner, RaciRow, Responsibility, Shift, Trigger
from initiatives.dossier.risk import DeploymentControls

PAGE = "operating-model/"
RESPONSIBILITIES = {
    "business_outcome": "the business outcome",
    "operation": "operation",
    "on_call": "on-call duty",
    "incidents": "incidents",
    "monitoring": "monitoring",
    "model_health": "model health",
    "data": "data",
    "platform": "the platform",
    "risk": "risk",
    "change": "change",
}
ACTIVITIES = {
    "monitoring": "monitoring",
    "incidents": "incidents",
    "updates_and_retraining": "updates and retraining",
    "rollback": "rollback",
    "override_policy": "the override policy",
}
STAND_INS = ("first@mended.invalid", "second@mended.invalid")


def with_people(facts: Facts) -> Facts:
    """Facts that know two further active people."""
    fresh = {email: Person(email=email, name=mending.STAND_IN) for email in STAND_INS}
    return msgspec.structs.replace(facts, people={**facts.people, **fresh})


# -- owners with deputies -------------------------------------------------------------------------------------


class Owners(Evidenced, frozen=True, kw_only=True):
    """Which responsibilities need an owner, a deputy and their own yes."""

    responsibilities: tuple[Responsibility, ...]


def _responsible(dossier: Dossier) -> object:
    return dossier.operating_model.owners


@check("people.owners_have_accepted", Owners, sees=_responsible)
def owners_have_accepted(case: Case, params: Owners) -> Outcome:
    """Each responsibility has an active owner and deputy and the owner's own acceptance, and evidence shows it."""
    ledger = Ledger()
    owners = {owner.responsibility: owner for owner in case.dossier.operating_model.owners}
    for responsibility in params.responsibilities:
        _owner_line(case, responsibility, owners.get(responsibility), ledger)
    answer_lines(case, params, ledger)
    return ledger.settle()


def _owner_line(case: Case, responsibility: Responsibility, owner: Owner | None, ledger: Ledger) -> None:
    words = RESPONSIBILITIES[responsibility]
    missing = list(_missing_in_owner(case.view, owner, words))
    if owner is not None and not missing:
        found = f"{case.view.name(owner.owner)} is responsible for {words}, {case.view.name(owner.deputy)} stands in"
        ledger.note(f"Owner of {words}", found)
        return
    move = deed(
        f"Name an owner and a deputy for {words}, and have the owner accept", role="operation", place=PAGE
    )
    ledger.lack(f"Owner of {words}", "; ".join(missing), move, unknown=owner is None)


def _missing_in_owner(view: View, owner: Owner | None, words: str) -> Iterator[str]:
    if owner is None or owner.owner is None:
        yield f"nobody is responsible for {words}"
        return
    if not view.is_active(owner.owner):
        yield f"{view.name(owner.owner)}, who is responsible for {words}, is not an active person"
    if owner.deputy is None or owner.deputy == owner.owner:
        yield f"nobody stands in for {view.name(owner.owner)} ({words})"
    elif not view.is_active(owner.deputy):
        yield f"{view.name(owner.deputy)}, who stands in ({words}), is not an active person"
    if owner.accepted_on is None or owner.accepted_on > view.today:
        yield f"{view.name(owner.owner)} has not accepted responsibility for {words}"


@owners_have_accepted.mend
def mend_owners_have_accepted(case: Case, params: Owners) -> Facts:
    """Name two people for each responsibility that lacks somebody, and supply the evidence."""
    facts = with_people(case.facts)
    known = {owner.responsibility: owner for owner in facts.dossier.operating_model.owners}
    for responsibility in params.responsibilities:
        if any(_missing_in_owner(case.view, known.get(responsibility), "")):
            known[responsibility] = Owner(
                responsibility=responsibility, owner=STAND_INS[0], deputy=STAND_INS[1], accepted_on=case.today
            )
    return with_answers(
        case, params, mending.with_part(facts, "operating_model", owners=tuple(known.values()))
    )


# -- RACI -----------------------------------------------------------------------------------------------------


class Activities(Params, frozen=True, kw_only=True):
    """Which activities need exactly one accountable person."""

    activities: tuple[Activity, ...]


def _raci(dossier: Dossier) -> object:
    return dossier.operating_model.raci


@check("people.one_accountable", Activities, sees=_raci)
def one_accountable(case: Case, params: Activities) -> Outcome:
    """Exactly one person is accountable for each activity."""
    ledger = Ledger()
    rows = {row.activity: row.accountable for row in case.dossier.operating_model.raci}
    for activity in params.activities:
        words, names = ACTIVITIES[activity], [case.view.name(email) for email in rows.get(activity, ())]
        if len(names) == 1:
            ledger.note(words, f"{names[0]} is accountable for {words}")
            continue
        found = (
            f"{listing(names)} are accountable for {words} together"
            if names
            else f"nobody is accountable for {words}"
        )
        move = deed(f"Name exactly one person accountable for {words}", role="operation", place=PAGE)
        ledger.lack(words, found, move, needed="exactly one accountable person", unknown=not names)
    return ledger.settle()


@one_accountable.mend
def mend_one_accountable(case: Case, params: Activities) -> Facts:
    """Keep the first accountable person, or name somebody."""
    rows = {row.activity: row for row in case.dossier.operating_model.raci}
    for activity in params.activities:
        row = rows.get(activity, RaciRow(activity=activity))
        rows[activity] = msgspec.structs.replace(row, accountable=(*row.accountable, STAND_INS[0])[:1])
    return mending.with_part(with_people(case.facts), "operating_model", raci=tuple(rows.values()))


# -- triggers -------------------------------------------------------------------------------------------------


class Triggers(Evidenced, frozen=True, kw_only=True):
    """Which triggers must be written: for each entry, one of these actions."""

    actions: tuple[tuple[str, ...], ...]


def _triggers(dossier: Dossier) -> object:
    return dossier.operating_model.triggers


@check("people.triggers_are_written", Triggers, sees=_triggers)
def triggers_are_written(case: Case, params: Triggers) -> Outcome:
    """Each kind of trigger has a condition and a threshold, and evidence shows it is agreed."""
    ledger = Ledger()
    for actions in params.actions:
        words = " or ".join(action.replace("_", " ") for action in actions)
        whole = [t for t in case.dossier.operating_model.triggers if t.action in actions and _is_whole(t)]
        if whole:
            first = whole[0]
            ledger.note(
                f"Trigger to {words}", f"{clause_of(first)} makes us {first.action.replace('_', ' ')}"
            )
            continue
        found = f"no trigger to {words} states a condition and a threshold"
        move = deed(f"Write a trigger to {words}, with its threshold", role="model_health", place=PAGE)
        ledger.lack(f"Trigger to {words}", found, move, unknown=True)
    answer_lines(case, params, ledger)
    return ledger.settle()


def _is_whole(trigger: Trigger) -> bool:
    return bool(trigger.condition.strip() and trigger.threshold.strip())


def clause_of(trigger: Trigger) -> str:
    """The condition with its threshold."""
    return f"{trigger.condition.rstrip('.')} ({trigger.threshold})"


@triggers_are_written.mend
def mend_triggers_are_written(case: Case, params: Triggers) -> Facts:
    """Write the triggers that are missing, and supply the evidence."""
    triggers = list(case.dossier.operating_model.triggers)
    for actions in params.actions:
        if not any(t.action in actions and _is_whole(t) for t in triggers):
            code = mending.free_code("trigger", tuple(t.code for t in triggers))
            text = mending.STAND_IN
            action: Any = actions[0]
            triggers.append(Trigger(code=code, condition=text, threshold=text, action=action))
    return with_answers(
        case, params, mending.with_part(case.facts, "operating_model", triggers=tuple(triggers))
    )


# -- monitoring is staffed ------------------------------------------------------------------------------------


class Staffing(Params, frozen=True, kw_only=True):
    """How far ahead the rota must reach."""

    days_ahead: int


def first_gap(view: View, place: Deployment, start: dt.date) -> dt.date:
    """The first day from the start on which nobody active is on call."""
    shifts = sorted(
        (shift.from_on, shift.to_on)
        for shift in view.dossier.operating_model.rota
        if shift.deployment in {None, place.code} and view.is_active(shift.person)
    )
    reached = start
    for begin, end in shifts:
        if begin > reached:
            break
        reached = max(reached, end + dt.timedelta(days=1))
    return reached


def controls_at(case: Case, code: str) -> DeploymentControls | None:
    """What the dossier says of the non-negotiables at one deployment."""
    return next((c for c in case.dossier.non_negotiables.per_deployment if c.deployment == code), None)


@check("people.monitoring_is_staffed", Staffing)
def monitoring_is_staffed(case: Case, params: Staffing) -> Outcome:
    """Every deployment's monitoring has an owner, a deputy, and a rota some weeks ahead."""
    ledger = Ledger()
    if not case.view.deployments:
        no_place(case, Evidenced(kinds=(), fresh_days=1, each="deployment"), ledger)
    for place in case.view.deployments:
        _watchers_line(case, place, ledger)
        _rota_line(case, place, params, ledger)
    return ledger.settle()


def _watchers_line(case: Case, place: Deployment, ledger: Ledger) -> None:
    view, where = case.view, place.title or place.code
    controls = controls_at(case, place.code)
    owner = controls.monitoring_owner if controls else None
    deputy = controls.monitoring_deputy if controls else None
    if owner and deputy and owner != deputy and view.is_active(owner) and view.is_active(deputy):
        ledger.note(
            f"Monitoring of {where}", f"{view.name(owner)} watches {where}, {view.name(deputy)} stands in"
        )
        return
    if owner is None:
        found = f"nobody owns the monitoring of {where}"
    elif not view.is_active(owner):
        found = f"{view.name(owner)}, who owns the monitoring of {where}, is not an active person"
    elif deputy is None or deputy == owner:
        found = f"nobody stands in for {view.name(owner)} in the monitoring of {where}"
    else:
        found = f"{view.name(deputy)}, who stands in at {where}, is not an active person"
    move = deed(f"Name an owner and a deputy for the monitoring of {where}", role="operation", place="risk/")
    ledger.lack(f"Monitoring of {where}", found, move, unknown=owner is None)


def _rota_line(case: Case, place: Deployment, params: Staffing, ledger: Ledger) -> None:
    where = place.title or place.code
    start = max(case.today, place.live_from or case.today) if place.state == "planned" else case.today
    until = start + dt.timedelta(days=params.days_ahead)
    gap = first_gap(case.view, place, start)
    if gap >= until:
        ledger.note(
            f"On-call rota for {where}",
            f"somebody is on call for {where} until {day(gap - dt.timedelta(days=1))}",
        )
        ledger.lapses(
            midnight_after(gap - dt.timedelta(days=params.days_ahead)) if start == case.today else None
        )
        return
    last = until - dt.timedelta(days=1)
    move = deed(
        f"Fill the on-call rota for {where} until {day(last)}",
        role="on_call",
        place=PAGE,
        key=f"rota:{place.code}",
    )
    found = f"nobody is on call from {day(gap)} for {where}"
    needed = f"somebody on call every day until {day(last)}"
    ledger.lack(
        f"On-call rota for {where}", found, move, needed=needed, unknown=not case.dossier.operating_model.rota
    )


@monitoring_is_staffed.mend
def mend_monitoring_is_staffed(case: Case, params: Staffing) -> Facts:
    """Name two watchers where somebody is missing, and fill the rota."""
    facts = with_a_deployment(with_people(case.facts))
    known = {c.deployment: c for c in facts.dossier.non_negotiables.per_deployment}
    rota = list(facts.dossier.operating_model.rota)
    for place in facts.dossier.deployments:
        if place.state == "retired":
            continue
        ledger = Ledger()
        _watchers_line(case, place, ledger)
        if ledger.has_failed:
            controls = known.get(place.code, DeploymentControls(deployment=place.code))
            pair = {"monitoring_owner": STAND_INS[0], "monitoring_deputy": STAND_INS[1]}
            known[place.code] = msgspec.structs.replace(controls, **pair)
        end = max(case.today, place.live_from or case.today) + dt.timedelta(days=params.days_ahead)
        rota.append(Shift(person=STAND_INS[0], from_on=case.today, to_on=end, deployment=place.code))
    facts = mending.with_part(facts, "operating_model", rota=tuple(rota))
    return mending.with_part(facts, "non_negotiables", per_deployment=tuple(known.values()))


# -- owners are still here ------------------------------------------------------------------------------------


class Grace(Params, frozen=True, kw_only=True):
    """How long an owner may be gone before it counts."""

    grace_days: int


def named_owners(dossier: Dossier) -> Iterator[tuple[str, str]]:
    """Everybody who is named as an owner, with what they own."""
    named: list[tuple[str | None, str]] = [(dossier.initiative.owner, "this dossier")]
    named.append((dossier.initiative.sponsor, "its sponsorship"))
    for owner in dossier.operating_model.owners:
        named += [(email, RESPONSIBILITIES[owner.responsibility]) for email in (owner.owner, owner.deputy)]
    for row in dossier.operating_model.raci:
        named += [(email, ACTIVITIES[row.activity]) for email in row.accountable]
    for controls in dossier.non_negotiables.per_deployment:
        watchers = (controls.monitoring_owner, controls.monitoring_deputy)
        named += [(email, f"monitoring at {controls.deployment}") for email in watchers]
    named += [(metric.owner, metric.title) for metric in dossier.metrics]
    named += [(duty.owner, f"the obligation {duty.kind}") for duty in dossier.change_impact.obligations]
    return ((email, what) for email, what in named if email)


@check("people.owners_are_active", Grace)
def owners_are_active(case: Case, params: Grace) -> Outcome:
    """Everybody named as an owner is an active person, with some days' grace."""
    ledger, view = Ledger(), case.view
    owned: dict[str, list[str]] = {}
    for email, what in named_owners(case.dossier):
        owned.setdefault(email, []).append(what)
    for email, things in owned.items():
        person = case.facts.people.get(email)
        if person is not None and person.active:
            continue
        since = person.inactive_since.astimezone(UTC).date() if person and person.inactive_since else None
        ends = since + dt.timedelta(days=params.grace_days) if since else None
        if ends is not None and case.today <= ends:
            ledger.lapses(midnight_after(ends))
            ledger.note(
                view.name(email),
                f"{view.name(email)} left on {day(since or ends)}; name a successor by {day(ends)}",
            )
            continue
        found = f"{view.name(email)} is not an active person{f' since {day(since)}' if since else ''} and owns {things[0]}"
        found += f" and {count(len(things) - 1, 'other thing')}" if len(things) > 1 else ""
        move = deed(
            f"Name a successor for {view.name(email)}",
            role="sponsor",
            place="edit/operating_model/",
            kind="operate",
        )
        ledger.lack(view.name(email), found, move, needed="an active person")
    if not ledger.has_failed:
        ledger.note("Owners", f"{count(len(owned), 'named owner')} can act")
    return ledger.settle()


@owners_are_active.mend
def mend_owners_are_active(case: Case, _: Grace) -> Facts:
    """A successor steps in wherever somebody is gone (here: the person is active again)."""
    emails = {email for email, _what in named_owners(case.dossier)}
    known = {e: case.facts.people.get(e) or Person(email=e, name=e) for e in emails}
    back = {e: msgspec.structs.replace(p, active=True, inactive_since=None) for e, p in known.items()}
    return msgspec.structs.replace(case.facts, people={**case.facts.people, **back})
