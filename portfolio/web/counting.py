"""Verdict by horizon, what is blocked, and what only learns: read from the noted judgements, never judged here."""

from collections import Counter
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Q, QuerySet

from alignment_portal.accounts.actors import Actor
from initiatives.models import Initiative, Status
from initiatives.models.initiative import VERDICTS

HORIZONS = ("H1", "H2", "H3")
UNJUDGED = "unjudged"
LONGEST_LIST = 12
ROW = (
    "key", "title", "status", "horizon", "judged_level", "judged_reason", "judged_gate", "next_mover_name",
    "next_deed", "next_since", "learning_ends_on", "learning_question",
)  # fmt: skip


@dataclass(frozen=True)
class Cell:
    count: int
    url: str


@dataclass(frozen=True)
class Line:
    verdict: str
    cells: tuple[Cell, ...]
    total: Cell


@dataclass(frozen=True)
class Tally:
    """Initiatives that are not retired, by verdict and horizon."""

    lines: tuple[Line, ...]
    columns: tuple[Cell, ...]
    total: Cell

    def of(self, verdict: str) -> int:
        return next((line.total.count for line in self.lines if line.verdict == verdict), 0)


def current(by: Actor) -> QuerySet[Initiative]:
    return Initiative.objects.visible_to(by).current()


def list_url(verdict: str = "", horizon: str = "") -> str:
    """The list of the very initiatives that were counted."""
    wanted = [("verdict", verdict), ("horizon", horizon)]
    wanted += [("status", status) for status in Status.values if status != Status.RETIRED]
    return f"/initiatives/?{urlencode([(name, value) for name, value in wanted if value])}"


def tally(by: Actor) -> Tally:
    """One query, however many initiatives."""
    counted: Counter[tuple[str, str]] = Counter()
    rows: Any = current(by).order_by().values_list("judged_level", "horizon").annotate(number=Count("*"))
    for level, horizon, count in rows:
        counted[level or UNJUDGED, horizon] += count
    verdicts = [*VERDICTS, UNJUDGED] if any(level == UNJUDGED for level, _ in counted) else list(VERDICTS)
    lines = tuple(
        Line(
            verdict,
            tuple(Cell(counted[verdict, horizon], list_url(verdict, horizon)) for horizon in HORIZONS),
            Cell(sum(counted[verdict, horizon] for horizon in HORIZONS), list_url(verdict)),
        )
        for verdict in verdicts
    )
    columns = tuple(
        Cell(sum(counted[verdict, horizon] for verdict in verdicts), list_url(horizon=horizon))
        for horizon in HORIZONS
    )
    return Tally(lines, columns, Cell(counted.total(), list_url()))


def blocked(by: Actor) -> list[dict[str, Any]]:
    """Those that wait longest for their next move; one more than are shown, to know that there are more."""
    rows = current(by).filter(judged_level="blocked").order_by(F("next_since").asc(nulls_last=True), "key")
    return list(rows.values(*ROW)[: LONGEST_LIST + 1])


def learning(by: Actor) -> list[dict[str, Any]]:
    """Those that may only learn, or do; the earliest end first, those without one before all. At most three queries.

    The first of both kinds are found from indexes, and put in order together.
    """
    order = F("learning_ends_on").asc(nulls_first=True), "key"
    most = LONGEST_LIST + 1
    keys: set[str] = set()
    for kind in (Q(status=Status.LEARNING_ONLY), Q(judged_level="learning_only")):
        keys.update(current(by).filter(kind).order_by(*order).values_list("key", flat=True)[:most])
    return list(Initiative.objects.filter(key__in=keys).order_by(*order).values(*ROW)[:most])
