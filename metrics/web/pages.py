"""The page of one metric: its series, its plan, its result, and how it came to be what it is."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from gates.engine.planning import threats_of
from gates.selectors.leading import leading_told
from gates.selectors.plans import plans_shown
from gates.selectors.signals import signals_of
from initiatives.dossier.metrics import Metric as DossierMetric
from metrics.models import Metric
from metrics.selectors import entries_of, metric_or_404, results_of, segments_of, series_for
from metrics.web.charts import SeriesShown, series_shown
from metrics.web.forms import ReadingForm
from metrics.web.frame import Visit, crumbs, visit
from metrics.web.results import result_shown

ENTRIES = 20


@require_GET
def metric(request: HttpRequest, key: str, code: str) -> HttpResponse:
    at = visit(request, key)
    return metric_page(at, metric_or_404(at.initiative, code))


def metric_page(
    at: Visit, row: Metric, form: ReadingForm | None = None, *, status: int = 200
) -> HttpResponse:
    """Shown by its own address, and again when a reading entered by hand was refused."""
    described = next((one for one in at.case.facts.dossier.metrics if one.code == row.code), None)
    segment = at.request.GET.get("segment", "")[:64]
    results = results_of(row)
    known = {one.code: one for one in Metric.objects.filter(initiative=at.initiative)}
    context = {
        "at": at,
        "key": at.key,
        "metric": row,
        "described": described,
        "crumbs": crumbs(at.key),
        "facts": _facts(row, described, known),
        "series": _series(row, segment),
        "segment": segment,
        "segments": segments_of(row),
        "signals": [signal for signal in signals_of(at.view) if signal.metric == row.code],
        "plans": plans_shown(at.case.policy, at.case.facts.dossier, described) if described else [],
        "plan_path": f"metrics/{row.code}/comparison",
        "plan_head": (_("Effect"), _("Chance of showing it")),
        "threats": threats_of(described.comparison) if described and described.comparison else (),
        "latest": result_shown(row, results[0], known) if results else None,
        "earlier": results[1:],
        "entries": entries_of(row)[:ENTRIES],
        "form": (form or ReadingForm(metric=row)) if at.may_record else None,
    }
    return render(at.request, "metrics/metric.html", context, status=status)


def _series(row: Metric, segment: str) -> list[SeriesShown]:
    key = row.initiative.key
    found = [one for one in series_for([key], segment=segment).get(key, ()) if one.metric == row.code]
    return [series_shown(row, one, one.deployment or segment) for one in found]


def _facts(row: Metric, described: DossierMetric | None, known: dict[str, Metric]) -> list[tuple[str, str]]:
    """What the dossier says of it, as names and values."""
    if described is None:
        return [(_("State"), _("It has left the dossier; what was recorded of it stays."))]
    baseline, limits = described.baseline, described.limits
    pairs = [
        (_("Unit"), described.unit),
        (_("Direction"), row.get_direction_display()),
        (_("Definition"), described.definition),
        (_("Source"), " · ".join(part for part in (described.source.system, described.source.query) if part)),
        (_("Read every"), f"{described.cadence_days} {_('days')}" if described.cadence_days else ""),
    ]
    if baseline is not None:
        cases = f", {baseline.sample_size:,} {_('cases')}" if baseline.sample_size else ""
        span = ""
        if baseline.period_start and baseline.period_end:
            span = f", {baseline.period_start:%-d %b %Y} – {baseline.period_end:%-d %b %Y}"
        pairs.append((_("Baseline"), f"{baseline.value:g} {described.unit}{cases}{span}"))
    if described.target is not None:
        pairs.append((_("Claimed"), f"{described.target.effect:+g} {described.unit}".replace("-", "−")))
    if limits is not None:
        named = ((_("margin"), limits.margin), (_("look at"), limits.amber), (_("stop at"), limits.limit))
        pairs.append(
            (_("Limits"), ", ".join(f"{name} {value:g}" for name, value in named if value is not None))
        )
    if described.leading is not None:
        early = known.get(described.leading.metric)
        told = leading_told(
            described.leading, early.title if early else described.leading.metric, row.initiative.key
        )
        pairs.append((_("Early reading"), f"{told.title}: {told.sentence}"))
    guarded = [known[guard.metric].title for guard in described.guards if guard.metric in known]
    pairs.append((_("Guards"), ", ".join(guarded)))
    return [(name, value) for name, value in pairs if value]
