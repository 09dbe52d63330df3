"""What is measured before any result: baselines from before the change, and capture in the workflow itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any, Literal

import msgspec

from gates.engine import mending
from gates.engine.checking import Ledger, Outcome, check, deed
from gates.engine.checks.claims import no_claims
from gates.engine.facts import Facts
from gates.engine.policy import Params
from gates.engine.verdict import NextMove
from gates.engine.view import Case
from gates.engine.words import count, day, listing, number, percent, span
from initiatives.dossier.metrics import Baseline, Metric

ANALYST = "analyst@mended.invalid"


def at_metric(text: str, metric: Metric, *, role: str = "owner", **more: Any) -> NextMove:
    """A deed at one metric."""
    return deed(text, role=role, place=f"measurement/#metric-{metric.code}", **more)


def for_each_claim(case: Case, needed: str, line: Callable[[Metric, Ledger], None]) -> Outcome:
    """One line or more for each claimed metric; without a claim nothing is shown."""
    ledger = Ledger()
    if not case.view.claims:
        return no_claims(ledger, needed)
    for claim in case.view.claims:
        line(claim, ledger)
    return ledger.settle()


def amount(metric: Metric | None, value: float, low: float | None = None, high: float | None = None) -> str:
    """A difference in the metric's unit, with its interval; of shares in percentage points."""
    unit = metric.unit if metric else ""
    in_points = unit.startswith("share")
    factor, digits = (100, 2) if in_points else (1, 4)
    said = [number(round(factor * one, digits)) for one in (value, low, high) if one is not None]
    points = "percentage point" if said == ["1"] else "percentage points"
    within = f" ({said[1]} to {said[2]})" if len(said) > 1 else ""
    return f"{said[0]}{within} {points if in_points else unit}".strip()


# -- baseline -------------------------------------------------------------------------------------------------


class BaselineTerms(Params, frozen=True, kw_only=True):
    """How old a baseline may be at launch."""

    max_age_days: int


def launch_of(case: Case, metric: Metric) -> dt.date | None:
    """When what is compared starts: the plan's launch, else the first day anything ran, else the planned day."""
    planned = metric.comparison.launch_on if metric.comparison else None
    return planned or case.view.launched_on


@check("measurement.baselines_are_whole", BaselineTerms)
def baselines_are_whole(case: Case, params: BaselineTerms) -> Outcome:
    """Each claimed metric has a whole baseline from before launch, over a business cycle, and not too old."""

    def line(claim: Metric, ledger: Ledger) -> None:
        place = f"{case.view.metric_place(claim.code)}/baseline"
        baseline = claim.baseline
        if baseline is None:
            move = at_metric(f"Measure the baseline of {claim.title}", claim, kind="measure", days=5.0)
            ledger.lack(claim.title, f"{claim.title} has no baseline", move, place=place, unknown=True)
            return
        missing = list(_missing_in_baseline(baseline))
        if missing:
            move = at_metric(f"State {listing(missing)} of the baseline of {claim.title}", claim)
            found = f"the baseline of {claim.title} does not state {listing(missing)}"
            ledger.lack(claim.title, found, move, place=place, unknown=True)
        elif fault := _fault_of_period(baseline, launch_of(case, claim), case.today, params):
            move = at_metric(f"Measure the baseline of {claim.title} again", claim, kind="measure", days=5.0)
            ledger.lack(claim.title, f"the baseline of {claim.title} {fault}", move, place=place)
        else:
            size = count(baseline.sample_size or 0, "case")
            found = f"{claim.title} was {number(baseline.value)} {claim.unit} before, from {size}"
            ledger.note(claim.title, found, place=place)

    return for_each_claim(case, "a baseline for each claimed metric", line)


def _missing_in_baseline(baseline: Baseline) -> Iterator[str]:
    if baseline.spread is None:
        yield "its spread"
    if not baseline.sample_size:
        yield "its sample size"
    if baseline.period_start is None or baseline.period_end is None:
        yield "its period"
    if not baseline.source_query.strip():
        yield "the query it comes from"
    if not baseline.extracted_by:
        yield "who extracted it"


def _fault_of_period(
    baseline: Baseline, launch: dt.date | None, today: dt.date, params: BaselineTerms
) -> str:
    start, end = baseline.period_start or today, baseline.period_end or today
    length = (end - start).days + 1
    if end > today:
        return f"ends on {day(end)}, in the future"
    if launch is not None and end >= launch:
        return f"ends on {day(end)}, not before the launch on {day(launch)}"
    if length < baseline.business_cycle_days:
        return f"covers {count(length, 'day')}, less than one business cycle of {count(baseline.business_cycle_days, 'day')}"
    age = ((launch or today) - end).days
    if age > params.max_age_days:
        return f"was {count(age, 'day')} old at launch, more than {span(params.max_age_days)}"
    return ""


@baselines_are_whole.mend
def mend_baselines_are_whole(case: Case, params: BaselineTerms) -> Facts:
    """Measure or complete each baseline."""
    facts = mending.with_a_claim(case.facts)
    for claim in facts.dossier.metrics:
        if claim.target is not None:
            baseline = _completed(case, claim, params)
            facts = mending.with_metric(facts, claim.code, baseline=baseline)
    return facts


def _completed(case: Case, claim: Metric, params: BaselineTerms) -> Baseline:
    base = claim.baseline or Baseline(value=10.0)
    launch = launch_of(case, claim)
    if (
        base.period_start is None
        or base.period_end is None
        or _fault_of_period(base, launch, case.today, params)
    ):
        end = min(case.today, (launch or case.today) - dt.timedelta(days=1))
        start = end - dt.timedelta(days=max(28, base.business_cycle_days))
        base = msgspec.structs.replace(base, period_start=start, period_end=end)
    return msgspec.structs.replace(
        base,
        spread=1.0 if base.spread is None else base.spread,
        sample_size=base.sample_size or 1000,
        source_query=base.source_query.strip() or mending.STAND_IN,
        extracted_by=base.extracted_by or ANALYST,
    )


# -- capture in the workflow ----------------------------------------------------------------------------------


class CaptureTerms(Params, frozen=True, kw_only=True):
    """Which layer must be captured in the workflow, and how completely."""

    layer: Literal["operational"]
    coverage: float


@check("measurement.operations_are_captured", CaptureTerms)
def operations_are_captured(case: Case, params: CaptureTerms) -> Outcome:
    """Each operational metric is captured in the workflow, seen, and covers nearly all cases of a sample."""
    ledger = Ledger()
    asked = [metric for metric in case.dossier.metrics if metric.layer == params.layer]
    if not asked:
        move = deed(
            "Name an operational metric that the workflow records", role="owner", place="measurement/"
        )
        ledger.lack("Operational metrics", "no operational metric is named", move, unknown=True)
    for metric in asked:
        place = f"{case.view.metric_place(metric.code)}/capture"
        missing = list(missing_in_capture(case, metric))
        if missing:
            move = at_metric(f"Say of {metric.title} {listing(missing)}", metric, role="platform")
            found = f"{metric.title} does not say {listing(missing)}"
            ledger.lack(metric.title, found, move, place=place, unknown=True)
            continue
        coverage = metric.capture.coverage if metric.capture and metric.capture.coverage is not None else 0.0
        if coverage >= params.coverage:
            ledger.note(
                metric.title, f"{metric.title} is captured for {percent(coverage)} of a sample", place=place
            )
            continue
        text = f"Capture {metric.title} in the workflow for at least {percent(params.coverage)} of the cases"
        move = at_metric(text, metric, role="platform", days=5.0)
        found = f"{metric.title} is captured for {percent(coverage)} of a sample"
        ledger.lack(metric.title, found, move, needed=f"at least {percent(params.coverage)}", place=place)
    return ledger.settle()


def missing_in_capture(case: Case, metric: Metric) -> Iterator[str]:
    """What is not said of how the metric is captured."""
    capture = metric.capture
    if capture is None or not capture.system.strip():
        yield "in which system it is captured"
    if capture is None or not capture.field.strip():
        yield "in which field"
    if capture is None or capture.first_record_on is None or capture.first_record_on > case.today:
        yield "when the first record was seen"
    if capture is None or capture.coverage is None or not capture.sample_size:
        yield "which share of a sample has it"


@operations_are_captured.mend
def mend_operations_are_captured(case: Case, params: CaptureTerms) -> Facts:
    """Capture each operational metric fully."""
    facts = case.facts
    whole = mending.new_operational(facts, case.today, "operational").capture
    asked = [metric for metric in facts.dossier.metrics if metric.layer == params.layer]
    for metric in asked:
        capture, terms = metric.capture, params.coverage
        sound = capture is not None and capture.coverage is not None and capture.coverage >= terms
        if not sound or any(missing_in_capture(case, metric)):
            facts = mending.with_metric(facts, metric.code, capture=whole)
    if not asked:
        facts = mending.with_more_metrics(facts, mending.new_operational(facts, case.today, "operational"))
    return facts
