"""Commitments that wait to be kept. INVARIANT: none tells of a stance that is still sealed."""

import datetime as dt
from typing import Any

from django.db.models import Q

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from reviews.models import Commitment
from reviews.selectors.reviews import visible_reviews


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
