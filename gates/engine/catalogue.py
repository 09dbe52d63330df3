"""All checks there are: importing this module registers them."""

from __future__ import annotations

from gates.engine.checking import CHECKS
from gates.engine.checks import (
    chain,
    endorsement,
    evidence,
    measurement,
    people,
    plans,
    power,
    results,
    risk,
    wins,
)

MODULES = (chain, endorsement, evidence, measurement, people, plans, power, results, risk, wins)

__all__ = ["CHECKS", "MODULES"]
