"""Made-up dossiers for trying the portal at size: the same seed and number always give the same document."""

from typing import Any

from initiatives.dossier.document import SCHEMA
from initiatives.services.generation.change import change_impact, demand
from initiatives.services.generation.claims import chain, initiative, metrics
from initiatives.services.generation.draw import Cast, Draw
from initiatives.services.generation.running import (
    deployments,
    non_negotiables,
    operating_model,
    risk_posture,
)

DEPENDENCIES = ("decision-log", "evaluation-harness", "data-rights")


def generated(cast: Cast, *, seed: int, number: int, key: str) -> dict[str, Any]:
    """The document with that number of that seed."""
    draw = Draw(cast, seed, number)
    return {
        "schema": SCHEMA,
        "initiative": initiative(draw, key),
        "outcome_chain": chain(draw),
        "metrics": metrics(draw),
        "operating_model": operating_model(draw),
        "risk_posture": risk_posture(draw),
        "non_negotiables": non_negotiables(draw),
        "deployments": deployments(draw),
        "change_impact": change_impact(draw),
        "dependencies": draw.kept([{"code": code, "needed_by": draw.day(-2)} for code in DEPENDENCIES]),
        "bottleneck_demand": demand(draw),
        "trade_offs": draw.kept(
            [
                {
                    "code": "log-first",
                    "choose": "Log every decision before extending the scope",
                    "accept": "a release that is some weeks later",
                    "because": "without the log nothing can be shown afterwards",
                }
            ]
        ),
    }
