"""What a comparison shows: the difference, its guards, whether it can be read at all, and the verdict on it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from alignment_portal import clock
from initiatives.dossier.metrics import Comparison
from initiatives.dossier.metrics import Metric as DossierMetric
from metrics.estimation.inputs import NotComputable
from metrics.estimation.matching import Balance, EValue
from metrics.estimation.means import Novelty, holm
from metrics.estimation.verdict import Context, Counter, Measured, Validity, Verdict, overall_verdict
from metrics.models import Metric, MetricResult
from metrics.selectors import SeriesRow
from metrics.services.differences import (
    LEVEL,
    Difference,
    balance_of,
    difference_in,
    hidden_cause_of,
    lasting_of,
    sample_ratio_of,
)
from metrics.services.figures import (
    Figures,
    GuardFigures,
    Means,
    Observed,
    Rates,
    ResultFigures,
    Series,
    Shares,
)
from metrics.services.observed import Found, figures_from

MORE_IS_BETTER = {"higher_better": 1, "lower_better": -1}
PRE_TREND_ALPHA = 0.05


@dataclass(frozen=True)
class Subject:
    """The claim a result is about, as the dossier states it now."""

    metric: DossierMetric
    plan: Comparison
    sign: int  # +1 where more is better
    claimed: float  # oriented, above 0
    guards: Mapping[str, DossierMetric]
    metrics: Sequence[DossierMetric]
    series: Sequence[SeriesRow]
    rows: Mapping[str, Metric]  # by code


@dataclass(frozen=True)
class Family:
    """The primary claims of one initiative, so that one of many is not read as if it were alone (Holm 1979)."""

    claims: int
    p_adjusted: float | None
    level: float  # at which the interval of this one agrees with the adjusted test


@dataclass(frozen=True)
class Reading:
    """Everything computed for one result."""

    difference: Difference
    family: Family
    hidden: EValue | None
    verdict: Verdict
    worsenings: Mapping[str, Difference]
    sample_ratio_p: float | None
    balance: Balance | None
    lasting: Novelty | None


def with_observations(sent: ResultFigures, subject: Subject) -> ResultFigures:
    """The same, with what is to be taken from the observations put in as figures."""

    def found(code: str, figures: Figures) -> Found:
        if not isinstance(figures, Observed):
            return Found(figures)
        return figures_from(subject.rows[code], figures, subject.plan, sent.read_on)

    primary = found(subject.metric.code, sent.figures)
    guards = tuple(
        GuardFigures(metric=guard.metric, figures=found(guard.metric, guard.figures).figures)
        for guard in sent.guards
    )
    return msgspec.structs.replace(
        sent, figures=primary.figures, guards=guards, periods=sent.periods or primary.periods
    )


def read(sent: ResultFigures, subject: Subject) -> Reading:
    plan, is_ab = subject.plan, subject.plan.method == "ab_test"
    difference = _difference(sent.figures, subject.metric, subject)
    family = _family(subject, difference.estimate.p_value)
    judged = difference
    if family.level != LEVEL:
        judged = _difference(sent.figures, subject.metric, subject, family.level)
    worsenings = {
        guard.metric: _difference(guard.figures, subject.guards[guard.metric], subject)
        for guard in sent.guards
    }
    ratio_p = sample_ratio_of(sent, plan.ratio) if is_ab else None
    balance = balance_of(sent) if plan.method == "matched_cohorts" else None
    lasting = lasting_of(sent, subject.sign)
    is_randomised = is_ab or (plan.method == "stepped_wedge" and bool(plan.random_order))
    hidden = None if is_randomised else hidden_cause_of(sent.figures, difference.estimate)
    verdict = overall_verdict(
        measured(subject.metric, judged, subject.sign),
        claimed=subject.claimed,
        counters=[
            _counter(counter, worsenings.get(code), _figures_of(sent, code))
            for code, counter in subject.guards.items()
        ],
        validity=Validity(
            sample_ratio_p=ratio_p,
            is_balanced=_is_comparable(balance, difference),
            log_completeness=sent.log_completeness,
        ),
        context=Context(
            novelty=lasting,
            provisional_until=_provisional_until(subject),
            is_randomised=is_randomised,
            e_value=hidden.estimate if hidden else None,
            claims=family.claims,
            level=family.level,
        ),
    )
    return Reading(difference, family, hidden, verdict, worsenings, ratio_p, balance, lasting)


def _is_comparable(balance: Balance | None, difference: Difference) -> bool | None:
    """Whether matched groups are alike, or groups in a chosen order ran alike before the change."""
    if difference.pre_trend_p is not None:
        return difference.pre_trend_p >= PRE_TREND_ALPHA
    return None if balance is None else balance.is_balanced


def _family(subject: Subject, p_value: float | None) -> Family:
    """This claim among the primary claims: those not read yet count as the least certain."""
    others = [
        metric.code
        for metric in subject.metrics
        if metric.target is not None
        and metric.comparison is not None
        and metric.comparison.primary
        and metric.code != subject.metric.code
    ]
    if p_value is None or not others or not subject.plan.primary:
        return Family(1, p_value, LEVEL)
    latest = {
        result.metric_id: result.p_value
        for result in MetricResult.objects.filter(
            metric__in=[subject.rows[code] for code in others]
        ).order_by("recorded_at", "pk")
    }
    known = [latest.get(subject.rows[code].pk) for code in others]
    adjusted = holm([p_value, *(1.0 if p is None else p for p in known)])[0]
    smaller = sum(p is not None and p < p_value for p in known)
    return Family(len(others) + 1, adjusted, 1 - (1 - LEVEL) / (len(others) + 1 - smaller))


def _difference(
    figures: Figures, metric: DossierMetric, subject: Subject, level: float = LEVEL
) -> Difference:
    if not isinstance(figures, Series) or figures.values is not None:
        return difference_in(figures, random_order=subject.plan.random_order, level=level)
    found = (row for row in subject.series if row.metric == metric.code and row.deployment is None)
    observed = next(found, None)
    if observed is None:
        raise NotComputable(("values",), f"No readings of {metric.title} were recorded, and none were sent.")
    begun = metric.comparison.launch_on if metric.comparison else None
    launch = None
    if begun is not None:
        launch = sum(reading.period_end < begun for reading in observed.readings)
    return difference_in(figures, [reading.value for reading in observed.readings], launch, level=level)


def measured(metric: DossierMetric, difference: Difference, sign: int) -> Measured:
    found = difference.estimate
    low, high = sorted((sign * found.low, sign * found.high))
    is_share = metric.comparison is not None and metric.comparison.measure == "proportion"
    return Measured(metric.title, sign * found.value, low, high, metric.unit, is_share)


def _counter(metric: DossierMetric, worsening: Difference | None, figures: Figures | None) -> Counter:
    margin = metric.limits.margin if metric.limits else None
    if margin is None:
        raise NotComputable(
            ("guards",), f"Agree how much worse {metric.title} may become before results are read."
        )
    if worsening is None:
        return Counter(metric.title, margin)
    sign = -MORE_IS_BETTER.get(metric.direction, -1)
    worse = measured(metric, worsening, sign)
    is_share = worse.is_share or isinstance(figures, Shares)
    said = Measured(worse.name, worse.value, worse.low, worse.high, worse.unit, is_share)
    return Counter(metric.title, margin, said, _more_cases(said, margin, worsening.estimate.n, figures))


def _more_cases(worse: Measured, margin: float, n: int, figures: Figures | None) -> int | None:
    """How many more cases would narrow the interval to the margin, were the worsening to stay what it is.

    The width of an interval falls with the root of the number of cases.
    """
    room = margin - worse.value
    if room <= 0 or worse.high < margin or not isinstance(figures, Shares | Means | Rates):
        return None
    return int(n * (((worse.high - worse.value) / room) ** 2 - 1)) + 1


def _figures_of(sent: ResultFigures, code: str) -> Figures | None:
    return next((guard.figures for guard in sent.guards if guard.metric == code), None)


def _provisional_until(subject: Subject) -> dt.date | None:
    """The day on which the outcome that this metric leads is really read, when that is still to come."""
    days = [
        row.leading.outcome_read_on
        for row in subject.metrics
        if row.leading is not None
        and row.leading.metric == subject.metric.code
        and row.leading.outcome_read_on
    ]
    ahead = [day for day in days if day > clock.now().date()]
    return max(ahead, default=None)
