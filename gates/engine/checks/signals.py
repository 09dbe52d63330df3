"""Signals that need statistics: the mix of cases, and special causes in override and escalation rates."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import msgspec

from gates.engine.checking import Ledger, Outcome, check
from gates.engine.checks.watching import with_needed_metrics
from gates.engine.facts import Acknowledgement, Facts, Reading, Series
from gates.engine.readings import (
    Track,
    Watched,
    live_since,
    operate,
    period,
    shown,
    tracks_of,
    watched_metrics,
    watched_tracks,
    without_reading,
)
from gates.engine.stand_ins import SOMEBODY, week_to, with_drift, with_reading
from gates.engine.view import Case, midnight_after
from gates.engine.words import count, day, number
from initiatives.dossier.metrics import Metric
from metrics import control_charts, drift

_URGENCY = ("R1", "CUSUM", "R2", "R3", "R4")
_FRIDAY = 4  # the last working day, counted from Monday as 0


class Mix(Watched, frozen=True):
    """Where the stability index warns, where it stops, and how sure it must be that chance does not explain it."""

    amber: float
    red: float
    confidence: float

    def faults(self) -> tuple[str, ...]:
        """Thresholds out of order."""
        return (
            *super().faults(),
            *(() if 0 < self.amber <= self.red else ("amber and red are not in order",)),
        )


class Rates(Watched, frozen=True):
    """How a rate is charted, and how long an investigation may take."""

    points: int
    cusum_k: float
    cusum_h: float
    working_days: int

    def faults(self) -> tuple[str, ...]:
        """Fewer points than limits can be drawn from."""
        few = self.points < control_charts.MINIMUM_POINTS
        return (*super().faults(), *((f"points is below {control_charts.MINIMUM_POINTS}",) if few else ()))


# -- the mix of cases -----------------------------------------------------------------------------------------


class Shift(NamedTuple):
    """A stability index with what chance alone can reach."""

    psi: float
    noise: float
    on: dt.date
    cases: int | None


@check("signals.mix_is_steady", Mix)
def mix_is_steady(case: Case, params: Mix) -> Outcome:
    """The mix of cases has not moved by more than agreed, or by no more than chance explains."""
    ledger = Ledger()
    for metric in watched_metrics(case, params, ledger):
        shifts = shifts_of(case, metric, params)
        if not shifts:
            without_reading(case, metric, params.intervals, ledger)
        for shift in shifts:
            _line_of_shift(case, metric, shift, params, ledger)
    return ledger.settle()


def shifts_of(case: Case, metric: Metric, params: Mix) -> tuple[Shift, ...]:
    """The latest indexes of the metric: with its cases where they are known, else as it was read."""
    known = [one for one in case.facts.drift if one.metric == metric.code]
    if known:
        return tuple(
            Shift(
                one.psi,
                _noise(one.psi, one.n_expected, one.n_actual, one.bins, params),
                one.period_end,
                one.n_actual,
            )
            for one in known
        )
    return tuple(Shift(t.last.value, 0.0, t.last.period_end, None) for t in tracks_of(case, metric))


def _noise(psi: float, expected: int, actual: int, bins: int, params: Mix) -> float:
    """Worked out only where it matters: below the lower threshold nothing is asked of chance."""
    if psi < params.amber or expected <= 0 or actual <= 0:
        return 0.0
    return drift.sampling_noise(expected, actual, bins, confidence=params.confidence)


def _line_of_shift(case: Case, metric: Metric, shift: Shift, params: Mix, ledger: Ledger) -> None:
    band = drift.band_of(shift.psi, shift.noise, params.amber, params.red)
    cases = f" over {count(shift.cases, 'case')}" if shift.cases is not None else ""
    found = f"{metric.title} was {number(round(shift.psi, 3))} on {day(shift.on)}{cases}"
    place = case.view.metric_place(metric.code)
    if band == "red":
        move = operate(f"Find out why {metric.title} moved, and retrain, restrict or roll back", metric)
        ledger.lack(metric.title, found, move, place=place, needed=f"below {number(params.red)}")
        return
    more = {
        "steady": "",
        "amber": f", amber: above {number(params.amber)}, watch it",
        "too_few": f", too few cases to say: chance alone can reach {number(round(shift.noise, 3))}",
    }[band]
    ledger.note(metric.title, f"{found}{more}", place=place)


@mix_is_steady.mend
def mend_mix_is_steady(case: Case, params: Mix) -> Facts:
    """Compare the mix today, and find it steady."""
    facts = with_needed_metrics(case, params.needs, case.facts)
    mended = type(case.view)(case.policy, facts, case.now).case(case.rule)
    for metric in watched_metrics(mended, params, Ledger()):
        facts = with_drift(facts, metric.code, case.today)
    return facts


# -- override and escalation rates ----------------------------------------------------------------------------


@check("signals.no_special_cause", Rates)
def no_special_cause(case: Case, params: Rates) -> Outcome:
    """No signal of the control chart stands without a cause that somebody wrote down."""
    ledger = Ledger()
    for track in watched_tracks(case, params, ledger):
        place = case.view.metric_place(track.metric.code)
        if len(track.readings) < params.points:
            have = count(len(track.readings), "reading")
            found = f"{track.title} has {have} of the {params.points} from which its control limits are drawn"
            ledger.note(track.title, found, place=place)
            continue
        try:
            watch = chart_of(case, track, params)
        except control_charts.NotComputable as fault:
            _lines_without_chart(track, fault, place, ledger)
            continue
        _lines_of_signals(case, track, watch, params, ledger)
    return ledger.settle()


def phase_one(case: Case, track: Track, params: Rates) -> int:
    """How many readings the limits are drawn from: those before going live when they are enough, else the first ones."""
    since = live_since(case)
    before = sum(since is not None and one.period_end < since for one in track.readings)
    return max(before, params.points)


def chart_of(case: Case, track: Track, params: Rates) -> control_charts.Watch:
    """The chart of the series: of shares where the cases are counted, else of the values as they are.

    Where somebody wrote down a cause, what was added up until then is explained, and the CUSUM begins anew.
    """
    first, explained = phase_one(case, track, params), _explained_until(case, track)
    restarts = [sum(one.period_end <= day for one in track.readings) for day in explained]
    shares = [_counted(one) for one in track.readings]
    counted = [one for one in shares if one is not None]
    if len(counted) == len(track.readings):
        return control_charts.watch_rate(
            counted, phase_one=first, k=params.cusum_k, h=params.cusum_h, restarts=restarts
        )
    values = [one.value for one in track.readings]
    return control_charts.watch_values(
        values, phase_one=first, k=params.cusum_k, h=params.cusum_h, restarts=restarts
    )


def _explained_until(case: Case, track: Track) -> set[dt.date]:
    """The last days of the readings whose cause was written down."""
    return {
        one.period_end
        for one in case.facts.acknowledgements
        if one.metric == track.metric.code and one.cause.strip() and one.rule in {case.rule.code, *_URGENCY}
    }


def _counted(reading: Reading) -> control_charts.Reading | None:
    if reading.numerator is not None and reading.denominator is not None:
        return control_charts.Reading(n=round(reading.denominator), x=round(reading.numerator))
    if reading.sample_size is not None and 0 <= reading.value <= 1:
        return control_charts.Reading(n=reading.sample_size, x=round(reading.value * reading.sample_size))
    return None


def _lines_without_chart(
    track: Track, fault: control_charts.NotComputable, place: str, ledger: Ledger
) -> None:
    if len({one.value for one in track.readings}) == 1:
        found = f"{track.title} has been {shown(track.metric, track.last.value)} in every reading"
        ledger.note(track.title, found, place=place)
        return
    move = operate(
        f"Record {track.title} with its cases", track.metric, kind="measure", key=f"read:{track.metric.code}"
    )
    found = f"{track.title} cannot be charted: {fault.sentence[:1].lower()}{fault.sentence[1:].rstrip('.')}"
    ledger.lack(track.title, found, move, place=place, unknown=True)


def _lines_of_signals(
    case: Case, track: Track, watch: control_charts.Watch, params: Rates, ledger: Ledger
) -> None:
    """One line a kind of signal: the latest that still asks for something."""
    place = case.view.metric_place(track.metric.code)
    standing = {signal.rule: signal for signal in watch.signals if calls_for_a_cause(case, track, signal)}
    for signal in sorted(standing.values(), key=lambda one: _URGENCY.index(one.rule)):
        reading = track.readings[signal.index]
        due = working_day_after(reading.period_end, params.working_days)
        found = signal_in_words(track, watch, signal, params)
        if signal.consequence == "suspend" or case.today > due:
            text = f"Find the cause of the signal in {track.title} {period(reading)}, and write it down"
            form = f"gates/{case.rule.gate}/#signal-{track.metric.code}"
            move = operate(text, track.metric, key=f"acknowledge:{track.metric.code}", place=form)
            by = "" if signal.consequence == "suspend" else f", which nobody explained by {day(due)}"
            ledger.lack(track.title, f"{found}{by}", move, place=place, needed="a cause, written down")
        else:
            ledger.note(track.title, f"{found}; its cause is due by {day(due)}", place=place)
            ledger.lapses(midnight_after(due))
    if not standing:
        ledger.note(track.title, _quiet_in_words(track, watch, params), place=place)


def _quiet_in_words(track: Track, watch: control_charts.Watch, params: Rates) -> str:
    """What the last reading says where nothing is asked; one that fell far may mean that people only accept."""
    last = watch.signals_at(len(track.readings) - 1)
    fallen = next((one for one in last if one.consequence == "advisory" and one.rule == "R1"), None)
    if fallen is not None:
        return (
            f"{signal_in_words(track, watch, fallen, params)}: see whether people still decide or only accept"
        )
    point = watch.points[-1]
    inside = "within its limits" if point.lower <= point.value <= point.upper else "explained"
    return f"{track.title} was {shown(track.metric, track.last.value)} {period(track.last)}, {inside}"


def calls_for_a_cause(case: Case, track: Track, signal: control_charts.Signal) -> bool:
    """Whether the signal calls for anything, and nobody has written down a cause at or after its reading."""
    if signal.consequence not in {"suspend", "investigate"}:
        return False
    on = track.readings[signal.index].period_end
    return not any(
        one.metric == track.metric.code
        and one.rule in {case.rule.code, signal.rule}
        and one.cause.strip()
        and one.period_end >= on
        for one in case.facts.acknowledgements
    )


def working_day_after(start: dt.date, days: int) -> dt.date:
    """The day that many working days later, Monday to Friday."""
    there = start
    while days:
        there += dt.timedelta(days=1)
        days -= there.weekday() <= _FRIDAY
    return there


def signal_in_words(
    track: Track, watch: control_charts.Watch, signal: control_charts.Signal, params: Rates
) -> str:
    """The signal with its numbers and its week."""
    reading, point = track.readings[signal.index], watch.points[signal.index]
    centre, when = shown(track.metric, watch.centre), period(reading)
    side = "above" if signal.direction == "up" else "below"
    if signal.rule == "R1":
        limit = shown(track.metric, point.upper if signal.direction == "up" else point.lower)
        verb = "reached" if signal.direction == "up" else "fell to"
        return f"{track.title} {verb} {shown(track.metric, reading.value)} {when}, against {centre} ± 3 sigma (limit {limit})"
    total = number(round(point.cusum_up if signal.direction == "up" else point.cusum_down, 1))
    return {
        "R2": f"two of three readings of {track.title} lay more than 2 sigma {side} {centre} {when}",
        "R3": f"four of five readings of {track.title} lay more than 1 sigma {side} {centre} {when}",
        "R4": f"eight readings of {track.title} in a row lay {side} {centre} {when}",
        "CUSUM": f"readings of {track.title} {side} {centre} add up to {total} sigma {when} (limit {number(params.cusum_h)})",
    }[signal.rule]


@no_special_cause.mend
def mend_no_special_cause(case: Case, params: Rates) -> Facts:
    """Write down the cause of every signal, and record rates where there are none."""
    facts = with_needed_metrics(case, params.needs, case.facts)
    mended = type(case.view)(case.policy, facts, case.now).case(case.rule)
    for metric in watched_metrics(mended, params, Ledger()):
        tracks = tracks_of(mended, metric)
        if not tracks:
            facts = with_reading(facts, metric.code, None, week_to(case.today, 0.1, share=True))
        for track in tracks:
            facts = _explained(case, facts, track, params)
    return facts


def _explained(case: Case, facts: Facts, track: Track, params: Rates) -> Facts:
    """Facts with a cause for the track's signals; one that cannot be charted begins anew."""
    try:
        if len(track.readings) >= params.points:
            chart_of(case, track, params)
    except control_charts.NotComputable:
        anew = Series(
            metric=track.metric.code,
            deployment=track.deployment,
            readings=(week_to(case.today, 0.1, share=True),),
        )
        place = (track.metric.code, track.deployment)
        series = tuple(anew if (one.metric, one.deployment) == place else one for one in facts.series)
        return msgspec.structs.replace(facts, series=series)
    cause = Acknowledgement(
        rule=case.rule.code, metric=track.metric.code, by=SOMEBODY, at=case.now, cause="found", period_end=track.last.period_end,
    )  # fmt: skip
    return msgspec.structs.replace(facts, acknowledgements=(*facts.acknowledgements, cause))
