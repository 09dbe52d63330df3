"""What-if by simulation: when initiatives would be ready, and what one decision is worth.

Pure: frozen values in, frozen values out; no clock, no storage, chance only from a seed. Time is in work days from now.

`run_once` runs a portfolio exactly as planned; `simulate` runs it many times with chance and sums up; `rank` and
`bundle` compare investments; `mmc` and `mg1` are queues in closed form, `waits_in_line` the queue they describe.
"""

from portfolio.simulation.flow import Run, run_once
from portfolio.simulation.investing import Investment, Worth, bundle, rank, with_investments
from portfolio.simulation.model import (
    START_ALL,
    Assumptions,
    Function,
    Initiative,
    Policy,
    Portfolio,
    SharedDependency,
    Task,
    Unknown,
    capped,
    cd3_order,
    cost_of_finishing,
    expected_days,
    work_left,
)
from portfolio.simulation.queueing import Queue, Unstable, mg1, mmc, waits_in_line
from portfolio.simulation.runs import Span, Summary, simulate

__all__ = [
    "START_ALL",
    "Assumptions",
    "Function",
    "Initiative",
    "Investment",
    "Policy",
    "Portfolio",
    "Queue",
    "Run",
    "SharedDependency",
    "Span",
    "Summary",
    "Task",
    "Unknown",
    "Unstable",
    "Worth",
    "bundle",
    "capped",
    "cd3_order",
    "cost_of_finishing",
    "expected_days",
    "mg1",
    "mmc",
    "rank",
    "run_once",
    "simulate",
    "waits_in_line",
    "with_investments",
    "work_left",
]
