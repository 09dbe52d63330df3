"""The measurement tab: each metric by layer with its baseline, its plan, what the judge says of them, its result."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from alignment_portal.http.drawing.charts import Interval, interval_svg
from alignment_portal.http.drawing.scale import reading
from gates.engine.facts import Result
from initiatives.dossier.metrics import Metric
from initiatives.web.fields import typed_number
from initiatives.web.looking import Look
from initiatives.web.words import word

LAYERS = ("outcome", "operational", "counter", "model_health")


@dataclass(frozen=True)
class MetricLine:
    metric: Metric
    owner: str
    node: str
    baseline: str
    claim: str
    plan: str
    guards: tuple[str, ...]
    limits: str
    judged: list[tuple[bool, str, str]]
    result: Result | None
    drawing: str
    href: str


@dataclass(frozen=True)
class Layer:
    name: str
    title: str
    metrics: list[MetricLine]


def layers_of(look: Look) -> list[Layer]:
    results = _latest(look.facts.results)
    lines = [
        (metric.layer, _line(look, position, metric, results.get(metric.code)))
        for position, metric in enumerate(look.dossier.metrics)
    ]
    layers = [
        Layer(name, _titles()[name], [line for layer, line in lines if layer == name]) for name in LAYERS
    ]
    return [layer for layer in layers if layer.metrics]


def _titles() -> dict[str, str]:
    return {
        "outcome": _("Outcome"),
        "operational": _("Operational effect"),
        "counter": _("Counter-metrics: what must not get worse"),
        "model_health": _("Model health"),
    }


def _latest(results: tuple[Result, ...]) -> dict[str, Result]:
    return {result.metric: result for result in sorted(results, key=lambda result: result.recorded_at)}


def _line(look: Look, position: int, metric: Metric, result: Result | None) -> MetricLine:
    titles = {node.code: node.title for node in look.dossier.outcome_chain.nodes}
    metrics = {other.code: other.title for other in look.dossier.metrics}
    return MetricLine(
        metric=metric,
        owner=look.names.get(metric.owner or "", metric.owner or ""),
        node=titles.get(metric.node or "", ""),
        baseline=_baseline(metric),
        claim=_claim(metric),
        plan=_plan(metric),
        guards=tuple(metrics.get(guard.metric, guard.metric) for guard in metric.guards),
        limits=_limits(metric),
        judged=look.said_at(f"/metrics/{position}", "measurement"),
        result=result,
        drawing=_drawn(look, metric, result) if result is not None else "",
        href=f"#metric-{metric.code}",
    )


def _baseline(metric: Metric) -> str:
    baseline = metric.baseline
    if baseline is None:
        return ""
    parts = [f"{typed_number(baseline.value)} {metric.unit}"]
    if baseline.sample_size:
        parts.append(_("from %(n)s cases") % {"n": f"{baseline.sample_size:,}"})
    if baseline.period_start and baseline.period_end:
        parts.append(f"{baseline.period_start:%-d %b %Y} – {baseline.period_end:%-d %b %Y}")
    return ", ".join(parts)


def _claim(metric: Metric) -> str:
    target = metric.target
    if target is None:
        return ""
    sign = "−" if target.effect < 0 else "+"
    words = f"{sign}{typed_number(abs(target.effect))} {metric.unit}"
    return f"{words}, {_('by')} {target.by_on:%-d %B %Y}" if target.by_on else words


def _plan(metric: Metric) -> str:
    plan = metric.comparison
    if plan is None:
        return ""
    parts = [word(plan.method, "method")]
    if plan.sample_per_arm:
        parts.append(_("%(n)s cases per arm") % {"n": f"{plan.sample_per_arm:,}"})
    if plan.start_on and plan.end_on:
        parts.append(f"{plan.start_on:%-d %b %Y} – {plan.end_on:%-d %b %Y}")
    return ", ".join(parts)


def _limits(metric: Metric) -> str:
    limits = metric.limits
    if limits is None:
        return ""
    parts = []
    if limits.margin is not None:
        parts.append(_("at most %(margin)s worse") % {"margin": typed_number(limits.margin)})
    if limits.limit is not None:
        parts.append(_("stop at %(limit)s") % {"limit": typed_number(limits.limit)})
    return ", ".join(parts)


def _drawn(look: Look, metric: Metric, result: Result) -> str:
    """The effect with its interval, and below it each guard on an axis of its own: their units differ."""
    better, metrics = result.better, {one.code: one for one in look.dossier.metrics}
    effect = Interval(metric.title, better.estimate, better.low, better.high, result.claimed)
    drawings = [interval_svg([effect], title=result.sentence, unit=metric.unit)]
    for guard in result.guards:
        worse, known = guard.worse, metrics.get(guard.metric)
        title, unit = (known.title, known.unit) if known else (guard.metric, "")
        words = _("%(guard)s, positive is worse") % {"guard": title}
        row = Interval(title, worse.estimate, worse.low, worse.high, guard.margin)
        drawings.append(interval_svg([row], title=words, unit=unit))
    return "".join(drawings)


def interval_words(result: Result, unit: str) -> str:
    better = result.better
    return f"{reading(better.estimate)} ({reading(better.low)} – {reading(better.high)}) {unit}"
