"""Results of a metric as its page shows them: the latest drawn with its guards, the earlier ones as a list."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from alignment_portal.http.drawing.charts import Interval, interval_svg
from alignment_portal.http.drawing.scale import reading
from metrics.models import Measure, Metric, MetricResult

Pair = tuple[str, str]


@dataclass(frozen=True)
class ResultShown:
    result: MetricResult
    drawings: list[tuple[str, str]]  # title and drawing
    rows: list[Pair]
    head: tuple[str, str]


def result_shown(metric: Metric, result: MetricResult, known: Mapping[str, Metric]) -> ResultShown:
    scale, unit = _scale(metric)
    effect = Interval(
        metric.title,
        result.estimate * scale,
        result.low * scale,
        result.high * scale,
        None if result.claimed is None else result.claimed * scale,
    )
    drawings = [(result.sentence, interval_svg([effect], title=result.sentence, unit=unit))]
    rows = [*_effect(result, scale, unit), *_details(result.details)]
    for guard in result.details.get("guards", ()):
        counter = known.get(guard["metric"])
        title = counter.title if counter else guard["metric"]
        worse, (times, of) = guard["worse"], _scale(counter) if counter else (1.0, "")
        estimate, low, high = (worse[name] * times for name in ("estimate", "low", "high"))
        margin = None if guard["margin"] is None else guard["margin"] * times
        words = _("%(guard)s, positive is worse; the dashed line is its margin") % {"guard": title}
        drawings.append(
            (words, interval_svg([Interval(title, estimate, low, high, margin)], title=words, unit=of))
        )
        verdict = str(guard["verdict"]).replace("_", " ").lower()
        rows.append((title, f"{_interval(estimate, low, high)} {of}: {verdict}"))
    return ResultShown(result, drawings, rows, (_("What"), _("Value")))


def _scale(metric: Metric) -> tuple[float, str]:
    return (100.0, _("percentage points")) if metric.measure == Measure.PROPORTION else (1.0, metric.unit)


def _interval(estimate: float, low: float, high: float) -> str:
    return f"{reading(estimate)} ({reading(low)} – {reading(high)})"


def _effect(result: MetricResult, scale: float, unit: str) -> list[Pair]:
    parts = [part * scale for part in (result.estimate, result.low, result.high)]
    rows = [(_("Effect, positive is better, with its 95% interval"), f"{_interval(*parts)} {unit}")]
    relative = result.details.get("relative")
    if relative:
        found = [100 * relative[name] for name in ("estimate", "low", "high")]
        rows.append((_("In relation to the comparison group"), f"{_interval(*found)}%"))
    if result.claimed is not None:
        rows.append((_("Claimed"), f"{reading(result.claimed * scale)} {unit}"))
    rows.append((_("Cases"), f"{result.n:,}"))
    if result.p_value is not None:
        rows.append((_("p, two-sided"), f"{result.p_value:.3g}"))
    return rows


def _details(details: Mapping[str, Any]) -> list[Pair]:
    """What the method says beside the effect; only what was computed."""
    rows: list[Pair] = [(_("Computed by"), str(details.get("computed_by", "")))]
    numbers = (
        (_("Sample ratio, p"), details.get("sample_ratio_p")),
        (_("Pre-trend, p"), details.get("pre_trend_p")),
        (_("Lag-one correlation of what is left"), details.get("lag_one")),
        (_("Share of the treated that were matched"), details.get("matched_share")),
    )
    rows += [(name, f"{value:.3g}") for name, value in numbers if value is not None]
    holm = details.get("holm") or {}
    if holm.get("claims", 1) > 1:
        rows.append(
            (_("p among %(n)d primary claims (Holm)") % {"n": holm["claims"]}, f"{holm['p_adjusted']:.3g}")
        )
    e_value = details.get("e_value")
    if e_value:
        words = _("%(estimate)s; for the nearer limit %(limit)s")
        told = words % {"estimate": f"{e_value['estimate']:.2f}", "limit": f"{e_value['limit']:.2f}"}
        rows.append((_("E-value"), told))
    for one in details.get("balance") or ():
        words = _("difference %(d)s, variance ratio %(r)s")
        told = words % {"d": f"{one['standardised_difference']:.3f}", "r": f"{one['variance_ratio']:.2f}"}
        rows.append((_("Balance of %(name)s") % {"name": one["covariate"]}, told))
    lasting = details.get("lasting")
    if lasting:
        told = f"{lasting['first_third']:.3g} → {lasting['last_third']:.3g}"
        rows.append((_("Effect in the first and the last third"), told))
    return rows
