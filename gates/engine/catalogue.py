"""All checks there are: importing this module registers them."""

from __future__ import annotations

from gates.engine.checking import CHECKS
from gates.engine.checks import (
    adoption,
    agreement,
    chain,
    change,
    claims,
    endorsement,
    evidence,
    measurement,
    operation,
    people,
    plans,
    portfolio,
    power,
    promises,
    results,
    risk,
    signals,
    watching,
    wins,
    workload,
)

MODULES = (
    adoption,
    agreement,
    chain,
    claims,
    change,
    endorsement,
    evidence,
    measurement,
    operation,
    people,
    plans,
    portfolio,
    power,
    promises,
    results,
    risk,
    signals,
    watching,
    wins,
    workload,
)

__all__ = ["CHECKS", "MODULES"]
