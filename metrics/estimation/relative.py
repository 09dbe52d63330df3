"""The same effects in relation to the comparison group: 0.12 is twelve per cent more, -0.12 twelve per cent less."""

from __future__ import annotations

import math

from metrics.estimation.inputs import (
    Estimate,
    NotComputable,
    Share,
    Summary,
    check_share,
    check_summary,
    critical_z,
)
from metrics.estimation.matching import EValue, e_value

# SOURCE: VanderWeele & Ding 2017 (Ann Intern Med 167:268), table 2: a standardised difference d as a risk ratio.
_RATIO_OF_D = 0.91


def ratio_of_shares(changed: Share, comparison: Share, *, level: float = 0.95) -> Estimate:
    """Changed divided by comparison, with the interval of the logarithm (Katz et al. 1978, Biometrics 34:469).

    Raises NotComputable when either group has no event, for then the logarithm does not exist.
    """
    check_share(changed, "changed")
    check_share(comparison, "comparison")
    for name, share in (("changed", changed), ("comparison", comparison)):
        if share.events == 0:
            raise NotComputable((name,), f"The {name} group has no event, so a ratio cannot be computed.")
    error = math.sqrt(1 / changed.events - 1 / changed.total + 1 / comparison.events - 1 / comparison.total)
    return _of_logs(changed.value / comparison.value, error, changed.total + comparison.total, "Katz", level)


def ratio_of_means(changed: Summary, comparison: Summary, *, level: float = 0.95) -> Estimate:
    """Changed divided by comparison, by the delta method on the logarithm; both means above 0.

    Raises NotComputable when a mean is not above 0.
    """
    check_summary(changed, "changed")
    check_summary(comparison, "comparison")
    for name, group in (("changed", changed), ("comparison", comparison)):
        if group.mean <= 0:
            raise NotComputable((name,), f"The mean of the {name} group is not above 0, so it has no ratio.")
    error = math.hypot(
        changed.sd / (changed.mean * math.sqrt(changed.n)),
        comparison.sd / (comparison.mean * math.sqrt(comparison.n)),
    )
    return _of_logs(
        changed.mean / comparison.mean, error, changed.n + comparison.n, "ratio of means, delta", level
    )


def as_change(ratio: Estimate) -> Estimate:
    """A ratio as the change it is: 1.12 becomes 0.12."""
    return Estimate(
        ratio.value - 1, ratio.low - 1, ratio.high - 1, ratio.p_value, ratio.n, ratio.method, ratio.level
    )


def e_value_of_shares(changed: Share, comparison: Share) -> EValue:
    """How strong an unmeasured cause would have to be to explain the risk ratio, and its nearer limit, away."""
    ratio = ratio_of_shares(changed, comparison)
    return e_value(ratio.value, ratio.low, ratio.high)


def e_value_of_means(changed: Summary, comparison: Summary, difference: Estimate) -> EValue:
    """The same for means: the standardised difference read as a risk ratio, exp(0.91 d), and so its limits."""
    pooled = math.sqrt(
        ((changed.n - 1) * changed.sd**2 + (comparison.n - 1) * comparison.sd**2)
        / (changed.n + comparison.n - 2)
    )
    if pooled == 0:
        raise NotComputable(("sd",), "Neither group varies, so the difference has no scale.")
    value, low, high = (
        math.exp(_RATIO_OF_D * one / pooled) for one in (difference.value, difference.low, difference.high)
    )
    return e_value(value, low, high)


def _of_logs(ratio: float, error: float, n: int, method: str, level: float) -> Estimate:
    reach = math.exp(critical_z(level) * error)
    return Estimate(ratio, ratio / reach, ratio * reach, None, n, method, level)
