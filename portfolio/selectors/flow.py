"""How work flows through the queues: age, lead time, throughput, queue length, and how they hang together."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import sees_everything
from initiatives.models import Initiative
from portfolio.models import IN_FLIGHT, Bottleneck, Closure, WorkItem, WorkState

WEEKS = 26
DAY = dt.timedelta(days=1)
WORK_WEEK = 5


@dataclass(frozen=True, slots=True)
class Stay:
    """When one item was queued, begun and done; None for what has not happened."""

    queued: dt.datetime
    started: dt.datetime | None
    finished: dt.datetime | None


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


def stays_of(bottleneck: Bottleneck) -> list[Stay]:
    """What was taken up and not withdrawn. One query."""
    rows = bottleneck.work.exclude(state=WorkState.WITHDRAWN).order_by()
    return [Stay(*row) for row in rows.values_list("queued_at", "started_at", "finished_at")]


def flow_of(stays: Sequence[Stay], now: dt.datetime, weeks: int = WEEKS) -> Flow:
    queued = sorted(stay.queued for stay in stays)
    started = sorted(stay.started for stay in stays if stay.started is not None)
    finished = sorted(stay.finished for stay in stays if stay.finished is not None)
    begin = now - dt.timedelta(weeks=weeks)
    done = [(stay, stay.finished) for stay in stays if stay.finished is not None and stay.finished > begin]
    begun = [(stay, end, stay.started or stay.queued) for stay, end in done]
    return Flow(
        weeks=tuple(
            Week(
                ends_on=end.date(),
                queued=bisect_right(queued, end),
                started=bisect_right(started, end),
                done=bisect_right(finished, end),
            )
            for end in (now - dt.timedelta(weeks=back) for back in range(weeks, -1, -1))
        ),
        done=len(done),
        per_week=len(done) / weeks,
        lead_days=_median(_days(stay.queued, end) for stay, end in done),
        wait_days=_median(_days(stay.queued, start) for stay, _, start in begun),
        work_days=_median(_days(start, end) for _, end, start in begun),
        little=little(stays, begin, now),
    )


def little(stays: Sequence[Stay], begin: dt.datetime, end: dt.datetime) -> Little:
    """Measure L, λ and W between two moments; what was there before or is there still counts for its part."""
    inside = [
        (max(stay.queued, begin), min(stay.finished or end, end))
        for stay in stays
        if stay.queued < end and (stay.finished is None or stay.finished > begin)
    ]
    length = _days(begin, end)
    if not inside or not length:
        return Little(0.0, 0.0, 0.0)
    steps = sorted([(at, 1) for at, _ in inside] + [(at, -1) for _, at in inside])
    area, number, last = 0.0, 0, begin
    for at, change in steps:
        area += number * _days(last, at)
        number, last = number + change, at
    spent = [_days(since, until) for since, until in inside]
    return Little(area / length, len(inside) / length, sum(spent) / len(spent))


def _days(begin: dt.datetime, end: dt.datetime) -> float:
    return (end - begin) / DAY


def _median(values: Iterable[float]) -> float | None:
    found = list(values)
    return median(found) if found else None


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
