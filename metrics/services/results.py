"""Results: summary figures in, effect with interval, verdict on harm, code and sentence out; kept for ever."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action
from alignment_portal.audit.chain import canonical_json, record
from alignment_portal.audit.guard import service
from alignment_portal.outbox.events import announce
from alignment_portal.refusals import Fault, Invalid, Unprocessable
from initiatives.dossier.metrics import Comparison
from initiatives.dossier.metrics import Metric as DossierMetric
from initiatives.models import Initiative
from initiatives.selectors import load_dossiers, require_on
from metrics.actions import Actions
from metrics.estimation.inputs import NotComputable
from metrics.estimation.matching import Balance
from metrics.estimation.means import Novelty
from metrics.estimation.verdict import Context, Counter, Measured, Validity, Verdict, overall_verdict
from metrics.models import Metric, MetricResult
from metrics.selectors import SeriesRow, series_for
from metrics.services.figures import (
    FORMS,
    Difference,
    Figures,
    Means,
    ResultFigures,
    Series,
    Shares,
    balance_of,
    difference_in,
    hidden_cause_of,
    lasting_of,
    parse_figures,
    sample_ratio_of,
)

MORE_IS_BETTER = {"higher_better": 1, "lower_better": -1}


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


@dataclass(frozen=True)
class Reading:
    """Everything computed for one result."""

    difference: Difference
    verdict: Verdict
    worsenings: Mapping[str, Difference]
    sample_ratio_p: float | None
    balance: Balance | None
    lasting: Novelty | None


@service
def record_result(*, by: Actor, initiative: Initiative, metric: str, figures: Any) -> MetricResult:
    """Compute a result from summary figures and keep it. The same figures on the same dossier again change nothing.

    Refused with a sentence when the claim, the plan or the figures do not determine one.
    """
    initiative = Initiative.objects.select_for_update(no_key=True).get(pk=initiative.pk)
    require_on(by, Action.RESULT_RECORD, initiative)
    sent = _parsed(figures)
    loaded = load_dossiers([initiative.key])[initiative.key]
    subject = _subject(initiative, loaded.dossier.metrics, metric)
    _check(sent, subject)
    row = Metric.objects.get(initiative=initiative, code=metric)
    canonical = canonical_json(msgspec.to_builtins(sent))
    latest = row.results.order_by("-recorded_at", "-pk").first()
    if latest is not None and (latest.figures, latest.fingerprint) == (canonical, loaded.fingerprint):
        return latest
    try:
        reading = _read(sent, subject)
    except NotComputable as refusal:
        raise Unprocessable(refusal.sentence, code="not_computable", pointer=_pointer(refusal)) from refusal
    result = _result(row, sent, subject, reading)
    result.figures, result.fingerprint, result.recorded_by_id = canonical, loaded.fingerprint, by.user_id
    result.save(force_insert=True)
    record(
        by=by,
        action=Actions.RESULT_RECORDED,
        subject=metric,
        initiative=initiative.key,
        after={"result": result.pk, "code": result.code, "read_on": sent.read_on},
    )
    announce("metrics.result_recorded", key=initiative.key)
    return result


def _parsed(figures: Any) -> ResultFigures:
    try:
        return parse_figures(figures)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$")
        pointer = path.rstrip("`").replace(".", "/").replace("[", "/").replace("]", "")
        raise Invalid(f"{message.replace('`', '')}.", pointer=pointer, code="shape") from error


def _pointer(refusal: NotComputable) -> str:
    return f"/{refusal.missing[0]}" if refusal.missing else ""


def _subject(initiative: Initiative, metrics: Sequence[DossierMetric], code: str) -> Subject:
    metric = next((row for row in metrics if row.code == code), None)
    if metric is None:
        raise Invalid(f"{initiative.key} has no metric {code}.", code="unknown_metric")
    if metric.target is None:
        raise Unprocessable(
            f"{metric.title} claims no effect, so there is nothing a result could show.", code="no_claim"
        )
    if metric.comparison is None:
        raise Unprocessable(
            f"{metric.title} has no comparison plan. Write it before the result.", code="no_plan"
        )
    sign = MORE_IS_BETTER.get(metric.direction)
    if sign is None:
        raise Unprocessable(
            f"{metric.title} is kept within a band, which no comparison can improve.", code="no_direction"
        )
    claimed = sign * metric.target.effect
    if claimed <= 0:
        raise Unprocessable(f"The claim on {metric.title} makes it worse, not better.", code="no_claim")
    guards = {row.code: row for row in metrics if any(guard.metric == code for guard in row.guards)}
    series = series_for([initiative.key]).get(initiative.key, ())
    return Subject(metric, metric.comparison, sign, claimed, guards, metrics, series)


def _check(sent: ResultFigures, subject: Subject) -> None:
    faults = []
    if sent.read_on > clock.now().date():
        faults.append(Fault("/read_on", "A result is read today or earlier.", "future"))
    if not isinstance(sent.figures, FORMS[subject.plan.method]):
        kinds = " or ".join(str(form.__struct_config__.tag) for form in FORMS[subject.plan.method])
        words = subject.plan.method.replace("_", " ")
        faults.append(Fault("/figures/kind", f"The plan is {words}: send {kinds}.", "wrong_form"))
    seen: set[str] = set()
    for place, guard in enumerate(sent.guards):
        counter = subject.guards.get(guard.metric)
        if counter is None:
            sentence = f"{guard.metric} does not guard {subject.metric.code}."
            faults.append(Fault(f"/guards/{place}/metric", sentence, "not_a_guard"))
        elif counter.limits is None or counter.limits.margin is None:
            sentence = f"Agree how much worse {counter.title} may become before you read it."
            faults.append(Fault(f"/guards/{place}/metric", sentence, "no_margin"))
        if guard.metric in seen:
            faults.append(Fault(f"/guards/{place}/metric", "This counter-metric is given twice.", "twice"))
        seen.add(guard.metric)
    if faults:
        raise Invalid(faults[0].sentence, faults=faults, code="invalid_figures")


def _read(sent: ResultFigures, subject: Subject) -> Reading:
    difference = _difference(sent.figures, subject.metric, subject.series)
    worsenings = {
        guard.metric: _difference(guard.figures, subject.guards[guard.metric], subject.series)
        for guard in sent.guards
    }
    method = subject.plan.method
    ratio_p = sample_ratio_of(sent, subject.plan.ratio) if method == "ab_test" else None
    balance = balance_of(sent) if method == "matched_cohorts" else None
    lasting = lasting_of(sent, subject.sign)
    verdict = overall_verdict(
        _measured(subject.metric, difference, subject.sign),
        claimed=subject.claimed,
        counters=[
            _counter(counter, worsenings.get(code), _figures_of(sent, code))
            for code, counter in subject.guards.items()
        ],
        validity=Validity(
            sample_ratio_p=ratio_p,
            is_balanced=None if balance is None else balance.is_balanced,
            log_completeness=sent.log_completeness,
        ),
        context=Context(
            novelty=lasting,
            provisional_until=_provisional_until(subject),
            is_randomised=method == "ab_test"
            or (method == "stepped_wedge" and bool(subject.plan.random_order)),
            e_value=hidden_cause_of(sent.figures) if method == "matched_cohorts" else None,
        ),
    )
    return Reading(difference, verdict, worsenings, ratio_p, balance, lasting)


def _difference(figures: Figures, metric: DossierMetric, series: Sequence[SeriesRow]) -> Difference:
    if not isinstance(figures, Series) or figures.values is not None:
        return difference_in(figures)
    observed = next((row for row in series if row.metric == metric.code and row.deployment is None), None)
    if observed is None:
        raise NotComputable(("values",), f"No readings of {metric.title} were recorded, and none were sent.")
    begun = metric.comparison.launch_on if metric.comparison else None
    launch = None
    if begun is not None:
        launch = sum(reading.period_end < begun for reading in observed.readings)
    return difference_in(figures, [reading.value for reading in observed.readings], launch)


def _measured(metric: DossierMetric, difference: Difference, sign: int) -> Measured:
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
    measured = _measured(metric, worsening, sign)
    is_share = measured.is_share or isinstance(figures, Shares)
    said = Measured(measured.name, measured.value, measured.low, measured.high, measured.unit, is_share)
    return Counter(metric.title, margin, said, _more_cases(said, margin, worsening.estimate.n, figures))


def _more_cases(worse: Measured, margin: float, n: int, figures: Figures | None) -> int | None:
    """How many more cases would narrow the interval to the margin, were the worsening to stay what it is.

    The width of an interval falls with the root of the number of cases.
    """
    room = margin - worse.value
    if room <= 0 or worse.high < margin or not isinstance(figures, Shares | Means):
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


def _result(row: Metric, sent: ResultFigures, subject: Subject, reading: Reading) -> MetricResult:
    better = _measured(subject.metric, reading.difference, subject.sign)
    verdict = reading.verdict
    return MetricResult(
        metric=row,
        method=subject.plan.method,
        read_on=sent.read_on,
        n=reading.difference.estimate.n,
        estimate=better.value,
        low=better.low,
        high=better.high,
        p_value=reading.difference.estimate.p_value,
        claimed=subject.claimed,
        code=verdict.code,
        sentence=" ".join((verdict.sentence, *verdict.modifiers)),
        details=_details(sent, subject, reading),
        recorded_at=clock.now(),
    )


def _details(sent: ResultFigures, subject: Subject, reading: Reading) -> dict[str, Any]:
    is_series = subject.plan.method in {"before_after", "interrupted_time_series"}
    lasting = reading.lasting
    codes = dict(zip(subject.guards, (judged.code for judged in reading.verdict.counters), strict=True))
    return {
        "guards": [
            _guard(subject.guards[code], codes[code], difference)
            for code, difference in reading.worsenings.items()
        ],
        "sample_ratio_p": reading.sample_ratio_p,
        "balance": [
            {
                "covariate": row.name,
                "standardised_difference": row.difference,
                "variance_ratio": 1.0 if row.variance_ratio is None else row.variance_ratio,
            }
            for row in (reading.balance.covariates if reading.balance else ())
        ],
        "matched_share": reading.balance.matched_share if reading.balance else None,
        "trend_handled": bool(reading.difference.trend_handled) if is_series else None,
        "lag_one": reading.difference.lag_one,
        "range_without_one": reading.difference.range_without_one,
        "other_changes": sent.other_changes,
        "fading": None if lasting is None else lasting.is_fading or lasting.is_growing,
        "computed_by": reading.difference.estimate.method,
        "log_completeness": sent.log_completeness,
    }


def _guard(metric: DossierMetric, code: str, difference: Difference) -> dict[str, Any]:
    worse = _measured(metric, difference, -MORE_IS_BETTER.get(metric.direction, -1))
    return {
        "metric": metric.code,
        "worse": {"estimate": worse.value, "low": worse.low, "high": worse.high},
        "margin": metric.limits.margin if metric.limits else None,
        "verdict": code,
    }
