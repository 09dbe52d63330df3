"""What is scarce, as known at one moment: dependencies, queues, and what change asks of each group."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from django.db.models import Count

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from initiatives.dossier.change import ChangeImpact
from initiatives.models import Demand, Dependency, Group, Initiative, Status, Training
from initiatives.selectors import asks_at
from portfolio.models import Bottleneck, BottleneckVersion, DependencyVersion, SharedDependency
from portfolio.saturation import GroupChange, Load, TrainingEffort, loads

# Work in flight is that of initiatives that run or are on their way: not yet asked for, and over, are left out.
NOT_IN_FLIGHT = frozenset({Status.DRAFT, Status.RETIRED})


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


def dependencies_at(at: dt.datetime | None = None) -> dict[str, DependencyRow]:
    """Every shared dependency as it was recorded at that moment, in one query."""
    rows = DependencyVersion.objects.filter(recorded_at__lte=at or clock.now()).order_by("number")
    names = ("title", "owner__email", "funding", "state", "due_on")
    found = {}
    for code, title, owner, funding, state, due_on in rows.values_list("dependency__code", *names):
        found[code] = DependencyRow(
            code=code, title=title, owner=owner, funding=funding, state=state, due_on=due_on
        )
    return dict(sorted(found.items()))


def statuses_now() -> dict[str, str]:
    return dict(Initiative.objects.values_list("key", "status"))


def is_present(at: dt.datetime | None) -> bool:
    """Whether the tables of the parts tell of that moment: no dossier was saved after it. One index look-up."""
    return at is None or not Initiative.objects.filter(changed_at__gt=at).exists()


def bottlenecks_at(
    at: dt.datetime | None = None, *, statuses: Mapping[str, str] | None = None
) -> dict[str, BottleneckRow]:
    """Every bottleneck with its cap and its work in flight, in a fixed number of queries.

    In flight is the number of initiatives whose dossier states a demand on it and that are neither draft nor retired.
    A demand stays open until it is taken out of the dossier. For the past, hand in the statuses of that moment;
    otherwise those of now count.
    """
    rows = BottleneckVersion.objects.filter(recorded_at__lte=at or clock.now()).order_by("number")
    latest = {row[0]: row for row in rows.values_list("bottleneck__code", "title", "cap", "people")}
    queues = (
        _queues() if statuses is None and is_present(at) else _queues_then(at, statuses or statuses_now())
    )
    return {
        code: BottleneckRow(code=code, title=title, cap=cap, people=people, in_flight=queues.get(code, 0))
        for code, title, cap, people in sorted(latest.values())
    }


def _queues() -> dict[str, int]:
    """How many initiatives are in flight at each bottleneck now."""
    rows = Demand.objects.exclude(initiative__status__in=NOT_IN_FLIGHT).values_list("bottleneck")
    return dict(rows.annotate(queue=Count("initiative", distinct=True)))


def _queues_then(at: dt.datetime | None, statuses: Mapping[str, str]) -> dict[str, int]:
    waiting = {
        (demand.bottleneck, key)
        for key, asks in asks_at(at)
        if statuses.get(key, Status.DRAFT) not in NOT_IN_FLIGHT
        for demand in asks.bottleneck_demand
    }
    return Counter(code for code, _ in waiting)


def group_loads(
    at: dt.datetime | None = None,
    *,
    groups: Collection[str] | None = None,
    statuses: Mapping[str, str] | None = None,
) -> tuple[Load, ...]:
    """Load of every group (or of those named) in every month, all initiatives together that are not retired.

    Groups are the same when they have the same code. Only change that AI initiatives bring is known here.
    """
    if statuses is None and is_present(at):
        return loads(_changes_now(groups))
    known = statuses or statuses_now()
    return loads(
        change
        for key, asks in asks_at(at)
        if known.get(key, Status.DRAFT) != Status.RETIRED
        for change in changes_in(key, asks.change_impact)
        if groups is None or change.group in groups
    )


def _changes_now(groups: Collection[str] | None) -> Iterator[GroupChange]:
    """From the tables of the parts, which hold what the current dossiers say. Two queries."""
    asked = Group.objects.exclude(initiative__status=Status.RETIRED)
    efforts = Training.objects.exclude(initiative__status=Status.RETIRED)
    if groups is not None:
        asked, efforts = asked.filter(code__in=groups), efforts.filter(group__code__in=groups)
    training: defaultdict[object, list[TrainingEffort]] = defaultdict(list)
    for group, hours, starts_on in efforts.values_list("group_id", "hours_per_person", "starts_on"):
        training[group].append(TrainingEffort(hours, starts_on))
    columns = (
        "initiative__key",
        "code",
        "name",
        "headcount",
        "capacity_hours",
        "adoption_hours",
        "go_live_on",
    )
    for pk, key, code, name, headcount, capacity, adoption, go_live_on in asked.values_list("pk", *columns):
        yield GroupChange(key, code, name, headcount, capacity, adoption, go_live_on, tuple(training[pk]))


def changes_in(key: str, impact: ChangeImpact) -> list[GroupChange]:
    """What one dossier asks of each of its groups."""
    training: defaultdict[str, list[TrainingEffort]] = defaultdict(list)
    for effort in impact.training:
        training[effort.group].append(TrainingEffort(effort.hours_per_person, effort.starts_on))
    return [
        GroupChange(
            initiative=key,
            group=group.code,
            name=group.name,
            headcount=group.headcount,
            capacity_hours=group.capacity_hours,
            adoption_hours=group.adoption_hours,
            go_live_on=group.go_live_on,
            training=tuple(training[group.code]),
        )
        for group in impact.groups
    ]


# --- for people -----------------------------------------------------------------------------------------------


def waiting_for(code: str) -> list[str]:
    """Keys of the initiatives whose dossier needs a shared dependency."""
    rows = Dependency.objects.filter(code=code).exclude(initiative__status=Status.RETIRED)
    return sorted(set(rows.values_list("initiative__key", flat=True)))


def dependency_table(actor: Actor) -> list[dict[str, Any]]:
    """The register, most waited for first, with the waiting initiatives that the actor may see. Three queries."""
    waiting: defaultdict[str, set[str]] = defaultdict(set)
    visible = Initiative.objects.visible_to(actor).exclude(status=Status.RETIRED)
    rows = Dependency.objects.filter(initiative__in=visible.values("pk"))
    for code, key in rows.values_list("code", "initiative__key"):
        waiting[code].add(key)
    table = [
        {**dependency_body(dependency), "needed_by": sorted(waiting[dependency.code])}
        for dependency in SharedDependency.objects.select_related("owner")
    ]
    return sorted(table, key=lambda row: (-len(row["needed_by"]), row["code"]))


def dependency_row(actor: Actor, dependency: SharedDependency) -> dict[str, Any]:
    """One row of the register as the table shows it."""
    visible = Initiative.objects.visible_to(actor).filter(key__in=waiting_for(dependency.code))
    needed_by = list(visible.order_by("key").values_list("key", flat=True))
    return {**dependency_body(dependency), "needed_by": needed_by}


def bottleneck_row(bottleneck: Bottleneck) -> dict[str, Any]:
    return {**bottleneck_body(bottleneck), "in_flight": _queues().get(bottleneck.code, 0)}


def dependency_body(dependency: SharedDependency) -> dict[str, Any]:
    return {
        "code": dependency.code,
        "title": dependency.title,
        "kind": dependency.kind,
        "owner": dependency.owner.email if dependency.owner else None,
        "funding": dependency.funding,
        "state": dependency.state,
        "due_on": dependency.due_on,
        "note": dependency.note,
        "version": dependency.version,
    }


def bottleneck_table() -> list[dict[str, Any]]:
    """Bottlenecks with queue against cap, the fullest first. Two queries."""
    queues = _queues()
    table = [
        {**bottleneck_body(row), "in_flight": queues.get(row.code, 0)} for row in Bottleneck.objects.all()
    ]
    return sorted(table, key=lambda row: (-row["in_flight"] / row["cap"], row["code"]))


def bottleneck_body(bottleneck: Bottleneck) -> dict[str, Any]:
    names = ("code", "title", "people", "cap", "version")
    return {name: getattr(bottleneck, name) for name in names}


def load_table(actor: Actor, at: dt.datetime | None = None) -> list[dict[str, Any]]:
    """The heat map: group by month. Initiatives the actor may not see add to the sum and are not named."""
    visible = set(Initiative.objects.visible_to(actor).values_list("key", flat=True))
    return [load_body(load, visible) for load in group_loads(at)]


def load_body(load: Load, visible: set[str]) -> dict[str, Any]:
    return {
        "group": load.group,
        "name": load.name,
        "month": load.month,
        "hours_per_person": load.hours,
        "capacity_hours": load.capacity_hours,
        "headcount": load.headcount,
        "share": load.share if load.capacity_hours else None,
        "band": load.band,
        "excess_hours": load.excess_hours,
        "initiatives": [{"key": key, "hours": hours} for key, hours in load.parts if key in visible],
        "others_hours": sum(hours for key, hours in load.parts if key not in visible),
    }


def summary(actor: Actor) -> dict[str, Any]:
    """The portfolio in one answer, over the initiatives the actor may see, in a fixed number of queries."""
    visible = Initiative.objects.visible_to(actor).exclude(status=Status.RETIRED)
    rows = list(visible.values_list("status", "horizon", "judged_level", "judged_gate"))
    return {
        "initiatives": len(rows),
        "by_status": _counts([row[0] for row in rows]),
        "by_horizon": _counts([row[1] for row in rows]),
        "by_verdict": _counts([row[2] or "not_judged" for row in rows]),
        "by_blocking_gate": _counts([row[3] for row in rows if row[3]]),
        "bottlenecks": bottleneck_table(),
        "dependencies": dependency_table(actor),
        "overloaded": [row for row in load_table(actor) if row["band"] in {"over", "stop"}],
    }


def _counts(values: Sequence[str]) -> dict[str, int]:
    return {value: values.count(value) for value in sorted(set(values))}
