"""Stand-ins for mends: somebody who can act, and readings as they would be recorded."""

from __future__ import annotations

import datetime as dt
import math

import msgspec

from gates.engine import mending
from gates.engine.facts import Drift, Facts, Person, Reading, Series
from initiatives.dossier.metrics import Metric

SOMEBODY = "somebody@mended.invalid"
CASES = 100  # behind a reading of a share
WEEK = dt.timedelta(days=6)


def with_somebody(facts: Facts) -> tuple[Facts, str]:
    """Facts that know one further active person, and their e-mail."""
    person = Person(email=SOMEBODY, name=mending.STAND_IN)
    return msgspec.structs.replace(facts, people={**facts.people, SOMEBODY: person}), SOMEBODY


def year_after(today: dt.date) -> dt.date:
    """A day about a year later."""
    return today + dt.timedelta(days=365)


def week_to(today: dt.date, value: float, *, share: bool = False) -> Reading:
    """A reading of the week that ends today; of a share with the cases behind it."""
    cases = float(CASES) if share else None
    counted = value * CASES if share else None
    return Reading(
        period_start=today - WEEK, period_end=today, value=value, numerator=counted, denominator=cases
    )


def with_reading(facts: Facts, metric: str, deployment: str | None, reading: Reading) -> Facts:
    """Facts in which the series has one further reading; a series that is new begins with it."""
    place = (metric, deployment)
    if all((one.metric, one.deployment) != place for one in facts.series):
        fresh = Series(metric=metric, deployment=deployment, readings=(reading,))
        return msgspec.structs.replace(facts, series=(*facts.series, fresh))
    series = tuple(
        msgspec.structs.replace(one, readings=(*one.readings, _unlike(one, reading)))
        if (one.metric, one.deployment) == place
        else one
        for one in facts.series
    )
    return msgspec.structs.replace(facts, series=series)


def _unlike(series: Series, reading: Reading) -> Reading:
    """The reading with a size no earlier reading has, so that it is seen to be a new one."""
    sizes = [one.sample_size or 0 for one in series.readings]
    return msgspec.structs.replace(reading, sample_size=math.ceil(max([CASES, *sizes])) + 1)


def with_drift(facts: Facts, metric: str, today: dt.date) -> Facts:
    """Facts in which the mix of cases was compared today and had not moved."""
    steady = Drift(metric=metric, period_end=today, psi=0.01, n_expected=1000, n_actual=1000, bins=10)
    kept = tuple(one for one in facts.drift if one.metric != metric)
    return msgspec.structs.replace(facts, drift=(*kept, steady))


def with_watched_metric(facts: Facts, today: dt.date, **fields: object) -> tuple[Facts, Metric]:
    """Facts with a further metric that is watched weekly, and that metric."""
    metric = mending.new_operational(facts, today, "watched", monitored=True, cadence_days=7, **fields)
    return mending.with_more_metrics(facts, metric), metric
