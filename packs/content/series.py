"""What was read in operation, drawn with control limits, and what each plan can tell, drawn as a curve."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gates.engine.checks.signals import Rates, chart_of
from gates.engine.planning import PlanTold, plans_told, terms_of
from gates.engine.policy import Rule
from gates.engine.readings import Track, is_share, shown, tracks_of
from gates.engine.view import View
from initiatives.dossier.metrics import Metric
from metrics.control_charts import NotComputable, Watch
from packs.content.parts import Block, Cell, Column, CurveDrawing, SeriesDrawing, Table
from packs.content.source import Source
from packs.content.words import day, number, sentence

MOST_SERIES = 4  # a paper shows the few that matter; the portal shows all
LAST = 3  # readings in the table below a drawing
LEAST = 2  # readings that make a series
CALLING = ("R1", "R2", "R3", "R4", "CUSUM")


def series_blocks(source: Source) -> Iterator[Block]:
    """The headline and what is watched, in the order of the dossier, those with a signal first."""
    view = View(source.policy, source.facts, source.verdict.judged_at)
    rule = next((rule for rule in source.policy.rules if isinstance(rule.params, Rates)), None)
    if rule is None:
        return
    watched = [metric for metric in source.dossier.metrics if metric.monitored or metric.headline]
    tracks = [track for metric in watched for track in tracks_of(view.case(rule), metric)]
    charted = [(track, _chart(view, rule, track)) for track in tracks if len(track.readings) >= LEAST]
    chosen = sorted(charted, key=lambda one: not _marks(*one))[:MOST_SERIES]
    for track, watch in chosen:
        yield _drawing(track, watch)
    if chosen:
        yield _table(chosen)


def _chart(view: View, rule: Rule, track: Track) -> Watch | None:
    if not isinstance(rule.params, Rates) or len(track.readings) < rule.params.points:
        return None
    try:
        return chart_of(view.case(rule), track, rule.params)
    except NotComputable:
        return None


def _marks(track: Track, watch: Watch | None) -> tuple[tuple[int, str], ...]:
    """Readings that stand out to the worse; standing out to the better is what was hoped for."""
    if watch is None:
        return ()
    worse = "down" if track.metric.direction == "higher_better" else "up"
    found = {
        one.index: one.sentence for one in watch.signals if one.rule in CALLING and one.direction == worse
    }
    return tuple(sorted(found.items()))


def _scale(metric: Metric) -> tuple[float, str]:
    return (100.0, "%") if is_share(metric) else (1.0, metric.unit)


def _drawing(track: Track, watch: Watch | None) -> SeriesDrawing:
    times, unit = _scale(track.metric)
    marks = _marks(track, watch)
    last = watch.points[-1] if watch else None
    said = "no reading stands out to the worse" if watch else "too few readings for control limits"
    if marks:
        said = f"marked: what stands out to the worse ({len(marks)})"
    return SeriesDrawing(
        title=f"{track.title}: {shown(track.metric, track.last.value)} at last; {said}.",
        values=tuple((f"{one.period_end:%-d %b}", one.value * times) for one in track.readings),
        unit=unit,
        limits=(last.lower * times, watch.centre * times, last.upper * times) if watch and last else None,
        marks=marks,
    )


def _table(chosen: Sequence[tuple[Track, Watch | None]]) -> Table:
    return Table(
        title="The last readings of what is drawn",
        columns=(
            Column(title="Metric", width=30),
            Column(title="Up to", width=20),
            Column(title="Value", width=16),
            Column(title="Control limits", width=20),
            Column(title="Rules broken", width=14),
        ),
        rows=tuple(
            _row(track, watch, place)
            for track, watch in chosen
            for place in range(len(track.readings))[-LAST:]
        ),
        note="R1 to R4 are the Western Electric rules, CUSUM the sum of small shifts; both directions are named.",
    )


def _row(track: Track, watch: Watch | None, place: int) -> tuple[Cell, ...]:
    one, (times, unit) = track.readings[place], _scale(track.metric)
    limits = rules = ""
    if watch is not None:
        point = watch.points[place]
        limits = f"{number(round(point.lower * times, 2))} to {number(round(point.upper * times, 2))}"
        rules = ", ".join(sorted({signal.rule for signal in watch.signals_at(place)} & set(CALLING)))
    return (
        Cell(text=track.title),
        Cell(text=day(one.period_end)),
        Cell(text=f"{number(round(one.value * times, 2))} {unit}"),
        Cell(text=limits or "not drawn yet"),
        Cell(text=rules or "none"),
    )


def curve_blocks(source: Source) -> Iterator[Block]:
    """What the plan of each claim can tell, by the size of the effect."""
    if source.is_learning:
        return
    terms = terms_of(source.policy)
    for metric in source.dossier.metrics:
        if metric.target is not None and metric.comparison is not None:
            for told in plans_told(metric, (), terms):
                if told.advice is not None:
                    yield _curve(told)


def _curve(told: PlanTold) -> CurveDrawing:
    advice, times = told.advice, 100.0 if told.is_share else 1.0
    if advice is None:
        raise ValueError(told.title)
    return CurveDrawing(
        title=f"{told.title}: {sentence(told.sentence)}",
        points=tuple((size * times, power) for size, power in advice.curve),
        unit="percentage points" if told.is_share else told.unit,
        claimed=None if told.claimed is None else told.claimed * times,
        detectable=None if advice.power.mde is None else advice.power.mde * times,
        target=advice.power.target_power,
    )
