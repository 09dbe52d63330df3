"""Watching what runs: nothing silent, nothing below its floor, no counter-metric beyond its limit."""

from __future__ import annotations

import datetime as dt

import msgspec

from gates.engine import mending
from gates.engine.checking import Ledger, Outcome, check, deed
from gates.engine.facts import Facts, Reading
from gates.engine.policy import Params
from gates.engine.readings import (
    Need,
    Track,
    Watched,
    first_due,
    is_beyond,
    is_needed,
    is_share,
    metrics_for,
    operate,
    period,
    record_reading,
    shown,
    tracks_of,
    watched_metrics,
    watched_tracks,
    without_reading,
)
from gates.engine.stand_ins import week_to, with_reading, with_watched_metric
from gates.engine.verdict import NextMove
from gates.engine.view import Case, midnight_after
from gates.engine.words import count, day, listing
from initiatives.dossier.metrics import Limits, Metric, Tag


class Floor(Watched, frozen=True):
    """Below which value (none: the metric's own limit), and how many readings running."""

    times: int
    floor: float | None = None

    def faults(self) -> tuple[str, ...]:
        """No reading at all would be enough."""
        return (*super().faults(), *(("times is below one",) if self.times < 1 else ()))


class Silence(Params, frozen=True):
    """After how many intervals a series is silent, and after how many equal readings it is stuck."""

    intervals: int
    stuck_after: int
    tags: tuple[Tag, ...]  # what is watched even when nobody said so


class Intervals(Params, frozen=True):
    """How many intervals a first reading may take."""

    intervals: int


# -- above the floor ------------------------------------------------------------------------------------------


@check("watching.stays_above_floor", Floor)
def stays_above_floor(case: Case, params: Floor) -> Outcome:
    """The last readings are not all below the floor."""
    ledger = Ledger()
    for track in watched_tracks(case, params, ledger):
        limit = limit_of(track.metric, params.floor)
        if limit is None:
            _lack_limit(track, ledger)
            continue
        recent = track.readings[-params.times :]
        low = [one for one in recent if _is_low(track.metric, one.value, limit, params)]
        place = case.view.metric_place(track.metric.code)
        if len(low) == params.times:
            told = [f"{shown(track.metric, one.value)} {period(one)}" for one in low]
            found = f"{track.title} was {listing(told)}"
            needed = (
                f"{'at most' if _is_upper(track.metric, params) else 'at least'} {shown(track.metric, limit)}"
            )
            ledger.lack(track.title, found, _raise(track, limit), place=place, needed=needed)
        else:
            once = ", once on the wrong side of its limit" if low and low[-1] is track.last else ""
            found = f"{track.title} was {shown(track.metric, track.last.value)} {period(track.last)}{once}"
            ledger.note(track.title, found, place=place)
    return ledger.settle()


def limit_of(metric: Metric, floor: float | None) -> float | None:
    """The policy's floor, or the metric's own limit."""
    return floor if floor is not None else metric.limits.limit if metric.limits else None


def _is_upper(metric: Metric, params: Floor) -> bool:
    return params.floor is None and metric.direction != "higher_better"


def _is_low(metric: Metric, value: float, limit: float, params: Floor) -> bool:
    return value > limit if _is_upper(metric, params) else value < limit


def _lack_limit(track: Track, ledger: Ledger) -> None:
    move = operate(f"Set the limit of {track.metric.title}", track.metric, kind="edit")
    ledger.lack(track.title, f"no limit is set for {track.metric.title}", move, unknown=True)


def _raise(track: Track, limit: float) -> NextMove:
    text = f"Bring {track.title} back to {shown(track.metric, limit)} and record the reading"
    return operate(text, track.metric, key=f"recover:{track.metric.code}:{track.deployment or ''}")


@stays_above_floor.mend
def mend_stays_above_floor(case: Case, params: Floor) -> Facts:
    """Record a reading that holds, of metrics that exist."""
    facts = with_needed_metrics(case, params.needs, case.facts)
    mended = type(case.view)(case.policy, facts, case.now).case(case.rule)
    for metric in watched_metrics(mended, params, Ledger()):
        limit = limit_of(metric, params.floor)
        if limit is None:
            limit = 0.0
            limits = msgspec.structs.replace(metric.limits or Limits(), limit=limit)
            facts = mending.with_metric(facts, metric.code, limits=limits)
        reading = week_to(case.today, limit, share=is_share(metric))
        places = [track.deployment for track in tracks_of(mended, metric)] or [None]
        for place in places:
            facts = with_reading(facts, metric.code, place, reading)
    return facts


def with_needed_metrics(case: Case, needs: tuple[Need, ...], facts: Facts) -> Facts:
    """Facts in which a watched metric carries each thing that is needed."""
    for need in needs:
        if is_needed(case, need) and not metrics_for(case, need):
            share = {"unit": "share of cases", "direction": "higher_better"}
            facts, _ = with_watched_metric(facts, case.today, tags=(need.tags[0],), **share)
    return facts


# -- not silent -----------------------------------------------------------------------------------------------


@check("watching.nothing_is_silent", Silence)
def nothing_is_silent(case: Case, params: Silence) -> Outcome:
    """Each watched metric was read within its intervals, and does not repeat one reading over and over."""
    ledger = Ledger()
    metrics = [metric for metric in case.dossier.metrics if is_watched(metric, params)]
    if not metrics:
        found = "no metric is watched in operation"
        ledger.lack("Monitoring", found, _say_what_is_watched(), unknown=True)
    for metric in metrics:
        place = case.view.metric_place(metric.code)
        if metric.cadence_days is None:
            move = operate(f"State how often {metric.title} is read", metric, kind="edit")
            found = f"nothing says how often {metric.title} is read"
            ledger.lack(metric.title, found, move, place=place, unknown=True)
        else:
            _line_of_silence(case, metric, metric.cadence_days, params, ledger)
    return ledger.settle()


def is_watched(metric: Metric, params: Silence) -> bool:
    """Whether it is watched: because somebody said so, it guards a claim, or the policy judges it in operation."""
    return metric.monitored or metric.layer == "counter" or not set(params.tags).isdisjoint(metric.tags)


def _say_what_is_watched() -> NextMove:
    text = "Say which metrics are watched in operation, and how often they are read"
    return deed(text, role="monitoring", place="measurement/", key="watch")


def _line_of_silence(case: Case, metric: Metric, cadence: int, params: Silence, ledger: Ledger) -> None:
    lasts = _last_days(case, metric)
    if not lasts:
        without_reading(case, metric, params.intervals, ledger)
    for title, last, readings in lasts:
        place = case.view.metric_place(metric.code)
        due = max(
            last + dt.timedelta(days=params.intervals * cadence),
            first_due(case, metric, params.intervals) or dt.date.min,
        )
        if case.today > due:
            found = f"{title} has been silent since {day(last)}: blind for {count((case.today - last).days, 'day')}"
            needed = f"a reading at least every {count(params.intervals * cadence, 'day')}"
            ledger.lack(title, found, record_reading(metric), place=place, needed=needed)
        elif _is_stuck(readings, params.stuck_after):
            found = f"{title} repeated {shown(metric, readings[-1].value)} {params.stuck_after} times: the feed is stuck"
            ledger.lack(title, found, record_reading(metric), place=place, needed="readings that are new")
        else:
            ledger.note(title, f"{title} was last read on {day(last)}", place=place)
            ledger.lapses(midnight_after(due))


def _last_days(case: Case, metric: Metric) -> list[tuple[str, dt.date, tuple[Reading, ...]]]:
    """Each series with the last day it covers; a comparison of the mix of cases counts as a reading."""
    drifts = [one.period_end for one in case.facts.drift if one.metric == metric.code]
    tracks = tracks_of(case, metric)
    if not tracks:
        return [(metric.title, max(drifts), ())] if drifts else []
    return [
        (track.title, max([track.last.period_end, *drifts]), () if drifts else track.readings)
        for track in tracks
    ]


def _is_stuck(readings: tuple[Reading, ...], times: int) -> bool:
    """Whether the last readings are one and the same, counts included."""
    last = readings[-times:]
    same = {(one.value, one.numerator, one.denominator, one.sample_size) for one in last}
    return len(last) == times and len(same) == 1


@nothing_is_silent.mend
def mend_nothing_is_silent(case: Case, params: Silence) -> Facts:
    """Watch something, say how often, and record a reading of today wherever it is silent."""
    facts = case.facts
    if not any(is_watched(metric, params) for metric in case.dossier.metrics):
        facts, _ = with_watched_metric(facts, case.today)
    for metric in facts.dossier.metrics:
        if is_watched(metric, params):
            cadence = metric.cadence_days or 7
            facts = mending.with_metric(facts, metric.code, cadence_days=cadence)
            facts = _with_a_voice(case, facts, metric)
    return facts


def _with_a_voice(case: Case, facts: Facts, metric: Metric) -> Facts:
    """Facts in which the metric was read today, at about the value it had."""
    tracks = tracks_of(case, metric)
    drifts = any(one.metric == metric.code for one in facts.drift)
    if drifts:
        fresh = tuple(
            msgspec.structs.replace(one, period_end=case.today) if one.metric == metric.code else one
            for one in facts.drift
        )
        return msgspec.structs.replace(facts, drift=fresh)
    if not tracks:
        return with_reading(
            facts, metric.code, None, week_to(case.today, _safe(metric), share=is_share(metric))
        )
    for track in tracks:
        again = msgspec.structs.replace(
            track.last, period_start=case.today - dt.timedelta(days=6), period_end=case.today
        )
        facts = with_reading(facts, metric.code, track.deployment, again)
    return facts


def _safe(metric: Metric) -> float:
    """A value no limit speaks against."""
    if metric.limits is not None and metric.limits.limit is not None:
        return metric.limits.limit
    return metric.baseline.value if metric.baseline else 1.0 if metric.direction == "higher_better" else 0.0


# -- counter-metrics ------------------------------------------------------------------------------------------


@check("watching.counters_hold", Intervals)
def counters_hold(case: Case, params: Intervals) -> Outcome:
    """No counter-metric is worse than the limit that was set for it."""
    ledger = Ledger()
    if not case.view.counters:
        found = "no counter-metric is recorded"
        ledger.lack("Counter-metrics", found, _name_counter(), unknown=True)
    for metric in case.view.counters:
        limit = limit_of(metric, None)
        tracks = tracks_of(case, metric)
        if limit is None:
            _lack_limit(Track(metric, None, metric.title, ()), ledger)
        elif not tracks:
            without_reading(case, metric, params.intervals, ledger)
        for track in tracks if limit is not None else ():
            _line_of_counter(case, track, limit or 0.0, ledger)
    return ledger.settle()


def _name_counter() -> NextMove:
    text = "Name a counter-metric with a limit, and record its readings"
    return deed(text, role="owner", place="measurement/", key="counter")


def _line_of_counter(case: Case, track: Track, limit: float, ledger: Ledger) -> None:
    metric, place = track.metric, case.view.metric_place(track.metric.code)
    found = f"{track.title} was {shown(metric, track.last.value)} {period(track.last)}, against a limit of {shown(metric, limit)}"
    if is_beyond(metric, track.last.value, limit):
        text = f"Restrict what runs until {track.title} is back at {shown(metric, limit)}"
        move = operate(text, metric, key=f"recover:{metric.code}:{track.deployment or ''}")
        ledger.lack(track.title, found, move, place=place)
        return
    amber = metric.limits.amber if metric.limits else None
    near = "; look at it" if amber is not None and is_beyond(metric, track.last.value, amber) else ""
    ledger.note(track.title, f"{found}{near}", place=place)


@counters_hold.mend
def mend_counters_hold(case: Case, _: Intervals) -> Facts:
    """Give every counter-metric a limit and a reading that keeps it."""
    facts = case.facts
    if not case.view.counters:
        counter = mending.new_counter(facts, set_on=case.today, monitored=True, cadence_days=7)
        facts = mending.with_more_metrics(facts, counter)
    for metric in facts.dossier.metrics:
        if metric.layer != "counter":
            continue
        limit = limit_of(metric, None)
        if limit is None:
            limit = _safe(metric)
            limits = msgspec.structs.replace(metric.limits or Limits(set_on=case.today), limit=limit)
            facts = mending.with_metric(facts, metric.code, limits=limits)
        for place in [track.deployment for track in tracks_of(case, metric)] or [None]:
            reading = week_to(case.today, limit, share=is_share(metric))
            facts = with_reading(facts, metric.code, place, reading)
    return facts
