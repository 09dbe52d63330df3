"""The operating model: owners, RACI, on-call, decision rights."""

from __future__ import annotations

import datetime as dt

from packs.content.parts import Block, Cell, Column, Gap, Pairs, Section, Table
from packs.content.source import Source
from packs.content.words import capital, count, counted, day, joined, number, sentence, title_of

GATE = "ownership"


def operating_section(source: Source) -> Section:
    """Who owns the running system, who decides, and how one gets back."""
    blocks = (_owners(source), _raci(source), _rota(source), _running(source), _rights(source))
    model = source.dossier.operating_model
    accepted = sum(owner.accepted_on is not None for owner in model.owners)
    lead = (
        f"{counted(accepted, 'responsibility', 'responsibilities')} of {len(model.owners)} accepted by the owner in person."
        if model.owners
        else ""
    )
    return Section(code="operating-model", title="Operating model and RACI", lead=lead, blocks=blocks)


def _owners(source: Source) -> Block:
    owners = source.dossier.operating_model.owners
    if not owners:
        return Gap(sentence=source.missing("Nobody is named as an owner yet", source.mover(GATE)))
    return Table(
        title="Who owns what",
        columns=(
            Column(title="Responsibility", width=26),
            Column(title="Owner", width=26),
            Column(title="Deputy", width=24),
            Column(title="Accepted by the owner", width=24),
        ),
        rows=tuple(
            (
                Cell(text=title_of(owner.responsibility)),
                _person(source, owner.owner),
                _person(source, owner.deputy),
                Cell(text=day(owner.accepted_on) if owner.accepted_on else "Not accepted yet"),
            )
            for owner in owners
        ),
    )


def _person(source: Source, email: str | None) -> Cell:
    if not email:
        return Cell(text="Nobody")
    person = source.facts.people.get(email)
    gone = "no longer active" if person is not None and not person.active else ""
    return Cell(text=source.name(email), note=gone)


def _raci(source: Source) -> Block:
    rows = source.dossier.operating_model.raci
    if not rows:
        return Gap(sentence=source.missing("The RACI is empty", source.mover(GATE)))
    return Table(
        title="RACI",
        columns=(
            Column(title="Activity", width=20),
            *(
                Column(title=title, width=20)
                for title in ("Accountable", "Responsible", "Consulted", "Informed")
            ),
        ),
        rows=tuple(
            (
                Cell(text=title_of(row.activity)),
                *(
                    Cell(text=source.names(people) or "Nobody")
                    for people in (row.accountable, row.responsible, row.consulted, row.informed)
                ),
            )
            for row in rows
        ),
    )


def _rota(source: Source) -> Block:
    shifts = sorted(source.dossier.operating_model.rota, key=lambda shift: (shift.from_on, shift.person))
    coming = [shift for shift in shifts if shift.to_on >= source.today]
    if not coming:
        ended = (
            f"The on-call rota ended on {day(max(shift.to_on for shift in shifts))}"
            if shifts
            else "Nobody is on call"
        )
        return Gap(sentence=source.missing(ended, source.mover(GATE)))
    places = {place.code: place.title or place.code for place in source.dossier.deployments}
    last: dt.date = max(shift.to_on for shift in coming)
    return Table(
        title="On call",
        columns=(
            Column(title="Who", width=34),
            Column(title="From", width=22),
            Column(title="To", width=22),
            Column(title="For", width=22),
        ),
        rows=tuple(
            (
                Cell(text=source.name(shift.person)),
                Cell(text=day(shift.from_on)),
                Cell(text=day(shift.to_on)),
                Cell(text=places.get(shift.deployment or "", "All deployments")),
            )
            for shift in coming[:12]
        ),
        note=f"The rota is filled until {day(last)}.",
    )


def _running(source: Source) -> Block:
    model = source.dossier.operating_model
    return Pairs(
        title="Support, fallback and the way back",
        rows=(
            ("Support", joined((model.support_hours, model.support_route)) or "Not stated"),
            (
                "Latency budget",
                f"{number(model.max_latency_ms)} milliseconds"
                if model.max_latency_ms is not None
                else "Not stated",
            ),
            ("Fallback", model.fallback or "Not described"),
            ("Rollback", model.rollback_procedure or "Not described"),
        ),
    )


def _rights(source: Source) -> Block:
    rights = source.dossier.operating_model.decision_rights
    if not rights:
        return Gap(sentence=source.missing("No decision right is written down", source.mover("change")))
    return Table(
        title="Who decides",
        columns=(
            Column(title="Decision", width=24),
            Column(title="Before and after", width=24),
            Column(title="Overriding", width=30),
            Column(title="Escalation", width=22),
        ),
        rows=tuple(
            (
                Cell(text=right.decision, note=capital(title_of(right.mode).lower())),
                Cell(
                    text=f"{right.before or 'not stated'} → {right.after or 'not stated'}",
                    note=f"Accountable: {right.accountable or 'not stated'}",
                ),
                Cell(
                    text=sentence(right.override_rule) or "Not stated",
                    note=joined(
                        (
                            f"reasons: {', '.join(right.override_reasons)}" if right.override_reasons else "",
                            f"logged in {right.logged_in}" if right.logged_in else "not logged",
                        )
                    ),
                ),
                Cell(
                    text=right.escalation_to or "Not stated",
                    note=joined(
                        (
                            f"within {count(right.escalation_hours, 'hour')}"
                            if right.escalation_hours
                            else "",
                            right.second_look,
                        )
                    ),
                ),
            )
            for right in rights
        ),
    )
