"""Summary figures of a comparison, in the form each method gives them, and what is computed from them. No database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, dataclass_transform

import msgspec
from msgspec import Meta

from metrics.estimation.inputs import Estimate, NotComputable, Share, Summary
from metrics.estimation.matching import Balance, Covariate, Pairs, balance, e_value, paired_difference
from metrics.estimation.means import Novelty, PeriodEffect, difference_of_means, novelty
from metrics.estimation.proportions import difference_of_shares, sample_ratio
from metrics.estimation.series import interrupted_series
from metrics.estimation.staggered import ClusterReading, staggered_effect

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


Figures = Shares | Means | PairedCounts | Series | Staggered | Given
FORMS: Mapping[str, tuple[type[Part], ...]] = {
    "ab_test": (Shares, Means),
    "before_after": (Series, Shares, Means),
    "interrupted_time_series": (Series,),
    "matched_cohorts": (Shares, Means, PairedCounts),
    "stepped_wedge": (Staggered, Given),
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


@dataclass(frozen=True, slots=True)
class Difference:
    """Changed minus comparison, and what the method says beside it."""

    estimate: Estimate
    trend_handled: bool | None = None
    lag_one: float | None = None
    range_without_one: tuple[float, float] | None = None


def difference_in(figures: Figures, observed: Sequence[float] = (), launch: int | None = None) -> Difference:
    """Estimate the difference; a series without values of its own is taken from what was ``observed``.

    Raises NotComputable, with a sentence, when the figures do not determine one.
    """
    match figures:
        case Shares():
            return Difference(difference_of_shares(_share(figures.changed), _share(figures.comparison)))
        case Means():
            return Difference(difference_of_means(_summary(figures.changed), _summary(figures.comparison)))
        case PairedCounts():
            pairs = Pairs(figures.both, figures.treated_only, figures.comparison_only, figures.neither)
            return Difference(paired_difference(pairs))
        case Series():
            return _series(figures, observed, launch)
        case Staggered():
            return _staggered(figures)
        case Given():
            return _given(figures)


def _series(figures: Series, observed: Sequence[float], launch: int | None) -> Difference:
    values = observed if figures.values is None else figures.values
    start = launch if figures.launch is None else figures.launch
    if start is None:
        raise NotComputable(("launch",), "Say at which period the change began.")
    result = interrupted_series(values, launch=start, ramp=figures.ramp or 0, horizon=figures.horizon)
    return Difference(result.effect, trend_handled=True, lag_one=result.lag_one)


def _staggered(figures: Staggered) -> Difference:
    readings = [ClusterReading(r.cluster, r.period, r.treated, r.value) for r in figures.readings]
    result = staggered_effect(readings)
    return Difference(
        result.effect, range_without_one=(result.lowest_without_one, result.highest_without_one)
    )


def _given(figures: Given) -> Difference:
    if not figures.low <= figures.value <= figures.high:
        raise NotComputable(("low", "high"), "The limits of an interval enclose its estimate.")
    estimate = Estimate(figures.value, figures.low, figures.high, figures.p_value, figures.n, "given")
    return Difference(estimate)


def sample_ratio_of(sent: ResultFigures, planned_ratio: float | None) -> float | None:
    """How likely the group sizes are under the planned ratio; None where nothing was randomised by case."""
    sizes = sent.assigned or _sizes(sent.figures)
    if sizes is None:
        return None
    planned = (planned_ratio or 1.0, 1.0)
    return sample_ratio((sizes.changed, sizes.comparison), planned).p_value


def _sizes(figures: Figures) -> Assigned | None:
    if isinstance(figures, Shares):
        return Assigned(changed=figures.changed.total, comparison=figures.comparison.total)
    if isinstance(figures, Means):
        return Assigned(changed=figures.changed.n, comparison=figures.comparison.n)
    return None


def balance_of(sent: ResultFigures) -> Balance:
    """Whether the matched groups are alike. Raises NotComputable without covariates or the share matched."""
    if sent.matched is None:
        raise NotComputable(("matched",), "Say how many of the treated found a match.")
    covariates = [Covariate(row.name, _group(row.treated), _group(row.comparison)) for row in sent.covariates]
    if any(type(row.treated) is not type(row.comparison) for row in covariates):
        raise NotComputable(("covariates",), "A covariate is measured in both groups or counted in both.")
    return balance(covariates, matched=_share(sent.matched))


def hidden_cause_of(figures: Figures) -> float | None:
    """The E-value of a comparison of shares: how strong an unmeasured cause would have to be."""
    if not isinstance(figures, Shares) or not figures.comparison.events or not figures.changed.events:
        return None
    ratio = _share(figures.changed).value / _share(figures.comparison).value
    return e_value(ratio, ratio, ratio).estimate


def lasting_of(sent: ResultFigures, sign: int) -> Novelty | None:
    """Whether the effect lasts, oriented so that positive is better; None when no periods were sent."""
    if not sent.periods:
        return None
    return novelty([PeriodEffect(sign * period.effect, period.standard_error) for period in sent.periods])


def _share(counted: Counted) -> Share:
    return Share(counted.events, counted.total)


def _summary(averaged: Averaged) -> Summary:
    return Summary(averaged.mean, averaged.sd, averaged.n)


def _group(group: Described) -> Share | Summary:
    if group.mean is not None and group.sd is not None and group.n is not None:
        return Summary(group.mean, group.sd, group.n)
    if group.events is not None and group.total is not None:
        return Share(group.events, group.total)
    raise NotComputable(("covariates",), "Describe a covariate by mean, sd and n, or by events and total.")


def parse_figures(sent: Any) -> ResultFigures:
    """Raises msgspec.ValidationError."""
    return msgspec.convert(sent, ResultFigures)
