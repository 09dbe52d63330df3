"""How work flows through the queues: age, lead time, throughput, queue length, and how they hang together."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from statistics import median
from typing import Any

from django.db import connection
from django.db.models import Count, F, FloatField, Func, Q, QuerySet, Sum, TextField, Value
from django.db.models.functions import Coalesce

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import sees_everything
from alignment_portal.side_by_side import side_by_side
from initiatives.models import Initiative
from portfolio.models import IN_FLIGHT, Bottleneck, Closure, WorkItem, WorkState

WEEKS = 26
DAY = dt.timedelta(days=1)
WORK_WEEK = 5
TAKEN_UP = [state for state in WorkState if state != WorkState.WITHDRAWN]
EVER = dt.datetime.min.replace(tzinfo=dt.UTC)
STAND_INS = (
    "\x1aplace\x1a",
    dt.datetime(1, 1, 2, tzinfo=dt.UTC),
    dt.datetime(1, 1, 3, tzinfo=dt.UTC),
)


@dataclass(frozen=True, slots=True)
class Little:
    """Little's law over one window: ``number`` = ``rate`` · ``time``, each measured for itself.

    ``number`` is the mean of what was there (the area under the count), ``rate`` how many were there at all for each
    day, ``time`` the mean days that each of them spent there within the window.
    """

    number: float
    rate: float
    time: float


@dataclass(frozen=True, slots=True)
class Week:
    """The end of one week: how much had come by then, had been begun, and had been done."""

    ends_on: dt.date
    queued: int
    started: int
    done: int


@dataclass(frozen=True, slots=True)
class Flow:
    """One function over the last weeks; days are calendar days, medians over what was done in them."""

    weeks: tuple[Week, ...]
    done: int
    per_week: float
    lead_days: float | None
    wait_days: float | None
    work_days: float | None
    little: Little


@dataclass(frozen=True, slots=True)
class _Done:
    """When one item was queued, begun and done, in days after the window began; before it they are negative."""

    queued: float
    started: float
    finished: float


def flow_of(bottleneck: Bottleneck, now: dt.datetime, weeks: int = WEEKS) -> Flow:
    """What was taken up and not withdrawn, up to now. Five queries.

    What waits is counted and added up in the database; only what was done in these weeks is read.
    """
    begin = now - dt.timedelta(weeks=weeks)
    ends = [begin + dt.timedelta(weeks=number) for number in range(weeks + 1)]
    taken_up = bottleneck.work.filter(state__in=TAKEN_UP).order_by()
    done = _done_since(taken_up, begin)
    before = taken_up.filter(finished_at__lte=begin).count()
    finished = sorted(one.finished for one in done)
    counted = zip(
        ends, _come_by(taken_up, "queued_at", ends), _come_by(taken_up, "started_at", ends), strict=True
    )
    return Flow(
        weeks=tuple(
            Week(
                ends_on=end.date(),
                queued=queued,
                started=started,
                done=before + bisect_right(finished, _days(begin, end)),
            )
            for end, queued, started in counted
        ),
        done=len(done),
        per_week=len(done) / weeks,
        lead_days=_median(one.finished - one.queued for one in done),
        wait_days=_median(one.started - one.queued for one in done),
        work_days=_median(one.finished - one.started for one in done),
        little=_little(taken_up, done, begin, now),
    )


def _done_since(taken_up: QuerySet[WorkItem], begin: dt.datetime) -> list[_Done]:
    """One query, of as many rows as were done since; what was done was begun."""
    rows = taken_up.filter(finished_at__gt=begin).values_list(
        DaysAfter("queued_at", begin), DaysAfter("started_at", begin), DaysAfter("finished_at", begin)
    )
    return [_Done(*row) for row in rows]


def _come_by(taken_up: QuerySet[WorkItem], moment: str, ends: Sequence[dt.datetime]) -> list[int]:
    """How many there were by each of these ends, each counted from the one before it in the index. One query."""
    kept = connection.ops.adapt_datetimefield_value
    of_place = Value(STAND_INS[0], output_field=TextField())
    spell = taken_up.filter(**{f"{moment}__gt": STAND_INS[1], f"{moment}__lte": STAND_INS[2]})
    question = spell.annotate(place=of_place).values("place").annotate(number=Count("*"))
    spells = [
        (str(place), kept(first), kept(last)) for place, (first, last) in enumerate(pairwise([EVER, *ends]))
    ]
    rows = side_by_side(
        question.values_list("place", "number"), (STAND_INS[0], *map(kept, STAND_INS[1:])), spells
    )
    counts = {int(place): number for place, number in rows}
    return list(accumulate(counts.get(place, 0) for place in range(len(ends))))


def _little(
    taken_up: QuerySet[WorkItem], done: Sequence[_Done], begin: dt.datetime, end: dt.datetime
) -> Little:
    """Measure L, λ and W between two moments; what was there before or is there still counts for its part. One query.

    The area under the count is that under what came less that under what went; what each spent is added up for itself.
    """
    length = _days(begin, end)
    inside = [(max(one.queued, 0.0), min(one.finished, length)) for one in done if one.queued < length]
    waits: Any = taken_up.filter(finished_at=None, queued_at__lt=end)
    later = Q(queued_at__gt=begin)
    still = waits.aggregate(
        number=Count("*"), came=Sum(DaysAfter("queued_at", begin), filter=later, default=0.0),
        later=Count("queued_at", filter=later),
    )  # fmt: skip
    number = len(inside) + still["number"]
    if not number or not length:
        return Little(0.0, 0.0, 0.0)
    came = still["came"] + sum(since for since, _ in inside)
    went = still["number"] * length + sum(until for _, until in inside)
    spent = sum(until - since for since, until in inside) + still["number"] * length - still["came"]
    return Little((went - came) / length, number / length, spent / number)


def _days(begin: dt.datetime, end: dt.datetime) -> float:
    return (end - begin) / DAY


def _median(values: Iterable[float]) -> float | None:
    found = list(values)
    return median(found) if found else None


class DaysAfter(Func):
    """The days from a moment to what a column says, to the microsecond; the database subtracts, and no row is read."""

    output_field = FloatField()

    def __init__(self, column: str, since: dt.datetime) -> None:
        super().__init__(F(column))
        self.since = since

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, tuple[Any, ...]]:
        """Moments are texts here: the seconds from the calendar of SQLite, and beyond them six digits or nothing."""
        [column] = self.get_source_expressions()
        text, params = compiler.compile(column)
        seconds = f"ROUND((julianday(substr({text}, 1, 19)) - 2440587.5) * 86400.0)"
        millionths = f"CAST(substr({text}, 21) AS INTEGER)"
        whole = self.since.replace(microsecond=0).timestamp()
        sql = f"(({seconds} - %s) / 86400.0 + ({millionths} - %s) / 86400000000.0)"
        return sql, (*params, whole, *params, self.since.microsecond)

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, tuple[Any, ...]]:
        [column] = self.get_source_expressions()
        text, params = compiler.compile(column)
        return f"(EXTRACT(EPOCH FROM {text} - %s) / 86400)::double precision", (*params, self.since)


# --- items -------------------------------------------------------------------------------------------------


def visible_work(by: Actor) -> QuerySet[WorkItem]:
    rows = WorkItem.objects.select_related("initiative", "bottleneck", "exception__decided_by").order_by("id")
    if sees_everything(by):
        return rows
    return rows.filter(initiative__in=Initiative.objects.visible_to(by))


def open_work(by: Actor, bottleneck: Bottleneck) -> tuple[QuerySet[WorkItem], QuerySet[WorkItem]]:
    """What the actor may see of what is in flight, the oldest first, and of the queue in the order in which it came."""
    rows = visible_work(by).filter(bottleneck=bottleneck)
    in_flight = rows.filter(state__in=IN_FLIGHT)
    begun = Coalesce("started_at", "queued_at")
    return in_flight.order_by(begun, "pk"), rows.filter(state=WorkState.QUEUED).order_by("queued_at", "pk")


def capacity_days(bottleneck: Bottleneck, begin: dt.date, end: dt.date) -> float:
    """Person-days a function has between two days (the last not included): its calendar less its closures."""
    closed = Closure.objects.filter(Q(bottleneck=bottleneck) & Q(starts_on__lt=end, ends_on__gte=begin))
    spells = list(closed.values_list("starts_on", "ends_on"))
    days = (begin + dt.timedelta(days=number) for number in range((end - begin).days))
    open_days = sum(
        day.weekday() < WORK_WEEK and not any(since <= day <= until for since, until in spells)
        for day in days
    )
    return open_days * bottleneck.people * bottleneck.hours_per_week / 40


def work_body(item: WorkItem) -> dict[str, object]:
    """One item for programs; ages in days until now or until it was done."""
    until = item.finished_at or clock.now()
    return {
        "id": item.pk,
        "initiative": item.initiative.key,
        "bottleneck": item.bottleneck.code,
        "gate": item.gate,
        "state": item.state,
        "days_low": item.days_low,
        "days_likely": item.days_likely,
        "days_high": item.days_high,
        "needed_by": item.needed_by,
        "queued_at": item.queued_at,
        "started_at": item.started_at,
        "finished_at": item.finished_at,
        "age_days": _days(item.queued_at, until),
        "in_work_days": None if item.started_at is None else _days(item.started_at, until),
        "exception": None
        if item.exception is None
        else {
            "until": item.exception.until,
            "reason": item.exception.reason,
            "decided_by": item.exception.decided_by.email,
        },
        "version": item.version,
    }
