"""What runs stays as agreed: evidence in date, no grave incident open, owners still here, inside horizon and scope."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import msgspec

from gates.engine import mending
from gates.engine.answers import answers_to, is_for, last_day, slots
from gates.engine.checking import CHECKS, Ledger, Outcome, check, deed
from gates.engine.facts import Facts, Incident, Person
from gates.engine.policy import Clause, Params, Rule
from gates.engine.stand_ins import SOMEBODY
from gates.engine.verdict import NextMove
from gates.engine.view import UTC, Case, View, midnight_after
from gates.engine.words import count, day, listing, percent, some
from initiatives.dossier.document import decode
from initiatives.dossier.initiative import Deployment
from initiatives.dossier.scalars import Archetype

HORIZONS = ("H1", "H2", "H3")


class Grace(Params, frozen=True):
    """For how many days it may stand."""

    days: int


class Severity(Clause, frozen=True):
    """For how many hours an incident of one severity may be open, and for which kinds of AI not at all."""

    level: int
    hours: int
    at_once_in: tuple[Archetype, ...] = ()


class Severities(Params, frozen=True):
    """Which open incidents suspend."""

    severities: tuple[Severity, ...]


class ScopeTerms(Params, frozen=True):
    """How few named categories make up for the horizon's limit on volume."""

    categories_instead: int


# -- evidence in date -----------------------------------------------------------------------------------------


@check("operation.evidence_is_in_date", Grace)
def evidence_is_in_date(case: Case, params: Grace) -> Outcome:
    """Nothing a blocker rests on has been expired for longer than the grace."""
    ledger = Ledger()
    expired = list(expired_answers(case.view))
    for rule, label, expired_on in expired:
        suspends_on = expired_on + dt.timedelta(days=params.days)
        found = f"the evidence that {rule.code} rests on{label} expired on {day(expired_on)}"
        if case.today > suspends_on:
            ago = count((case.today - expired_on).days, "day")
            needed = f"renewed within {count(params.days, 'day')}"
            ledger.lack(rule.code, f"{found}, {ago} ago", _renew(rule), needed=needed)
        else:
            ledger.note(rule.code, f"{found}; it suspends after {day(suspends_on)}")
            ledger.lapses(midnight_after(suspends_on))
    if not expired:
        ledger.note("Evidence", "all evidence that blockers rest on is in date")
    return ledger.settle()


def expired_answers(view: View) -> Iterator[tuple[Rule, str, dt.date]]:
    """Blockers whose accepted evidence has run out with nothing in its place, and since when."""
    for rule in view.policy.rules:
        asks = rule.asks
        if asks is None or rule.severity != "blocker" or view.not_asked(rule):
            continue
        for slot in slots(view, asks):
            if answers_to(view, rule, asks, slot):
                continue
            ends = [
                last_day(item, asks) for item in view.accepted.get(rule.code, ()) if is_for(view, item, slot)
            ]
            if ends and max(ends) < view.today:
                yield rule, f" for {slot.label}" if slot.label else "", max(ends)


def _renew(rule: Rule) -> NextMove:
    return deed(
        f"Renew the evidence for {rule.code}",
        role=rule.default_owner,
        place=f"gates/{rule.gate}/#question-{rule.code}",
        kind="submit",
        key=f"renew:{rule.code}",
        days=5.0,
    )


@evidence_is_in_date.mend
def mend_evidence_is_in_date(case: Case, _: Grace) -> Facts:
    """Carry out the remedy of each rule whose evidence ran out."""
    facts = case.facts
    for rule in dict.fromkeys(rule for rule, _, _ in expired_answers(case.view)):
        mender = CHECKS[rule.check].mender
        if mender is not None:
            facts = mender(View(case.policy, facts, case.now).case(rule), rule.params)
    return facts


# -- incidents ------------------------------------------------------------------------------------------------


@check("operation.no_grave_incident_is_open", Severities)
def no_grave_incident_is_open(case: Case, params: Severities) -> Outcome:
    """No incident of a grave severity is open for longer than its severity allows."""
    ledger = Ledger()
    terms = {severity.level: severity for severity in params.severities}
    opened = [one for one in case.facts.incidents if one.closed_at is None and one.severity in terms]
    for incident in sorted(opened, key=lambda one: (one.severity, one.opened_at, one.ref)):
        until = incident.opened_at + dt.timedelta(hours=_hours(case, terms[incident.severity]))
        since = day(incident.opened_at.astimezone(UTC).date())
        found = f"incident {incident.ref} of severity {incident.severity} is open since {since}: {incident.title.rstrip('.')}"
        if case.now >= until:
            ledger.lack(incident.ref, found, _close(incident))
        else:
            ledger.note(incident.ref, f"{found}; it suspends on {day(until.astimezone(UTC).date())}")
            ledger.lapses(until)
    if not opened:
        levels = " or ".join(str(severity.level) for severity in params.severities)
        ledger.note("Incidents", f"no incident of severity {levels} is open")
    return ledger.settle()


def _hours(case: Case, terms: Severity) -> int:
    initiative = case.dossier.initiative
    at_once = initiative.archetype in terms.at_once_in or initiative.scope.audience == "customer"
    return 0 if at_once and terms.at_once_in else terms.hours


def _close(incident: Incident) -> NextMove:
    text = f"Resolve and close {incident.ref}"
    return deed(
        text,
        role="incidents",
        place=f"gates/operation/#{incident.ref}",
        kind="operate",
        key=f"close:{incident.ref}",
    )


@no_grave_incident_is_open.mend
def mend_no_grave_incident_is_open(case: Case, params: Severities) -> Facts:
    """Close them."""
    levels = {severity.level for severity in params.severities}
    closed = tuple(
        msgspec.structs.replace(one, closed_at=case.now)
        if one.severity in levels and one.closed_at is None
        else one
        for one in case.facts.incidents
    )
    return msgspec.structs.replace(case.facts, incidents=closed)


# -- owners are here ------------------------------------------------------------------------------------------


@check("operation.owners_are_here", Grace)
def owners_are_here(case: Case, params: Grace) -> Outcome:
    """Every named owner is an active person, or has been gone for no longer than the grace."""
    ledger = Ledger()
    owners = named_owners(case)
    absent = [email for email in owners if not case.view.is_active(email)]
    for email in absent:
        _line_of_absence(case, email, some(owners[email]), params, ledger)
    if not absent:
        ledger.note("Owners", f"every one of {count(len(owners), 'named owner')} is here")
    return ledger.settle()


def _line_of_absence(case: Case, email: str, owns: str, params: Grace, ledger: Ledger) -> None:
    name, person = case.view.name(email), case.facts.people.get(email)
    move = deed(f"Name somebody else for {owns}", role="sponsor", place="operating-model/", key=f"own:{owns}")
    if person is None:
        ledger.lack(name, f"nobody knows {name}, who owns {owns}", move, unknown=True)
        return
    gone = person.inactive_since.astimezone(UTC).date() if person.inactive_since else None
    found = f"{name}, who owns {owns}, has not been active" + (f" since {day(gone)}" if gone else "")
    until = gone + dt.timedelta(days=params.days) if gone else None
    if until is not None and case.today <= until:
        ledger.note(name, f"{found}; somebody else is needed by {day(until)}")
        ledger.lapses(midnight_after(until))
    else:
        ledger.lack(name, found, move, needed=f"somebody else within {count(params.days, 'day')}")


def named_owners(case: Case) -> dict[str, list[str]]:
    """Everybody named as an owner of something that matters in operation, with what they own."""
    owners: dict[str, list[str]] = {}
    for email, duty in _ownerships(case):
        if email is not None and duty not in owners.setdefault(email, []):
            owners[email].append(duty)
    return owners


def _ownerships(case: Case) -> Iterator[tuple[str | None, str]]:
    dossier = case.dossier
    yield dossier.initiative.owner, "this initiative"
    yield dossier.initiative.sponsor, "its sponsorship"
    for owner in dossier.operating_model.owners:
        yield owner.owner, owner.responsibility.replace("_", " ")
    for row in dossier.operating_model.raci:
        yield from ((email, row.activity.replace("_", " ")) for email in row.accountable)
    running = {place.code for place in case.view.running}
    for controls in dossier.non_negotiables.per_deployment:
        if controls.deployment in running:
            yield controls.monitoring_owner, "monitoring"
    for one in dossier.change_impact.obligations:
        yield one.owner, one.kind
    for metric in dossier.metrics:
        if metric.monitored:
            yield metric.owner, metric.title


@owners_are_here.mend
def mend_owners_are_here(case: Case, _: Grace) -> Facts:
    """Wherever the dossier names somebody who is not here, it names somebody else."""
    absent = [email for email in named_owners(case) if not case.view.is_active(email)]
    document, people = msgspec.json.encode(case.dossier), dict(case.facts.people)
    for number, email in enumerate(absent, 1):
        successor = f"{number}.{SOMEBODY}"
        people[successor] = Person(email=successor, name=mending.STAND_IN)
        document = document.replace(msgspec.json.encode(email), msgspec.json.encode(successor))
    return msgspec.structs.replace(case.facts, dossier=decode(document), people=people)


# -- inside horizon and scope ---------------------------------------------------------------------------------


@check("operation.deployments_stay_in_scope", ScopeTerms)
def deployments_stay_in_scope(case: Case, params: ScopeTerms) -> Outcome:
    """Each live deployment keeps to the agreed horizon, categories, mode and share of the volume."""
    ledger = Ledger()
    live = [place for place in case.view.running if place.state == "live"]
    for place in live:
        title = place.title or place.code
        faults = list(_faults_of(case, place))
        if faults:
            move = _restrict(f"Bring {title} back inside what was agreed")
            ledger.lack(title, f"{title} {listing(faults)}", move, place=_pointer(case, place))
        else:
            ledger.note(
                title,
                f"{title} runs at {place.horizon}, {place.mode}, inside its scope",
                place=_pointer(case, place),
            )
    _line_of_volume(case, live, params, ledger)
    return ledger.settle()


def _pointer(case: Case, place: Deployment) -> str:
    return f"/deployments/{case.dossier.deployments.index(place)}"


def _restrict(text: str) -> NextMove:
    return deed(text, role="operation", place="risk/", kind="operate", key=text)


def _faults_of(case: Case, place: Deployment) -> Iterator[str]:
    """In what a deployment goes beyond what was agreed, as clauses."""
    initiative = case.dossier.initiative
    if HORIZONS.index(place.horizon) > HORIZONS.index(initiative.horizon):
        yield f"runs at {place.horizon}, and {initiative.horizon} was agreed"
    rights = {right.mode for right in case.dossier.operating_model.decision_rights}
    if place.mode not in case.policy.horizon(place.horizon).modes:
        yield f"is {place.mode}, which {place.horizon} does not allow"
    elif place.mode == "binding" and "binding" not in rights:
        yield "is binding, and the decision rights say it is not"
    allowed = {category.strip().casefold() for category in initiative.scope.categories}
    beyond = [c for c in place.categories if c.strip().casefold() not in allowed]
    if allowed and beyond:
        yield f"serves {some([f'“{category}”' for category in beyond])}, outside the agreed categories"


def _line_of_volume(case: Case, live: list[Deployment], params: ScopeTerms, ledger: Ledger) -> None:
    """The observed share of the volume, all live deployments together, against what was agreed."""
    for place in live:
        if place.volume_share is None:
            title = place.title or place.code
            found = f"the share of the volume that goes through {title} is not recorded"
            move = _restrict(f"Record the share of the volume that goes through {title}")
            ledger.lack(title, found, move, place=_pointer(case, place), unknown=True)
    share = sum(place.volume_share or 0.0 for place in live)
    limit = volume_limit(case, params)
    found = f"{percent(round(share, 4))} of the volume goes through it, of {percent(limit)} agreed"
    if share > limit + 1e-9:
        ledger.lack("Volume", found, _restrict("Bring the volume back inside what was agreed"))
    elif live:
        ledger.note("Volume", found)


def volume_limit(case: Case, params: ScopeTerms) -> float:
    """The agreed share: the scope's own, never above the horizon's unless few named categories bound it instead."""
    initiative = case.dossier.initiative
    stated = initiative.scope.volume_share_limit
    of_horizon = case.policy.horizon(initiative.horizon).volume_share_at_most
    is_bounded = 0 < len(initiative.scope.categories) <= params.categories_instead
    if stated is None:
        return 1.0 if is_bounded else of_horizon
    return stated if is_bounded else min(stated, of_horizon)


@deployments_stay_in_scope.mend
def mend_deployments_stay_in_scope(case: Case, params: ScopeTerms) -> Facts:
    """Bring each live deployment back: its horizon, mode, categories and share."""
    initiative = case.dossier.initiative
    live = sum(place.state == "live" for place in case.dossier.deployments)
    share = volume_limit(case, params) / max(1, live)
    allowed = {category.strip().casefold() for category in initiative.scope.categories}

    def back(place: Deployment) -> Deployment:
        return msgspec.structs.replace(
            place,
            horizon=min(place.horizon, initiative.horizon),
            mode=place.mode if not list(_faults_of(case, place)) else "advisory",
            categories=tuple(c for c in place.categories if not allowed or c.strip().casefold() in allowed),
            volume_share=min(share if place.volume_share is None else place.volume_share, share),
        )

    places = tuple(back(place) if place.state == "live" else place for place in case.dossier.deployments)
    return mending.with_dossier(case.facts, deployments=places)
