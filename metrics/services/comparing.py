"""What a comparison shows: the difference, its guards, whether it can be read at all, and the verdict on it."""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import msgspec

from alignment_portal import clock
from initiatives.dossier.metrics import Comparison
from initiatives.dossier.metrics import Metric as DossierMetric
from metrics.estimation.inputs import NotComputable, critical_z
from metrics.estimation.matching import Balance, EValue
from metrics.estimation.means import Novelty
from metrics.estimation.verdict import Context, Counter, Measured, Validity, Verdict, overall_verdict
from metrics.models import Metric
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
from metrics.services.families import Family, family_of
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
DEFAULT_POWER = 0.8
EVEN = 0.5


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
    known: Mapping[str, float | None]  # p-values of the latest results by code


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
    """The same, with what is to be taken from the observations put in as figures, a series value by value."""

    def found(metric: DossierMetric, figures: Figures) -> Found:
        made = Found(figures)
        if isinstance(figures, Observed):
            made = figures_from(subject.rows[metric.code], figures, subject.plan, sent.read_on)
        if not isinstance(made.figures, Series) or made.figures.values is not None:
            return made
        return Found(_as_observed(made.figures, metric, subject), made.periods)

    primary = found(subject.metric, sent.figures)
    guards = tuple(
        GuardFigures(metric=guard.metric, figures=found(subject.guards[guard.metric], guard.figures).figures)
        for guard in sent.guards
    )
    return msgspec.structs.replace(
        sent, figures=primary.figures, guards=guards, periods=sent.periods or primary.periods
    )


def _as_observed(figures: Series, metric: DossierMetric, subject: Subject) -> Series:
    """The series with the values that were recorded, and with its launch where the plan says the day."""
    rows = (row for row in subject.series if row.metric == metric.code and row.deployment is None)
    observed = next(rows, None)
    if observed is None:
        raise NotComputable(("values",), f"No readings of {metric.title} were recorded, and none were sent.")
    launch, begun = figures.launch, (metric.comparison or subject.plan).launch_on
    if launch is None and begun is not None:
        launch = sum(reading.period_end < begun for reading in observed.readings)
    values = tuple(reading.value for reading in observed.readings)
    return msgspec.structs.replace(figures, values=values, launch=launch)


def family_in(subject: Subject, p_value: float | None) -> Family:
    """The claim among the primary claims of its initiative, as far as they were read."""
    return family_of(subject.metric.code, p_value, subject.metrics, subject.known)


def read(sent: ResultFigures, subject: Subject) -> Reading:
    """Compare the figures and judge them. Raises NotComputable when they do not determine a verdict."""
    plan, is_ab = subject.plan, subject.plan.method == "ab_test"
    difference = difference_in(sent.figures, random_order=plan.random_order)
    family = family_in(subject, difference.estimate.p_value)
    judged = difference
    if family.level != LEVEL:
        judged = difference_in(sent.figures, random_order=plan.random_order, level=family.level)
    worsenings = {guard.metric: _worsening(place, guard, subject) for place, guard in enumerate(sent.guards)}
    ratio_p = sample_ratio_of(sent, plan.ratio) if is_ab else None
    balance = balance_of(sent) if plan.method == "matched_cohorts" else None
    lasting = lasting_of(sent, subject.sign)
    is_randomised = is_ab or (plan.method == "stepped_wedge" and bool(plan.random_order))
    hidden = None if is_randomised else hidden_cause_of(sent.figures, difference.estimate)
    verdict = overall_verdict(
        measured(subject.metric, judged, subject.sign),
        claimed=subject.claimed,
        counters=[
            _counter(counter, worsenings.get(code), _figures_of(sent, code), _power_of(plan))
            for code, counter in subject.guards.items()
        ],
        validity=Validity(
            sample_ratio_p=ratio_p,
            is_balanced=_is_comparable(balance, difference),
            log_completeness=sent.log_completeness,
        ),
        context=Context(
            planned_until=plan.end_on if plan.end_on and sent.read_on < plan.end_on else None,
            novelty=lasting,
            provisional_until=_provisional_until(subject),
            is_randomised=is_randomised,
            e_value=hidden.estimate if hidden else None,
            claims=family.claims,
            level=family.level,
        ),
    )
    return Reading(difference, family, hidden, verdict, worsenings, ratio_p, balance, lasting)


def _worsening(place: int, guard: GuardFigures, subject: Subject) -> Difference:
    """The difference of one counter-metric; a refusal names it and its place."""
    try:
        return difference_in(guard.figures, random_order=subject.plan.random_order)
    except NotComputable as refusal:
        title = subject.guards[guard.metric].title
        missing = tuple(f"guards/{place}/figures/{name}" for name in refusal.missing)
        raise NotComputable(missing, f"{title}: {refusal.sentence}") from refusal


def _is_comparable(balance: Balance | None, difference: Difference) -> bool | None:
    """Whether matched groups are alike, or groups in a chosen order ran alike before the change."""
    if difference.pre_trend_p is not None:
        return difference.pre_trend_p >= PRE_TREND_ALPHA
    return None if balance is None else balance.is_balanced


def measured(metric: DossierMetric, difference: Difference, sign: int) -> Measured:
    found = difference.estimate
    low, high = sorted((sign * found.low, sign * found.high))
    is_share = metric.comparison is not None and metric.comparison.measure == "proportion"
    return Measured(metric.title, sign * found.value, low, high, metric.unit, is_share)


def _power_of(plan: Comparison) -> float:
    """The power the plan wants, where it is one: a coin's or more, and short of certainty."""
    return plan.power if EVEN <= plan.power < 1 else DEFAULT_POWER


def _counter(
    metric: DossierMetric, worsening: Difference | None, figures: Figures | None, power: float
) -> Counter:
    margin = metric.limits.margin if metric.limits else None
    if margin is None:
        raise NotComputable(
            ("guards",), f"Agree how much worse {metric.title} may become before results are read."
        )
    if worsening is None:
        return Counter(metric.title, margin, power=power)
    sign = -MORE_IS_BETTER.get(metric.direction, -1)
    worse = measured(metric, worsening, sign)
    is_share = worse.is_share or isinstance(figures, Shares)
    said = Measured(worse.name, worse.value, worse.low, worse.high, worse.unit, is_share)
    more = None
    if isinstance(figures, Shares | Means | Rates):
        more = _more_cases(said, margin, worsening.estimate.n, power)
    return Counter(metric.title, margin, said, more, power)


def _more_cases(worse: Measured, margin: float, n: int, power: float) -> int | None:
    """How many more cases would show the worsening below the margin with a chance of `power`, were it to stay what it is.

    n = ((z_a + z_b) / z_a * reach / room)^2 * n now, as Julious 2004 (Stat Med 23:1921): the reach of an interval
    falls with the root of the number of cases, and without z_b every other repetition would miss the margin.
    """
    room = margin - worse.value
    if room <= 0 or worse.high < margin:
        return None
    critical = critical_z(LEVEL)
    reach = (worse.high - worse.value) * (1 + NormalDist().inv_cdf(power) / critical)
    return max(1, math.ceil(n * ((reach / room) ** 2 - 1)))


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
