"""Shared and bulk reads of what is claimed. Nothing here judges, and nothing here writes."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import User
from alignment_portal.accounts.permissions import Action, require, sees_everything
from alignment_portal.portions import About, rows_about
from alignment_portal.prepared import Prepared
from alignment_portal.refusals import NotFound
from initiatives.dossier.document import Asks, Dossier, decode, decode_asks
from initiatives.models import (
    DossierVersion,
    Incident,
    Initiative,
    InitiativeQuerySet,
    Membership,
    SearchText,
)
from initiatives.models.search import folded, words_of


@dataclass(frozen=True)
class LoadedDossier:
    """One version of a dossier, decoded."""

    dossier: Dossier
    fingerprint: str
    material_fingerprint: str
    version: int
    recorded_at: dt.datetime
    package: int = 1


def versions_at(at: dt.datetime | None) -> QuerySet[DossierVersion]:
    """The version of each initiative that is current, or was at a moment; one index look-up an initiative."""
    if at is None:
        return DossierVersion.objects.filter(number=F("initiative__version"))
    known = DossierVersion.objects.filter(initiative=OuterRef("initiative"), recorded_at__lte=at)
    return DossierVersion.objects.filter(number=Subquery(known.order_by("-number").values("number")[:1]))


def load_dossiers(about: About = None, at: dt.datetime | None = None) -> dict[str, LoadedDossier]:
    """Dossiers by key, in order of key, as they are or were at a moment: one query for any number of them."""
    columns = ("document", "fingerprint", "material_fingerprint", "number", "recorded_at", "package")
    return {
        key: LoadedDossier(decode(document), fingerprint, material, number, recorded_at, package)
        for key, document, fingerprint, material, number, recorded_at, package in rows_about(
            about, versions_at, "initiative__key", columns, at=at
        )
    }


def all_initiatives(at: dt.datetime | None) -> QuerySet[Initiative]:
    """Those there are, whatever the moment."""
    return Initiative.objects.all()


def asks_at(at: dt.datetime | None, about: QuerySet[Initiative] | None = None) -> Iterator[tuple[str, Asks]]:
    """What every dossier, or of those initiatives, asked of others at a moment, in order of key. One query.

    One after the other: none is kept.
    """
    found = versions_at(at) if about is None else versions_at(at).filter(initiative__in=about)
    rows = found.order_by("initiative__key").values_list("initiative__key", "document")
    for key, document in rows.iterator(chunk_size=500):
        yield key, decode_asks(document)


@dataclass(frozen=True)
class Standing:
    """How an actor stands to one initiative, in the words of the permission table."""

    own: bool = False
    invited: bool = False


def standing(by: Actor, initiative: Initiative) -> Standing:
    if by.user_id is None:
        return Standing()
    kinds = Membership.objects.filter(initiative=initiative, user_id=by.user_id).values_list(
        "kind", flat=True
    )
    return standing_of(set(kinds))


def standings_of(by: Actor, initiatives: Sequence[Initiative]) -> dict[Any, Standing]:
    """The same for several, by their ids, in one query."""
    kinds: dict[Any, set[str]] = {initiative.pk: set() for initiative in initiatives}
    if by.user_id is not None:
        rows = Membership.objects.filter(initiative__in=list(kinds), user_id=by.user_id)
        for pk, kind in rows.values_list("initiative_id", "kind"):
            kinds[pk].add(kind)
    return {pk: standing_of(found) for pk, found in kinds.items()}


def standing_of(kinds: set[str]) -> Standing:
    return Standing(
        own=bool(kinds & {str(kind) for kind in Membership.OWN}),
        invited=bool(kinds & {Membership.Kind.INVITED.value, Membership.Kind.NAMED.value}),
    )


def require_on(by: Actor, action: Action, initiative: Initiative) -> None:
    """Refuse what the actor may not do with this initiative."""
    stands = standing(by, initiative)
    require(by, action, own=stands.own, invited=stands.invited)


def visible_initiatives(by: Actor) -> InitiativeQuerySet:
    """What a list may show: everything for some roles, one's own for the others. Needs a role that reads at all.

    Whether a token may read is asked at the door, of reading requests only: a change looks its initiative up as well.
    """
    require_reading(by)
    return Initiative.objects.visible_to(by)


def require_reading(by: Actor) -> None:
    """Refuse whoever has no role that reads initiatives."""
    require(replace(by, scopes=None), Action.INITIATIVE_READ, own=True)


# --- the list ----------------------------------------------------------------------------------------------

# Order names a reader may ask for → the column compared; the key settles ties, so that every page is exact.
ORDERS: Mapping[str, str] = {
    "key": "key",
    "title": "title",
    "status": "status",
    "verdict": "judged_level",
    "changed": "changed_at",
    "since": "status_since",
}


class ListRow(NamedTuple):
    """One row of the list; its names are the columns that are read.

    Moments are in UTC. Without a time zone they are as SQLite keeps them; the API writes both alike.
    """

    key: str
    title: str
    archetype: str
    horizon: str
    cluster__code: str | None
    owner__email: str
    owner__name: str
    status: str
    status_since: dt.datetime
    judged_level: str
    judged_at: dt.datetime | None
    judged_reason: str
    judged_gate: str
    next_mover_name: str
    next_deed: str
    next_since: dt.datetime | None
    version: int
    changed_at: dt.datetime


Row = TypeVar("Row")


@dataclass(frozen=True)
class InitiativeFilter:
    """What a list is narrowed to; empty means everything. ``owner`` is an e-mail, ``q`` words of key, title or summary."""

    status: tuple[str, ...] = ()
    verdict: tuple[str, ...] = ()
    archetype: tuple[str, ...] = ()
    horizon: tuple[str, ...] = ()
    cluster: str = ""
    owner: str = ""
    q: str = ""


@dataclass(frozen=True)
class InitiativePage(Generic[Row]):
    """One page of the list, and the marks of the rows from which the next and the earlier page go on."""

    rows: list[Row]
    next: tuple[str, str] | None
    previous: tuple[str, str] | None


def narrowed(found: QuerySet[Initiative], wanted: InitiativeFilter) -> QuerySet[Initiative]:
    columns = {
        "status__in": wanted.status,
        "judged_level__in": wanted.verdict,
        "archetype__in": wanted.archetype,
        "horizon__in": wanted.horizon,
        "cluster__code": wanted.cluster,
        "owner__email": wanted.owner.lower(),
    }
    found = found.filter(**{name: value for name, value in columns.items() if value})
    return searched(found, wanted.q)


# So many are looked up one by one; more of them are met soon enough on the way through the list in its order.
MANY = 500


def searched(found: QuerySet[Initiative], sought: str, *, by_owner: bool = False) -> QuerySet[Initiative]:
    """Those that hold every word sought in key, title or summary, or, if asked, in the name of their owner.

    Capitals make no difference, and a part of a word is enough. The index of texts is asked first; where it finds few,
    the list is made of those.
    """
    words = words_of(sought)
    owners = _people_called(words) if by_owner else {}
    for word, people in owners.items():
        found = found.filter(_holding([word]) | Q(owner_id__in=people))
    others = [word for word in words if word not in owners]
    return found.filter(_holding(others)) if others else found


def _holding(words: Sequence[str]) -> Q:
    ids = SearchText.objects.newest_holding(words, MANY + 1)
    if len(ids) <= MANY:
        return Q(pk__in=ids)
    return Q(*(Q(search_text__text__contains=folded(word)) for word in words))


def _people_called(words: Sequence[str]) -> dict[str, list[Any]]:
    """The words that are part of somebody's name, with the ids of those people."""
    any_word = Q()
    for word in words:
        any_word |= Q(name__icontains=word)
    called: defaultdict[str, list[Any]] = defaultdict(list)
    for pk, name in User.objects.filter(any_word).values_list("pk", "name") if words else ():
        for word in words:
            if folded(word) in folded(name):
                called[word].append(pk)
    return dict(called)


def initiative_table(
    by: Actor,
    wanted: InitiativeFilter | None = None,
    *,
    order: str = "key",
    after: tuple[str, str] | None = None,
    before: tuple[str, str] | None = None,
    limit: int = 50,
) -> InitiativePage[ListRow]:
    """One page of the visible initiatives, as plain rows, in one query however many there are.

    ``order`` is a name of ORDERS, with a dash in front for the other way round. ``after`` and ``before`` are marks of
    an earlier page: the text of the ordered value, and the key.
    """
    column = ORDERS[order.removeprefix("-")]
    descending = order.startswith("-")
    backwards = before is not None
    mark = before if before is not None else after
    if is_whole_portfolio(by, wanted, order=order, before=before):
        require_reading(by)
        beyond: Iterable[tuple[Any, ...]] = _all_by_key(limit + 1).rows(mark[1] if mark else "")
    else:
        found = narrowed(_listed_for(by), wanted or InitiativeFilter())
        beyond = _in_order(found, column, mark, down=descending != backwards)[: limit + 1]
    rows = list(map(ListRow._make, beyond))
    is_more, rows = len(rows) > limit, rows[:limit]
    if backwards:
        rows.reverse()
    has_next, has_previous = (True, is_more) if backwards else (is_more, mark is not None)
    return InitiativePage(
        rows,
        next=_mark(rows[-1], column) if rows and has_next else None,
        previous=_mark(rows[0], column) if rows and has_previous else None,
    )


def is_whole_portfolio(
    by: Actor, wanted: InitiativeFilter | None, *, order: str, before: tuple[str, str] | None
) -> bool:
    """Whether a page is one of everything there is, forwards by key."""
    return order == "key" and before is None and wanted in (None, InitiativeFilter()) and sees_everything(by)


def _in_order(
    found: QuerySet[Initiative], column: str, mark: tuple[str, str] | None, *, down: bool
) -> QuerySet[Initiative, tuple[Any, ...]]:
    """The rows behind a mark, or all of them."""
    if mark is not None:
        found = found.filter(_beyond(column, mark, down=down))
    sign = "-" if down else ""
    ordering = [f"{sign}{column}", f"{sign}key"] if column != "key" else [f"{sign}key"]
    return found.order_by(*ordering).values_list(*ListRow._fields)


def _listed_for(by: Actor) -> InitiativeQuerySet:
    """What is visible to them; a few by their ids, so that the list is not walked past all the others to find them."""
    visible = visible_initiatives(by)
    if sees_everything(by) or by.user_id is None:
        return visible
    own = Membership.objects.filter(user_id=by.user_id).values_list("initiative_id", flat=True)
    ids = list(own.order_by("initiative_id").distinct()[: MANY + 1])
    return visible.filter(pk__in=ids) if len(ids) <= MANY else visible


@cache
def _all_by_key(limit: int) -> Prepared:
    """The whole portfolio from one key on: so programs walk it, a page at a time."""
    return Prepared(
        lambda key: (
            Initiative.objects.filter(key__gt=key).order_by("key").values_list(*ListRow._fields)[:limit]
        ),
        moments_as_kept=True,
    )


def _beyond(column: str, mark: tuple[str, str], *, down: bool) -> Q:
    compare = "lt" if down else "gt"
    value, key = mark
    if column == "key":
        return Q(**{f"key__{compare}": key})
    at = dt.datetime.fromisoformat(value) if column.endswith(("_at", "_since")) else value
    return Q(**{f"{column}__{compare}": at}) | Q(**{column: at, f"key__{compare}": key})


def _mark(row: ListRow, column: str) -> tuple[str, str]:
    value = getattr(row, column)
    return (value.isoformat() if isinstance(value, dt.datetime) else str(value), row.key)


# --- one initiative ----------------------------------------------------------------------------------------


def initiative_or_404(by: Actor, key: str) -> Initiative:
    """An initiative that the actor may see. One they may not see does not exist for them."""
    found = visible_initiatives(by).select_related("owner", "sponsor", "cluster").filter(key=key).first()
    if found is None:
        raise NotFound(f"There is no initiative {key} that you may see.", code="initiative_not_found")
    return found


def current_dossier(initiative: Initiative) -> LoadedDossier:
    return load_dossiers([initiative.key])[initiative.key]


def dossier_version(initiative: Initiative, number: int) -> LoadedDossier | None:
    """One version by its number, if there is one."""
    row = DossierVersion.objects.filter(initiative=initiative, number=number).first()
    if row is None:
        return None
    return LoadedDossier(
        decode(row.document), row.fingerprint, row.material_fingerprint, number, row.recorded_at, row.package
    )


def versions_of(initiative: Initiative) -> QuerySet[DossierVersion]:
    """The versions without their documents, newest first."""
    return initiative.versions.select_related("recorded_by").defer("document").order_by("-number")


def _incidents(at: dt.datetime | None) -> QuerySet[Incident]:
    return Incident.objects.all() if at is None else Incident.objects.filter(recorded_at__lte=at)


def incidents_at(about: About = None, at: dt.datetime | None = None) -> dict[str, list[Mapping[str, Any]]]:
    """Incidents by key as they were known at a moment: a closing recorded later has not happened yet. One query."""
    by_key: dict[str, list[Mapping[str, Any]]] = {}
    for key, *values in rows_about(
        about, _incidents, "initiative__key", _INCIDENT, ["opened_at", "ref"], at=at
    ):
        row = dict(zip(_INCIDENT, values, strict=True))
        closed = row["closing_recorded_at"] is not None and (at is None or row["closing_recorded_at"] <= at)
        by_key.setdefault(key, []).append(
            row if closed else {**row, "closed_at": None, "closing_recorded_at": None, "cause": ""}
        )
    return by_key


_INCIDENT = (
    "ref",
    "severity",
    "title",
    "description",
    "deployment",
    "opened_at",
    "recorded_at",
    "closed_at",
    "closing_recorded_at",
    "cause",
)
