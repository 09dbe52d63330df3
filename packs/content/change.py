"""What people must absorb: before and after, workload with its net, incentives, obligations, the bad day."""

from __future__ import annotations

from initiatives.dossier.change import Group, WorkloadShift
from packs.content.parts import Block, Cell, Column, Gap, Quote, Section, Table, Words
from packs.content.source import Source
from packs.content.words import capital, count, counted, day, joined, number, sentence, title_of

GATE = "change"
EXTENTS = {"none": "None", "some": "Some", "large": "Large"}
MAGNITUDES = ("none", "wording", "a new step", "a new responsibility", "a different job")


def change_section(source: Source) -> Section:
    """The change load, made visible before it becomes resistance."""
    blocks = (
        _impacts(source),
        _before_after(source),
        _workload(source),
        _net(source),
        _incentives(source),
        _obligations(source),
        _adoption(source),
        *_bad_day(source),
    )
    groups = source.dossier.change_impact.groups
    people = sum(group.headcount for group in groups)
    lead = (
        f"{counted(len(groups), 'group')} of people, {count(people, 'person', 'people')} in all, must change how they work."
        if groups
        else ""
    )
    return Section(code="change", title="Change impact", lead=lead, blocks=blocks)


def hours_a_week(shift: WorkloadShift) -> float:
    """Hours a week that one step gains (positive) or loses (negative) over the exposed cases."""
    return shift.minutes_per_case * shift.cases_per_week * shift.exposed_share / 60


def _impacts(source: Source) -> Block:
    assessed = source.dossier.change_impact.assessments
    if not assessed:
        return Gap(sentence=source.missing("The four impacts are not assessed yet", source.mover(GATE)))
    return Table(
        title="The four impacts",
        columns=(
            Column(title="Impact", width=22),
            Column(title="Extent", width=14),
            Column(title="What changes", width=64),
        ),
        rows=tuple(
            (
                Cell(text=title_of(a.impact)),
                Cell(text=EXTENTS[a.extent]),
                Cell(text=sentence(a.summary) or "Not described"),
            )
            for a in assessed
        ),
    )


def _before_after(source: Source) -> Block:
    rows = source.dossier.change_impact.before_after
    if not rows:
        return Gap(sentence=source.missing("Before and after are not described yet", source.mover(GATE)))
    return Table(
        title="Before and after",
        columns=(
            Column(title="Dimension", width=20),
            Column(title="Before", width=40),
            Column(title="After", width=40),
        ),
        rows=tuple(
            (
                Cell(text=title_of(row.dimension), note=capital(MAGNITUDES[row.magnitude])),
                Cell(text=sentence(row.before) or "Not described"),
                Cell(
                    text=sentence(row.after) or "Not described",
                    note=f"Confirmed by {source.name(row.confirmed_by)}" if row.confirmed_by else "",
                ),
            )
            for row in rows
        ),
    )


def _hours(value: float) -> str:
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    return f"{sign}{number(round(abs(value), 1 if abs(value) < 10 else 0))}"  # noqa: PLR2004 — a tenth says nothing from ten hours on


def _workload(source: Source) -> Block:
    shifts = source.dossier.change_impact.workload_shifts
    if not shifts:
        return Gap(
            sentence=source.missing(
                "No shift in workload is recorded, neither saved nor added", source.mover(GATE)
            )
        )
    names = {group.code: group.name for group in source.dossier.change_impact.groups}
    return Table(
        title="Workload, step by step",
        columns=(
            Column(title="Group and step", width=40),
            Column(title="Minutes per case", width=20, number=True),
            Column(title="Exposed cases a week", width=20, number=True),
            Column(title="Hours a week", width=20, number=True),
        ),
        rows=tuple(
            (
                Cell(
                    text=f"{names.get(shift.group, shift.group)}: {shift.step}",
                    note=f"Confirmed by {source.name(shift.confirmed_by)}"
                    if shift.confirmed_by
                    else "Not confirmed by the front line",
                ),
                Cell(text=_minutes(shift.minutes_per_case), note=_range(shift)),
                Cell(
                    text=number(round(shift.cases_per_week * shift.exposed_share)),
                    note=f"{number(round(shift.exposed_share * 100, 1))}% of {number(shift.cases_per_week)}",
                ),
                Cell(text=_hours(hours_a_week(shift))),
            )
            for shift in shifts
        ),
    )


def _minutes(value: float) -> str:
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{number(abs(value))}"


def _range(shift: WorkloadShift) -> str:
    if shift.low_minutes is None or shift.high_minutes is None:
        return ""
    return f"{_minutes(shift.low_minutes)} to {_minutes(shift.high_minutes)}"


def _net(source: Source) -> Block:
    impact = source.dossier.change_impact
    if not impact.workload_shifts:
        return Words(text="The net by group follows from the shifts, once they are recorded.")
    return Table(
        title="Net workload by group, hours a week",
        columns=(
            Column(title="Group", width=40),
            Column(title="Saved", width=20, number=True),
            Column(title="Added", width=20, number=True),
            Column(title="Net", width=20, number=True),
        ),
        rows=tuple(_group_net(group, impact.workload_shifts) for group in impact.groups),
        note="Over the exposed cases of all steps. Minus is time saved, plus is time added.",
    )


def _group_net(group: Group, shifts: tuple[WorkloadShift, ...]) -> tuple[Cell, ...]:
    hours = [hours_a_week(shift) for shift in shifts if shift.group == group.code]
    saved, added = sum(h for h in hours if h < 0), sum(h for h in hours if h > 0)
    load = f"{count(group.headcount, 'person', 'people')}" + (
        f", {number(group.adoption_hours)} hours each to adopt it" if group.adoption_hours else ""
    )
    return (
        Cell(text=group.name, note=load),
        Cell(text=_hours(saved)),
        Cell(text=_hours(added)),
        Cell(text=_hours(saved + added)),
    )


def _incentives(source: Source) -> Block:
    impact = source.dossier.change_impact
    if not impact.incentive_conflicts:
        reason = impact.no_incentive_conflict_reason
        text = (
            f"No KPI rewards unsafe use. {sentence(reason)}"
            if reason
            else source.missing("Whether a KPI rewards unsafe use is not answered yet", source.mover(GATE))
        )
        return Words(title="Incentives", text=text)
    names = {group.code: group.name for group in impact.groups}
    return Table(
        title="Incentives that pull the wrong way",
        columns=(
            Column(title="KPI", width=30),
            Column(title="What it would reward", width=32),
            Column(title="Resolution", width=38),
        ),
        rows=tuple(
            (
                Cell(text=c.kpi, note=names.get(c.group, c.group)),
                Cell(
                    text=c.behaviour or "Not stated",
                    note=f"Rated {_minutes(c.rating)} on a scale from −2 to +2",
                ),
                Cell(
                    text=capital(title_of(c.resolution).lower()),
                    note=joined(
                        (
                            source.metric_title(c.counter_metric),
                            source.name(c.owner) or "no owner",
                            day(c.resolved_on) if c.resolved_on else "",
                        )
                    ),
                ),
            )
            for c in impact.incentive_conflicts
        ),
    )


def _obligations(source: Source) -> Block:
    rows = source.dossier.change_impact.obligations
    if not rows:
        return Gap(
            sentence=source.missing(
                "The new obligations have no owner, hours or budget yet", source.mover(GATE)
            )
        )
    return Table(
        title="New obligations",
        columns=(
            Column(title="Obligation", width=28),
            Column(title="Owner", width=26),
            Column(title="Hours a month", width=18, number=True),
            Column(title="Budget a year", width=28, number=True),
        ),
        rows=tuple(
            (
                Cell(text=title_of(o.kind), note=o.note),
                Cell(text=source.name(o.owner) or "Nobody"),
                Cell(text=number(o.hours_per_month) if o.hours_per_month is not None else "Not stated"),
                Cell(
                    text=f"{number(o.budget)} {o.currency}" if o.budget is not None else "Not stated",
                    note=f"Funded until {day(o.funded_until)}" if o.funded_until else "",
                ),
            )
            for o in rows
        ),
    )


def _adoption(source: Source) -> Block:
    impact = source.dossier.change_impact
    names = {group.code: group.name for group in impact.groups}
    rows = [
        (
            Cell(text=title_of(m.lever)),
            Cell(text=sentence(m.description)),
            Cell(text=source.name(m.owner) or "Nobody"),
        )
        for m in impact.adoption_measures
    ]
    rows += [
        (
            Cell(text="Training"),
            Cell(
                text=f"{names.get(t.group, t.group)}: {count(t.hours_per_person, 'hour')} each",
                note=joined((f"from {day(t.starts_on)}" if t.starts_on else "", t.backfill)),
            ),
            Cell(text="–"),
        )
        for t in impact.training
    ]
    if not rows:
        return Gap(
            sentence=source.missing(
                "Nothing is planned yet to make people choose the system", source.mover(GATE)
            )
        )
    return Table(
        title="What makes people choose it",
        columns=(
            Column(title="Lever", width=18),
            Column(title="What is done", width=56),
            Column(title="Who", width=26),
        ),
        rows=tuple(rows),
    )


def _bad_day(source: Source) -> tuple[Block, ...]:
    impact = source.dossier.change_impact
    answers = [answer for answer in impact.bad_day if answer.answer]
    names = {group.code: group.name for group in impact.groups}
    silent = [group.name for group in impact.groups if group.code not in {answer.group for answer in answers}]
    intro = "It is 16:50, the queue is double, the tool is slow and was wrong this week. Why would you still use it?"
    blocks: list[Block] = []
    for place, answer in enumerate(answers):
        if place == 0:
            blocks.append(Words(title="On a bad day", text=intro))
        who = joined(
            (
                names.get(answer.group, answer.group),
                source.name(answer.answered_by),
                day(answer.answered_on) if answer.answered_on else "",
            ),
            ", ",
        )
        blocks.append(Quote(text=answer.answer, who=who))
    if silent:
        blocks.append(
            Gap(
                sentence=source.missing(f"No bad-day answer yet from {', '.join(silent)}", source.mover(GATE))
            )
        )
    return tuple(blocks) or (
        Gap(sentence=source.missing("No front-line lead has answered for a bad day yet", source.mover(GATE))),
    )
