"""What other apps read of the portfolio; this app's own doors import by full path."""

from portfolio.selectors.change_load import group_loads
from portfolio.selectors.register import (
    BottleneckRow,
    DependencyRow,
    bottlenecks_at,
    dependencies_at,
    is_present,
)

__all__ = [
    "BottleneckRow",
    "DependencyRow",
    "bottlenecks_at",
    "dependencies_at",
    "group_loads",
    "is_present",
]
