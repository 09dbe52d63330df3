"""The series of a metric, drawn with limits and signals, and the table with the same numbers beside each drawing."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from alignment_portal.http.drawing.charts import Limits, series_svg
from alignment_portal.http.drawing.scale import reading
from metrics.control_charts import Watch
from metrics.models import Measure, Metric
from metrics.selectors import SeriesRow, chart_of

Cell = tuple[str, ...]


@dataclass(frozen=True)
class SeriesShown:
    """One series: where it was read, its drawing, and its table, the latest row first."""

    name: str
    sentence: str
    drawing: str
    head: tuple[str, ...]
    rows: list[Cell]
    is_charted: bool


def series_shown(metric: Metric, series: SeriesRow, where: str = "") -> SeriesShown:
    watch = chart_of(metric, series)
    scale = 100.0 if metric.measure == Measure.PROPORTION else 1.0
    unit = "%" if scale > 1 else metric.unit
    values = [(f"{row.period_end:%-d %b}", row.value * scale) for row in series.readings]
    sentence = _sentence(metric, series, watch, where)
    drawing = series_svg(
        values, title=sentence, unit=unit, limits=_limits(watch, scale), signals=_marks(metric, watch)
    )
    head = (_("Period"), _("Value"), _("Cases"), _("Limits"), _("Signals"))
    rows = [_row(series, watch, place, scale, unit) for place in reversed(range(len(series.readings)))]
    return SeriesShown(where, sentence, drawing, head, rows, watch is not None)


def _limits(watch: Watch | None, scale: float) -> Limits | None:
    """Those of the latest reading: on a chart of shares they differ from period to period, as the table says."""
    if watch is None:
        return None
    last = watch.points[-1]
    return Limits(watch.centre * scale, last.lower * scale, last.upper * scale)


def _marks(metric: Metric, watch: Watch | None) -> dict[int, str]:
    """Readings that stand out to the worse; standing out to the better is what was hoped for, and in the table."""
    if watch is None:
        return {}
    worse = "down" if metric.direction == "higher_better" else "up"
    calling = [one for one in watch.signals if one.rule != "R5" and one.direction == worse]
    return {
        signal.index: " ".join(one.sentence for one in calling if one.index == signal.index)
        for signal in calling
    }


def _sentence(metric: Metric, series: SeriesRow, watch: Watch | None, where: str) -> str:
    last = series.readings[-1]
    share = metric.measure == Measure.PROPORTION
    told = f"{reading(last.value * 100)}%" if share else f"{reading(last.value)} {metric.unit}"
    words = _("%(title)s was %(value)s in the period to %(day)s") % {
        "title": f"{metric.title} ({where})" if where else metric.title,
        "value": told,
        "day": f"{last.period_end:%-d %B %Y}",
    }
    if watch is None:
        return _("%(words)s. Limits are drawn from twelve readings on.") % {"words": words}
    marked = len(_marks(metric, watch))
    if not marked:
        return _("%(words)s, and no reading stands out to the worse.") % {"words": words}
    return _("%(words)s; readings that stand out to the worse: %(n)d.") % {
        "words": words,
        "n": marked,
    }


def _row(series: SeriesRow, watch: Watch | None, place: int, scale: float, unit: str) -> Cell:
    row = series.readings[place]
    cases = (
        f"{reading(row.numerator)} / {reading(row.denominator)}"
        if row.denominator and row.numerator is not None
        else ""
    )
    if not cases and row.sample_size:
        cases = f"{row.sample_size:,}"
    limits = signals = ""
    if watch is not None:
        point = watch.points[place]
        limits = f"{reading(point.lower * scale)} – {reading(point.upper * scale)}"
        signals = ", ".join(dict.fromkeys(signal.rule for signal in watch.signals_at(place)))
    period = f"{row.period_start:%-d %b} – {row.period_end:%-d %b %Y}"
    return (period, f"{reading(row.value * scale)} {unit}".strip(), cases, limits, signals)
