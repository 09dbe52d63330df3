"""The list of initiatives: its columns, filters and orders, all read from the address, in one query a page."""

import base64
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Lower
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from alignment_portal.accounts.actors import Actor
from initiatives.models import Initiative, Status
from initiatives.selectors import searched, visible_initiatives

PAGE = 50
FAR = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
LEVELS = ("blocked", "learning_only", "aligned", "scale_ready")
UNJUDGED = "unjudged"


@dataclass(frozen=True)
class Column:
    name: str
    label: Any
    shown: bool = True  # unless the reader chose otherwise
    sort: str = ""


COLUMNS = (
    Column("status", _("Status"), sort="status"),
    Column("verdict", _("Verdict"), sort="verdict"),
    Column("gate", _("First blocking gate"), sort="gate"),
    Column("mover", _("Next move"), sort="mover"),
    Column("age", _("Since"), sort="age"),
    Column("horizon", _("Horizon"), sort="horizon"),
    Column("owner", _("Owner"), sort="owner"),
    Column("archetype", _("Kind of AI"), shown=False, sort="archetype"),
    Column("cluster", _("Cluster"), shown=False, sort="cluster"),
    Column("sponsor", _("Sponsor"), shown=False),
    Column("changed", _("Changed"), shown=False, sort="changed"),
)


def _rank(column: str, values: Sequence[str]) -> Case:
    cases = [When(**{column: value}, then=Value(rank)) for rank, value in enumerate(values)]
    return Case(*cases, default=Value(len(values)), output_field=IntegerField())


SORTS: Mapping[str, Any] = {
    "key": F("key"),
    "title": Lower("title"),
    "status": _rank("status", Status.values),
    "verdict": _rank("judged_level", LEVELS),
    "gate": F("judged_gate"),
    "mover": F("next_mover_name"),
    "age": Coalesce("next_since", Value(FAR)),
    "horizon": F("horizon"),
    "owner": F("owner__name"),
    "archetype": F("archetype"),
    "cluster": Coalesce("cluster__title", Value("")),
    "changed": F("changed_at"),
}
FIELDS = (
    "key", "title", "status", "status_since", "judged_level", "judged_at", "judged_reason", "judged_gate",
    "next_mover_name", "next_deed", "next_since", "horizon", "archetype", "owner__name", "owner__email",
    "sponsor__name", "cluster__title", "changed_at",
)  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What a reader asked for, as it stands in the address."""

    sought: str = ""
    status: tuple[str, ...] = ()
    verdict: tuple[str, ...] = ()
    archetype: tuple[str, ...] = ()
    horizon: tuple[str, ...] = ()
    cluster: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()
    order: str = "key"
    columns: tuple[str, ...] = ()
    dense: bool = False
    cursor: str = ""

    @property
    def shown(self) -> list[Column]:
        chosen = self.columns or tuple(column.name for column in COLUMNS if column.shown)
        return [column for column in COLUMNS if column.name in chosen]

    @property
    def is_filtered(self) -> bool:
        return bool(
            self.sought
            or self.status
            or self.verdict
            or self.archetype
            or self.horizon
            or self.cluster
            or self.owner
        )


def wanted_from(query: QueryDict) -> Wanted:
    """Read an address; what it says that nobody knows is left out."""
    sought = query.get("q", "").strip()[:200]
    usual = "-changed" if sought else "key"  # what was sought is often what somebody just worked on
    order = query.get("order", usual)
    return Wanted(
        sought=sought,
        **{
            name: _given(query, name)
            for name in ("status", "verdict", "archetype", "horizon", "cluster", "owner")
        },
        order=order if order.removeprefix("-") in SORTS else usual,
        columns=tuple(column.name for column in COLUMNS if column.name in query.getlist("cols")),
        dense=query.get("density") == "compact",
        cursor=query.get("cursor", ""),
    )


def _given(query: QueryDict, name: str) -> tuple[str, ...]:
    return tuple(value.replace("\x00", "")[:254] for value in query.getlist(name) if value)[:50]


def matching(by: Actor, wanted: Wanted) -> QuerySet[Initiative]:
    """What the reader may see and asked for, unordered."""
    rows: QuerySet[Initiative] = visible_initiatives(by)
    rows = searched(rows, wanted.sought, by_owner=True)
    for column, values in (
        ("status", wanted.status),
        ("archetype", wanted.archetype),
        ("horizon", wanted.horizon),
        ("cluster__code", wanted.cluster),
        ("owner__email", wanted.owner),
    ):
        if values:
            rows = rows.filter(**{f"{column}__in": values})
    if wanted.verdict:
        rows = rows.filter(judged_level__in=["" if value == UNJUDGED else value for value in wanted.verdict])
    return rows


def ordered(rows: QuerySet[Initiative], order: str) -> QuerySet[Initiative]:
    down = order.startswith("-")
    rows = rows.annotate(sort_value=SORTS[order.removeprefix("-")])
    return rows.order_by(F("sort_value").desc(), "-key") if down else rows.order_by("sort_value", "key")


@dataclass(frozen=True)
class TablePage:
    rows: list[dict[str, Any]] = field(default_factory=list)
    previous: str = ""  # cursors
    next: str = ""


def table_page(by: Actor, wanted: Wanted, size: int = PAGE) -> TablePage:
    """One page by keyset: as quick on the last page as on the first."""
    down = wanted.order.startswith("-")
    back, place = _read_cursor(wanted.cursor, wanted.order)
    rows = ordered(matching(by, wanted), wanted.order)
    if place is not None:
        rows = rows.filter(_beyond(place, ascending=down == back))
    if back:
        rows = rows.reverse()
    found: list[dict[str, Any]] = list(rows.values(*FIELDS, "sort_value")[: size + 1])
    more, found = len(found) > size, found[:size]
    if back:
        found.reverse()
    if not found:
        return TablePage()
    has_previous = more if back else place is not None
    has_next = True if back else more
    return TablePage(
        rows=found,
        previous=_cursor("p", found[0]) if has_previous else "",
        next=_cursor("n", found[-1]) if has_next else "",
    )


def _beyond(place: tuple[Any, str], *, ascending: bool) -> Q:
    value, key = place
    way = "gt" if ascending else "lt"
    return Q(**{f"sort_value__{way}": value}) | Q(sort_value=value, **{f"key__{way}": key})


def _cursor(way: str, row: Mapping[str, Any]) -> str:
    value = row["sort_value"]
    plain = value.isoformat() if isinstance(value, dt.datetime) else value
    return way + base64.urlsafe_b64encode(json.dumps([plain, row["key"]]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str, order: str) -> tuple[bool, tuple[Any, str] | None]:
    """(backwards, place); a cursor nobody gave out begins at the first page."""
    try:
        padded = cursor[1:] + "=" * (-len(cursor[1:]) % 4)
        value, key = json.loads(base64.urlsafe_b64decode(padded.encode()))
        if order.removeprefix("-") in {"age", "changed"}:
            value = dt.datetime.fromisoformat(value)
        elif order.removeprefix("-") in {"status", "verdict"}:
            value = int(value)
        else:
            value = str(value)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return False, None
    return cursor.startswith("p"), (value, str(key))
