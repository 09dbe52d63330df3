"""The dossier's metrics as rows: for constraints, joins and lists. The dossier stays the truth."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from alignment_portal import clock
from alignment_portal.audit.guard import service
from initiatives.dossier.metrics import Metric as DossierMetric
from initiatives.models import Initiative
from metrics.models import Baseline, ComparisonPlan, Guard, Measure, Metric
from metrics.services.measures import says_share

KEY = ("initiative", "code")
COLUMNS = (
    "position",
    "title",
    "layer",
    "unit",
    "direction",
    "node",
    "measure",
    "owner_email",
    "cadence_days",
    "monitored",
    "headline",
    "claimed",
    "tags",
    "left_dossier_at",
)


@service
def project_metrics(*, initiative: Initiative, metrics: Sequence[DossierMetric]) -> None:
    """Write an initiative's metrics anew, in a fixed number of statements.

    A part of saving a dossier, which judges the actor, keeps the record and tells of the change. A metric that left
    the dossier keeps its row and its records, and comes back under the same code.
    """
    rows = _rows(initiative, metrics)
    Metric.objects.bulk_create(rows, update_conflicts=True, unique_fields=KEY, update_fields=COLUMNS)
    known = Metric.objects.filter(initiative=initiative)
    gone = known.in_dossier().exclude(code__in=[metric.code for metric in metrics])
    gone.update(left_dossier_at=clock.now())
    ids = dict(known.values_list("code", "pk"))
    for projected in (Baseline, ComparisonPlan, Guard):
        projected.objects.filter(metric__initiative=initiative).delete()
    _create_parts([(ids[metric.code], metric, ids) for metric in metrics])


@service
def project_new_metrics(*, dossiers: Sequence[tuple[Initiative, Sequence[DossierMetric]]]) -> None:
    """Write the metrics of initiatives that have none yet, in a fixed number of statements for all of them."""
    Metric.objects.bulk_create(row for initiative, metrics in dossiers for row in _rows(initiative, metrics))
    ids: defaultdict[object, dict[str, int]] = defaultdict(dict)
    owners = [initiative.pk for initiative, _ in dossiers]
    rows = Metric.objects.filter(initiative__in=owners).values_list("initiative_id", "code", "pk")
    for owner, code, pk in rows:
        ids[owner][code] = pk
    _create_parts(
        [
            (ids[initiative.pk][metric.code], metric, ids[initiative.pk])
            for initiative, metrics in dossiers
            for metric in metrics
        ]
    )


def _rows(initiative: Initiative, metrics: Sequence[DossierMetric]) -> list[Metric]:
    return [_row(initiative, position, metric) for position, metric in enumerate(metrics)]


def _create_parts(placed: Sequence[tuple[int, DossierMetric, Mapping[str, int]]]) -> None:
    """Baselines, plans and guards of metrics by their id; with each the ids of its initiative's metrics by code."""
    Baseline.objects.bulk_create(_baseline(pk, metric) for pk, metric, _ in placed if metric.baseline)
    ComparisonPlan.objects.bulk_create(_plan(pk, metric) for pk, metric, _ in placed if metric.comparison)
    Guard.objects.bulk_create(
        Guard(
            metric_id=pk,
            claim_id=ids[guard.metric],
            margin=metric.limits.margin if metric.limits else None,
            gaming=guard.gaming,
        )
        for pk, metric, ids in placed
        for guard in metric.guards
    )


def measure_of(metric: DossierMetric) -> str:
    """What the plan says it is; without a plan, a numerator over a denominator whose unit is a share.

    Euro per decision have a numerator and a denominator too, and are no share.
    """
    if metric.comparison is not None:
        return metric.comparison.measure
    is_share = metric.numerator and metric.denominator and says_share(metric.unit)
    return Measure.PROPORTION if is_share else Measure.MEAN


def _row(initiative: Initiative, position: int, metric: DossierMetric) -> Metric:
    return Metric(
        initiative=initiative,
        code=metric.code,
        position=position,
        title=metric.title,
        layer=metric.layer,
        unit=metric.unit,
        direction=metric.direction,
        node=metric.node or "",
        measure=measure_of(metric),
        owner_email=metric.owner or "",
        cadence_days=metric.cadence_days,
        monitored=metric.monitored,
        headline=metric.headline,
        claimed=metric.target.effect if metric.target else None,
        tags=list(metric.tags),
    )


def _baseline(metric_id: int, metric: DossierMetric) -> Baseline:
    baseline = metric.baseline
    if baseline is None:
        raise ValueError(metric.code)
    names = ("value", "spread", "sample_size", "period_start", "period_end", "extracted_on")
    return Baseline(metric_id=metric_id, **{name: getattr(baseline, name) for name in names})


def _plan(metric_id: int, metric: DossierMetric) -> ComparisonPlan:
    plan = metric.comparison
    if plan is None:
        raise ValueError(metric.code)
    names = (
        "method",
        "primary",
        "alpha",
        "power",
        "start_on",
        "end_on",
        "launch_on",
        "frozen_on",
        "sample_per_arm",
    )
    return ComparisonPlan(metric_id=metric_id, **{name: getattr(plan, name) for name in names})
