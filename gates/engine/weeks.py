"""Looking back week by week: what the readings of each week would have had the judge say on the evening it ended.

The record is cut at the end of each week by the day things happened on, and judged by the same checks as today.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from gates.engine.checking import Ledger
from gates.engine.checks.people import first_gap
from gates.engine.checks.signals import Mix, Rates, chart_of, shifts_of, signal_in_words
from gates.engine.evaluation import evaluate
from gates.engine.facts import Drift, Facts, Reading
from gates.engine.policy import Policy, Rule
from gates.engine.readings import is_beyond, is_share, live_since, shown, watched_tracks
from gates.engine.verdict import Answer, Finding, VerdictName
from gates.engine.view import Case, View
from gates.engine.words import capital, day, number
from initiatives.dossier.metrics import Metric
from metrics import control_charts, drift

EVENING = dt.time(18)
_WEEK = dt.timedelta(days=7)
Tone = Literal["met", "watch", "broken", "unjudged", "silent"]
FRESHNESS = "watching.nothing_is_silent"  # judges when something was read, not what


class Flag(Answer, frozen=True):
    """Something the portal says in a week. `kind` stays the same from week to week, so that what is new can be told."""

    kind: str  # the code of a rule, with the pattern of a control chart behind it where one was found, such as R2
    code: str  # the rule it fails, or would
    sentence: str
    stops: bool  # whether it suspends
    is_new: bool = False


class Told(Answer, frozen=True):
    """One metric in one week, as people read it."""

    metric: str
    title: str
    is_model: bool  # what the model says of itself, against what people do with it
    unit: str  # of a value that is no share
    value: str  # empty when nothing was read in this week
    tone: Tone  # met: held against a limit of its own or against its chart, and found within


class Week(Answer, frozen=True):
    """One week: what was read, and what the portal says on the evening it ended."""

    ends: dt.date
    since_launch: int | None  # 1 is the first week live; none before
    level: VerdictName
    readings: tuple[Told, ...]
    flags: tuple[Flag, ...]
    blockers: tuple[str, ...]

    @property
    def fresh(self) -> tuple[Flag, ...]:
        """What is said for the first time."""
        return tuple(flag for flag in self.flags if flag.is_new)

    @property
    def stops(self) -> bool:
        """Whether what runs would have to stop."""
        return any(flag.stops for flag in self.flags)


def weeks_of(
    policy: Policy, facts: Facts, drifts: Sequence[Drift], now: dt.datetime, *, most: int = 26
) -> tuple[Week, ...]:
    """The latest weeks that hold a reading, the oldest first; `drifts` is the whole history of drift readings."""
    found: list[Week] = []
    for ends in _ends(facts, drifts, now)[-most:]:
        before = {flag.kind for flag in found[-1].flags} if found else set()
        found.append(week_to(policy, facts, drifts, ends, before))
    return tuple(found)


def week_to(policy: Policy, facts: Facts, drifts: Sequence[Drift], ends: dt.date, before: set[str]) -> Week:
    """One week as it was on the evening of its last day; `before` holds the kinds of flags of the week before it."""
    evening = dt.datetime.combine(ends, EVENING, dt.UTC)
    then = known_on(facts, drifts, ends)
    verdict = evaluate(policy, then, evening)
    view = View(policy, then, evening)
    flags = tuple(
        msgspec.structs.replace(flag, is_new=flag.kind not in before)
        for flag in _flags(view, verdict.failing())
    )
    since = live_since(view.case(policy.rules[0]))
    number_of = (ends - since).days // 7 + 1 if since is not None and ends >= since else None
    broken = {
        item.place
        for found in verdict.failing("suspender", "advisory")
        for item in found.items
        if not item.ok
    }
    judged = _judged(view, verdict.findings) if number_of is not None else set()
    return Week(
        ends=ends,
        since_launch=number_of,
        level=verdict.level,
        readings=tuple(_told(view, metric, broken, judged) for metric in _read(view)),
        flags=flags,
        blockers=tuple(found.code for found in verdict.failing("blocker")),
    )


def known_on(facts: Facts, drifts: Sequence[Drift], on: dt.date) -> Facts:
    """The facts less everything that happened after that day; what was live later is still planned."""
    series = (
        msgspec.structs.replace(
            one, readings=tuple(reading for reading in one.readings if reading.period_end <= on)
        )
        for one in facts.series
    )
    latest = {
        one.metric: one for one in sorted(drifts, key=lambda one: one.period_end) if one.period_end <= on
    }
    places = tuple(
        msgspec.structs.replace(place, state="planned")
        if place.state == "live" and place.live_from is not None and place.live_from > on
        else place
        for place in facts.dossier.deployments
    )
    return msgspec.structs.replace(
        facts,
        dossier=msgspec.structs.replace(facts.dossier, deployments=places),
        series=tuple(one for one in series if one.readings),
        drift=tuple(latest.values()),
        results=tuple(one for one in facts.results if one.read_on <= on),
        incidents=tuple(one for one in facts.incidents if one.opened_at.date() <= on),
        acknowledgements=tuple(one for one in facts.acknowledgements if one.at.date() <= on),
    )


def _ends(facts: Facts, drifts: Sequence[Drift], now: dt.datetime) -> list[dt.date]:
    """The last day of each week in which something was read; weeks end on the weekday on which most readings end."""
    days = [reading.period_end for one in facts.series for reading in one.readings]
    days = [one for one in (*days, *(one.period_end for one in drifts)) if one <= now.date()]
    weekdays = Counter(one.weekday() for one in days)
    last = max(weekdays, key=lambda day: (weekdays[day], day), default=0)
    return sorted({min(one + dt.timedelta(days=(last - one.weekday()) % 7), now.date()) for one in days})


# -- what is said ---------------------------------------------------------------------------------------------


def _flags(view: View, failing: Sequence[Finding]) -> Iterator[Flag]:
    """What stops, what asks to be looked at, and who is not there; patterns of a chart one by one."""
    rules = {rule.code: rule for rule in view.policy.rules}
    charted = set()
    for rule in view.policy.rules:
        if view.not_asked(rule):
            continue
        if isinstance(rule.params, Rates):
            charted.add(rule.code)
            yield from _patterns(view.case(rule), rule, rule.params)
        elif isinstance(rule.params, Mix):
            yield from _amber(view.case(rule), rule, rule.params)
        elif rule.check == "people.monitoring_is_staffed":
            yield from _nobody_there(view, rule)
    for found in failing:
        rule = rules[found.code]
        watched = found.severity == "suspender" or (found.severity == "advisory" and rule.phase == "operate")
        if watched and found.code not in charted:
            stops = found.severity == "suspender"
            yield Flag(kind=found.code, code=found.code, sentence=_reason(found), stops=stops)


def _reason(found: Finding) -> str:
    """What was found, without what was needed."""
    return f"{'; '.join(capital(item.found) for item in found.items if not item.ok)}."


def _patterns(case: Case, rule: Rule, params: Rates) -> Iterator[Flag]:
    """The patterns that the latest reading of each charted series completes."""
    for track in watched_tracks(case, params, Ledger()):
        if len(track.readings) < params.points:
            continue
        try:
            watch = chart_of(case, track, params)
        except control_charts.NotComputable:
            continue
        for signal in watch.signals_at(len(track.readings) - 1):
            if signal.consequence == "advisory":
                continue
            sentence = (
                signal.sentence
                if signal.consequence == "display"
                else f"{capital(signal_in_words(track, watch, signal, params))}."
            )
            kind = f"{rule.code} {signal.rule}"
            yield Flag(kind=kind, code=rule.code, sentence=sentence, stops=signal.consequence == "suspend")


def _amber(case: Case, rule: Rule, params: Mix) -> Iterator[Flag]:
    for metric in case.dossier.metrics:
        if any(metric.code == one.metric for one in case.facts.drift):
            for shift in shifts_of(case, metric, params):
                if drift.band_of(shift.psi, shift.noise, params.amber, params.red) == "amber":
                    sentence = f"{metric.title} reached {number(round(shift.psi, 3))}: above {number(params.amber)}, watch it."
                    yield Flag(kind=f"{rule.code} amber", code=rule.code, sentence=sentence, stops=False)


def _nobody_there(view: View, rule: Rule) -> Iterator[Flag]:
    """Live, and on this very day nobody is on call."""
    alone = [
        place.title or place.code
        for place in view.running
        if place.state == "live" and first_gap(view, place, view.today) == view.today
    ]
    if alone:
        sentence = f"Nobody is on call on {day(view.today)} for {' and '.join(alone)}."
        yield Flag(kind=rule.code, code=rule.code, sentence=sentence, stops=True)


# -- what was read --------------------------------------------------------------------------------------------


def _read(view: View) -> list[Metric]:
    """Metrics with any reading by then, in the order of the dossier: what the model says of itself first."""
    known = {one.metric for one in view.facts.series} | {one.metric for one in view.facts.drift}
    read = [metric for metric in view.dossier.metrics if metric.code in known]
    return sorted(read, key=lambda metric: metric.layer != "model_health")


def _told(view: View, metric: Metric, broken: set[str], judged: set[str]) -> Told:
    week = view.today - _WEEK
    readings = [
        reading
        for one in view.facts.series
        if one.metric == metric.code
        for reading in one.readings
        if reading.period_end > week
    ]
    drifted = [one for one in view.facts.drift if one.metric == metric.code and one.period_end > week]
    value = _value(metric, readings, drifted)
    place = view.metric_place(metric.code)
    amber = metric.limits.amber if metric.limits else None
    near = amber is not None and any(one.psi >= amber for one in drifted)
    tone: Tone = "broken" if place in broken else "watch" if near else "silent"
    if tone == "silent" and value:
        values = [one.value for one in readings] + [one.psi for one in drifted]
        tone = "met" if _within(metric, values, charted=place in judged) else "unjudged"
    return Told(
        unit="" if is_share(metric) else metric.unit,
        metric=metric.code,
        title=metric.title,
        is_model=metric.layer == "model_health",
        value=value,
        tone=tone,
    )


def _judged(view: View, findings: Sequence[Finding]) -> set[str]:
    """Places of metrics whose values were held against something: a limit of a rule, or a chart that could be drawn."""
    rules = {rule.code: rule for rule in view.policy.rules}
    charts = [rule for rule in rules.values() if isinstance(rule.params, Rates) and not view.not_asked(rule)]
    apart = {rule.code for rule in rules.values() if rule.check == FRESHNESS} | {rule.code for rule in charts}
    found = {
        item.place
        for one in findings
        if one.severity in ("suspender", "advisory") and one.code not in apart
        for item in one.items
    }
    for rule in charts:
        assert isinstance(rule.params, Rates)  # noqa: S101 — chosen by it above
        for track in watched_tracks(view.case(rule), rule.params, Ledger()):
            if len(track.readings) >= rule.params.points:
                found.add(view.metric_place(track.metric.code))
    return found


def _within(metric: Metric, values: Sequence[float], *, charted: bool) -> bool:
    """Whether something says that these values are as they should be: before launch, only a limit of the metric's own."""
    limit = metric.limits.limit if metric.limits else None
    if limit is None:
        return charted
    return not any(is_beyond(metric, value, limit) for value in values)


def _value(metric: Metric, readings: Sequence[Reading], drifted: Sequence[Drift]) -> str:
    if drifted:
        return number(round(drifted[-1].psi, 3))
    if is_share(metric):
        return " · ".join(shown(metric, reading.value) for reading in readings)
    return " · ".join(number(round(reading.value, 4)) for reading in readings)
