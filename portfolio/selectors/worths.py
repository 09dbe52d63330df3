"""What initiatives are hoped to bring and to cost, by their last statement."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery, Sum, Window
from django.db.models.functions import RowNumber

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import sees_everything
from initiatives.models import Initiative, Status
from portfolio.models import Worth

WEEKS_A_YEAR = 52
COLUMNS = (
    "number", "value_low", "value_likely", "value_high", "cost_low", "cost_likely", "cost_high", "currency",
    "basis", "recorded_at",
)  # fmt: skip
ABOUT = ("key", "title", "horizon", "judged_level")
FIGURES = ("value_low", "value_likely", "value_high", "cost_low", "cost_likely", "cost_high")


def latest_worths(keys: list[str] | None = None, at: dt.datetime | None = None) -> dict[str, dict[str, Any]]:
    """The last statement of each initiative by key, as recorded by that moment. One query."""
    newest = Window(RowNumber(), partition_by=F("initiative_id"), order_by=F("number").desc())
    known = Worth.objects.filter(recorded_at__lte=at or clock.now())
    rows = known.annotate(place=newest).filter(place=1).order_by()
    if keys is not None:
        rows = rows.filter(initiative__key__in=keys)
    found = rows.values(
        *COLUMNS, key=F("initiative__key"), owner_email=F("owner__email"), owner_name=F("owner__name")
    )
    return {row["key"]: row for row in found}


def last_worths() -> QuerySet[Worth]:
    """The last statement of each initiative, to add up in the database."""
    newer = Worth.objects.filter(initiative=OuterRef("initiative"), number__gt=OuterRef("number"))
    return Worth.objects.filter(~Exists(newer)).order_by()


def current_worths(actor: Actor) -> QuerySet[Worth]:
    """The same of the initiatives the actor may see that are not retired."""
    retired = Initiative.objects.filter(status=Status.RETIRED)
    rows = last_worths().exclude(initiative__in=retired.values("pk"))
    if sees_everything(actor):
        return rows
    return rows.filter(initiative__in=Initiative.objects.visible_to(actor).values("pk"))


def main_currency_now() -> str:
    """The money that most last statements are in. One query."""
    counted: Any = last_worths().values_list("currency").annotate(number=Count("*"))
    used = dict(counted)
    return max(sorted(used), key=lambda money: used[money], default="EUR")


def statements_of(initiative: Initiative) -> QuerySet[Worth]:
    """Everything that was ever stated about one initiative, the last first."""
    return initiative.worths.select_related("initiative", "owner", "recorded_by").order_by("-number")


def worths_visible_to(actor: Actor) -> QuerySet[Worth]:
    """The last statement about each initiative the actor may see that is not retired."""
    about = Worth.objects.filter(initiative=OuterRef("initiative")).order_by("-number")
    visible = Initiative.objects.visible_to(actor).current()
    rows = Worth.objects.filter(initiative__in=visible.values("pk"), pk=Subquery(about.values("pk")[:1]))
    return rows.select_related("initiative", "owner")


@dataclass(frozen=True)
class Stated:
    """The likely figures of one money added up, and how many initiatives state any in it."""

    currency: str
    value: float
    cost: float
    number: int


class WorthTable:
    """Every initiative the actor may see that is not retired, the dearest hope first, without one last.

    It is counted and added up in the database, and only the rows of a slice are read: four queries for a page.
    """

    def __init__(self, actor: Actor) -> None:
        self.initiatives = Initiative.objects.visible_to(actor).current().order_by()
        self.worths = current_worths(actor)

    @cached_property
    def sums(self) -> list[Stated]:
        """By money. One query."""
        rows: Any = self.worths.values_list("currency").annotate(
            value=Sum("value_likely"), cost=Sum("cost_likely"), number=Count("*")
        )
        return [Stated(*row) for row in sorted(rows)]

    @property
    def stated(self) -> int:
        return sum(one.number for one in self.sums)

    @cached_property
    def total(self) -> int:
        return self.initiatives.count()

    def __len__(self) -> int:
        return self.total

    def __getitem__(self, part: slice) -> list[dict[str, Any]]:
        begin, end, _ = part.indices(self.total)
        found = self._dearest(begin, min(end, self.stated)) if begin < self.stated else []
        if end > self.stated:
            found += self._silent(max(0, begin - self.stated), end - self.stated)
        return found

    def _dearest(self, begin: int, end: int) -> list[dict[str, Any]]:
        names = {name: F(f"initiative__{name}") for name in ABOUT}
        owner = {"owner_email": F("owner__email"), "owner_name": F("owner__name")}
        rows = self.worths.order_by("currency", "-value_likely", "initiative__key")
        return [
            {name: row[name] for name in ABOUT} | {"worth": row}
            for row in rows.values(*COLUMNS, **names, **owner)[begin:end]
        ]

    def _silent(self, begin: int, end: int) -> list[dict[str, Any]]:
        rows = self.initiatives.filter(~Exists(Worth.objects.filter(initiative=OuterRef("pk"))))
        return [{**row, "worth": None} for row in rows.order_by("key").values(*ABOUT)[begin:end]]


def main_currency(worths: Iterable[dict[str, Any]]) -> str:
    """The money that most statements are in; sums are of that money only."""
    used = [worth["currency"] for worth in worths]
    return max(sorted(set(used)), key=used.count, default="EUR")


def cost_of_delay(worth: dict[str, Any] | None, currency: str) -> float:
    """What a week's delay costs, by the stated value; nothing where none is stated, or in other money."""
    if worth is None or worth["currency"] != currency:
        return 0.0
    return max(0.0, float(worth["value_likely"]) / WEEKS_A_YEAR)
