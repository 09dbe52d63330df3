"""Signals of the control charts that nobody has explained yet, overdue or not: the same charts the judge reads."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from gates.engine import Rule
from gates.engine.checking import Ledger
from gates.engine.checks.signals import (
    Rates,
    calls_for_a_cause,
    chart_of,
    phase_one,
    signal_in_words,
    working_day_after,
)
from gates.engine.readings import watched_tracks
from gates.engine.view import View
from gates.engine.words import capital
from metrics.control_charts import NotComputable

CHECK = "signals.no_special_cause"


@dataclass(frozen=True)
class Signal:
    metric: str
    rule: str
    title: str
    sentence: str
    period_end: date
    due: date
    is_late: bool


def open_signals(view: View) -> list[Signal]:
    """The latest open signal of each series, the one that has waited longest first."""
    found = [
        signal
        for rule in view.policy.rules
        if rule.check == CHECK and not view.not_asked(rule)
        for signal in _of_rule(view, rule)
    ]
    return sorted(found, key=lambda signal: signal.due)


def _of_rule(view: View, rule: Rule) -> Iterator[Signal]:
    params, case = rule.params, view.case(rule)
    if not isinstance(params, Rates):
        return
    for track in watched_tracks(case, params, Ledger()):
        if len(track.readings) < params.points:
            continue
        try:
            watch = chart_of(track, phase_one(case, track, params), params)
        except NotComputable:
            continue
        standing = [signal for signal in watch.signals if calls_for_a_cause(case, track, signal)]
        if not standing:
            continue
        last = max(standing, key=lambda signal: signal.index)
        first = min(standing, key=lambda signal: signal.index)
        due = working_day_after(track.readings[first.index].period_end, params.working_days)
        yield Signal(
            metric=track.metric.code,
            rule=rule.code,
            title=track.title,
            sentence=f"{capital(signal_in_words(track, watch, last, params))}.",
            period_end=track.readings[last.index].period_end,
            due=due,
            is_late=view.today > due,
        )
