"""Which lists a dossier has, what makes a row of each unique, and what one row is called.

One table, read by the checks, the differences and the tables that project a dossier.
"""

from __future__ import annotations

import msgspec


class PartList(msgspec.Struct, frozen=True):
    """One list of a dossier: where it is, the fields that make a row unique, its name and its cap."""

    path: str
    key: tuple[str, ...]
    noun: str
    cap: int = 500


PART_LISTS: tuple[PartList, ...] = (
    PartList("outcome_chain/nodes", ("code",), "node"),
    PartList("outcome_chain/links", ("from", "to"), "link", 2000),
    PartList("metrics", ("code",), "metric"),
    PartList("operating_model/owners", ("responsibility",), "responsibility"),
    PartList("operating_model/raci", ("activity",), "activity"),
    PartList("operating_model/rota", ("person", "from_on", "deployment"), "shift", 2000),
    PartList("operating_model/triggers", ("code",), "trigger"),
    PartList("operating_model/decision_rights", ("code",), "decision right"),
    PartList("risk_posture/harms", ("code",), "harm"),
    PartList("risk_posture/oversight_rules", ("code",), "oversight rule"),
    PartList("risk_posture/severities", ("level",), "severity"),
    PartList("non_negotiables/added", ("code",), "added control"),
    PartList("non_negotiables/per_deployment", ("deployment",), "deployment’s controls"),
    PartList("deployments", ("code",), "deployment"),
    PartList("change_impact/groups", ("code",), "group"),
    PartList("change_impact/assessments", ("impact",), "assessment"),
    PartList("change_impact/workload_shifts", ("code",), "workload shift", 1000),
    PartList("change_impact/incentive_conflicts", ("code",), "incentive conflict"),
    PartList("change_impact/obligations", ("code",), "obligation"),
    PartList("change_impact/training", ("code",), "training"),
    PartList("change_impact/adoption_measures", ("code",), "adoption measure"),
    PartList("change_impact/before_after", ("dimension",), "before and after"),
    PartList("change_impact/bad_day", ("group",), "bad-day answer"),
    PartList("dependencies", ("code",), "dependency"),
    PartList("bottleneck_demand", ("bottleneck", "gate"), "demand"),
    PartList("trade_offs", ("code",), "trade-off"),
    PartList("metrics/*/guards", ("metric",), "guard", 100),
)
PART_OF = {part.path: part for part in PART_LISTS}
