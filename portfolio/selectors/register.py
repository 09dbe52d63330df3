"""What is scarce, as known at one moment: dependencies, queues, and what change asks of each group."""

import datetime as dt
from collections import Counter, defaultdict
from typing import Any

import msgspec
from django.db.models import Count, QuerySet

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import sees_everything
from alignment_portal.prepared import Prepared
from initiatives.models import Dependency, Initiative, Status
from portfolio.models import (
    IN_FLIGHT,
    Bottleneck,
    BottleneckVersion,
    CapException,
    DependencyVersion,
    SharedDependency,
    WorkItem,
    WorkMove,
    WorkState,
)


class DependencyRow(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    title: str
    owner: str | None
    funding: str
    state: str
    due_on: dt.date | None = None


class BottleneckRow(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    title: str
    cap: int
    in_flight: int
    people: int = 1


_dependencies = Prepared(
    lambda at: (
        DependencyVersion.objects.filter(recorded_at__lte=at)
        .order_by("number")
        .values_list("dependency__code", "title", "owner__email", "funding", "state", "due_on")
    )
)
_bottlenecks = Prepared(
    lambda at: (
        BottleneckVersion.objects.filter(recorded_at__lte=at)
        .order_by("number")
        .values_list("bottleneck__code", "title", "cap", "people")
    )
)
_in_flight = Prepared(
    lambda today: (
        WorkItem.objects.filter(state__in=IN_FLIGHT)
        .exclude(exception__until__gte=today)
        .values_list("bottleneck__code")
        .annotate(Count("pk"))
    )
)


def dependencies_at(at: dt.datetime | None = None) -> dict[str, DependencyRow]:
    """Every shared dependency as it was recorded at that moment, in one query."""
    found = {}
    for code, title, owner, funding, state, due_on in _dependencies.rows(at or clock.now()):
        found[code] = DependencyRow(
            code=code, title=title, owner=owner, funding=funding, state=state, due_on=due_on
        )
    return dict(sorted(found.items()))


def bottlenecks_at(at: dt.datetime | None = None) -> dict[str, BottleneckRow]:
    """Every bottleneck with its cap and its work in flight, in a fixed number of queries.

    In flight is what was begun and is not done, put back or withdrawn; what runs under an exception that has not
    ended is left out, because an executive has decided on it.
    """
    latest = {row[0]: row for row in _bottlenecks.rows(at or clock.now())}
    queues = in_flight_now() if at is None else in_flight_at(at)
    return {
        code: BottleneckRow(code=code, title=title, cap=cap, people=people, in_flight=queues.get(code, 0))
        for code, title, cap, people in sorted(latest.values())
    }


def in_flight_now() -> dict[str, int]:
    """How much is in flight at each bottleneck against its cap. One query."""
    return dict(_in_flight.rows(clock.now().date()))


def in_flight_at(at: dt.datetime) -> dict[str, int]:
    """The same at a moment of the past, from the moves that were made until then. Two queries."""
    moves = WorkMove.objects.filter(at__lte=at).order_by("item", "number")
    last = {
        item: (code, state)
        for item, code, state in moves.values_list("item", "item__bottleneck__code", "state")
    }
    excepted = set(
        CapException.objects.filter(decided_at__lte=at, until__gte=at.date()).values_list("item", flat=True)
    )
    return Counter(
        code for item, (code, state) in last.items() if state in IN_FLIGHT and item not in excepted
    )


# --- for people -----------------------------------------------------------------------------------------------


def waiting_for(code: str) -> list[str]:
    """Keys of the initiatives whose dossier needs a shared dependency."""
    rows = Dependency.objects.filter(code=code).exclude(initiative__status=Status.RETIRED)
    return sorted(set(rows.values_list("initiative__key", flat=True)))


def needs_visible_to(actor: Actor) -> QuerySet[Dependency]:
    """What dossiers need of others, of initiatives that are not retired and that the actor may see."""
    retired = Initiative.objects.filter(status=Status.RETIRED)
    needs = Dependency.objects.exclude(initiative__in=retired.values("pk"))
    if sees_everything(actor):
        return needs
    return needs.filter(initiative__in=Initiative.objects.visible_to(actor).values("pk"))


def waiting_counts(actor: Actor) -> dict[str, int]:
    """How many initiatives that the actor may see wait for each code. One query."""
    if not sees_everything(actor):
        rows: Any = needs_visible_to(actor).order_by().values_list("code").annotate(number=Count("*"))
        return dict(rows)
    # All of them less the retired: so nobody is looked for among those.
    retired = Initiative.objects.filter(status=Status.RETIRED).values("pk")
    every: Any = Dependency.objects.order_by().values_list("code")
    less = every.filter(initiative__in=retired).annotate(number=Count("*") * -1)
    counts: Counter[str] = Counter()
    for code, number in every.annotate(number=Count("*")).union(less, all=True):
        counts[code] += number
    return dict(+counts)


def dependency_rows(actor: Actor) -> list[dict[str, Any]]:
    """The register with the number of initiatives that wait, as pages show it. Two queries."""
    counts = waiting_counts(actor)
    rows = SharedDependency.objects.select_related("owner")
    return [{**dependency_body(row), "waiting": counts.get(row.code, 0)} for row in rows]


def dependency_table(actor: Actor) -> list[dict[str, Any]]:
    """The register, most waited for first, with the waiting initiatives that the actor may see. Three queries."""
    waiting: defaultdict[str, set[str]] = defaultdict(set)
    for code, key in needs_visible_to(actor).values_list("code", "initiative__key"):
        waiting[code].add(key)
    table = [
        {**dependency_body(dependency), "needed_by": sorted(waiting[dependency.code])}
        for dependency in SharedDependency.objects.select_related("owner")
    ]
    return sorted(table, key=lambda row: (-len(row["needed_by"]), row["code"]))


def dependency_row(actor: Actor, dependency: SharedDependency) -> dict[str, Any]:
    """One row of the register as the table shows it."""
    rows = needs_visible_to(actor).filter(code=dependency.code)
    needed_by = sorted(set(rows.values_list("initiative__key", flat=True)))
    return {**dependency_body(dependency), "needed_by": needed_by}


def bottleneck_row(bottleneck: Bottleneck) -> dict[str, Any]:
    return bottleneck_table(Bottleneck.objects.filter(pk=bottleneck.pk))[0]


def dependency_body(dependency: SharedDependency) -> dict[str, Any]:
    return {
        "code": dependency.code,
        "title": dependency.title,
        "kind": dependency.kind,
        "owner": dependency.owner.email if dependency.owner else None,
        "funding": dependency.funding,
        "state": dependency.state,
        "due_on": dependency.due_on,
        "duration_days": dependency.duration_days,
        "price": dependency.price,
        "note": dependency.note,
        "version": dependency.version,
    }


def bottleneck_table(some: QuerySet[Bottleneck] | None = None) -> list[dict[str, Any]]:
    """Bottlenecks, or some of them, with what is in flight against the cap and what waits, the fullest first. Three queries.

    `open` counts everything that is not over, what runs under an exception included.
    """
    counted = in_flight_now()
    begun, waiting = Counter[int](), Counter[int]()
    asked = Bottleneck.objects.all() if some is None else some
    rows = WorkItem.objects.filter(state__in=[*IN_FLIGHT, WorkState.QUEUED])
    if some is not None:
        rows = rows.filter(bottleneck__in=some)
    by_state: Any = rows.order_by().values_list("bottleneck", "state").annotate(number=Count("*"))
    for pk, state, count in by_state:
        (waiting if state == WorkState.QUEUED else begun)[pk] += count
    table = [
        {
            **bottleneck_body(row),
            "in_flight": counted.get(row.code, 0),
            "excepted": begun[row.pk] - counted.get(row.code, 0),
            "queued": waiting[row.pk],
            "open": begun[row.pk] + waiting[row.pk],
        }
        for row in asked
    ]
    return sorted(table, key=lambda row: (-row["in_flight"] / row["cap"], -row["queued"], row["code"]))


def bottleneck_body(bottleneck: Bottleneck) -> dict[str, Any]:
    names = (
        "code", "title", "people", "cap", "hours_per_week", "fresh_days", "price_per_person", "version"
    )  # fmt: skip
    return {name: getattr(bottleneck, name) for name in names}
