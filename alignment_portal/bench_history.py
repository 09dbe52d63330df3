"""Measure reading and judging an initiative while ever more readings of it stand behind the last ones.

The latest sixty of each series are the same at every size: what was recorded before them is what grows.
"""

import json
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.db import connection

from alignment_portal import dispatch
from alignment_portal.accounts.roles import Scope
from alignment_portal.audit import triggers
from alignment_portal.audit.guard import writes_allowed
from alignment_portal.bench import answered, caller, seconds, settle, typical
from gates.services.evaluations import record_evaluation
from initiatives.models import Initiative
from metrics.models import Metric, Observation
from metrics.selectors import entries_of, segments_of, series_for

PLACES = ("", "east", "north", "west")  # deployments
FEWEST = 10_000  # sixty of each series, and more
LAST = date(2026, 1, 1)
SHOWN = 20  # entries on the page of a metric

# The n-th reading: its metric and deployment in turn; every second one of all cases, the others in a thousand segments.
# Twenty-five periods end on each day. The database makes them, in the order of the index that it has to put them into.
FILL = """
{numbers}
INSERT INTO metrics_observation (metric_id, deployment, segment, period_start, period_end, revision, value, sample_size,
  source, recorded_at)
SELECT metric_id, deployment, segment, {start}, {end}, 1, 0.25, 400, 'bench', '2026-01-02 00:00:00'
FROM (
  SELECT m.id AS metric_id,
    CASE n / {metrics} % 4 {places} END AS deployment,
    CASE WHEN n / {metrics} / 4 % 2 = 0 THEN '' ELSE {segment} END AS segment,
    CASE WHEN n / {metrics} / 4 % 2 = 0 THEN n / {metrics} / 8 ELSE n / {metrics} / 8000 END AS period
  FROM numbers JOIN bench_metrics m ON m.place = n % {metrics}
) AS made
ORDER BY metric_id, segment, deployment, period DESC
"""
WAYS = {
    "sqlite": {
        "numbers": "WITH RECURSIVE numbers (n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {last})",
        "segment": "'s' || (n / {metrics} / 8 % 1000)",
        "end": "date('2026-01-01', '-' || (period / 25) || ' days')",
        "start": "date('2026-01-01', '-' || (period / 25 + period % 25) || ' days')",
    },
    "postgresql": {
        "numbers": "WITH numbers (n) AS (SELECT generate_series({first}, {last} - 1))",
        "segment": "'s' || (n / {metrics} / 8 % 1000)",
        "end": "date '2026-01-01' - (period / 25)",
        "start": "date '2026-01-01' - (period / 25 + period % 25)",
    },
}


def measure(readings: int, rounds: int) -> dict[str, Any]:
    """To be called in a portal of made-up initiatives, of which one gets so many readings."""
    with dispatch.held_back():
        initiative = Initiative.objects.select_related("owner").latest("key")
        metrics = list(Metric.objects.filter(initiative=initiative).order_by("pk"))
        ask = _Questions(initiative, metrics)
        measured, there = [], 0
        for size in sorted({min(FEWEST, readings), max(1, readings // 10), readings}):
            filling = seconds(partial(_fill, metrics, there, size))
            settle()
            there = size
            times = {name: round(typical(question, rounds) * 1000, 3) for name, question in ask.all.items()}
            measured.append({"readings": size, "filled_in_s": round(filling, 1), **times})
        first, last = measured[0], measured[-1]
        growth = {name: round(last[name] / first[name], 2) for name in ask.all}
        return {"metrics": len(metrics), "deployments": len(PLACES), "sizes": measured, "growth": growth}


class _Questions:
    """What is asked of one initiative that has many readings; each takes milliseconds."""

    def __init__(self, initiative: Initiative, metrics: list[Metric]) -> None:
        self.initiative, self.metrics = initiative, metrics
        self.client = caller(initiative.owner.email, Scope.OBSERVATIONS)
        self.weeks = iter(range(10**6))
        self.all: dict[str, Callable[[], object]] = {
            "series_ms": partial(series_for, [initiative.key]),
            "judged_again_ms": partial(record_evaluation, initiative=initiative),
            "entries_ms": self.entries,
            "segments_ms": partial(segments_of, metrics[0]),
            "posted_ms": self.post,
        }

    def entries(self) -> list[Observation]:
        return list(entries_of(self.metrics[0])[:SHOWN])

    def post(self) -> None:
        """The next reading of every metric, as a system sends it."""
        end = LAST + timedelta(days=1 + next(self.weeks))
        rows = [
            {
                "initiative": self.initiative.key,
                "metric": metric.code,
                "period_start": str(end),
                "period_end": str(end),
                "value": 0.25,
                "sample_size": 400,
                "source": "bench",
            }
            for metric in self.metrics
        ]
        body = json.dumps({"observations": rows})
        answered(self.client.post("/api/v1/observations/", body, content_type="application/json"), 201)


def _fill(metrics: list[Metric], first: int, last: int) -> None:
    """Readings from the first to before the last, past the doors and with the guards off: this is no part of the figures."""
    places = " ".join(f"WHEN {place} THEN '{name}'" for place, name in enumerate(PLACES))
    numbers = {"first": first, "last": last, "metrics": len(metrics), "places": places}
    ways = {name: part.format(**numbers) for name, part in WAYS[connection.vendor].items()}
    with writes_allowed():
        triggers.remove_all()
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE bench_metrics (place bigint PRIMARY KEY, id bigint)")
            cursor.executemany(
                "INSERT INTO bench_metrics VALUES (%s, %s)",
                [(place, metric.pk) for place, metric in enumerate(metrics)],
            )
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA cache_size = -400000")
            cursor.execute(FILL.format(**{**numbers, **ways}))
            cursor.execute("DROP TABLE bench_metrics")
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA cache_size = -2000")
        triggers.install_all()
