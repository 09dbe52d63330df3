"""Commitments that wait to be kept. INVARIANT: none tells of a stance that is still sealed."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.roles import Function
from reviews.models import Commitment, Condition
from reviews.selectors.reviews import visible_reviews
from reviews.selectors.standings import gate_asking


def open_commitments(*, until: dt.date) -> Any:
    """Promises not kept yet, due by a day, the longest overdue first; none of a review that has lapsed.

    Those that answer a condition of a review that is still running are left out: they would tell of a sealed stance.
    """
    rows = Commitment.objects.filter(
        fulfilment__isnull=True,
        condition__settlement__isnull=True,
        review__lapsed_at__isnull=True,
        due_on__lte=until,
    ).filter(Q(condition__isnull=True) | Q(review__concluded_at__isnull=False))
    related = ("owner", "review__initiative", "review__cluster")
    return rows.select_related(*related).order_by("due_on", "pk")


def overdue_commitments(actor: Actor) -> list[Commitment]:
    """What was promised by a day that has passed, in reviews the actor may see; one query."""
    yesterday = clock.now().date() - dt.timedelta(days=1)
    rows = open_commitments(until=yesterday)
    return list(rows.filter(review__in=visible_reviews(actor).order_by().values("pk")))


def conditions_at_gates(gates: Collection[str] | None = None) -> Any:
    """Conditions that a gate asks now, each with `gate`; of all gates when none are named."""
    asked = Condition.objects.annotate(gate=gate_asking(clock.now())).exclude(gate=None).exclude(gate="")
    return asked if gates is None else asked.filter(gate__in=gates)


# Function of the owner, the day it was due, when it was fulfilled, when its condition was settled.
_Gone = tuple[str, dt.date, dt.datetime | None, dt.datetime | None]


@dataclass(frozen=True)
class Kept:
    """How the promises of one function went: kept by their day, kept after it, overdue, not due yet."""

    function: str
    on_time: int
    late: int
    overdue: int
    open: int

    @property
    def share_on_time(self) -> float | None:
        """Of those whose day has come; None before the first has."""
        due = self.on_time + self.late + self.overdue
        return self.on_time / due if due else None


def kept_by_function(actor: Actor) -> list[Kept]:
    """Promises of reviews the actor may see and that have ended, by their owners' function; one query.

    Those with most overdue first. What was settled by whoever set the condition counts as kept on that day.
    """
    rows: Iterable[_Gone] = Commitment.objects.filter(
        review__concluded_at__isnull=False,
        review__lapsed_at__isnull=True,
        review__in=visible_reviews(actor).order_by().values("pk"),
    ).values_list("owner__function", "due_on", "fulfilment__at", "condition__settlement__at")
    counted: dict[str, Counter[str]] = {}
    today = clock.now().date()
    for function, due_on, fulfilled, settled in rows:
        done = min((moment.date() for moment in (fulfilled, settled) if moment is not None), default=None)
        counted.setdefault(function, Counter())[_went(due_on, done, today)] += 1
    found = [
        Kept(
            str(Function(function).label) if function else "",
            tally["on_time"],
            tally["late"],
            tally["overdue"],
            tally["open"],
        )
        for function, tally in counted.items()
    ]
    return sorted(found, key=lambda row: (-row.overdue, -row.late, row.function))


def _went(due_on: dt.date, done: dt.date | None, today: dt.date) -> str:
    if done is not None:
        return "on_time" if done <= due_on else "late"
    return "overdue" if due_on < today else "open"
