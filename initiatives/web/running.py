"""What the tabs on running and on change compute: the rota of the next weeks, the net workload, the deployments."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gates.engine.checks.workload import hours_of, net_workload, signed
from initiatives.dossier.change import Group, WorkloadShift
from initiatives.dossier.initiative import Deployment
from initiatives.dossier.operating_model import Shift
from initiatives.dossier.risk import DeploymentControls
from initiatives.web.looking import FindingLine, Look

ROTA_DAYS = 28
DIMENSIONS = (
    "decision_flow",
    "accountability",
    "work_measurement",
    "risk_management",
    "capacity_constraints",
)
IMPACTS = ("decision_rights", "workload", "incentives", "obligations")
ACTIVITIES = ("monitoring", "incidents", "updates_and_retraining", "rollback", "override_policy")


@dataclass(frozen=True)
class Stretch:
    """Days in a row with the same person on call; nobody where a gap is."""

    person: str
    start: dt.date
    end: dt.date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1


@dataclass(frozen=True)
class RotaRow:
    deployment: str
    stretches: list[Stretch]


def rota_of(look: Look, today: dt.date) -> list[RotaRow]:
    """Who is on call in the next four weeks, for each deployment that is not retired."""
    deployments = [one for one in look.dossier.deployments if one.state != "retired"]
    shifts = look.dossier.operating_model.rota
    if not deployments:
        return [RotaRow("", _stretches(shifts, None, today, look.names))] if shifts else []
    return [
        RotaRow(one.title or one.code, _stretches(shifts, one.code, today, look.names)) for one in deployments
    ]


def _stretches(
    shifts: Sequence[Shift], deployment: str | None, today: dt.date, names: Mapping[str, str]
) -> list[Stretch]:
    found: list[Stretch] = []
    for offset in range(ROTA_DAYS):
        day = today + dt.timedelta(days=offset)
        people = [
            names.get(shift.person, shift.person)
            for shift in shifts
            if shift.from_on <= day <= shift.to_on
            and (shift.deployment is None or shift.deployment == deployment)
        ]
        who = ", ".join(dict.fromkeys(people))
        if found and found[-1].person == who:
            found[-1] = Stretch(who, found[-1].start, day)
        else:
            found.append(Stretch(who, day, day))
    return found


def weeks_from(today: dt.date) -> list[dt.date]:
    return [today + dt.timedelta(days=7 * week) for week in range(ROTA_DAYS // 7)]


# --- change ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class GroupLine:
    """One group with the balance of its work, in hours a week."""

    group: Group
    net: str
    heavier: bool
    shifts: list[tuple[WorkloadShift, str]] = field(default_factory=list)


def groups_of(look: Look) -> list[GroupLine]:
    net = net_workload(look.dossier)
    shifts = look.dossier.change_impact.workload_shifts
    return [
        GroupLine(
            group=group,
            net=signed(net.by_group[group.code]) if group.code in net.by_group else "",
            heavier=net.by_group.get(group.code, 0) > 0,
            shifts=[(shift, signed(hours_of(shift))) for shift in shifts if shift.group == group.code],
        )
        for group in look.dossier.change_impact.groups
    ]


def balance_of(look: Look) -> dict[str, str]:
    """Saved, added and left over, in hours a week, all groups together."""
    net = net_workload(look.dossier)
    if not look.dossier.change_impact.workload_shifts:
        return {}
    return {"claimed": signed(net.claimed), "added": signed(net.added), "net": signed(net.total)}


# --- risk --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DeploymentLine:
    """One deployment, how its non-negotiables are met, and what the judge says of it."""

    deployment: Deployment
    controls: DeploymentControls | None
    findings: list[FindingLine]


def deployments_of(look: Look) -> list[DeploymentLine]:
    controls = {one.deployment: one for one in look.dossier.non_negotiables.per_deployment}
    return [
        DeploymentLine(one, controls.get(one.code), _about(look, one.title or one.code))
        for one in look.dossier.deployments
    ]


def _about(look: Look, title: str) -> list[FindingLine]:
    """The failing findings that name the deployment."""
    return [
        look.line(finding)
        for finding in look.verdict.findings
        if finding.is_failing
        and any(not item.ok and title in (item.label + item.found) for item in finding.items)
    ]
