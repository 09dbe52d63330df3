"""Risk posture, and the controls that travel with every deployment."""

from __future__ import annotations

from initiatives.dossier.initiative import Deployment
from packs.content.parts import Block, Cell, Column, Gap, Pairs, Section, Table, Words
from packs.content.source import Source
from packs.content.words import count, counted, joined, number, sentence, title_of

GATE = "risk"
ALL_FIELDS = 9


def risk_section(source: Source) -> Section:
    """What we do not accept, how fast we can stop, and whether each deployment is under control."""
    blocks = (
        _harms(source),
        _oversight(source),
        _incidents(source),
        _speed(source),
        _deployments(source),
        *_added(source),
    )
    live = [place for place in source.dossier.deployments if place.state == "live"]
    harms = len(source.dossier.risk_posture.harms)
    lead = f"{counted(harms, 'harm is', 'harms are')} ruled out; {count(len(live), 'deployment is', 'deployments are')} live."
    return Section(code="risk", title="Risk posture and non-negotiables", lead=lead, blocks=blocks)


def _harms(source: Source) -> Block:
    harms = source.dossier.risk_posture.harms
    if not harms:
        return Gap(sentence=source.missing("No unacceptable harm is written down", source.mover(GATE)))
    return Table(
        title="Harms we do not accept",
        columns=(
            Column(title="Harm", width=31),
            Column(title="How we would notice", width=27),
            Column(title="Limit", width=14),
            Column(title="What we do then", width=28),
        ),
        rows=tuple(
            (
                Cell(text=sentence(harm.description)),
                Cell(text=harm.detection or "Not stated", note=source.metric_title(harm.metric)),
                Cell(text=harm.limit or "Not stated"),
                Cell(text=sentence(harm.response) or "Not stated"),
            )
            for harm in harms
        ),
    )


def _oversight(source: Source) -> Block:
    rules = source.dossier.risk_posture.oversight_rules
    if not rules:
        return Gap(sentence=source.missing("No oversight rule is written down", source.mover("governance")))
    return Table(
        title="Oversight",
        columns=(Column(title="Rule", width=70), Column(title="Applied by", width=30)),
        rows=tuple((Cell(text=sentence(rule.rule)), Cell(text=rule.who or "Not stated")) for rule in rules),
    )


def _incidents(source: Source) -> Block:
    severities = source.dossier.risk_posture.severities
    if not severities:
        return Gap(sentence=source.missing("The incident process has no severities yet", source.mover(GATE)))
    return Table(
        title="Incidents: who is told, and how fast",
        columns=(
            Column(title="Severity", width=12),
            Column(title="What counts", width=40),
            Column(title="Who is told", width=32),
            Column(title="Within", width=16),
        ),
        rows=tuple(
            (
                Cell(text=str(severity.level)),
                Cell(text=severity.description or "Not stated"),
                Cell(text=", ".join(severity.notify) or "Not stated"),
                Cell(
                    text=count(severity.within_minutes, "minute")
                    if severity.within_minutes is not None
                    else "Not stated"
                ),
            )
            for severity in severities
        ),
        note=f"Playbook: {sentence(source.dossier.risk_posture.playbook)}"
        if source.dossier.risk_posture.playbook
        else "",
    )


def _speed(source: Source) -> Block:
    posture = source.dossier.risk_posture

    def minutes(value: int | None) -> str:
        return count(value, "minute") if value is not None else "Not stated"

    open_incidents = [incident for incident in source.facts.incidents if incident.closed_at is None]
    told = joined(
        [f"{incident.ref} (severity {incident.severity}): {incident.title}" for incident in open_incidents]
    )
    return Pairs(
        title="How fast we can stop",
        rows=(
            ("Restrict", minutes(posture.restrict_minutes)),
            ("Roll back", minutes(posture.rollback_minutes)),
            ("Restricted mode", posture.restricted_mode or "Not described"),
            ("Open incidents", told or f"None, of {count(len(source.facts.incidents), 'incident')} recorded"),
        ),
    )


def _deployments(source: Source) -> Block:
    places = source.dossier.deployments
    if not places:
        return Words(
            title="Deployments",
            text="Nothing runs yet, so the non-negotiables are judged once a deployment is registered.",
        )
    return Table(
        title="Non-negotiables, deployment by deployment",
        columns=(
            Column(title="Deployment", width=28),
            Column(title="Decision log", width=26),
            Column(title="Monitoring", width=22),
            Column(title="Incidents and rollback", width=24),
        ),
        rows=tuple(_deployment(source, place) for place in places),
        note="Decision logging, monitoring ownership and an incident process travel with every deployment.",
    )


def _deployment(source: Source, place: Deployment) -> tuple[Cell, ...]:
    controls = next(
        (c for c in source.dossier.non_negotiables.per_deployment if c.deployment == place.code), None
    )
    share = (
        f"{number(round(place.volume_share * 100, 1))}% of volume" if place.volume_share is not None else ""
    )
    named = Cell(
        text=place.title or place.code,
        note=joined((title_of(place.state), place.horizon, place.mode, share, place.model_version)),
    )
    if controls is None:
        return named, Cell(text="Not recorded"), Cell(text="Not recorded"), Cell(text="Not recorded")
    kept = f"kept {count(controls.log_retention_days, 'day')}" if controls.log_retention_days else ""
    return (
        named,
        Cell(
            text=controls.log_system or "Not stated",
            note=joined((f"{len(controls.log_fields)} of {ALL_FIELDS} fields", kept)),
        ),
        Cell(
            text=source.name(controls.monitoring_owner) or "Nobody",
            note=f"Deputy: {source.name(controls.monitoring_deputy) or 'nobody'}",
        ),
        Cell(
            text="Covered" if controls.covered_by_incident_process else "Not covered",
            note=joined((controls.incident_contact, controls.rollback_procedure)),
        ),
    )


def _added(source: Source) -> tuple[Block, ...]:
    added = source.dossier.non_negotiables.added
    if not added:
        return ()
    table = Table(
        title="Added by executives",
        columns=(
            Column(title="Control", width=34),
            Column(title="What must be true", width=42),
            Column(title="Added by", width=24),
        ),
        rows=tuple(
            (
                Cell(text=c.title),
                Cell(text=sentence(c.description) or "Not described"),
                Cell(text=source.name(c.added_by) or "Not stated"),
            )
            for c in added
        ),
    )
    return (table,)
