"""All checks there are: importing this module registers them."""

from __future__ import annotations

from gates.engine.checking import CHECKS
from gates.engine.checks import chain, endorsement, evidence, people, risk

MODULES = (chain, endorsement, evidence, people, risk)

__all__ = ["CHECKS", "MODULES"]
