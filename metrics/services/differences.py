"""What is computed from the figures of a comparison. No database."""

from __future__ import annotations

from dataclasses import dataclass

from metrics.estimation.clusters import difference_of_clusters
from metrics.estimation.difference_in_differences import rollout_effect
from metrics.estimation.inputs import Estimate, NotComputable, Share, Summary
from metrics.estimation.matching import Balance, Covariate, EValue, Pairs, balance, paired_difference
from metrics.estimation.means import Novelty, PeriodEffect, difference_of_means, novelty, paired_means
from metrics.estimation.proportions import difference_of_shares, sample_ratio
from metrics.estimation.rates import Rate, difference_of_rates, ratio_of_rates
from metrics.estimation.relative import (
    as_change,
    e_value_of_means,
    e_value_of_shares,
    ratio_of_means,
    ratio_of_shares,
)
from metrics.estimation.series import interrupted_series
from metrics.estimation.staggered import ClusterReading, staggered_effect
from metrics.services.figures import (
    Assigned,
    Averaged,
    Clusters,
    Counted,
    Described,
    Figures,
    Given,
    Happened,
    Means,
    Observed,
    PairedCounts,
    PairedMeans,
    Rates,
    ResultFigures,
    Series,
    Shares,
    Staggered,
)

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Difference:
    """Changed minus comparison, and what the method says beside it; `relative` is a change: 0.12 for 12 % more."""

    estimate: Estimate
    relative: Estimate | None = None
    trend_handled: bool | None = None
    lag_one: float | None = None
    range_without_one: tuple[float, float] | None = None
    pre_trend_p: float | None = None


def difference_in(figures: Figures, *, random_order: bool | None = None, level: float = LEVEL) -> Difference:
    """Estimate the difference, changed minus comparison, in the unit of the figures.

    What is to be taken from observations has been put in as figures before.
    Raises NotComputable, with a sentence, when the figures do not determine one.
    """
    match figures:
        case Series():
            return _series(figures, level)
        case Staggered():
            return _staggered(figures, random_order=random_order, level=level)
        case Given():
            return _given(figures)
        case Observed():
            raise NotComputable(("figures",), "Observations are read before they are compared.")
        case _:
            return Difference(_two_groups(figures, level), relative=_relative(figures, level))


def _two_groups(
    figures: Shares | Means | Rates | PairedCounts | PairedMeans | Clusters, level: float
) -> Estimate:
    match figures:
        case Shares():
            return difference_of_shares(_share(figures.changed), _share(figures.comparison), level=level)
        case Means():
            return difference_of_means(_summary(figures.changed), _summary(figures.comparison), level=level)
        case Rates():
            return difference_of_rates(_rate(figures.changed), _rate(figures.comparison), level=level)
        case PairedMeans():
            return paired_means(Summary(figures.mean, figures.sd, figures.n), level=level)
        case Clusters():
            sides = ([r.value for r in figures.readings if r.changed is side] for side in (True, False))
            return difference_of_clusters(*sides, level=level)
        case PairedCounts():
            pairs = Pairs(figures.both, figures.treated_only, figures.comparison_only, figures.neither)
            return paired_difference(pairs, level=level)


def _relative(figures: Figures, level: float) -> Estimate | None:
    """The difference in relation to the comparison group, where that can be said."""
    try:
        match figures:
            case Shares():
                ratio = ratio_of_shares(_share(figures.changed), _share(figures.comparison), level=level)
            case Means():
                ratio = ratio_of_means(_summary(figures.changed), _summary(figures.comparison), level=level)
            case Rates():
                ratio = ratio_of_rates(_rate(figures.changed), _rate(figures.comparison), level=level)
            case _:
                return None
    except NotComputable:
        return None
    return as_change(ratio)


def _series(figures: Series, level: float) -> Difference:
    if figures.values is None:
        raise NotComputable(("values",), "Observations are read before they are compared.")
    if figures.launch is None:
        raise NotComputable(("launch",), "Say at which period the change began.")
    result = interrupted_series(
        figures.values,
        launch=figures.launch,
        ramp=figures.ramp or 0,
        horizon=figures.horizon,
        level=level,
    )
    return Difference(result.effect, trend_handled=True, lag_one=result.lag_one)


def _staggered(figures: Staggered, *, random_order: bool | None, level: float) -> Difference:
    """A wedge drawn by lot; in a chosen order a difference in differences, with its test before the change."""
    readings = [ClusterReading(r.cluster, r.period, r.treated, r.value) for r in figures.readings]
    if random_order is False:
        chosen = rollout_effect(readings, level=level)
        return Difference(chosen.effect, pre_trend_p=chosen.pre_trend.p_value)
    result = staggered_effect(readings, level=level)
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


def hidden_cause_of(figures: Figures, difference: Estimate) -> EValue | None:
    """The E-value of a comparison of two groups: how strong an unmeasured cause would have to be."""
    try:
        match figures:
            case Shares():
                return e_value_of_shares(_share(figures.changed), _share(figures.comparison))
            case Means():
                return e_value_of_means(_summary(figures.changed), _summary(figures.comparison), difference)
            case _:
                return None
    except NotComputable:
        return None


def lasting_of(sent: ResultFigures, sign: int) -> Novelty | None:
    """Whether the effect lasts, oriented so that positive is better; None when no periods were sent."""
    if not sent.periods:
        return None
    return novelty([PeriodEffect(sign * period.effect, period.standard_error) for period in sent.periods])


def _share(counted: Counted) -> Share:
    return Share(counted.events, counted.total)


def _rate(happened: Happened) -> Rate:
    return Rate(happened.events, happened.exposure)


def _summary(averaged: Averaged) -> Summary:
    return Summary(averaged.mean, averaged.sd, averaged.n)


def _group(group: Described) -> Share | Summary:
    if group.mean is not None and group.sd is not None and group.n is not None:
        return Summary(group.mean, group.sd, group.n)
    if group.events is not None and group.total is not None:
        return Share(group.events, group.total)
    raise NotComputable(("covariates",), "Describe a covariate by mean, sd and n, or by events and total.")
