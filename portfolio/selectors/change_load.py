"""What change asks of each group of people, month by month, as known at one moment."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from alignment_portal.accounts.actors import Actor
from initiatives.dossier.change import ChangeImpact
from initiatives.models import Group, Initiative, Status, Training
from initiatives.selectors import asks_at
from portfolio.saturation import GroupChange, Load, TrainingEffort, loads
from portfolio.selectors.register import is_present, statuses_now


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
