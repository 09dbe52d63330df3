"""What happens in operation: deployments, which are part of the dossier, and incidents, which are records about it."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.http.references import next_reference
from alignment_portal.outbox.events import announce
from alignment_portal.refusals import Conflict, Fault, Invalid, NotFound
from initiatives.actions import Actions
from initiatives.dossier.canonical import builtins_of
from initiatives.dossier.document import Dossier, decode
from initiatives.models import Incident, Initiative, Status
from initiatives.selectors import current_dossier, require_on
from initiatives.services.dossiers import SavedDossier, change_dossier, held

MOST_SEVERE, LEAST_SEVERE = 1, 4
TITLE_LENGTH = 200


def _locked(initiative: Initiative) -> Initiative:
    locked = held(initiative.key)
    if locked is None:
        raise NotFound(f"There is no initiative {initiative.key}.", code="initiative_not_found")
    return locked


def _current(locked: Initiative) -> Dossier:
    return decode(locked.versions.get(number=locked.version).document)


@service
def register_deployment(*, by: Actor, initiative: Initiative, deployment: Mapping[str, Any]) -> SavedDossier:
    """Add a deployment to the dossier."""
    locked = _locked(initiative)
    require_on(by, Action.DEPLOYMENT_RECORD, locked)
    return change_dossier(
        by=by,
        locked=locked,
        dossier=_current(locked),
        pointer="/deployments/-",
        value=dict(deployment),
        action=Action.DEPLOYMENT_RECORD,
    )


@service
def change_deployment(
    *, by: Actor, initiative: Initiative, code: str, changes: Mapping[str, Any]
) -> SavedDossier:
    """Change some fields of one deployment, such as its state."""
    locked = _locked(initiative)
    require_on(by, Action.DEPLOYMENT_RECORD, locked)
    dossier = _current(locked)
    places = {row.code: place for place, row in enumerate(dossier.deployments)}
    if code not in places:
        raise NotFound(f"{locked.key} has no deployment “{code}”.", code="deployment_not_found")
    if changes.get("code", code) != code:
        raise Invalid(
            "The code of a deployment never changes: records point to it.",
            pointer="/code",
            code="code_is_fixed",
        )
    row = {**builtins_of(dossier)["deployments"][places[code]], **changes}
    return change_dossier(
        by=by,
        locked=locked,
        dossier=dossier,
        pointer=f"/deployments/{places[code]}",
        value=row,
        action=Action.DEPLOYMENT_RECORD,
    )


@service
def record_incident(
    *,
    by: Actor,
    initiative: Initiative,
    severity: int,
    title: str,
    description: str = "",
    deployment: str = "",
    opened_at: dt.datetime | None = None,
) -> Incident:
    """Write down that something went wrong. Severity 1 is the worst."""
    locked = _locked(initiative)
    require_on(by, Action.INCIDENT_RECORD, locked)
    now = clock.now()
    opened_at = opened_at or now
    if locked.status == Status.RETIRED:
        raise Conflict(f"{locked.key} is retired: it stays as it was.", code="retired")
    faults = _incident_faults(locked, severity, title, deployment, late=opened_at > now)
    if faults:
        raise Invalid("The incident was not recorded.", faults=faults)
    incident = Incident.objects.create(
        ref=next_reference("IN"),
        initiative=locked,
        severity=severity,
        title=title.strip(),
        description=description.strip(),
        deployment=deployment,
        opened_at=opened_at,
        recorded_at=now,
        recorded_by_id=by.user_id,
    )
    record(
        by=by,
        action=Actions.INCIDENT_RECORDED,
        subject=incident.ref,
        initiative=locked.key,
        after={
            "severity": severity,
            "title": incident.title,
            "deployment": deployment,
            "opened_at": opened_at,
        },
    )
    announce("initiatives.incident_changed", key=locked.key)
    return incident


def _incident_faults(
    initiative: Initiative, severity: int, title: str, deployment: str, *, late: bool
) -> list[Fault]:
    faults = []
    if not MOST_SEVERE <= severity <= LEAST_SEVERE:
        faults.append(
            Fault("/severity", f"{severity} is no severity: 1 is the worst, 4 the mildest.", "range")
        )
    if not title.strip():
        faults.append(Fault("/title", "Say in a line what went wrong.", "required"))
    elif len(title.strip()) > TITLE_LENGTH:
        faults.append(
            Fault("/title", "Keep the title within 200 characters; the rest is description.", "length")
        )
    known = {row.code for row in current_dossier(initiative).dossier.deployments} if deployment else {""}
    if deployment not in known:
        faults.append(
            Fault("/deployment", f"{initiative.key} has no deployment “{deployment}”.", "unknown_reference")
        )
    if late:
        faults.append(Fault("/opened_at", "An incident cannot have begun in the future.", "order"))
    return faults


@service
def close_incident(
    *, by: Actor, incident: Incident, cause: str, closed_at: dt.datetime | None = None
) -> Incident:
    """Write down what caused it and that it is over. An incident is closed once."""
    locked = _locked(incident.initiative)
    require_on(by, Action.INCIDENT_RECORD, locked)
    incident = Incident.objects.select_related("initiative").get(pk=incident.pk)
    now = clock.now()
    closed_at = closed_at or now
    if incident.closed_at is not None:
        raise Conflict(f"{incident.ref} is closed already.", code="incident_closed")
    faults = []
    if not cause.strip():
        faults.append(Fault("/cause", "Say what caused it; without a cause it is not over.", "required"))
    if not incident.opened_at <= closed_at <= now:
        faults.append(Fault("/closed_at", "It closed after it began, and not later than now.", "order"))
    if faults:
        raise Invalid(f"{incident.ref} was not closed.", faults=faults)
    incident.closed_at, incident.closing_recorded_at = closed_at, now
    incident.closed_by_id, incident.cause = by.user_id, cause.strip()
    incident.save(update_fields=["closed_at", "closing_recorded_at", "closed_by", "cause"])
    record(
        by=by,
        action=Actions.INCIDENT_CLOSED,
        subject=incident.ref,
        initiative=locked.key,
        after={"closed_at": closed_at, "cause": incident.cause},
    )
    announce("initiatives.incident_changed", key=locked.key)
    return incident
