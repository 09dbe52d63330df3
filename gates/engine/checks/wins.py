"""Wins and harms: what counts as a win, what counts against it, and how long it has lasted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import msgspec

from gates.engine import mending
from gates.engine.checking import Ledger, Outcome, check, deed
from gates.engine.checks.evidence import with_a_deployment
from gates.engine.checks.measurement import amount, at_metric, launch_of
from gates.engine.checks.results import for_each_result, redo, title_of, with_results
from gates.engine.facts import Facts, Interval, Result
from gates.engine.policy import NoParams, Params
from gates.engine.view import Case, midnight_after
from gates.engine.words import count, day, span
from initiatives.dossier.metrics import Limits, Metric

# -- wins and harms -------------------------------------------------------------------------------------------


@check("results.no_win_with_harm", NoParams)
def no_win_with_harm(case: Case, _: NoParams) -> Outcome:
    """No claimed metric improves while a counter-metric that guards it gets worse."""

    def line(result: Result, ledger: Ledger) -> None:
        label = title_of(case, result.metric)
        harmed = [guard for guard in result.guards if guard.worse.low > 0] if result.better.low > 0 else []
        for guard in harmed:
            name, worse, metric = (
                title_of(case, guard.metric),
                guard.worse,
                case.view.metrics.get(guard.metric),
            )
            found = f"{label} improved, but {name} got worse by {amount(metric, worse.estimate, worse.low, worse.high)}"
            move = deed(
                f"Restrict the scope until {name} is no longer harmed, and measure again",
                role="operation",
                place=f"measurement/#metric-{guard.metric}",
                kind="operate",
                days=20.0,
            )
            ledger.lack(label, found, move, needed=f"no harm to {name}")
        if not harmed:
            ledger.note(label, f"no counter-metric got worse while {label} was compared")

    return for_each_result(case, (), "there is no result yet", line)


@no_win_with_harm.mend
def mend_no_win_with_harm(case: Case, _: NoParams) -> Facts:
    """Restrict, and measure again without harm."""
    return with_results(case, lambda r: r if r.better.low <= 0 else _unharmed(r))


def _unharmed(result: Result) -> Result:
    guards = tuple(
        msgspec.structs.replace(guard, worse=_shrunk(guard.worse), verdict="NON_INFERIOR")
        if guard.worse.low > 0
        else guard
        for guard in result.guards
    )
    return msgspec.structs.replace(
        result, guards=guards, code="R5_WIN" if guards != result.guards else result.code
    )


def _shrunk(worse: Interval) -> Interval:
    size = abs(worse.high - worse.low) / 2
    return Interval(estimate=0.0, low=-size, high=0.0)


@check("results.harm_has_limits", NoParams)
def harm_has_limits(case: Case, _: NoParams) -> Outcome:
    """Every counter-metric has a margin and a limit set before results, and its results stay within the margin."""
    ledger = Ledger()
    if not case.view.counters:
        move = deed("Name a counter-metric with its margin and limit", role="owner", place="measurement/")
        ledger.lack("Counter-metrics", "no counter-metric is named", move, unknown=True)
    for counter in case.view.counters:
        place = f"{case.view.metric_place(counter.code)}/limits"
        missing = list(_missing_in_limits(case, counter))
        if missing:
            move = at_metric(f"Set margin and limit of {counter.title}, before results", counter, role="risk")
            ledger.lack(counter.title, missing[0], move, place=place, unknown=counter.limits is None)
            continue
        _margin_lines(case, counter, place, ledger)
    return ledger.settle()


def _missing_in_limits(case: Case, counter: Metric) -> Iterator[str]:
    limits = counter.limits
    if limits is None or limits.margin is None:
        yield f"{counter.title} has no margin"
    if limits is None or limits.limit is None:
        yield f"{counter.title} has no limit"
    if limits is None or limits.set_on is None:
        yield f"the day on which the margin of {counter.title} was set is not stated"
    elif (first := _first_result(case, counter)) and limits.set_on > first:
        yield f"the margin of {counter.title} was set on {day(limits.set_on)}, after its first result on {day(first)}"


def _first_result(case: Case, counter: Metric) -> dt.date | None:
    days = [
        r.recorded_at.date() for r in case.facts.results if any(g.metric == counter.code for g in r.guards)
    ]
    return min(days, default=None)


def _margin_lines(case: Case, counter: Metric, place: str, ledger: Ledger) -> None:
    margin = counter.limits.margin if counter.limits and counter.limits.margin is not None else 0.0
    results = [(r, g) for r in case.view.results.values() for g in r.guards if g.metric == counter.code]
    beyond = [(r, g) for r, g in results if g.worse.high >= margin]
    for result, guard in beyond:
        most, agreed = amount(counter, guard.worse.high), amount(counter, margin)
        found = f"{counter.title} may be worse by up to {most}, more than its margin of {agreed}"
        move = redo(case, result, f"Measure {counter.title} on more cases, or restrict the scope, for")
        ledger.lack(counter.title, found, move, needed=f"harm shown to be below {agreed}", place=place)
    if not beyond:
        seen = "stays within its margin" if results else "has a margin set before any result"
        ledger.note(counter.title, f"{counter.title} {seen} ({amount(counter, margin)})", place=place)


@harm_has_limits.mend
def mend_harm_has_limits(case: Case, _: NoParams) -> Facts:
    """Set margins and limits, and show that harm stays within them."""
    facts = case.facts
    if not case.view.counters:
        return mending.with_more_metrics(facts, mending.new_counter(facts, set_on=case.today))
    for counter in case.view.counters:
        if any(_missing_in_limits(case, counter)):
            first = _first_result(case, counter)
            limits = msgspec.structs.replace(counter.limits or Limits(), set_on=first or case.today)
            margin = 1.0 if limits.margin is None else limits.margin
            limit = 1.0 if limits.limit is None else limits.limit
            limits = msgspec.structs.replace(limits, margin=margin, limit=limit)
            facts = mending.with_metric(facts, counter.code, limits=limits)
    margins = {m.code: m.limits.margin for m in facts.dossier.metrics if m.limits and m.limits.margin}
    return msgspec.structs.replace(facts, results=with_results(case, lambda r: _within(r, margins)).results)


def _within(result: Result, margins: dict[str, float]) -> Result:
    guards = tuple(
        msgspec.structs.replace(g, worse=_shrunk(g.worse), verdict="NON_INFERIOR")
        if g.worse.high >= margins.get(g.metric, float("inf"))
        else g
        for g in result.guards
    )
    return msgspec.structs.replace(result, guards=guards)


class WinTerms(Params, frozen=True, kw_only=True):
    """Which results count as a win, and for how long."""

    wins: tuple[str, ...]
    wins_when_rewritten: tuple[str, ...]
    max_age_days: int


@check("results.headline_has_won", WinTerms)
def headline_has_won(case: Case, params: WinTerms) -> Outcome:
    """At least one headline metric has a recent result under its plan that counts as a win."""
    ledger = Ledger()
    headlines = [metric for metric in case.dossier.metrics if metric.headline]
    judged = [(metric, _fault_of_win(case, metric, params)) for metric in headlines]
    for metric, fault in judged:
        result = case.view.results.get(metric.code)
        if not fault and result is not None:
            ledger.note(metric.title, f"{result.sentence.rstrip('.')} (read to {day(result.read_on)})")
            ledger.lapses(midnight_after(result.read_on + dt.timedelta(days=params.max_age_days)))
            return ledger.settle()
    needed = f"a win under its plan, not older than {span(params.max_age_days)}"
    for metric, fault in judged:
        move = at_metric(
            f"Read the result of {metric.title} under its plan",
            metric,
            kind="measure",
            days=30.0,
            key=f"win:{metric.code}",
        )
        ledger.lack(metric.title, fault, move, needed=needed, unknown=metric.code not in case.view.results)
    if not headlines:
        move = deed("Mark the metric the executives hear first", role="owner", place="measurement/")
        ledger.lack("Headline", "no metric is marked as the headline", move, needed=needed, unknown=True)
    return ledger.settle()


def _fault_of_win(case: Case, metric: Metric, params: WinTerms) -> str:
    result = case.view.results.get(metric.code)
    if result is None:
        return f"{metric.title} has no result yet"
    if metric.comparison is None or metric.comparison.method != result.method:
        return f"the result of {metric.title} was not read under its plan"
    rewritten = metric.target is not None and metric.target.rewritten_from is not None
    if result.code not in params.wins and not (rewritten and result.code in params.wins_when_rewritten):
        smaller = "; the claim has not been rewritten" if result.code in params.wins_when_rewritten else ""
        return f"{result.sentence.rstrip('.') or metric.title + ' shows no win'}{smaller}"
    age = (case.today - result.read_on).days
    return f"the result of {metric.title} is {count(age, 'day')} old" if age > params.max_age_days else ""


@headline_has_won.mend
def mend_headline_has_won(case: Case, params: WinTerms) -> Facts:
    """The headline's comparison is read, and it is a win."""
    facts = case.facts
    headline = next((m for m in facts.dossier.metrics if m.headline), None) or next(
        iter(case.view.claims), None
    )
    if headline is None:
        return facts
    method = headline.comparison.method if headline.comparison else "ab_test"
    facts = mending.with_metric(facts, headline.code, headline=True)
    known = case.view.results.get(headline.code)
    if known is not None and known.method != method:
        # Read by another method than the plan's: it is read anew, and nothing of it carries over.
        known = None
    won = Result(
        metric=headline.code,
        method=method,
        recorded_at=case.now,
        read_on=case.today,
        better=Interval(estimate=1.0, low=0.5, high=1.5),
        claimed=None,
        code=params.wins[0],
        sentence=f"{headline.title} improved.",
        sample_ratio_p=known.sample_ratio_p if known else 1.0,
        balance=known.balance if known else (),
        matched_share=known.matched_share if known else None,
        trend_handled=known.trend_handled if known else True,
        lag_one=known.lag_one if known else 0.0,
        other_changes=known.other_changes if known else mending.STAND_IN,
        fading=known.fading if known else False,
        guards=known.guards if known else (),
    )
    kept = tuple(r for r in facts.results if r.metric != headline.code)
    return msgspec.structs.replace(facts, results=(*kept, won))


# -- stability ------------------------------------------------------------------------------------------------


@check("results.operation_is_stable", NoParams)
def operation_is_stable(case: Case, _: NoParams) -> Outcome:
    """Enough clean weeks at this horizon, as the policy's horizons say."""
    ledger, horizon = Ledger(), case.dossier.initiative.horizon
    needed = case.policy.horizon(horizon).clean_weeks
    if needed is None:
        ledger.note("Stability", f"{horizon} is the last horizon")
        return ledger.settle()
    since = case.view.clean_since
    weeks = (case.now - since).days // 7 if since is not None and since <= case.now else 0
    found = f"{count(weeks, 'clean week')} at {horizon}{f' since {day(since.date())}' if since else ''}"
    if weeks >= needed:
        ledger.note("Stability", found)
        return ledger.settle()
    move = deed(
        f"Run at {horizon} for {count(needed - weeks, 'more clean week', 'more clean weeks')}",
        role="operation",
        place="history/",
        kind="wait",
        key="wait:stability",
        days=7.0 * (needed - weeks),
    )
    ledger.lack("Stability", found, move, needed=count(needed, "clean week"), unknown=since is None)
    return ledger.settle()


@operation_is_stable.mend
def mend_operation_is_stable(case: Case, _: NoParams) -> Facts:
    """The weeks have passed: it ran at this horizon all the while, without a breach."""
    horizon = case.dossier.initiative.horizon
    weeks = case.policy.horizon(horizon).clean_weeks or 0
    start = case.today - dt.timedelta(weeks=weeks)
    facts = with_a_deployment(_with_launches(case))
    places = [d for d in facts.dossier.deployments if d.state != "retired"]
    here = [d for d in places if d.horizon == horizon] or places[:1]
    moved = tuple(
        msgspec.structs.replace(d, state="live", horizon=horizon, live_from=min(d.live_from or start, start))
        if d in here
        else d
        for d in facts.dossier.deployments
    )
    return msgspec.structs.replace(mending.with_dossier(facts, deployments=moved), breaches=())


def _with_launches(case: Case) -> Facts:
    """Facts whose plans state their launch, so that looking back from later does not move it."""
    facts = case.facts
    for claim in case.view.claims:
        if claim.comparison is not None:
            plan = msgspec.structs.replace(claim.comparison, launch_on=launch_of(case, claim))
            facts = mending.with_metric(facts, claim.code, comparison=plan)
    return facts
