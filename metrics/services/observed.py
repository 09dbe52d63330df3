"""From the observations of a metric to the figures of its comparison: sums over segments, clusters and periods."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.db.models import Q

from initiatives.dossier.metrics import Comparison
from metrics.estimation.clusters import combined, summary_of
from metrics.estimation.inputs import NotComputable, Summary
from metrics.models import Measure, Metric, Observation
from metrics.selectors import segments_of
from metrics.services.figures import (
    Averaged,
    Cluster,
    Clusters,
    Counted,
    Figures,
    Happened,
    Means,
    Observed,
    PairedMeans,
    Period,
    Rates,
    Series,
    Shares,
    Staggered,
    Whole,
)

SERIES = ("before_after", "interrupted_time_series")
LEAST_PERIODS = 3
NAMED = 5  # segments that a sentence still bears
Span = tuple[dt.date, dt.date]


@dataclass(frozen=True)
class Row:
    """One reading in its latest revision."""

    segment: str
    deployment: str
    period: Span
    value: float
    numerator: float | None
    denominator: float | None
    size: int | None
    spread: float | None


@dataclass(frozen=True)
class Found:
    """Figures as if they had been sent, and the effect period by period where that can be told."""

    figures: Figures
    periods: tuple[Period, ...] = ()


def figures_from(metric: Metric, asked: Observed, plan: Comparison, read_on: dt.date) -> Found:
    """Raises NotComputable, with a sentence that says what is missing."""
    if plan.method in SERIES:
        return Found(Series())
    until = asked.to_on or (min(plan.end_on, read_on) if plan.end_on else read_on)
    since = asked.from_on or plan.start_on
    if plan.method == "stepped_wedge":
        return Found(_wedge(metric, asked, since, until))
    changed = _rows(metric, asked.changed, since, until)
    comparison = _rows(metric, asked.comparison, since, until)
    if any("/" in row.segment for row in (*changed, *comparison)):
        return Found(_clusters(metric, changed, comparison))
    periods = tuple(_periods(metric, changed, comparison))
    if _is_share(metric, (*changed, *comparison)):
        return Found(
            Shares(changed=_counted(metric, changed), comparison=_counted(metric, comparison)), periods
        )
    if metric.measure == Measure.COUNT:
        return Found(Rates(changed=_happened(metric, changed), comparison=_happened(metric, comparison)))
    if all(row.spread is not None and row.size for row in (*changed, *comparison)):
        return Found(Means(changed=_averaged(changed), comparison=_averaged(comparison)), periods)
    return Found(_paired(metric, changed, comparison))


# -- reading --------------------------------------------------------------------------------------------------


def _rows(metric: Metric, segment: str, since: dt.date | None, until: dt.date) -> list[Row]:
    """The readings of a segment and of the clusters in it, none counted twice."""
    found = _read(metric, Q(segment=segment) | Q(segment__startswith=f"{segment}/"), since, until)
    if not found:
        raise NotComputable(("observations",), _nothing(metric, segment, since, until))
    _refuse_overlaps(metric, found)
    return found


def _read(metric: Metric, which: Q, since: dt.date | None, until: dt.date) -> list[Row]:
    rows = Observation.objects.filter(which, metric=metric, period_end__lte=until)
    if since is not None:
        rows = rows.filter(period_start__gte=since)
    latest: dict[tuple[str, str, Span], Row] = {}
    columns = ("segment", "deployment", "period_start", "period_end")
    numbers = ("value", "numerator", "denominator", "sample_size", "spread")
    ordered = rows.order_by("period_start", "period_end", "revision").values_list(*columns, *numbers)
    for where, place, start, end, *given in ordered.iterator(chunk_size=5000):
        latest[where, place, (start, end)] = Row(where, place, (start, end), *given)
    everywhere = [row for row in latest.values() if not row.deployment]
    return everywhere or list(latest.values())


def _nothing(metric: Metric, segment: str, since: dt.date | None, until: dt.date) -> str:
    named = ", ".join(f"“{name}”" for name in segments_of(metric)[:NAMED])
    begun = f" from {since:%-d %B %Y}" if since else ""
    said = f"No observation of {metric.title} in the segment “{segment}” was recorded{begun} to {until:%-d %B %Y}"
    return f"{said}. Its segments are {named}." if named else f"{said}, nor in any other segment."


def _refuse_overlaps(metric: Metric, rows: Iterable[Row]) -> None:
    spans: defaultdict[tuple[str, str], list[Span]] = defaultdict(list)
    for row in rows:
        spans[row.segment, row.deployment].append(row.period)
    for (segment, _place), periods in spans.items():
        for (_, end), (start, _) in pairwise(sorted(periods)):
            if start <= end:
                raise NotComputable(
                    ("observations",),
                    f"The periods of {metric.title} in “{segment}” overlap around {start:%-d %B %Y}: "
                    "its cases would be counted twice.",
                )


# -- summing up -----------------------------------------------------------------------------------------------


def _is_share(metric: Metric, rows: Iterable[Row]) -> bool:
    """Said by the plan; of a number without one, when each reading counts some of its cases."""
    if metric.measure != Measure.MEAN:
        return metric.measure == Measure.PROPORTION
    return all(
        row.numerator is not None and row.denominator is not None and row.numerator <= row.denominator
        for row in rows
    )


def _counted(metric: Metric, rows: Sequence[Row]) -> Counted:
    pairs = [_cases(metric, row) for row in rows]
    return Counted(events=sum(events for events, _ in pairs), total=sum(total for _, total in pairs))


def _cases(metric: Metric, row: Row) -> tuple[int, int]:
    """Events and cases of a share; a value with its sample size is as good."""
    if row.numerator is not None and row.denominator is not None:
        return round(row.numerator), round(row.denominator)
    if row.size is None or not 0 <= row.value <= 1:
        raise NotComputable(
            ("observations",),
            f"{metric.title} is a share: its observations need a numerator and a denominator, or a value between "
            "0 and 1 with its sample size.",
        )
    return round(row.value * row.size), row.size


def _happened(metric: Metric, rows: Sequence[Row]) -> Happened:
    if any(row.numerator is None or row.denominator is None for row in rows):
        raise NotComputable(
            ("observations",),
            f"{metric.title} is a count: its observations need the events as numerator and what they happened over "
            "as denominator.",
        )
    events = math.fsum(row.numerator or 0.0 for row in rows)
    return Happened(events=round(events), exposure=math.fsum(row.denominator or 0.0 for row in rows))


def _averaged(rows: Sequence[Row]) -> Averaged:
    whole = combined([Summary(row.value, row.spread or 0.0, row.size or 0) for row in rows])
    return Averaged(mean=whole.mean, sd=whole.sd, n=whole.n)


def _paired(metric: Metric, changed: Sequence[Row], comparison: Sequence[Row]) -> PairedMeans:
    """Without a spread between cases, the periods that both groups have are pairs."""
    of = [{row.period: row.value for row in rows} for rows in (changed, comparison)]
    both = sorted(set(of[0]) & set(of[1]))
    if len(both) < LEAST_PERIODS:
        raise NotComputable(
            ("observations",),
            f"The observations of {metric.title} need a sample size and a standard deviation, or at least "
            f"{LEAST_PERIODS} periods that both groups have; there are {len(both)}.",
        )
    differences = summary_of([of[0][period] - of[1][period] for period in both])
    return PairedMeans(mean=differences.mean, sd=differences.sd, n=differences.n)


def _clusters(metric: Metric, changed: Sequence[Row], comparison: Sequence[Row]) -> Clusters:
    readings = [
        Whole(cluster=name, changed=side, value=_level(metric, rows))
        for side, group in ((True, changed), (False, comparison))
        for name, rows in _by_segment(group).items()
    ]
    return Clusters(readings=tuple(readings))


def _by_segment(rows: Iterable[Row]) -> Mapping[str, list[Row]]:
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.segment].append(row)
    return found


def _level(metric: Metric, rows: Sequence[Row]) -> float:
    """The share or mean of one cluster over all its periods, each weighing what its cases are."""
    if _is_share(metric, rows):
        counted = _counted(metric, rows)
        return counted.events / counted.total if counted.total else 0.0
    weights = [float(row.size or row.denominator or 1) for row in rows]
    return math.fsum(w * row.value for w, row in zip(weights, rows, strict=True)) / math.fsum(weights)


def _wedge(metric: Metric, asked: Observed, since: dt.date | None, until: dt.date) -> Staggered:
    if not asked.starts:
        raise NotComputable(
            ("starts",), "Say on which day each cluster changed over; none for one that did not."
        )
    rows = _read(metric, Q(segment__in=list(asked.starts)), since, until)
    missing = sorted(set(asked.starts) - {row.segment for row in rows})
    if missing:
        named = ", ".join(f"“{name}”" for name in missing[:NAMED])
        raise NotComputable(("observations",), f"No observation of {metric.title} was recorded for {named}.")
    _refuse_overlaps(metric, rows)
    places = {period: place for place, period in enumerate(sorted({row.period for row in rows}))}
    readings = [
        Cluster(
            cluster=row.segment,
            period=places[row.period],
            treated=(start := asked.starts[row.segment]) is not None and row.period[0] >= start,
            value=row.value,
        )
        for row in rows
    ]
    return Staggered(readings=tuple(readings))


def _periods(metric: Metric, changed: Sequence[Row], comparison: Sequence[Row]) -> Iterable[Period]:
    """The effect in each period that both groups have, with its standard error, to tell whether it lasts."""
    of = [{row.period: row for row in rows} for rows in (changed, comparison)]
    for period in sorted(set(of[0]) & set(of[1])):
        sides = [_mean_and_variance(metric, group[period]) for group in of]
        if None in sides:
            return
        (one, first), (other, second) = (side for side in sides if side is not None)
        if first + second > 0:
            yield Period(effect=one - other, standard_error=math.sqrt(first + second))


def _mean_and_variance(metric: Metric, row: Row) -> tuple[float, float] | None:
    """The value of one group in one period and the variance of that value; None where it is not determined."""
    if _is_share(metric, (row,)):
        events, total = _cases(metric, row)
        return (events / total, events / total * (1 - events / total) / total) if total else None
    return (row.value, row.spread**2 / row.size) if row.spread is not None and row.size else None
