"""The tables of this app, by noun. This file imports them because Django finds models nowhere else."""

from portfolio.models.people import OtherChange, PeopleGroup
from portfolio.models.register import (
    Bottleneck,
    BottleneckVersion,
    DependencyKind,
    DependencyState,
    DependencyVersion,
    Funding,
    SharedDependency,
)
from portfolio.models.simulations import JobState, ScenarioChoice, Simulation
from portfolio.models.work import IN_FLIGHT, CapException, Closure, WorkItem, WorkMove, WorkState
from portfolio.models.worth import Worth

__all__ = [
    "IN_FLIGHT",
    "Bottleneck",
    "BottleneckVersion",
    "CapException",
    "Closure",
    "DependencyKind",
    "DependencyState",
    "DependencyVersion",
    "Funding",
    "JobState",
    "OtherChange",
    "PeopleGroup",
    "ScenarioChoice",
    "SharedDependency",
    "Simulation",
    "WorkItem",
    "WorkMove",
    "WorkState",
    "Worth",
]
