"""The last periods of each metric and deployment, found in the index: what is older is not touched, however much there is.

Django's ORM knows neither LATERAL nor recursion, so the statements are written out here, for both databases. They rest
on the unique index of a reading: metric, segment, deployment, end, start, revision.
"""

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, QuerySet
from django.db.models.functions import Abs

from alignment_portal import clock
from alignment_portal.portions import AT_ONCE, About, Everything, Row
from metrics.models import Observation

# One row for each metric and deployment that has readings. Each step goes straight to the next deployment in the index
# (a "loose index scan"), so that a million readings of one deployment are one step.
_PLACES = """
WITH RECURSIVE place (metric_id, key, code, deployment) AS (
  SELECT m.id, i.key, m.code, (
    SELECT f.deployment FROM metrics_observation f WHERE f.metric_id = m.id AND f.segment = %(segment)s
    ORDER BY f.deployment LIMIT 1)
  FROM initiatives_initiative i JOIN metrics_metric m ON m.initiative_id = i.id {which}
  UNION ALL
  SELECT p.metric_id, p.key, p.code, (
    SELECT f.deployment FROM metrics_observation f WHERE f.metric_id = p.metric_id AND f.segment = %(segment)s
      AND f.deployment > p.deployment ORDER BY f.deployment LIMIT 1)
  FROM place p WHERE p.deployment IS NOT NULL
)
"""
_COLUMNS = "period_start, period_end, value, numerator, denominator, sample_size"
_ORDER = "p.key, p.code, p.deployment, o.period_end, o.period_start"

# PostgreSQL walks the index backwards from the latest period, and stops at the last one wanted. How many are wanted is
# asked as a question, so that it does not know beforehand and expects a few: where it expects to take all of a metric's
# rows, because most metrics have few, it fetches and sorts them, and of some metrics they are millions.
_POSTGRESQL = f"""
{_PLACES}
SELECT p.key, p.code, p.deployment, {_COLUMNS}
FROM (SELECT * FROM place WHERE deployment IS NOT NULL ORDER BY key, code, deployment) p
CROSS JOIN LATERAL (
  SELECT DISTINCT ON (r.period_end, r.period_start) {_COLUMNS}
  FROM metrics_observation r
  WHERE r.metric_id = p.metric_id AND r.segment = %(segment)s AND r.deployment = p.deployment
    AND r.period_end <= %(until)s AND r.recorded_at <= %(at)s
  ORDER BY r.period_end DESC, r.period_start DESC, r.revision DESC
  LIMIT (SELECT %(periods)s)
) o
ORDER BY {_ORDER}
"""  # noqa: S608 — made of constants
# SQLite has no LATERAL: it looks up the numbers of the rows, and then the rows. With MAX, what stands beside it is taken
# from the row that has the maximum. Were the tables joined by their columns, SQLite would at times read all readings first,
# to make a Bloom filter of them.
_SQLITE = f"""
{_PLACES}
SELECT p.key, p.code, p.deployment, {_COLUMNS}
FROM place p CROSS JOIN metrics_observation o ON o.id IN (
  SELECT latest.id FROM (
    SELECT r.id, MAX(r.revision)
    FROM metrics_observation r
    WHERE r.metric_id = p.metric_id AND r.segment = %(segment)s AND r.deployment = p.deployment
      AND r.period_end <= %(until)s AND r.recorded_at <= %(at)s
    GROUP BY r.period_end, r.period_start
    ORDER BY r.period_end DESC, r.period_start DESC
    LIMIT %(periods)s
  ) latest
)
WHERE p.deployment IS NOT NULL
ORDER BY {_ORDER}
"""  # noqa: S608 — made of constants


class RecentPeriods:
    """(key, metric, deployment, start, end, value, numerator, denominator, size), in order of the first five.

    The last `periods` of each metric and deployment known `at` that moment, each in its latest revision known then. One
    statement, however many initiatives.
    """

    def __init__(self, keys: list[str] | None, at: dt.datetime | None, *, segment: str, periods: int) -> None:
        which, last_day = "", dt.date.max
        asked: dict[str, Any] = {"segment": segment, "periods": periods}
        if keys is not None:
            which, asked["keys"] = _WHICH[connection.vendor], keys
            if connection.vendor == "sqlite":
                asked["keys"] = json.dumps(keys)
        if at is not None:
            # No period is recorded before it is over (`find_faults`): what ends later was not known then. A day more,
            # for a clock that was put back between the check and the writing.
            last_day = at.astimezone(dt.UTC).date() + dt.timedelta(days=1)
        asked["at"] = connection.ops.adapt_datetimefield_value(at or clock.now())
        asked["until"] = connection.ops.adapt_datefield_value(last_day)
        self.sql, self.asked = _RECENT[connection.vendor].format(which=which), asked

    def iterator(self, chunk_size: int = AT_ONCE) -> Iterator[Row]:
        with connection.chunked_cursor() as cursor:
            cursor.execute(self.sql, self.asked)
            while rows := cursor.fetchmany(chunk_size):
                yield from rows


# In order, each found by one step in the index from the one before it.
_SEGMENTS = """
WITH RECURSIVE named (segment, place) AS (
  SELECT (
    SELECT f.segment FROM metrics_observation f WHERE f.metric_id = %(metric)s AND f.segment > ''
    ORDER BY f.segment LIMIT 1), 1
  UNION ALL
  SELECT (
    SELECT f.segment FROM metrics_observation f WHERE f.metric_id = %(metric)s AND f.segment > n.segment
    ORDER BY f.segment LIMIT 1), n.place + 1
  FROM named n WHERE n.segment IS NOT NULL AND n.place < %(most)s
)
SELECT segment FROM named WHERE segment IS NOT NULL ORDER BY place
"""
_RECENT = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}
_WHICH = {
    "sqlite": "WHERE i.key IN (SELECT value FROM json_each(%(keys)s))",
    "postgresql": "WHERE i.key = ANY(%(keys)s)",
}


def recent_periods(about: About, at: dt.datetime | None, *, segment: str, periods: int) -> Iterator[Row]:
    if isinstance(about, Everything):
        rows = RecentPeriods(None, at, segment=segment, periods=periods)
        return about.rows(rows, (RecentPeriods, segment))
    keys = None if about is None else list(about)
    return RecentPeriods(keys, at, segment=segment, periods=periods).iterator()


def segments_read(metric: int, most: int) -> list[str]:
    """The first named segments of a metric in alphabetical order, at most so many."""
    with connection.cursor() as cursor:
        cursor.execute(_SEGMENTS, {"metric": metric, "most": most})
        return [str(segment) for (segment,) in cursor.fetchall()]


def entries_read(metric: int) -> "QuerySet[Observation]":
    """What was recorded of a metric, the latest first, by the index that leads there."""
    entries = Observation.objects.alias(of=Abs("metric_id", output_field=BigIntegerField()))
    return entries.filter(of=metric).order_by("-recorded_at", "-pk")
