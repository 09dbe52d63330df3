"""Reads the worked checks: inputs, expected outputs and where each was published."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_CHECKS: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))[
    "checks"
]


def inputs(code: str) -> dict[str, Any]:
    return _CHECKS[code]["inputs"]


def expected(code: str) -> dict[str, Any]:
    return _CHECKS[code]["expected"]
