"""What was read in operation, drawn with control limits, and what each plan can tell, drawn as a curve."""

from __future__ import annotations

from collections.abc import Iterator

from gates.engine.checks.signals import Rates, chart_of
from gates.engine.planning import PlanTold, plans_told, terms_of
from gates.engine.policy import Rule
from gates.engine.readings import Track, is_share, shown, tracks_of
from gates.engine.view import View
from initiatives.dossier.metrics import Metric
from metrics.control_charts import NotComputable, Watch
from packs.content.parts import Block, Cell, Column, CurveDrawing, SeriesDrawing, Table
from packs.content.source import Source
from packs.content.words import period, sentence

MOST_SERIES = 4  # a paper shows the few that matter; the portal shows all
LAST = 5  # readings in the table below a drawing
LEAST = 2  # readings that make a series
CALLING = ("suspend", "investigate")


def series_blocks(source: Source) -> Iterator[Block]:
    """The headline and what is watched, in the order of the dossier, those with a signal first."""
    view = View(source.policy, source.facts, source.verdict.judged_at)
    rule = next((rule for rule in source.policy.rules if isinstance(rule.params, Rates)), None)
    if rule is None:
        return
    watched = [metric for metric in source.dossier.metrics if metric.monitored or metric.headline]
    tracks = [track for metric in watched for track in tracks_of(view.case(rule), metric)]
    charted = [(track, _chart(view, rule, track)) for track in tracks if len(track.readings) >= LEAST]
    for track, watch in sorted(charted, key=lambda one: not _marks(one[1]))[:MOST_SERIES]:
        yield _drawing(track, watch)
        yield _table(track, watch)


def _chart(view: View, rule: Rule, track: Track) -> Watch | None:
    if not isinstance(rule.params, Rates) or len(track.readings) < rule.params.points:
        return None
    try:
        return chart_of(view.case(rule), track, rule.params)
    except NotComputable:
        return None


def _marks(watch: Watch | None) -> tuple[tuple[int, str], ...]:
    if watch is None:
        return ()
    found = {signal.index: signal.sentence for signal in watch.signals if signal.consequence in CALLING}
    return tuple(sorted(found.items()))


def _scale(metric: Metric) -> tuple[float, str]:
    return (100.0, "%") if is_share(metric) else (1.0, metric.unit)


def _drawing(track: Track, watch: Watch | None) -> SeriesDrawing:
    times, unit = _scale(track.metric)
    marks = _marks(watch)
    last = watch.points[-1] if watch else None
    said = "no reading breaks a rule of its control chart" if watch else "too few readings for control limits"
    if marks:
        said = f"marked: the readings that break a rule of its control chart ({len(marks)})"
    return SeriesDrawing(
        title=f"{track.title}: {shown(track.metric, track.last.value)} at last; {said}.",
        values=tuple((f"{one.period_end:%-d %b}", one.value * times) for one in track.readings),
        unit=unit,
        limits=(last.lower * times, watch.centre * times, last.upper * times) if watch and last else None,
        marks=marks,
    )


def _table(track: Track, watch: Watch | None) -> Table:
    places = range(len(track.readings))[-LAST:]
    return Table(
        title=f"{track.title}: the last readings",
        columns=(
            Column(title="Period", width=30),
            Column(title="Value", width=20),
            Column(title="Control limits", width=24),
            Column(title="Rules broken", width=26),
        ),
        rows=tuple(_row(track, watch, place) for place in places),
    )


def _row(track: Track, watch: Watch | None, place: int) -> tuple[Cell, ...]:
    one = track.readings[place]
    limits = rules = ""
    if watch is not None:
        point = watch.points[place]
        limits = f"{shown(track.metric, point.lower)} to {shown(track.metric, point.upper)}"
        rules = ", ".join(dict.fromkeys(signal.rule for signal in watch.signals_at(place)))
    return (
        Cell(text=period(one.period_start, one.period_end)),
        Cell(text=shown(track.metric, one.value)),
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
