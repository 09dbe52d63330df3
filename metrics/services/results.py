"""Results: summary figures in, effect with interval, verdict on harm, code and sentence out; kept for ever."""

import dataclasses
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
from alignment_portal.shapes import shape_fault
from initiatives.dossier.metrics import Metric as DossierMetric
from initiatives.models import Initiative
from initiatives.selectors import LoadedDossier, load_dossiers, require_on
from metrics.actions import Actions
from metrics.estimation.inputs import NotComputable
from metrics.models import Metric, MetricResult
from metrics.selectors import latest_results, series_for
from metrics.services.comparing import (
    MORE_IS_BETTER,
    Reading,
    Subject,
    family_in,
    measured,
    read,
    with_observations,
)
from metrics.services.differences import Difference
from metrics.services.families import family_of, primaries_of
from metrics.services.figures import FORMS, ResultFigures, parse_figures
from metrics.services.measures import kind_of, misfits


@dataclass(frozen=True)
class Ground:
    """What results of one initiative are judged on: its dossier as it stands, and what was read so far."""

    initiative: Initiative
    loaded: LoadedDossier
    rows: Mapping[str, Metric]  # by code
    known: Mapping[str, float | None]  # p-values of the latest results by code

    @property
    def metrics(self) -> Sequence[DossierMetric]:
        return self.loaded.dossier.metrics


@service
def record_result(*, by: Actor, initiative: Initiative, metric: str, figures: Any) -> MetricResult:
    """Compute a result from summary figures and keep it. The same figures on the same dossier again change nothing.

    With a primary claim the other primary claims are judged again from the figures they were computed from: each
    of one family is read at a level that depends on the others. Refused with a sentence when the claim, the plan or
    the figures do not determine a result.
    """
    initiative = Initiative.objects.select_for_update(no_key=True).get(pk=initiative.pk)
    require_on(by, Action.RESULT_RECORD, initiative)
    sent = _parsed(figures)
    latest = latest_results(initiative)
    ground = Ground(
        initiative,
        load_dossiers([initiative.key])[initiative.key],
        {row.code: row for row in Metric.objects.filter(initiative=initiative)},
        {code: found.p_value for code, found in latest.items()},
    )
    subject = _subject(ground, metric)
    _check(sent, subject)
    result = _computed(sent, subject, ground, latest.get(metric))
    judged = [] if result is latest.get(metric) else [(metric, result)]
    known = {**ground.known, metric: result.p_value}
    judged += _judged_again(dataclasses.replace(ground, known=known), latest, metric)
    for code, made in judged:
        made.recorded_by_id = by.user_id
        made.save(force_insert=True)
        record(
            by=by,
            action=Actions.RESULT_RECORDED if code == metric else Actions.RESULT_JUDGED_AGAIN,
            subject=code,
            initiative=initiative.key,
            after={"result": made.pk, "code": made.code, "read_on": made.read_on},
            **({} if code == metric else {"because": metric}),
        )
    if judged:
        announce("metrics.result_recorded", key=initiative.key)
    return result


def _computed(
    sent: ResultFigures, subject: Subject, ground: Ground, latest: MetricResult | None
) -> MetricResult:
    """The latest result where it says all of this already, else a new one that is not kept yet."""
    try:
        sent = with_observations(sent, subject)
        canonical = canonical_json(msgspec.to_builtins(sent))
        same = (canonical, ground.loaded.fingerprint)
        if (
            latest is not None
            and (latest.figures, latest.fingerprint) == same
            and family_in(subject, latest.p_value).is_kept_in(latest.details)
        ):
            return latest
        reading = read(sent, subject)
    except NotComputable as refusal:
        raise Unprocessable(
            refusal.sentence, code="not_computable", pointer=_pointer(refusal, sent)
        ) from refusal
    result = _result(subject.rows[subject.metric.code], sent, subject, reading)
    result.figures, result.fingerprint = same
    return result


def _judged_again(
    ground: Ground, latest: Mapping[str, MetricResult], metric: str
) -> list[tuple[str, MetricResult]]:
    """The other primary claims whose family is no longer that of their latest result, computed anew, not kept yet.

    Figures that the dossier no longer asks for, its plan or guards having changed since, stay as they were judged.
    """
    primaries = primaries_of(ground.metrics)
    found = []
    for code in primaries if metric in primaries else ():
        old = latest.get(code)
        if code == metric or old is None:
            continue
        family = family_of(code, old.p_value, ground.metrics, ground.known)
        if family.is_kept_in(old.details):
            continue
        try:
            sent = _parsed(msgspec.json.decode(old.figures))
            subject = _subject(ground, code, at=old.recorded_at)
            _check(sent, subject)
            made = _computed(sent, subject, ground, None)
        except (Invalid, Unprocessable):
            continue
        found.append((code, made))
    return found


def _parsed(figures: Any) -> ResultFigures:
    try:
        return parse_figures(figures)
    except msgspec.ValidationError as error:
        fault = shape_fault(error)
        raise Invalid(fault.sentence, pointer=fault.pointer, code=fault.code) from error


def _pointer(refusal: NotComputable, sent: ResultFigures) -> str:
    """The place of what is missing: of the figures or sent with them, else, of a part of an arm, the figures."""
    if not refusal.missing:
        return ""
    name = refusal.missing[0]
    if name in sent.figures.__struct_fields__:
        return f"/figures/{name}"
    return f"/{name}" if name.partition("/")[0] in sent.__struct_fields__ else "/figures"


def _subject(ground: Ground, code: str, at: dt.datetime | None = None) -> Subject:
    """The claim on a metric; `at` is the moment up to which readings count, now where none is given."""
    initiative, metrics = ground.initiative, ground.metrics
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
    series = series_for([initiative.key], at).get(initiative.key, ())
    return Subject(
        metric, metric.comparison, sign, claimed, guards, metrics, series, ground.rows, ground.known
    )


def _check(sent: ResultFigures, subject: Subject) -> None:
    faults = []
    if sent.read_on > clock.now().date():
        faults.append(Fault("/read_on", "A result is read today or earlier.", "future"))
    start = subject.plan.start_on
    if start is not None and sent.read_on < start:
        words = f"The plan begins on {start.isoformat()}: no result can be read before that day."
        faults.append(Fault("/read_on", words, "before_start"))
    if not isinstance(sent.figures, FORMS[subject.plan.method]):
        kinds = " or ".join(kind_of(form) for form in FORMS[subject.plan.method])
        words = subject.plan.method.replace("_", " ")
        faults.append(Fault("/figures/kind", f"The plan is {words}: send {kinds}.", "wrong_form"))
    else:
        faults.extend(misfits(subject.metric, sent.figures, "/figures", subject.plan.method))
    seen: set[str] = set()
    for place, guard in enumerate(sent.guards):
        counter = subject.guards.get(guard.metric)
        if counter is None:
            sentence = f"{guard.metric} does not guard {subject.metric.code}."
            faults.append(Fault(f"/guards/{place}/metric", sentence, "not_a_guard"))
        elif counter.limits is None or counter.limits.margin is None:
            sentence = f"Agree how much worse {counter.title} may become before you read it."
            faults.append(Fault(f"/guards/{place}/metric", sentence, "no_margin"))
        else:
            faults.extend(misfits(counter, guard.figures, f"/guards/{place}/figures"))
        if guard.metric in seen:
            faults.append(Fault(f"/guards/{place}/metric", "This counter-metric is given twice.", "twice"))
        seen.add(guard.metric)
    if faults:
        raise Invalid(faults[0].sentence, faults=faults, code="invalid_figures")


def _result(row: Metric, sent: ResultFigures, subject: Subject, reading: Reading) -> MetricResult:
    better = measured(subject.metric, reading.difference, subject.sign)
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
        "relative": _relative(reading.difference, subject.sign),
        "e_value": None
        if reading.hidden is None
        else {"estimate": reading.hidden.estimate, "limit": reading.hidden.limit},
        "pre_trend_p": reading.difference.pre_trend_p,
        "holm": dataclasses.asdict(reading.family),
        "lasting": None
        if lasting is None
        else {"first_third": lasting.first.value, "last_third": lasting.last.value},
        "log_completeness": sent.log_completeness,
    }


def _relative(difference: Difference, sign: int) -> dict[str, float] | None:
    """The effect as a share of the comparison group, positive = better."""
    if difference.relative is None:
        return None
    found = difference.relative
    low, high = sorted((sign * found.low, sign * found.high))
    return {"estimate": sign * found.value, "low": low, "high": high}


def _guard(metric: DossierMetric, code: str, difference: Difference) -> dict[str, Any]:
    worse = measured(metric, difference, -MORE_IS_BETTER.get(metric.direction, -1))
    return {
        "metric": metric.code,
        "worse": {"estimate": worse.value, "low": worse.low, "high": worse.high},
        "margin": metric.limits.margin if metric.limits else None,
        "verdict": code,
    }
