"""Dates at which something that was accepted ends: evidence and waivers, for whoever has to see to it."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from gates.engine.conditions import FRESH_DAYS
from gates.models import Evidence, Waiver
from gates.selectors.policies import current_policy
from initiatives.models import InitiativeQuerySet, Status
from reviews.selectors.promises import conditions_at_gates


@dataclass(frozen=True)
class Ending:
    """The last day of something, in words, with the page where it is renewed."""

    ref: str
    on: dt.date
    sentence: str
    path: str


def endings_for(user: UUID, visible: InitiativeQuerySet, today: dt.date) -> list[Ending]:
    """What ends today or later of what they submitted, asked for or own, the next first. Two queries."""
    shown = visible.exclude(status=Status.RETIRED)
    found = [*_evidence(user, shown), *_waivers(user, shown)]
    return sorted((one for one in found if one.on >= today), key=lambda one: (one.on, one.ref))


def _evidence(user: UUID, shown: InitiativeQuerySet) -> Iterator[Ending]:
    policy = current_policy()
    rows = Evidence.objects.filter(
        Q(submitted_by=user) | Q(initiative__owner=user),
        initiative__in=shown.values("pk"),
        review__accepted=True,
        withdrawal__isnull=True,
        superseded_by__isnull=True,
    )
    asked = conditions_at_gates().filter(ref=OuterRef("question"))
    for item in rows.select_related("initiative").annotate(is_condition=Exists(asked)):
        rule = policy.rules_by_code.get(item.question)
        days = rule.asks.fresh_days if rule and rule.asks else FRESH_DAYS if item.is_condition else None
        if days is None:
            continue
        fresh = item.observed_on + dt.timedelta(days=days)
        key = item.initiative.key
        yield Ending(
            ref=item.ref,
            on=min(fresh, item.expires_on or fresh),
            sentence=f"{key}: {item.title} runs out",
            path=f"/initiatives/{key}/evidence/{item.ref}/",
        )


def _waivers(user: UUID, shown: InitiativeQuerySet) -> Iterator[Ending]:
    rows = Waiver.objects.filter(
        Q(requested_by=user) | Q(initiative__owner=user),
        initiative__in=shown.values("pk"),
        answer__accepted=True,
        withdrawal__isnull=True,
    )
    for waiver in rows.select_related("initiative"):
        key = waiver.initiative.key
        yield Ending(
            ref=waiver.ref,
            on=waiver.until,
            sentence=f"{key}: the waiver of {waiver.rule} ends",
            path=f"/initiatives/{key}/waivers/{waiver.ref}/",
        )
