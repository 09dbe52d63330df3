"""The primary claims of one initiative, judged together so that one of many is not read as if it were alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from initiatives.dossier.metrics import Metric
from metrics.estimation.means import holm
from metrics.services.differences import LEVEL


@dataclass(frozen=True)
class Family:
    """One claim among the primary claims of its initiative (Holm 1979)."""

    claims: int
    p_adjusted: float | None
    level: float  # at which the interval of this one agrees with the adjusted test

    def is_kept_in(self, details: Mapping[str, Any]) -> bool:
        """Whether a result with these details was judged in a family just like this one."""
        return bool(details.get("holm") == asdict(self))


def primaries_of(metrics: Sequence[Metric]) -> list[str]:
    """Codes of the metrics that claim an effect and are the primary comparison of their claim."""
    return [
        metric.code
        for metric in metrics
        if metric.target is not None and metric.comparison is not None and metric.comparison.primary
    ]


def family_of(
    code: str, p_value: float | None, metrics: Sequence[Metric], known: Mapping[str, float | None]
) -> Family:
    """A claim among the primary claims; `known` are the p-values read so far, by code.

    Claims that were not read yet count as the least certain.
    """
    primaries = primaries_of(metrics)
    others = [other for other in primaries if other != code]
    if p_value is None or not others or code not in primaries:
        return Family(1, p_value, LEVEL)
    found = [known.get(other) for other in others]
    adjusted = holm([p_value, *(1.0 if p is None else p for p in found)])[0]
    smaller = sum(p is not None and p < p_value for p in found)
    return Family(len(others) + 1, adjusted, 1 - (1 - LEVEL) / (len(others) + 1 - smaller))
