"""Readings, drift, results and acknowledgements as they were known at one moment: one query each, however many keys.

The rows carry the judge's own names, so that whoever loads facts can map them field by field.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar, dataclass_transform

import msgspec
from django.db.models import Min, OuterRef, QuerySet, Subquery

from alignment_portal import clock
from alignment_portal.portions import About, rows_about
from alignment_portal.refusals import NotFound
from initiatives.models import Deployment, Initiative
from metrics.control_charts import MINIMUM_POINTS, Direction, NotComputable, Watch, watch_rate, watch_values
from metrics.control_charts import Reading as RateReading
from metrics.models import Acknowledgement, DriftReading, Measure, Metric, MetricResult, Observation
from metrics.selectors.recent import entries_read, recent_periods, segments_read

LONGEST_SERIES = 60
MOST_SHOWN = 50
T = TypeVar("T")


# What the line below says of this class, type checkers do not pass on to the classes built on it.
@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Row(msgspec.Struct, frozen=True, kw_only=True):
    """Plain values, named as the judge names them."""


class ReadingRow(Row):
    period_start: dt.date
    period_end: dt.date
    value: float
    numerator: float | None = None
    denominator: float | None = None
    sample_size: int | None = None


class SeriesRow(Row):
    metric: str
    readings: tuple[ReadingRow, ...]
    deployment: str | None = None


class DriftRow(Row):
    metric: str
    period_end: dt.date
    psi: float
    n_expected: int
    n_actual: int
    bins: int


class IntervalRow(Row):
    estimate: float
    low: float
    high: float


class GuardRow(Row):
    metric: str
    worse: IntervalRow
    margin: float | None
    verdict: str


class BalanceRow(Row):
    covariate: str
    standardised_difference: float
    variance_ratio: float


class ResultRow(Row):
    metric: str
    method: str
    recorded_at: dt.datetime
    read_on: dt.date
    better: IntervalRow
    claimed: float | None
    code: str
    sentence: str
    n: int
    guards: tuple[GuardRow, ...] = ()
    sample_ratio_p: float | None = None
    balance: tuple[BalanceRow, ...] = ()
    matched_share: float | None = None
    trend_handled: bool | None = None
    lag_one: float | None = None
    other_changes: str = ""
    fading: bool | None = None


class AcknowledgementRow(Row):
    rule: str
    metric: str
    by: str
    at: dt.datetime
    cause: str
    period_end: dt.date


KEY = "metric__initiative__key"
PLACE = ("metric__code", "deployment")


def series_for(
    about: About, at: dt.datetime | None = None, *, segment: str = ""
) -> dict[str, tuple[SeriesRow, ...]]:
    """The last 60 readings of each metric and deployment, each in the latest revision known at that moment."""
    rows = recent_periods(about, at, segment=segment, periods=LONGEST_SERIES)
    found: defaultdict[str, tuple[SeriesRow, ...]] = defaultdict(tuple)
    for (key, code, deployment), readings in groupby(rows, key=itemgetter(0, 1, 2)):
        series = SeriesRow(
            metric=code,
            deployment=deployment or None,
            readings=tuple(_reading(row) for row in readings),
        )
        found[key] = (*found[key], series)
    return dict(found)


def _reading(row: tuple[Any, ...]) -> ReadingRow:
    start, end, value, numerator, denominator, size = row[3:]
    return ReadingRow(
        period_start=start,
        period_end=end,
        value=value,
        numerator=numerator,
        denominator=denominator,
        sample_size=size,
    )


# What was known of each kind at a moment.


def _drift(at: dt.datetime | None) -> QuerySet[DriftReading]:
    return DriftReading.objects.filter(recorded_at__lte=at)


def _results(at: dt.datetime | None) -> QuerySet[MetricResult]:
    return MetricResult.objects.filter(recorded_at__lte=at)


def _acknowledgements(at: dt.datetime | None) -> QuerySet[Acknowledgement]:
    return Acknowledgement.objects.filter(at__lte=at)


def drift_for(about: About, at: dt.datetime | None = None) -> dict[str, tuple[DriftRow, ...]]:
    """The last drift reading of each metric and deployment."""
    names = ("period_end", "psi", "n_expected", "n_actual", "bins")
    latest: dict[tuple[str, str, str], DriftRow] = {}
    for key, code, deployment, *values in rows_about(
        about,
        _drift,
        KEY,
        (*PLACE, *names),
        (*PLACE, "period_end", "revision"),
        at=at or clock.now(),
    ):
        latest[key, code, deployment] = DriftRow(metric=code, **dict(zip(names, values, strict=True)))
    return _by_key((key, row) for (key, _, _), row in latest.items())


def drift_history(key: str, at: dt.datetime | None = None) -> tuple[DriftRow, ...]:
    """Every drift reading of one initiative in order of its period, each in the latest revision known at that moment."""
    known = DriftReading.objects.filter(metric__initiative__key=key, recorded_at__lte=at or clock.now())
    names = ("period_end", "psi", "n_expected", "n_actual", "bins")
    latest: dict[tuple[str, str, dt.date], DriftRow] = {}
    for code, deployment, *values in known.order_by("period_end", "revision").values_list(*PLACE, *names):
        latest[code, deployment, values[0]] = DriftRow(metric=code, **dict(zip(names, values, strict=True)))
    return tuple(latest.values())


_RESULT = ("method", "recorded_at", "read_on", "claimed", "code", "sentence", "n")


def results_for(about: About, at: dt.datetime | None = None) -> dict[str, tuple[ResultRow, ...]]:
    """The latest result of each metric."""
    columns = ("metric__code", "estimate", "low", "high", "details", *_RESULT)
    latest: dict[tuple[str, str], ResultRow] = {}
    for key, metric, estimate, low, high, details, *values in rows_about(
        about, _results, KEY, columns, ("metric__code", "recorded_at", "id"), at=at or clock.now()
    ):
        known_details = {name: details[name] for name in ResultRow.__struct_fields__ if name in details}
        better = {"estimate": estimate, "low": low, "high": high}
        row = {"metric": metric, "better": better, **dict(zip(_RESULT, values, strict=True)), **known_details}
        latest[key, metric] = msgspec.convert(row, ResultRow)
    return _by_key((key, row) for (key, _), row in latest.items())


def acknowledgements_for(
    about: About, at: dt.datetime | None = None
) -> dict[str, tuple[AcknowledgementRow, ...]]:
    columns = ("metric__code", "rule", "by__email", "at", "cause", "period_end")
    return _by_key(
        (
            key,
            AcknowledgementRow(rule=rule, metric=code, by=by, at=moment, cause=cause, period_end=period_end),
        )
        for key, code, rule, by, moment, cause, period_end in rows_about(
            about, _acknowledgements, KEY, columns, ("at", "id"), at=at or clock.now()
        )
    )


def _by_key(pairs: Iterator[tuple[str, T]]) -> dict[str, tuple[T, ...]]:
    found: defaultdict[str, tuple[T, ...]] = defaultdict(tuple)
    for key, row in pairs:
        found[key] = (*found[key], row)
    return dict(found)


def metrics_of(initiative: Initiative) -> "QuerySet[Metric]":
    """Metrics in the order of the dossier, with what a list of them shows."""
    return (
        Metric.objects.in_dossier()
        .filter(initiative=initiative)
        .select_related("baseline", "plan")
        .prefetch_related("guards__claim")
        .order_by("position", "pk")
    )


def latest_result(metric: Metric) -> MetricResult | None:
    return metric.results.order_by("-recorded_at", "-pk").first()


def latest_results(initiative: Initiative) -> dict[str, MetricResult]:
    """The latest result of each metric of an initiative by its code, whole; metrics without one are left out."""
    newest = MetricResult.objects.filter(metric=OuterRef("metric")).order_by("-recorded_at", "-pk")
    found = MetricResult.objects.filter(
        metric__initiative=initiative, pk=Subquery(newest.values("pk")[:1])
    ).select_related("metric")
    return {result.metric.code: result for result in found}


def metric_or_404(initiative: Initiative, code: str) -> Metric:
    """A metric that is or was in the dossier: what was recorded of it stays readable."""
    metric = (
        Metric.objects.select_related("baseline", "plan").filter(initiative=initiative, code=code).first()
    )
    if metric is None:
        raise NotFound(f"{initiative.key} has no metric “{code}”.", code="metric_not_found")
    return metric


def results_of(metric: Metric) -> list[MetricResult]:
    """Every result of a metric, the latest first."""
    return list(metric.results.select_related("recorded_by").order_by("-recorded_at", "-pk")[:MOST_SHOWN])


def segments_of(metric: Metric) -> list[str]:
    """The segments it was read in, as many as a page can name; the unnamed one, which is all cases, left out."""
    return segments_read(metric.pk, MOST_SHOWN)


def entries_of(metric: Metric) -> "QuerySet[Observation]":
    """What was recorded of it, the latest entry first: corrections beside what they corrected."""
    return entries_read(metric.pk).select_related("recorded_by")


def chart_of(metric: Metric, series: SeriesRow) -> Watch | None:
    """A series on its control chart: a Laney p' chart for counted shares, else an XmR chart.

    The readings before going live give the limits when they are at least 12, else the first 12. None while there
    are fewer, or when they do not vary.
    """
    worse: Direction = "down" if metric.direction == "higher_better" else "up"
    first = _phase_one(metric, series)
    rates = [_counted(row) for row in series.readings]
    counted = [rate for rate in rates if rate is not None]
    try:
        if metric.measure == Measure.PROPORTION and len(counted) == len(rates):
            return watch_rate(counted, phase_one=first, worse=worse)
        return watch_values([row.value for row in series.readings], phase_one=first, worse=worse)
    except NotComputable:
        return None


def _phase_one(metric: Metric, series: SeriesRow) -> int:
    live = Deployment.objects.filter(initiative=metric.initiative_id, live_from__isnull=False)
    since = live.exclude(state="planned").aggregate(first=Min("live_from"))["first"]
    before = len([row for row in series.readings if since is not None and row.period_end < since])
    return max(MINIMUM_POINTS, before)


def _counted(row: ReadingRow) -> RateReading | None:
    if row.numerator is not None and row.denominator is not None:
        return RateReading(n=round(row.denominator), x=round(row.numerator))
    if row.sample_size and 0 <= row.value <= 1:
        return RateReading(n=row.sample_size, x=round(row.value * row.sample_size))
    return None
