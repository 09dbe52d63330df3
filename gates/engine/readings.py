"""Readings in operation: which metrics are watched, their series where something runs, and how a reading is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from gates.engine.checking import Ledger, deed
from gates.engine.facts import Reading
from gates.engine.policy import Clause, Params
from gates.engine.verdict import NextMove
from gates.engine.view import Case, midnight_after
from gates.engine.words import day, number, percent
from initiatives.dossier.metrics import Metric, Tag
from initiatives.dossier.scalars import Archetype

SHARES: frozenset[str] = frozenset(
    {
        "override_rate",
        "escalation_rate",
        "coverage",
        "decision_log_completeness",
        "reason_coverage",
        "exposure",
    }
)
_WEEK = range(5, 8)  # days a working week or a whole one has


class Need(Clause, frozen=True):
    """Something that must be watched: which tags carry it, and for which kinds of AI (none named: for all)."""

    words: str
    tags: tuple[Tag, ...]
    archetypes: tuple[Archetype, ...] = ()


class Watched(Params, frozen=True):
    """What a rule about operation looks at, and how many intervals a first reading may take."""

    needs: tuple[Need, ...]
    intervals: int

    def faults(self) -> tuple[str, ...]:
        """Nothing to look at."""
        return () if self.needs and all(need.tags for need in self.needs) else ("it names nothing to watch",)


class Track(NamedTuple):
    """The readings of one metric at one deployment, or wherever it runs."""

    metric: Metric
    deployment: str | None
    title: str
    readings: tuple[Reading, ...]

    @property
    def last(self) -> Reading:
        """The latest reading."""
        return self.readings[-1]


def tracks_of(case: Case, metric: Metric) -> tuple[Track, ...]:
    """The series of the metric that have readings, those of retired deployments left out."""
    places = {place.code: place.title or place.code for place in case.view.running}
    found = []
    for one in case.view.series.get(metric.code, ()):
        if one.readings and (one.deployment is None or one.deployment in places):
            at = f" at {places[one.deployment]}" if one.deployment and len(places) > 1 else ""
            found.append(Track(metric, one.deployment, f"{metric.title}{at}", one.readings))
    return tuple(found)


def live_since(case: Case) -> dt.date | None:
    """The first day on which any of what runs now went live."""
    return min((place.live_from for place in case.view.running if place.live_from is not None), default=None)


def first_due(case: Case, metric: Metric, intervals: int) -> dt.date | None:
    """The day by which a first reading is due, after going live or after the metric was set up, whichever came later."""
    since = live_since(case)
    if since is None or metric.cadence_days is None:
        return None
    set_up = (metric.limits and metric.limits.set_on, metric.capture and metric.capture.first_record_on)
    begun = max([since, *(min(on, case.today) for on in set_up if on)])
    return begun + dt.timedelta(days=intervals * metric.cadence_days)


def metrics_for(case: Case, need: Need) -> tuple[Metric, ...]:
    """Metrics that carry one of the tags."""
    return tuple(metric for metric in case.dossier.metrics if not set(need.tags).isdisjoint(metric.tags))


def is_needed(case: Case, need: Need) -> bool:
    """Whether the policy asks it of this kind of AI."""
    return not need.archetypes or case.dossier.initiative.archetype in need.archetypes


def watched_metrics(case: Case, params: Watched, ledger: Ledger) -> tuple[Metric, ...]:
    """Metrics that carry what is needed, each once; what no metric carries is lacked."""
    found: dict[str, Metric] = {}
    for need in params.needs:
        metrics = metrics_for(case, need)
        found |= {metric.code: metric for metric in metrics}
        if not metrics and is_needed(case, need):
            _lack_metric(need, ledger)
        elif not metrics:
            ledger.note(need.words, f"{need.words} is not asked of this kind of AI")
    return tuple(found.values())


def _lack_metric(need: Need, ledger: Ledger) -> None:
    tags = " or ".join(tag.replace("_", " ") for tag in need.tags)
    move = deed(
        f"Name a metric for the {need.words}, mark it as {tags}, and record its readings",
        role="monitoring",
        place="measurement/",
        kind="measure",
    )
    ledger.lack(need.words, f"no metric shows the {need.words}", move, unknown=True)


def watched_tracks(case: Case, params: Watched, ledger: Ledger) -> Iterator[Track]:
    """Their series; one that has no reading yet is noted until the first is due, then lacked."""
    for metric in watched_metrics(case, params, ledger):
        tracks = tracks_of(case, metric)
        if not tracks:
            without_reading(case, metric, params.intervals, ledger)
        yield from tracks


def without_reading(case: Case, metric: Metric, intervals: int, ledger: Ledger) -> None:
    """The line of a metric nothing has been recorded of."""
    due, since = first_due(case, metric, intervals), live_since(case)
    place = case.view.metric_place(metric.code)
    if due is not None and case.today <= due:
        ledger.note(metric.title, f"the first reading of {metric.title} is due by {day(due)}", place=place)
        ledger.lapses(midnight_after(due))
        return
    live = f" since it went live on {day(since)}" if since else ""
    found = f"{metric.title} has no reading{live}"
    ledger.lack(metric.title, found, record_reading(metric), place=place, unknown=True)


def record_reading(metric: Metric) -> NextMove:
    """The deed of recording one."""
    return operate(
        f"Record the readings of {metric.title}", metric, kind="measure", key=f"read:{metric.code}"
    )


def operate(text: str, metric: Metric, *, kind: str = "operate", key: str = "", place: str = "") -> NextMove:
    """A deed of whoever watches the metric."""
    return deed(
        text,
        role="monitoring",
        person=metric.owner or "",
        place=place or f"measurement/#metric-{metric.code}",
        kind=kind,
        key=key,
    )


# -- words ----------------------------------------------------------------------------------------------------


def is_share(metric: Metric) -> bool:
    """Whether the metric is a share of something."""
    return not SHARES.isdisjoint(metric.tags) or metric.unit.lower().startswith("share")


def shown(metric: Metric, value: float) -> str:
    """A value of the metric as people read it: 22.3 %, 12.4 minutes per ticket."""
    if is_share(metric):
        return percent(round(value, 3))
    return f"{number(round(value, 4))} {metric.unit}".strip()


def period(reading: Reading) -> str:
    """When it was: on 13 March 2026, in the week to 13 March 2026."""
    days = (reading.period_end - reading.period_start).days + 1
    if days == 1:
        return f"on {day(reading.period_end)}"
    if days in _WEEK:
        return f"in the week to {day(reading.period_end)}"
    return f"in the {days} days to {day(reading.period_end)}"


def is_beyond(metric: Metric, value: float, limit: float) -> bool:
    """Whether the value is on the wrong side of the limit."""
    return value < limit if metric.direction == "higher_better" else value > limit
