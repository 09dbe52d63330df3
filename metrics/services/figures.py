"""Summary figures of a comparison, in the form each method gives them. No database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, dataclass_transform

import msgspec
from msgspec import Meta

Cases = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Number = Annotated[float, Meta(ge=-1e15, le=1e15)]
Positive = Annotated[float, Meta(gt=0, le=1e15)]
Probability = Annotated[float, Meta(ge=0, le=1)]
Code = Annotated[str, Meta(max_length=64)]


# What the line below says of this class, type checkers do not pass on to the classes built on it.
@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One part of what is sent."""


class Counted(Part):
    """Cases with the event, of all cases of one group."""

    events: Cases
    total: Cases


class Averaged(Part):
    """Mean and standard deviation between the cases of one group."""

    mean: Number
    sd: Annotated[float, Meta(ge=0, le=1e15)]
    n: Cases


class Shares(Part, tag="shares", tag_field="kind"):
    """Two shares: the changed group and the one it is compared with."""

    changed: Counted
    comparison: Counted


class Means(Part, tag="means", tag_field="kind"):
    """Two means: the changed group and the one it is compared with."""

    changed: Averaged
    comparison: Averaged


class PairedCounts(Part, tag="pairs", tag_field="kind"):
    """Matched pairs, counted by which of the two had the event."""

    both: Cases
    treated_only: Cases
    comparison_only: Cases
    neither: Cases


class Happened(Part):
    """Events over an exposure: cases, hours or weeks."""

    events: Cases
    exposure: Positive


class Rates(Part, tag="rates", tag_field="kind"):
    """Two rates of events: the changed group and the one it is compared with."""

    changed: Happened
    comparison: Happened


class PairedMeans(Part, tag="paired_means", tag_field="kind"):
    """Changed minus comparison within pairs: mean and standard deviation of the differences."""

    mean: Number
    sd: Annotated[float, Meta(ge=0, le=1e15)]
    n: Cases


class Whole(Part):
    """One cluster, randomised whole: its own mean or share."""

    cluster: Code
    changed: bool
    value: Number


class Clusters(Part, tag="clusters", tag_field="kind"):
    """Every cluster of a comparison whose agents, teams or branches were randomised whole."""

    readings: Annotated[tuple[Whole, ...], Meta(max_length=10_000)]


class Observed(Part, tag="observed", tag_field="kind"):
    """The observations themselves: by segment for two groups, by cluster for a wedge (`starts`: its first changed day).

    A segment named `treated/north` is the cluster north of the segment treated.
    """

    changed: Code = "treated"
    comparison: Code = "control"
    from_on: dt.date | None = None
    to_on: dt.date | None = None
    starts: Mapping[str, dt.date | None] = {}


class Series(Part, tag="series", tag_field="kind"):
    """Values in order of period; ``launch`` is the position of the first after launch. Left out: as observed."""

    values: Annotated[tuple[Number, ...], Meta(max_length=1000)] | None = None
    launch: Annotated[int, Meta(ge=0)] | None = None
    ramp: Annotated[int, Meta(ge=0)] | None = None
    horizon: Annotated[int, Meta(ge=1)] | None = None


class Cluster(Part):
    """One cluster in one period."""

    cluster: Code
    period: int
    treated: bool
    value: Number


class Staggered(Part, tag="staggered", tag_field="kind"):
    """Every cluster in every period of a stepped wedge."""

    readings: Annotated[tuple[Cluster, ...], Meta(max_length=10_000)]


class Given(Part, tag="estimate", tag_field="kind"):
    """A difference (changed minus comparison) that was estimated elsewhere, with its 95 % interval."""

    value: Number
    low: Number
    high: Number
    n: Cases
    p_value: Probability | None = None


Figures = (
    Shares | Means | Rates | PairedCounts | PairedMeans | Clusters | Series | Staggered | Given | Observed
)
FORMS: Mapping[str, tuple[type[Part], ...]] = {
    "ab_test": (Shares, Means, Rates, Clusters, PairedMeans, Observed),
    "before_after": (Series, Shares, Means, Rates, PairedMeans, Observed),
    "interrupted_time_series": (Series, Observed),
    "matched_cohorts": (Shares, Means, Rates, PairedCounts, PairedMeans, Observed),
    "stepped_wedge": (Staggered, Given, Observed),
}


class GuardFigures(Part):
    """What happened to one counter-metric, in any form."""

    metric: Code
    figures: Figures


class Assigned(Part):
    """Cases as randomised, when that is not what the figures count."""

    changed: Cases
    comparison: Cases


class Described(Part):
    """A covariate in one group: mean, sd and n when it was measured, events and total when it was counted."""

    mean: Number | None = None
    sd: Annotated[float, Meta(ge=0, le=1e15)] | None = None
    n: Cases | None = None
    events: Cases | None = None
    total: Cases | None = None


class CovariateFigures(Part):
    """One matching variable before treatment, in both groups, measured in both or counted in both."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    treated: Described
    comparison: Described


class Period(Part):
    """The effect within one period, to tell whether it lasts."""

    effect: Number
    standard_error: Positive


class ResultFigures(Part):
    """Everything somebody records about one comparison."""

    figures: Figures
    read_on: dt.date
    guards: Annotated[tuple[GuardFigures, ...], Meta(max_length=50)] = ()
    assigned: Assigned | None = None
    covariates: Annotated[tuple[CovariateFigures, ...], Meta(max_length=100)] = ()
    matched: Counted | None = None
    log_completeness: Probability | None = None
    other_changes: Annotated[str, Meta(max_length=4000)] = ""
    periods: Annotated[tuple[Period, ...], Meta(max_length=1000)] = ()


def parse_figures(sent: Any) -> ResultFigures:
    """Raises msgspec.ValidationError."""
    return msgspec.convert(sent, ResultFigures)
