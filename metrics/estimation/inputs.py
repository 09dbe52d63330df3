"""What every estimate is given and gives back, and the refusal when there is nothing to compute from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

_NORMAL = NormalDist()


class NotComputable(ValueError):
    """The inputs do not determine a number. `missing` names the fields at fault; `sentence` says it to people."""

    def __init__(self, missing: tuple[str, ...], sentence: str) -> None:
        super().__init__(sentence)
        self.missing = missing
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval, in the unit of the inputs; `p_value` is two-sided, None where no test belongs."""

    value: float
    low: float
    high: float
    p_value: float | None
    n: int
    method: str
    level: float = 0.95


@dataclass(frozen=True, slots=True)
class Share:
    """`events` among `total` cases."""

    events: int
    total: int

    @property
    def value(self) -> float:
        return self.events / self.total


@dataclass(frozen=True, slots=True)
class Summary:
    """Mean and standard deviation of `n` cases, in one unit."""

    mean: float
    sd: float
    n: int


def critical_z(level: float) -> float:
    """Two-sided standard normal quantile for a confidence level strictly inside 0-1."""
    if not 0 < level < 1:
        raise NotComputable(("level",), "A confidence level lies between 0 and 1.")
    return _NORMAL.inv_cdf((1 + level) / 2)


def two_sided_p(z: float) -> float:
    """Chance of a standard normal further from nought than `z`."""
    return 2 * _NORMAL.cdf(-abs(z))


def one_sided_p(z: float) -> float:
    """Chance of a standard normal above `z`."""
    return _NORMAL.cdf(-z)


def check_finite(**numbers: float) -> None:
    """Refuse the first keyword whose value is NaN or infinite."""
    for name, number in numbers.items():
        if not math.isfinite(number):
            raise NotComputable((name,), f"The {name.replace('_', ' ')} is not a finite number.")


def counted(number: int, noun: str) -> str:
    """A number with its noun: 1 case, 2 cases."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def check_share(share: Share, name: str) -> None:
    """Refuse counts that no group of at least two cases can have."""
    check_finite(**{name: share.events, f"{name}_total": share.total})
    if share.total < 2:  # noqa: PLR2004 — one case says nothing about spread
        raise NotComputable(
            (name,), f"The {name} group has {counted(share.total, 'case')}; at least two are needed."
        )
    if not 0 <= share.events <= share.total:
        raise NotComputable(
            (name,), f"The {name} group counts {share.events} of {share.total}, which cannot be."
        )


def check_summary(summary: Summary, name: str) -> None:
    """Refuse a mean or spread that no group of at least two cases can have."""
    check_finite(**{f"{name}_mean": summary.mean, f"{name}_sd": summary.sd, f"{name}_n": summary.n})
    if summary.n < 2:  # noqa: PLR2004 — a spread takes two
        raise NotComputable(
            (name,), f"The {name} group has {counted(summary.n, 'case')}; at least two are needed."
        )
    if summary.sd < 0:
        raise NotComputable((name,), f"The {name} group has a negative standard deviation.")
