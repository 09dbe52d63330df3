"""Signals: what a rule about operation has against a metric now, whether somebody wrote down its cause, and since when.

A signal opens with the reading that shows it, is acknowledged with a cause, and closes when its rule is met again or,
on a control chart, when two readings after it are clean.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from gates.engine import Finding, Rule, evaluate
from gates.engine.checking import Ledger
from gates.engine.checks.signals import (
    Rates,
    calls_for_a_cause,
    chart_of,
    signal_in_words,
    working_day_after,
)
from gates.engine.facts import Acknowledgement
from gates.engine.readings import Track, watched_tracks
from gates.engine.view import View
from gates.engine.words import capital
from metrics.control_charts import NotComputable
from metrics.control_charts import Signal as Pattern

State = Literal["open", "acknowledged"]
CLEAN = 2  # readings without a pattern after which an acknowledged one is closed
CALLING = ("suspend", "investigate")


@dataclass(frozen=True)
class Signal:
    """`rule` is the code it fails; `due` the day by which a chart's signal wants its cause."""

    metric: str
    rule: str
    title: str
    sentence: str
    period_end: date
    stops: bool
    state: State
    due: date | None = None
    is_late: bool = False
    cause: str = ""
    by: str = ""

    @property
    def is_charted(self) -> bool:
        return self.due is not None


def signals_of(view: View) -> list[Signal]:
    """Every signal that is not closed, the one that has waited longest first."""
    found = [*charted_signals(view), *_breaches(view)]
    return sorted(
        found, key=lambda signal: (signal.state != "open", signal.period_end, signal.rule, signal.metric)
    )


# -- control charts -------------------------------------------------------------------------------------------


def charted_signals(view: View) -> Iterator[Signal]:
    """The latest signal of each charted series that wants a cause, or has one and is not closed yet."""
    for rule in view.policy.rules:
        if isinstance(rule.params, Rates) and not view.not_asked(rule):
            yield from _of_rule(view, rule, rule.params)


def _of_rule(view: View, rule: Rule, params: Rates) -> Iterator[Signal]:
    case = view.case(rule)
    for track in watched_tracks(case, params, Ledger()):
        if len(track.readings) < params.points:
            continue
        try:
            watch = chart_of(case, track, params)
        except NotComputable:
            continue
        calling = [signal for signal in watch.signals if signal.consequence in CALLING]
        standing = [signal for signal in calling if calls_for_a_cause(case, track, signal)]
        last = max(standing or _recent(track, calling), key=lambda signal: signal.index, default=None)
        if last is None:
            continue
        first = min(standing, key=lambda signal: signal.index, default=last)
        due = working_day_after(track.readings[first.index].period_end, params.working_days)
        known = None if standing else _cause(view, track, last, rule.code)
        yield Signal(
            metric=track.metric.code,
            rule=rule.code,
            title=track.title,
            sentence=f"{capital(signal_in_words(track, watch, last, params))}.",
            period_end=track.readings[last.index].period_end,
            stops=any(signal.consequence == "suspend" for signal in standing),
            state="open" if standing else "acknowledged",
            due=due,
            is_late=bool(standing) and view.today > due,
            cause=known.cause if known else "",
            by=view.name(known.by) if known else "",
        )


def _recent(track: Track, calling: Sequence[Pattern]) -> list[Pattern]:
    """Patterns with fewer clean readings after them than close one."""
    return [signal for signal in calling if signal.index >= len(track.readings) - CLEAN]


def _cause(view: View, track: Track, signal: Pattern, code: str) -> Acknowledgement | None:
    on = track.readings[signal.index].period_end
    return next(
        (one for one in _causes(view, track.metric.code, code, signal.rule) if one.period_end >= on), None
    )


def _causes(view: View, metric: str, *rules: str) -> list[Acknowledgement]:
    """What was written down about a metric under these names, the latest first."""
    found = (one for one in view.facts.acknowledgements if one.metric == metric and one.rule in rules)
    return sorted(found, key=lambda one: one.at, reverse=True)


# -- everything else that is watched --------------------------------------------------------------------------


def _breaches(view: View) -> Iterator[Signal]:
    """Metrics that fail a rule about operation: beyond a limit, silent, stuck, drifted."""
    rules = {rule.code: rule for rule in view.policy.rules}
    verdict = evaluate(view.policy, view.facts, view.now)
    for found in verdict.failing("suspender", "advisory"):
        rule = rules[found.code]
        is_watch = rule.check.startswith(("watching.", "signals.")) and not isinstance(rule.params, Rates)
        if is_watch:
            yield from _of_finding(view, found)


def _of_finding(view: View, found: Finding) -> Iterator[Signal]:
    places = {view.metric_place(metric.code): metric for metric in view.dossier.metrics}
    for item in found.items:
        metric = places.get(item.place)
        if item.ok or metric is None:
            continue
        ends = _last_day(view, metric.code)
        known = next((one for one in _causes(view, metric.code, found.code) if one.period_end >= ends), None)
        yield Signal(
            metric=metric.code,
            rule=found.code,
            title=metric.title,
            sentence=f"{capital(item.found)}.",
            period_end=ends,
            stops=found.severity == "suspender",
            state="acknowledged" if known else "open",
            cause=known.cause if known else "",
            by=view.name(known.by) if known else "",
        )


def _last_day(view: View, code: str) -> date:
    """The last day that was read; of a metric never read, today."""
    days = [one.readings[-1].period_end for one in view.facts.series if one.metric == code and one.readings]
    days += [one.period_end for one in view.facts.drift if one.metric == code]
    return max(days, default=view.today)
