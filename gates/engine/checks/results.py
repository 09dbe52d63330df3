"""What the results say once there are any: can the result be read at all?"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from gates.engine import mending
from gates.engine.checking import Ledger, Outcome, check, deed
from gates.engine.facts import Balance, Facts, Result
from gates.engine.policy import NoParams, Params
from gates.engine.verdict import NextMove
from gates.engine.view import Case
from gates.engine.words import count, number, percent, some
from initiatives.dossier.metrics import Method


def title_of(case: Case, code: str) -> str:
    """Title of a metric."""
    metric = case.view.metrics.get(code)
    return metric.title if metric else code


def redo(case: Case, result: Result, text: str) -> NextMove:
    """A deed at the metric of a result."""
    place = f"measurement/#metric-{result.metric}"
    return deed(
        f"{text} {title_of(case, result.metric)}", role="owner", place=place, kind="measure", days=10.0
    )


def for_each_result(
    case: Case, methods: tuple[Method, ...], none: str, line: Callable[[Result, Ledger], None]
) -> Outcome:
    """One line or more for each latest result of these methods (all, when none is named)."""
    ledger = Ledger()
    found = [r for _, r in sorted(case.view.results.items()) if not methods or r.method in methods]
    if not found:
        ledger.note("Results", none)
    for result in found:
        line(result, ledger)
    return ledger.settle()


def with_results(case: Case, change: Callable[[Result], Result]) -> Facts:
    """Facts in which each latest result was read again, with the change."""
    fresh = [changed for r in case.view.results.values() if (changed := change(r)) != r]
    redone = tuple(msgspec.structs.replace(r, recorded_at=case.now) for r in fresh)
    kept = tuple(r for r in case.facts.results if r.metric not in {f.metric for f in redone})
    return msgspec.structs.replace(case.facts, results=(*kept, *redone))


# -- comparable groups ----------------------------------------------------------------------------------------


class RatioTerms(Params, frozen=True, kw_only=True):
    """Below which probability a sample ratio is no accident."""

    methods: tuple[Method, ...]
    least_p: float


@check("results.sample_ratio_is_sound", RatioTerms)
def sample_ratio_is_sound(case: Case, params: RatioTerms) -> Outcome:
    """No randomised result whose groups are of a size that chance does not explain."""

    def line(result: Result, ledger: Ledger) -> None:
        label, p = title_of(case, result.metric), result.sample_ratio_p
        if p is None:
            move = redo(case, result, "Record the sizes of both groups for")
            ledger.lack(label, f"the sizes of the groups behind {label} are not recorded", move, unknown=True)
        elif p < params.least_p:
            found = f"the groups behind {label} differ in size more than chance explains (p = {p:.2g})"
            ledger.lack(
                label,
                found,
                redo(case, result, "Fix the assignment and run again:"),
                needed=f"p of at least {params.least_p:g}",
            )
        else:
            ledger.note(label, f"the groups behind {label} are of the sizes planned (p = {p:.2g})")

    return for_each_result(case, params.methods, "there is no randomised result yet", line)


@sample_ratio_is_sound.mend
def mend_sample_ratio_is_sound(case: Case, params: RatioTerms) -> Facts:
    """Run again with a sound assignment."""

    def change(result: Result) -> Result:
        bad = result.sample_ratio_p is None or result.sample_ratio_p < params.least_p
        bad = bad and result.method in params.methods
        return msgspec.structs.replace(result, sample_ratio_p=1.0) if bad else result

    return with_results(case, change)


class BalanceTerms(Params, frozen=True, kw_only=True):
    """How alike matched groups must be."""

    methods: tuple[Method, ...]
    standardised_difference: float
    variance_ratio_low: float
    variance_ratio_high: float
    matched_share: float


@check("results.matched_groups_are_alike", BalanceTerms)
def matched_groups_are_alike(case: Case, params: BalanceTerms) -> Outcome:
    """Every named covariate of a matched result is balanced, and most of the treated were matched."""

    def line(result: Result, ledger: Ledger) -> None:
        label = title_of(case, result.metric)
        faults = list(_faults_of_balance(case, result, params))
        move = redo(case, result, "Match again and record the balance of every variable for")
        for found, unknown in faults:
            ledger.lack(label, found, move, unknown=unknown)
        if not faults:
            found = f"{percent(result.matched_share or 0)} of the treated cases behind {label} were matched, alike in {count(len(result.balance), 'variable')}"
            ledger.note(label, found)

    return for_each_result(case, params.methods, "there is no matched result yet", line)


def _faults_of_balance(case: Case, result: Result, params: BalanceTerms) -> Iterator[tuple[str, bool]]:
    label = title_of(case, result.metric)
    metric = case.view.metrics.get(result.metric)
    named = metric.comparison.matching_variables if metric and metric.comparison else ()
    shown = {balance.covariate for balance in result.balance}
    missing = [name for name in named if name not in shown]
    if missing or not shown:
        yield f"the balance of {some(missing) or 'the matched groups'} behind {label} is not recorded", True
    bad = [balance.covariate for balance in result.balance if not _is_balanced(balance, params)]
    if bad:
        yield f"the matched groups behind {label} differ in {some(bad)}", False
    if result.matched_share is None:
        yield f"the share of treated cases matched for {label} is not recorded", True
    elif result.matched_share < params.matched_share:
        yield f"only {percent(result.matched_share)} of the treated cases behind {label} were matched", False


def _is_balanced(balance: Balance, params: BalanceTerms) -> bool:
    return (
        abs(balance.standardised_difference) <= params.standardised_difference
        and params.variance_ratio_low <= balance.variance_ratio <= params.variance_ratio_high
    )


@matched_groups_are_alike.mend
def mend_matched_groups_are_alike(case: Case, params: BalanceTerms) -> Facts:
    """Match again, well."""

    def change(result: Result) -> Result:
        if result.method not in params.methods or not list(_faults_of_balance(case, result, params)):
            return result
        metric = case.view.metrics.get(result.metric)
        named = metric.comparison.matching_variables if metric and metric.comparison else ()
        names = named or tuple(b.covariate for b in result.balance) or (mending.STAND_IN,)
        balance = tuple(Balance(covariate=n, standardised_difference=0.0, variance_ratio=1.0) for n in names)
        return msgspec.structs.replace(result, balance=balance, matched_share=1.0)

    return with_results(case, change)


class SeriesTerms(Params, frozen=True, kw_only=True):
    """How much of what is left may follow from the reading before."""

    methods: tuple[Method, ...]
    lag_one_at_most: float


@check("results.series_are_handled", SeriesTerms)
def series_are_handled(case: Case, params: SeriesTerms) -> Outcome:
    """A before/after result handles trend and autocorrelation and lists the other changes of the period."""

    def line(result: Result, ledger: Ledger) -> None:
        label = title_of(case, result.metric)
        faults = list(_faults_of_series(label, result, params))
        move = redo(
            case, result, "Analyse again as an interrupted series, with the other changes of the period:"
        )
        for found, unknown in faults:
            ledger.lack(label, found, move, unknown=unknown)
        if not faults:
            ledger.note(label, f"the result for {label} handles trend and autocorrelation")

    return for_each_result(case, params.methods, "there is no before/after result yet", line)


def _faults_of_series(label: str, result: Result, params: SeriesTerms) -> Iterator[tuple[str, bool]]:
    if not result.trend_handled:
        yield f"the result for {label} does not handle the trend", result.trend_handled is None
    if result.lag_one is None:
        yield f"how far readings of {label} follow from the one before is not recorded", True
    elif abs(result.lag_one) > params.lag_one_at_most:
        yield (
            f"readings of {label} follow from the one before (correlation {number(round(result.lag_one, 2))})",
            False,
        )
    if not result.other_changes.strip():
        yield f"the other changes in the period of {label} are not listed", True


@series_are_handled.mend
def mend_series_are_handled(case: Case, params: SeriesTerms) -> Facts:
    """Analyse again, with the other changes listed."""

    def change(result: Result) -> Result:
        if result.method not in params.methods or not list(_faults_of_series("", result, params)):
            return result
        text = result.other_changes.strip() or mending.STAND_IN
        return msgspec.structs.replace(result, trend_handled=True, lag_one=0.0, other_changes=text)

    return with_results(case, change)


@check("results.effects_last", NoParams)
def effects_last(case: Case, _: NoParams) -> Outcome:
    """The effect is neither fading nor still growing while its average is claimed."""

    def line(result: Result, ledger: Ledger) -> None:
        label = title_of(case, result.metric)
        if result.fading is None:
            move = redo(case, result, "Record the first and the last third of")
            ledger.lack(label, f"whether the effect on {label} lasts cannot be told", move, unknown=True)
        elif result.fading:
            move = redo(case, result, "Measure longer and claim the last third only for")
            ledger.lack(label, f"the effect on {label} is not steady, and its average is claimed", move)
        else:
            ledger.note(label, f"the effect on {label} is steady")

    return for_each_result(case, (), "there is no result yet", line)


@effects_last.mend
def mend_effects_last(case: Case, _: NoParams) -> Facts:
    """Measure until the effect is steady."""
    return with_results(case, lambda r: r if r.fading is False else msgspec.structs.replace(r, fading=False))
