"""Live operation: suspensions, incidents, series that went silent, and results that were read."""

from __future__ import annotations

from gates.engine.facts import Incident
from packs.content.gathered import Gathered, is_live, key_of, named, runs_blocked
from packs.content.parts import Block, Cell, Column, Section, Table, Words
from packs.content.source import Source
from packs.content.words import counted, day, sentence

SILENCE = "watching.nothing_is_silent"
MARGINS = (
    Column(title="Initiative", width=32),
    Column(title="Since", width=18),
    Column(title="What", width=50),
)


def operation_section(gathered: Gathered) -> Section:
    """What runs for real, and whether it runs as agreed."""
    live = [member for member in gathered.members if is_live(member)]
    return Section(
        code="operation",
        title="Live operation",
        lead=f"{counted(len(live), 'initiative is', 'initiatives are')} live.",
        blocks=(_held(gathered), _incidents(gathered), _silent(gathered), _results(gathered)),
    )


def _held(gathered: Gathered) -> Block:
    rows = tuple(_held_row(m) for m in gathered.members if m.facts.status == "suspended" or runs_blocked(m))
    title = "Suspended, or live although blocked"
    if not rows:
        return Words(title=title, text="Nothing is suspended, and nothing blocked is live.")
    return Table(title=title, columns=MARGINS, rows=rows)


def _held_row(member: Source) -> tuple[Cell, ...]:
    facts = member.facts
    if facts.status == "suspended":
        reason = facts.moves[-1].reason if facts.moves else ""
        mode = member.dossier.risk_posture.restricted_mode
        since = day(facts.status_since.date())
        return (
            Cell(text=named(member), note="Suspended"),
            Cell(text=since),
            Cell(
                text=sentence(reason),
                note=f"Restricted mode: {mode}" if mode else "No restricted mode is described",
            ),
        )
    started = [
        place.live_from for place in member.dossier.deployments if place.state == "live" and place.live_from
    ]
    return (
        Cell(text=named(member), note="Live although blocked"),
        Cell(text=f"Live since {day(min(started))}" if started else "No date stated"),
        Cell(text=sentence(member.explanation.in_brief)),
    )


def open_incidents(gathered: Gathered) -> list[tuple[Source, Incident]]:
    """Incidents that are not closed, the gravest first."""
    found = [
        (m, incident)
        for m in gathered.members
        for incident in m.facts.incidents
        if incident.closed_at is None
    ]
    return sorted(found, key=lambda pair: (pair[1].severity, pair[1].opened_at, pair[1].ref))


def _incidents(gathered: Gathered) -> Block:
    found = open_incidents(gathered)
    if not found:
        return Words(title="Open incidents", text="No incident is open.")
    return Table(
        title="Open incidents",
        columns=MARGINS,
        rows=tuple(
            (
                Cell(text=named(member)),
                Cell(text=day(incident.opened_at.date()), since=incident.opened_at.date()),
                Cell(text=sentence(incident.title), note=f"{incident.ref}, severity {incident.severity}"),
            )
            for member, incident in found
        ),
    )


def silent(gathered: Gathered) -> list[tuple[Source, str]]:
    """Members whose monitored series miss readings, with the judge's own words for it."""
    found = []
    for member in gathered.members:
        codes = {rule.code for rule in member.policy.rules if rule.check == SILENCE}
        found += [(member, f.reason) for f in member.verdict.findings if f.code in codes and f.is_failing]
    return found


def _silent(gathered: Gathered) -> Block:
    found = silent(gathered)
    if not found:
        return Words(title="Silent series", text="Every monitored metric of what is live was read on time.")
    return Table(
        title="Silent series",
        columns=(Column(title="Initiative", width=32), Column(title="Blind to", width=68)),
        rows=tuple((Cell(text=named(member)), Cell(text=sentence(reason))) for member, reason in found),
    )


def _results(gathered: Gathered) -> Block:
    rows = tuple(
        (
            Cell(text=named(member), note=member.metric_title(result.metric)),
            Cell(text=day(result.read_on), since=result.read_on),
            Cell(text="To be learned", note="A result was read; no impact may be claimed at this verdict.")
            if member.is_learning
            else Cell(text=sentence(result.sentence)),
        )
        for member in sorted(gathered.members, key=key_of)
        for result in member.facts.results
        if member.metric(result.metric) is not None
    )
    if not rows:
        return Words(title="Results read", text="No comparison has been read yet.")
    return Table(title="Results read", columns=MARGINS, rows=rows)
