"""How a dossier becomes rows: one table of parts, and rows compared by id so that only what differs is written.

The id of a row is computed from the initiative and the row's key in the document. So a row can point to another part
without asking the database for it, and saving the same dossier twice leads to the same rows.
"""

import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from operator import attrgetter
from typing import Any

import msgspec
from django.contrib.auth import get_user_model
from django.db.models import ForeignKey

from initiatives.dossier.change_load import asked_by_month
from initiatives.dossier.document import Dossier
from initiatives.models import change, initiative, running
from initiatives.models.initiative import PartRow

Row = Mapping[str, Any]


def _rows_at(path: str) -> Callable[[Dossier], Iterable[Row]]:
    at = attrgetter(path)

    def rows(dossier: Dossier) -> Iterator[Row]:
        value = at(dossier)
        for part in value if isinstance(value, tuple) else (value,):
            yield msgspec.structs.asdict(part)

    return rows


def _raci_entries(dossier: Dossier) -> Iterator[Row]:
    for row in dossier.operating_model.raci:
        for kind in ("accountable", "responsible", "consulted", "informed"):
            for person in getattr(row, kind):
                yield {"activity": row.activity, "kind": kind, "person": person}


def _change_loads(dossier: Dossier) -> Iterator[Row]:
    for (group, month), millionths in asked_by_month(dossier.change_impact).items():
        yield {"group": group, "month": month, "millionths": millionths}


@dataclass(frozen=True)
class Projection:
    """One table: where its rows are in the document, what makes a row's id, and which columns have another name."""

    model: type[PartRow]
    rows: Callable[[Dossier], Iterable[Row]]
    key: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)  # column → field of the document


PROJECTIONS: tuple[Projection, ...] = (
    Projection(initiative.Scope, _rows_at("initiative.scope")),
    Projection(initiative.Deployment, _rows_at("deployments"), ("code",)),
    Projection(running.Node, _rows_at("outcome_chain.nodes"), ("code",)),
    Projection(
        running.Link, _rows_at("outcome_chain.links"), ("from_", "to"), {"start": "from_", "end": "to"}
    ),
    Projection(running.OperatingModel, _rows_at("operating_model")),
    Projection(running.Owner, _rows_at("operating_model.owners"), ("responsibility",)),
    Projection(running.RaciEntry, _raci_entries, ("activity", "kind", "person")),
    Projection(running.Shift, _rows_at("operating_model.rota"), ("person", "from_on", "deployment")),
    Projection(running.Trigger, _rows_at("operating_model.triggers"), ("code",)),
    Projection(running.DecisionRight, _rows_at("operating_model.decision_rights"), ("code",)),
    Projection(running.RiskPosture, _rows_at("risk_posture")),
    Projection(running.Harm, _rows_at("risk_posture.harms"), ("code",)),
    Projection(running.OversightRule, _rows_at("risk_posture.oversight_rules"), ("code",)),
    Projection(running.Severity, _rows_at("risk_posture.severities"), ("level",)),
    Projection(running.AddedControl, _rows_at("non_negotiables.added"), ("code",)),
    Projection(running.DeploymentControls, _rows_at("non_negotiables.per_deployment"), ("deployment",)),
    Projection(change.ChangeImpact, _rows_at("change_impact")),
    Projection(change.Group, _rows_at("change_impact.groups"), ("code",)),
    Projection(change.Assessment, _rows_at("change_impact.assessments"), ("impact",)),
    Projection(change.WorkloadShift, _rows_at("change_impact.workload_shifts"), ("code",)),
    Projection(change.IncentiveConflict, _rows_at("change_impact.incentive_conflicts"), ("code",)),
    Projection(change.Obligation, _rows_at("change_impact.obligations"), ("code",)),
    Projection(change.Training, _rows_at("change_impact.training"), ("code",)),
    Projection(change.ChangeLoad, _change_loads, ("group", "month")),
    Projection(change.AdoptionMeasure, _rows_at("change_impact.adoption_measures"), ("code",)),
    Projection(change.BeforeAfter, _rows_at("change_impact.before_after"), ("dimension",)),
    Projection(change.BadDay, _rows_at("change_impact.bad_day"), ("group",)),
    Projection(change.Dependency, _rows_at("dependencies"), ("code",)),
    Projection(change.Demand, _rows_at("bottleneck_demand"), ("bottleneck", "gate")),
    Projection(change.TradeOff, _rows_at("trade_offs"), ("code",)),
)


def row_id(initiative_id: uuid.UUID, model: type[PartRow], *key: object) -> uuid.UUID:
    """The id of the row with that key; no two keys of one initiative share it."""
    return uuid.uuid5(initiative_id, json.dumps([model._meta.model_name, *(str(part) for part in key)]))


@dataclass(frozen=True)
class Column:
    """One column, and how its value is made from the document's."""

    attname: str
    source: str
    person: bool = False
    part: type[PartRow] | None = None
    empty: Any = None  # what stands for null where the column has none


@cache
def columns_of(model: type[PartRow]) -> tuple[Column, ...]:
    renamed = next(projection.renamed for projection in PROJECTIONS if projection.model is model)
    columns = []
    for item in model._meta.concrete_fields:
        if item.name in {"id", "initiative"}:
            continue
        target = item.related_model if isinstance(item, ForeignKey) else None
        is_person = target is get_user_model()
        part = target if isinstance(target, type) and issubclass(target, PartRow) else None
        empty = None if item.null else ""
        columns.append(
            Column(item.attname, renamed.get(item.name, item.name), person=is_person, part=part, empty=empty)
        )
    return tuple(columns)


def values_of(initiative_id: uuid.UUID, projection: Projection, dossier: Dossier) -> dict[uuid.UUID, Row]:
    """The rows of one table by id. A person is still an e-mail here; a part is already an id."""
    columns = columns_of(projection.model)
    return {
        row_id(initiative_id, projection.model, *(row[name] for name in projection.key)): {
            column.attname: _value(initiative_id, column, row[column.source]) for column in columns
        }
        for row in projection.rows(dossier)
    }


def _value(initiative_id: uuid.UUID, column: Column, value: Any) -> Any:
    if value is None:
        return column.empty
    if column.part is not None:
        return row_id(initiative_id, column.part, value)
    return list(value) if isinstance(value, tuple) else value


@dataclass(frozen=True)
class Changes:
    """What has to be written to one table, and the ids of what has to go."""

    model: type[PartRow]
    written: Mapping[uuid.UUID, Row]
    removed: tuple[uuid.UUID, ...]


def changes(initiative_id: uuid.UUID, before: Dossier | None, after: Dossier) -> Iterator[Changes]:
    """The tables in which something differs, parts that others point to first."""
    for projection in PROJECTIONS:
        old = {} if before is None else values_of(initiative_id, projection, before)
        new = values_of(initiative_id, projection, after)
        written = {pk: row for pk, row in new.items() if old.get(pk) != row}
        removed = tuple(pk for pk in old if pk not in new)
        if written or removed:
            yield Changes(projection.model, written, removed)


def instances(
    initiative_id: uuid.UUID,
    model: type[PartRow],
    rows: Mapping[uuid.UUID, Row],
    people: Mapping[str, uuid.UUID],
) -> Iterator[PartRow]:
    """Model instances of rows, with every e-mail replaced by the person's id."""
    by_email = [column.attname for column in columns_of(model) if column.person]
    for pk, row in rows.items():
        known = {name: people[row[name]] if row[name] else None for name in by_email}
        yield model(id=pk, initiative_id=initiative_id, **{**row, **known})
