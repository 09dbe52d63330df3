"""Measure what readings cost: ten thousand in one call against the bare insert, and judging again what they changed."""

import io
import json
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import connection, transaction

from alignment_portal import clock, dispatch
from alignment_portal.accounts.roles import Scope
from alignment_portal.audit.guard import writes_allowed
from alignment_portal.bench import FIRST, WEEK, answered, caller, compared, typical
from gates.services.evaluations import record_evaluation
from initiatives.models import Initiative
from metrics.models import Metric, Observation
from metrics.selectors import series_for

ROWS = 10_000
SEGMENTS = 500  # so that the same weeks come again in other segments, as they do in a large experiment
COLUMNS = ("metric_id", "deployment", "segment", "period_start", "period_end", "revision", "value", "sample_size", "source", "recorded_at")  # fmt: skip


def measure(rounds: int) -> dict[str, Any]:
    """To be called after `bench.measure`, on its made-up initiatives; the reactions are not part of it."""
    with dispatch.held_back():
        initiative = Initiative.objects.select_related("owner").earliest("key")
        metrics = list(Metric.objects.filter(initiative=initiative).order_by("pk"))
        batches = iter(range(10**6))
        client = caller(initiative.owner.email, Scope.OBSERVATIONS)

        def post() -> None:
            body = json.dumps({"observations": _sent(initiative.key, metrics, next(batches))})
            answered(client.post("/api/v1/observations/", body, content_type="application/json"), 201)

        posted = typical(post, rounds)
        inserted = typical(lambda: _insert(_rows(metrics, next(batches))), rounds)
        found: dict[str, Any] = {
            "post_10000_observations": {**compared(posted, inserted), "rows_per_second": round(ROWS / posted)}
        }
        if connection.vendor == "postgresql":
            copied = typical(lambda: _copy(_rows(metrics, next(batches))), rounds)
            found["post_10000_observations"]["over_copy"] = round(posted / copied, 2)
        found["judged_again"] = _judged_again(initiative, rounds)
        found["observations_in_the_table"] = Observation.objects.count()
        return found


def _judged_again(initiative: Initiative, rounds: int) -> dict[str, float]:
    """Judging one initiative after new readings, however many segments there are, against reading its series."""
    judging = typical(partial(record_evaluation, initiative=initiative), rounds)
    return compared(judging, typical(partial(series_for, [initiative.key]), rounds))


def _places(metrics: list[Metric], batch: int) -> list[tuple[Metric, Any, str]]:
    """Metric, first day and segment of each row of one batch; no two batches share one."""
    weeks = -(-ROWS // len(metrics))
    return [
        (
            metrics[place % len(metrics)],
            FIRST + WEEK * (place // len(metrics) % SEGMENTS),
            f"b{batch}-{place // len(metrics) // SEGMENTS % weeks}",
        )
        for place in range(ROWS)
    ]


def _sent(key: str, metrics: list[Metric], batch: int) -> list[dict[str, Any]]:
    return [
        {
            "initiative": key,
            "metric": metric.code,
            "period_start": str(begin),
            "period_end": str(begin + timedelta(days=6)),
            "segment": segment,
            "value": 0.25,
            "sample_size": 400,
            "source": "bench",
        }
        for metric, begin, segment in _places(metrics, batch)
    ]


def _rows(metrics: list[Metric], batch: int) -> list[Observation]:
    now = clock.now()
    return [
        Observation(
            metric=metric,
            period_start=begin,
            period_end=begin + timedelta(days=6),
            segment=segment,
            value=0.25,
            sample_size=400,
            source="bench",
            recorded_at=now,
        )
        for metric, begin, segment in _places(metrics, batch)
    ]


def _insert(rows: list[Observation]) -> None:
    with writes_allowed(), transaction.atomic():
        Observation.objects.bulk_create(rows)


def _copy(rows: list[Observation]) -> None:
    """PostgreSQL's own bulk load of the same rows: the least any database can do with them."""
    text = io.StringIO()
    for row in rows:
        text.write("\t".join(str(getattr(row, name)) for name in COLUMNS) + "\n")
    text.seek(0)
    with writes_allowed(), transaction.atomic(), connection.cursor() as cursor:
        names = ", ".join(COLUMNS)
        cursor.copy_expert(f"COPY metrics_observation ({names}) FROM STDIN", text)
