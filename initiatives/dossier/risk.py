"""Harms we do not accept, and the controls that travel with every deployment."""

from __future__ import annotations

from typing import Annotated, Literal

from initiatives.dossier.scalars import (
    Code,
    Count,
    Email,
    Line,
    Part,
    SeverityLevel,
    Text,
    ask,
)

LogField = Literal[
    "case", "time", "model_version", "inputs", "output", "actor", "final_decision", "override", "reason"
]


class Harm(Part):
    """A harm we do not accept."""

    code: Code
    description: Annotated[Text, ask("Which harm is unacceptable?", min_length=1)]
    detection: Annotated[Text, ask("How would we notice?")] = ""
    metric: Annotated[Code | None, ask("Which metric shows it?")] = None
    limit: Annotated[Line, ask("Where is the limit?")] = ""
    response: Annotated[Text, ask("What do we do then?")] = ""


class OversightRule(Part):
    """Who may stop it, who must review what."""

    code: Code
    rule: Annotated[Text, ask("What is the rule?", min_length=1)]
    who: Annotated[Line, ask("Who applies it?")] = ""


class Severity(Part):
    """One step of the incident scale: who is told, how fast."""

    level: Annotated[SeverityLevel, ask("Severity", "1 is the worst.")]
    description: Annotated[Text, ask("What counts as this severity?")] = ""
    notify: Annotated[tuple[Line, ...], ask("Who is told?", "One per line.")] = ()
    within_minutes: Annotated[Count | None, ask("Within how long?", unit="minutes")] = None


class RiskPosture(Part):
    """What we do not accept, who oversees it, and how fast we can stop."""

    harms: tuple[Harm, ...] = ()
    oversight_rules: tuple[OversightRule, ...] = ()
    severities: tuple[Severity, ...] = ()
    playbook: Annotated[Line, ask("Where is the incident playbook?")] = ""
    restrict_minutes: Annotated[Count | None, ask("How fast can it be restricted?", unit="minutes")] = None
    rollback_minutes: Annotated[Count | None, ask("How fast can it be rolled back?", unit="minutes")] = None
    restricted_mode: Annotated[Text, ask("What does restricted mode look like?")] = ""


class AddedControl(Part):
    """A non-negotiable that executives added to the portal's three."""

    code: Code
    title: Annotated[Line, ask("Which control?", min_length=1)]
    description: Annotated[Text, ask("What must be true?")] = ""
    added_by: Annotated[Email | None, ask("Which executive added it?")] = None


class DeploymentControls(Part):
    """How the non-negotiables are met at one deployment."""

    deployment: Annotated[Code, ask("Which deployment?")]
    log_system: Annotated[Line, ask("Where is each decision logged?")] = ""
    log_fields: Annotated[tuple[LogField, ...], ask("Which fields does the log hold?")] = ()
    log_retention_days: Annotated[Count | None, ask("Kept for how long?", unit="days")] = None
    monitoring_owner: Annotated[Email | None, ask("Who owns the monitoring?")] = None
    monitoring_deputy: Annotated[Email | None, ask("Who stands in?")] = None
    incident_contact: Annotated[Line, ask("Who is called in an incident?")] = ""
    covered_by_incident_process: Annotated[bool, ask("Is it covered by the incident process?")] = False
    rollback_procedure: Annotated[Text, ask("How is this deployment rolled back?")] = ""


class NonNegotiables(Part):
    """The controls that travel with every deployment."""

    added: tuple[AddedControl, ...] = ()
    per_deployment: tuple[DeploymentControls, ...] = ()
