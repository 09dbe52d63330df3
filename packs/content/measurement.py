"""Metrics in layers: baseline, claim, plan with its power, results with their intervals."""

from __future__ import annotations

import dataclasses

from gates.engine.checks.power import PowerTerms, plan_of
from gates.engine.facts import Result
from initiatives.dossier.metrics import Baseline, Comparison, Metric
from metrics.power.plan import NotComputable, Plan
from metrics.power.planning import plan_power
from packs.content.parts import Block, Cell, Column, Gap, Interval, IntervalDrawing, Section, Table, Words
from packs.content.series import curve_blocks, series_blocks
from packs.content.source import Source
from packs.content.words import (
    capital,
    change,
    count,
    counted,
    day,
    joined,
    number,
    period,
    reading,
    scaled,
    sentence,
    spread,
    title_of,
    unit_of_change,
)

GATE = "measurement"
LAYERS = ("model_health", "operational", "outcome", "counter")


def measurement_section(source: Source) -> Section:
    """How the effect will be told from noise, and what is known of it so far."""
    if not source.dossier.metrics:
        gap = Gap(
            sentence=source.missing(
                "No metric is defined yet, so no effect could be told from noise", source.mover(GATE)
            )
        )
        return Section(code="measurement", title="Measurement", lead="", blocks=(gap,))
    blocks: list[Block] = [_layer(source, layer) for layer in LAYERS]
    blocks.extend((_claims(source), _plans(source), *curve_blocks(source), *_results(source)))
    blocks.extend(series_blocks(source))
    return Section(code="measurement", title="Measurement", lead=_lead(source), blocks=tuple(blocks))


def _lead(source: Source) -> str:
    claimed = [metric for metric in source.dossier.metrics if metric.target is not None]
    if source.is_learning:
        return "No benefit may be claimed at this verdict: what follows is to be learned, not promised."
    read = {result.metric for result in source.facts.results}
    known = sum(metric.code in read for metric in claimed)
    return f"{counted(len(claimed), 'effect is', 'effects are')} claimed; {count(known, 'has', 'have')} a result so far."


def _layer(source: Source, layer: str) -> Block:
    metrics = [metric for metric in source.dossier.metrics if metric.layer == layer]
    if not metrics:
        return Gap(sentence=source.missing(f"{title_of(layer)}: no metric is defined", source.mover(GATE)))
    return Table(
        title=title_of(layer),
        columns=(
            Column(title="Metric", width=34),
            Column(title="Before", width=30),
            Column(title="Last reading" if layer != "counter" else "Last reading and limits", width=36),
        ),
        rows=tuple(
            (_named(source, metric), _before(source, metric.baseline, metric.unit), _latest(source, metric))
            for metric in metrics
        ),
    )


def _named(source: Source, metric: Metric) -> Cell:
    marks = (
        "headline" if metric.headline else "",
        title_of(metric.direction).lower(),
        f"owner {source.name(metric.owner)}" if metric.owner else "no owner",
    )
    return Cell(text=metric.title, note=capital(joined((metric.definition.rstrip("."), *marks))))


def _before(source: Source, baseline: Baseline | None, unit: str) -> Cell:
    if baseline is None:
        return Cell(text="No baseline")
    spread = f"standard deviation {number(baseline.spread)}" if baseline.spread is not None else ""
    cases = (
        f"{number(baseline.sample_size)} cases"
        if baseline.sample_size is not None
        else "sample size not stated"
    )
    return Cell(
        text=reading(baseline.value, unit),
        note=joined(
            (period(baseline.period_start, baseline.period_end) or "period not stated", cases, spread)
        ),
    )


def _latest(source: Source, metric: Metric) -> Cell:
    readings = [r for series in source.facts.series if series.metric == metric.code for r in series.readings]
    limits = metric.limits
    bounds = joined(
        (
            f"margin {change(limits.margin, metric.unit).lstrip('+')}"
            if limits and limits.margin is not None
            else "",
            f"look at {reading(limits.amber, metric.unit)}" if limits and limits.amber is not None else "",
            f"stop at {reading(limits.limit, metric.unit)}" if limits and limits.limit is not None else "",
        )
    )
    if not readings:
        return Cell(text="No reading recorded", note=capital(bounds))
    last = max(readings, key=lambda one: one.period_end)
    cases = f"{number(last.sample_size)} cases" if last.sample_size is not None else ""
    return Cell(
        text=reading(last.value, metric.unit),
        note=joined((period(last.period_start, last.period_end), cases, bounds)),
    )


def _claims(source: Source) -> Block:
    claimed = [metric for metric in source.dossier.metrics if metric.target is not None]
    if not claimed:
        return Gap(sentence=source.missing("No effect is claimed yet", source.mover(GATE)))
    head = "To be learned" if source.is_learning else "Claimed effect"
    return Table(
        title="What is to be learned" if source.is_learning else "What is claimed",
        columns=(
            Column(title="Metric", width=28),
            Column(title=head, width=28),
            Column(title="Guarded by", width=44),
        ),
        rows=tuple(
            (Cell(text=metric.title), _effect(source, metric), _guards(source, metric)) for metric in claimed
        ),
        note="A guard is a counter-metric that would get worse if the win were gamed.",
    )


def _effect(source: Source, metric: Metric) -> Cell:
    target = metric.target
    if target is None or source.is_learning:
        return Cell(
            text="To be learned", note=f"Read by {day(target.by_on)}" if target and target.by_on else ""
        )
    rewritten = (
        f"rewritten from {change(target.rewritten_from, metric.unit)}"
        if target.rewritten_from is not None
        else ""
    )
    return Cell(
        text=change(target.effect, metric.unit),
        note=capital(joined((f"by {day(target.by_on)}" if target.by_on else "no date", rewritten))),
    )


def _guards(source: Source, metric: Metric) -> Cell:
    guards = [
        (other, guard)
        for other in source.dossier.metrics
        for guard in other.guards
        if guard.metric == metric.code
    ]
    if not guards:
        return Cell(text="No guard")
    return Cell(
        text=", ".join(other.title for other, _ in guards),
        note=" ".join(sentence(guard.gaming) for _, guard in guards if guard.gaming),
    )


def _plans(source: Source) -> Block:
    planned = [metric for metric in source.dossier.metrics if metric.comparison is not None]
    if not planned:
        return Gap(
            sentence=source.missing("No comparison plan tells the effect from noise yet", source.mover(GATE))
        )
    return Table(
        title="How the effect will be told from noise",
        columns=(
            Column(title="Metric", width=22),
            Column(title="Method and cases", width=34),
            Column(title="What the plan can tell", width=44),
        ),
        rows=tuple(
            _plan(source, metric, metric.comparison) for metric in planned if metric.comparison is not None
        ),
        note="Power is the chance of showing the effect when it is there; error rate and target are those of the plan.",
    )


def _plan(source: Source, metric: Metric, plan: Comparison) -> tuple[Cell, ...]:
    cases = (
        f"{number(plan.sample_per_arm)} {plan.unit_of_analysis or 'case'}s per arm"
        if plan.sample_per_arm
        else ""
    )
    periods = (
        f"{plan.periods_before} periods before and {plan.periods_after} after"
        if plan.periods_before and plan.periods_after
        else ""
    )
    wedge = f"{plan.clusters} clusters in {plan.steps} steps" if plan.clusters and plan.steps else ""
    frozen = f"frozen on {day(plan.frozen_on)}" if plan.frozen_on else "not frozen yet"
    told, detail = _power(metric, plan)
    return (
        Cell(text=metric.title),
        Cell(
            text=title_of(plan.method),
            note=joined(
                (
                    cases,
                    periods,
                    wedge,
                    period(plan.start_on, plan.end_on),
                    frozen,
                    f"analysed by {source.name(plan.analysed_by)}" if plan.analysed_by else "",
                )
            ),
        ),
        Cell(text=told, note=detail),
    )


def _power(metric: Metric, plan: Comparison) -> tuple[str, str]:
    """What the plan can tell, and the smallest effect it can show."""
    try:
        power = plan_power(_numbers(metric, plan))
    except NotComputable as unknown:
        return f"Cannot be computed: {unknown.sentence}", ""
    smallest = (
        f"Smallest effect it can show: {change(power.mde, metric.unit).lstrip('+')}."
        if power.mde is not None
        else "No effect of any size can be shown."
    )
    return sentence(power.sentence), smallest


def _numbers(metric: Metric, plan: Comparison) -> Plan:
    """The judge's own reading of the plan, at the plan's own error rate and power; a guard is held to its margin."""
    numbers = plan_of(metric, PowerTerms(alpha=plan.alpha, power=plan.power))
    margin = metric.limits.margin if metric.target is None and metric.limits else None
    return numbers if margin is None else dataclasses.replace(numbers, margin=margin)


def _results(source: Source) -> tuple[Block, ...]:
    results = [result for result in source.facts.results if source.metric(result.metric) is not None]
    if not results:
        return (
            Words(
                title="Results", text=source.missing("No comparison has been read yet", source.mover(GATE))
            ),
        )
    rows = tuple(_result(source, result) for result in results)
    table = Table(
        title="Results",
        columns=(
            Column(title="Metric", width=24),
            Column(title="Effect with 95% interval", width=30),
            Column(title="What it means", width=46),
        ),
        rows=rows,
        note="Signed so that more is better for a claimed metric, and more is worse for a guard.",
    )
    return (table, *(drawing for result in results if (drawing := _interval(source, result))))


def _result(source: Source, result: Result) -> tuple[Cell, ...]:
    metric = source.metric(result.metric)
    unit = metric.unit if metric else ""
    interval = spread(result.better.low, result.better.high, unit)
    claim = (
        f"claimed {change(result.claimed, unit)}"
        if result.claimed is not None and not source.is_learning
        else ""
    )
    learned = "To be learned: no impact may be claimed at this verdict. " if source.is_learning else ""
    return (
        Cell(
            text=source.metric_title(result.metric),
            note=f"{title_of(result.method)}, data to {day(result.read_on)}",
        ),
        Cell(
            text=change(result.better.estimate, unit),
            note=joined(
                (interval, f"{number(result.n)} cases" if result.n else "sample size not stated", claim)
            ),
        ),
        Cell(
            text=f"{learned}{sentence(result.sentence)}",
            note=joined(
                [
                    f"{source.metric_title(g.metric)}: {title_of(g.verdict.lower()).lower()}"
                    for g in result.guards
                ]
            ),
        ),
    )


def _interval(source: Source, result: Result) -> IntervalDrawing | None:
    """The guards of one result against their margins, on one axis; only those in one unit share it."""
    units = {unit_of_change(metric.unit) for g in result.guards if (metric := source.metric(g.metric))}
    if len(units) != 1:
        return None
    unit = units.pop()
    rows = []
    for guard in result.guards:
        raw = metric.unit if (metric := source.metric(guard.metric)) else ""
        worse = guard.worse
        margin = scaled(guard.margin, raw) if guard.margin is not None else None
        rows.append(
            Interval(
                label=source.metric_title(guard.metric),
                estimate=scaled(worse.estimate, raw),
                low=scaled(worse.low, raw),
                high=scaled(worse.high, raw),
                margin=margin,
            )
        )
    return IntervalDrawing(
        title=f"Guards of {source.metric_title(result.metric).lower()}: how much worse each got, against its margin.",
        rows=tuple(rows),
        unit=unit,
    )
