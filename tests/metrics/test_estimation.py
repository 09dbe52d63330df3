"""Estimates against published values; sources stand in checks.json or beside the number."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.regression.mixed_linear_model import MixedLM
from statsmodels.stats.multitest import multipletests

from metrics.estimation.difference_in_differences import rollout_effect
from metrics.estimation.edits import edit_distance, levenshtein
from metrics.estimation.indicators import leading_indicator, predict_outcome
from metrics.estimation.inputs import NotComputable, Share, Summary
from metrics.estimation.matching import (
    Covariate,
    Pairs,
    balance,
    e_value,
    paired_difference,
    standardised_difference,
    variance_ratio,
)
from metrics.estimation.means import (
    PeriodEffect,
    difference_of_means,
    holm,
    novelty,
    ratio_of_geometric_means,
)
from metrics.estimation.proportions import (
    difference_of_shares,
    mee,
    miettinen_nurminen,
    non_inferiority,
    pooled_z,
    sample_ratio,
    wilson_share,
)
from metrics.estimation.series import interrupted_series
from metrics.estimation.staggered import ClusterReading, staggered_effect
from tests.metrics.checks import expected, inputs

shares = st.integers(2, 3000).flatmap(lambda n: st.builds(Share, st.integers(0, n), st.just(n)))
summaries = st.builds(Summary, st.floats(-1e4, 1e4), st.floats(0.01, 1e4), st.integers(2, 10**6))


def groups(code):
    given_ = inputs(code)
    return Share(given_["x1"], given_["n1"]), Share(given_["x2"], given_["n2"])


# -- shares


@pytest.mark.parametrize("code", ["SRM-2", "SRM-3"])
def test_a_sample_ratio_mismatch_is_found_as_published(code):
    found = sample_ratio(inputs(code)["observed"], inputs(code)["ratio"])
    assert found.chi_square == pytest.approx(expected(code)["chi2"], abs=1e-6)
    assert found.p_value == pytest.approx(expected(code)["p"], rel=1e-6)
    assert found.is_mismatched


def test_the_retail_groups_arrived_as_planned():
    found = sample_ratio([8412, 8388], [0.5, 0.5])
    assert (round(found.p_value, 6), found.is_mismatched) == (0.853100, False)  # DOMAIN B.5


@pytest.mark.parametrize("code", ["CI-1", "CI-2"])
def test_newcombes_interval_is_his_published_row(code):
    found = difference_of_shares(*groups(code))
    assert (found.low, found.high) == pytest.approx(expected(code)["newcomb"], abs=1e-6)


@pytest.mark.parametrize("code", ["MN-1", "MN-2"])
def test_score_intervals_are_newcombes_published_rows(code):
    corrected, plain = miettinen_nurminen(*groups(code)), mee(*groups(code))
    assert (corrected.low, corrected.high) == pytest.approx(expected(code)["mn"], abs=1e-6)
    assert (plain.low, plain.high) == pytest.approx(expected(code)["mee"], abs=1e-6)


def test_acceptance_has_the_wilson_interval_of_the_worked_example():
    found = wilson_share(Share(5150, 8388))
    assert (found.value, found.low, found.high) == pytest.approx((0.613972, 0.603504, 0.624336), abs=5e-7)


def test_repeat_contact_rose_as_in_the_worked_example():
    found = difference_of_shares(Share(1141, 8388), Share(1019, 8412))
    assert (found.value, found.low, found.high) == pytest.approx((0.014891, 0.004768, 0.025017), abs=5e-7)


def test_two_silent_groups_differ_by_nought_within_limits():
    found = difference_of_shares(Share(0, 1000), Share(0, 1000))
    assert (found.value, found.p_value) == (0.0, 1.0)
    assert found.low < 0 < found.high


def test_a_guard_inside_its_margin_is_shown_to_be_so():
    changed, comparison = Share(1000, 8388), Share(1019, 8412)
    found = non_inferiority(changed, comparison, margin=0.01)
    assert found.is_shown
    assert found.estimate.high < 0.01


def test_a_guard_where_fewer_is_worse_is_turned_round():
    changed, comparison = Share(7388, 8388), Share(7393, 8412)
    turned = non_inferiority(changed, comparison, margin=0.01, more_is_worse=False)
    assert turned == non_inferiority(Share(1000, 8388), Share(1019, 8412), margin=0.01)


def test_the_pooled_statistic_is_the_textbook_one():
    # Fleiss, Levin & Paik 2003 form by hand: (.8 - .6) / sqrt(p q (1/70 + 1/80)), p = 104/150
    wanted = 0.2 / math.sqrt((104 / 150) * (46 / 150) * (1 / 70 + 1 / 80))
    assert pooled_z(*groups("CI-1")) == pytest.approx(wanted, abs=1e-9)


# -- means


def test_handling_time_fell_as_in_the_worked_example():
    found = difference_of_means(Summary(10.1, 6.1, 8388), Summary(11.8, 6.4, 8412))
    assert (found.value, found.low, found.high) == pytest.approx((-1.70, -1.889080, -1.510920), abs=5e-6)


def test_first_response_is_compared_as_a_ratio():
    found = ratio_of_geometric_means(Summary(3.62, 0.81, 8388), Summary(3.98, 0.84, 8412))
    assert found.value == pytest.approx(0.697676, abs=5e-7)
    assert (found.low, found.high) == pytest.approx((0.680481, 0.715306), abs=5e-6)


def test_welch_agrees_with_its_textbook_example():
    # Snedecor's form by hand: se = sqrt(4/10 + 9/15) = 1, df = 1 / (.4^2/9 + .6^2/14) = 22.99, t(.975) = 2.0687
    found = difference_of_means(Summary(5.0, 2.0, 10), Summary(3.0, 3.0, 15))
    assert (found.low, found.high) == pytest.approx((2 - 2.0687, 2 + 2.0687), abs=1e-4)


def test_several_claims_are_adjusted_by_holm():
    p_values = [0.01, 0.04, 0.03, 0.005]
    assert holm(p_values) == pytest.approx(
        (0.03, 0.06, 0.06, 0.02)
    )  # by hand: 3 x .01, 2 x .03, then not falling
    assert holm(p_values) == pytest.approx(tuple(multipletests(p_values, method="holm")[1]))


def test_a_fading_effect_is_told_from_a_lasting_one():
    fading = novelty([PeriodEffect(value, 0.2) for value in (3.0, 2.9, 2.0, 1.5, 0.6, 0.5)])
    lasting = novelty([PeriodEffect(value, 0.2) for value in (2.0, 2.1, 1.9, 2.0, 2.1, 1.9)])
    growing = novelty([PeriodEffect(-value, 0.2) for value in (0.5, 0.6, 1.5, 2.0, 2.9, 3.0)])
    assert (fading.first.value, fading.last.value) == pytest.approx((2.95, 0.55))
    assert [(n.is_fading, n.is_growing) for n in (fading, lasting, growing)] == [
        (True, False),
        (False, False),
        (False, True),
    ]


# -- series, wedge


def newey_west(design, residuals, lags):
    """HAC covariance with Bartlett weights and the n / (n - k) correction, written out (Newey & West 1987)."""
    n, k = design.shape
    scores = design * residuals[:, None]
    middle = scores.T @ scores
    for lag in range(1, lags + 1):
        cross = scores[lag:].T @ scores[:-lag]
        middle += (1 - lag / (lags + 1)) * (cross + cross.T)
    bread = np.linalg.inv(design.T @ design)
    return bread @ middle @ bread * n / (n - k)


def decision_times():
    noise = np.random.default_rng(11).normal(0, 2, 24)
    return [62 + 0.1 * t + e - (4 + 0.7 * (t - 11) if t >= 12 else 0) for t, e in enumerate(noise)]


def test_an_interrupted_series_is_least_squares_with_newey_west_errors():
    values = decision_times()
    design = np.array([[1.0, t, t >= 12, max(0, t - 11)] for t in range(24)], dtype=float)
    beta, *_ = np.linalg.lstsq(design, np.array(values), rcond=None)
    contrast = np.array([0, 0, 1, 8.0])
    error = math.sqrt(contrast @ newey_west(design, np.array(values) - design @ beta, 4) @ contrast)
    found = interrupted_series(values, launch=12)
    assert found.effect.value == pytest.approx(contrast @ beta, abs=1e-9)
    assert found.effect.high - found.effect.value == pytest.approx(1.959964 * error, abs=1e-6)
    assert (found.horizon, found.periods_before, found.periods_after) == (8, 12, 12)


def test_an_interrupted_series_finds_the_change_put_into_it():
    found = interrupted_series(decision_times(), launch=12)
    assert found.effect.low < -(4 + 0.7 * 8) < found.effect.high
    assert found.is_credible() == (abs(found.lag_one) <= 0.5)


def test_a_trend_alone_fools_the_naive_contrast_but_not_the_regression():
    noise = np.random.default_rng(3).normal(0, 0.5, 40)
    found = interrupted_series([60 - 0.5 * t + e for t, e in enumerate(noise)], launch=20)
    assert found.naive.high < 0
    assert found.effect.low < 0 < found.effect.high


def test_the_ramp_is_left_out_but_its_time_still_counts():
    values = decision_times()
    spoiled = [*values[:12], 999.0, -999.0, *values[14:]]
    assert interrupted_series(spoiled, launch=12, ramp=2) == interrupted_series(values, launch=12, ramp=2)


def wedge(effect=-9.0, seed=5):
    source = random.Random(seed)
    levels = [source.gauss(60, 4) for _ in range(8)]
    return [
        ClusterReading(
            f"team {c}",
            t,
            t > c // 2,
            levels[c] - 0.5 * t + (effect if t > c // 2 else 0) + source.gauss(0, 2),
        )
        for c in range(8)
        for t in range(5)
    ]


def test_a_stepped_wedge_finds_the_change_put_into_it():
    found = staggered_effect(wedge())
    assert found.effect.low < -9 < found.effect.high
    assert found.lowest_without_one <= found.effect.value <= found.highest_without_one
    assert (found.clusters, found.periods) == (8, 5)


def test_a_stepped_wedge_agrees_with_the_mixed_model_of_statsmodels():
    readings = sorted(wedge(), key=lambda r: (r.cluster, r.period))
    design = np.array([[float(r.period == p) for p in range(5)] + [float(r.is_treated)] for r in readings])
    model = MixedLM(np.array([r.value for r in readings]), design, groups=[r.cluster for r in readings])
    fit, found = model.fit(reml=True), staggered_effect(readings).effect
    assert found.value == pytest.approx(fit.fe_params[-1], abs=1e-4)
    # statsmodels takes the observed information, we take least squares given the variances, as lme4 does
    assert (found.high - found.value) / 1.959964 == pytest.approx(fit.bse_fe[-1], rel=0.02)


def test_clusters_without_a_spread_of_their_own_give_least_squares():
    readings = sorted(wedge(), key=lambda r: (r.cluster, r.period))
    # within a cluster the residuals alternate, so that clusters differ less than chance would have them
    even = [
        ClusterReading(
            r.cluster, r.period, r.is_treated, (-1.0) ** (r.period + int(r.cluster[-1])) - 3 * r.is_treated
        )
        for r in readings
    ]
    design = np.array([[float(r.period == p) for p in range(5)] + [float(r.is_treated)] for r in even])
    beta, *_ = np.linalg.lstsq(design, np.array([r.value for r in even]), rcond=None)
    assert staggered_effect(even).effect.value == pytest.approx(beta[-1], abs=1e-9)


def test_the_order_of_readings_does_not_matter():
    readings = wedge()
    assert staggered_effect(readings[::-1]) == staggered_effect(readings)


def test_clusters_that_do_not_differ_are_no_obstacle():
    source = random.Random(2)
    flat = [ClusterReading(r.cluster, r.period, r.is_treated, source.gauss(50, 1)) for r in wedge()]
    found = staggered_effect(flat)
    assert found.effect.low < found.effect.value < found.effect.high


# -- change-over in chosen order


def rollout(*, extra_slope=0.0, seed=9):
    """Four teams over ten periods; two change at period 5, two at 7; late teams may have a slope of their own."""
    source = random.Random(seed)
    return [
        ClusterReading(
            f"team {c}",
            t,
            t >= 5 + 2 * (c % 2),
            50
            + 3 * c
            - 0.5 * t
            + extra_slope * t * (c % 2)
            - 6 * (t >= 5 + 2 * (c % 2))
            + source.gauss(0, 0.5),
        )
        for c in range(4)
        for t in range(10)
    ]


def test_two_by_two_is_the_difference_of_differences():
    # early 10, 10, 10 then 4; late 12, 12, 12 then 13, each with its mirror .5 up and down:
    # (4 - 10) - (13 - 12) = -7
    means = {"early": (10, 10, 10, 4), "late": (12, 12, 12, 13)}
    readings = [
        ClusterReading(cluster, t, cluster == "early" and t == 3, value + sign * 0.5)
        for cluster, row in means.items()
        for t, value in enumerate(row)
        for sign in (-1, 1)
    ]
    assert rollout_effect(readings).effect.value == pytest.approx(-7.0, abs=1e-9)


def test_a_change_in_chosen_order_is_found_whatever_the_order_of_readings():
    found = rollout_effect(rollout())
    assert found.effect.low < -6 < found.effect.high
    assert rollout_effect(rollout()[::-1]) == found


def test_parallel_teams_raise_about_one_false_alarm_in_twenty():
    alarms = sum(not rollout_effect(rollout(seed=seed)).runs_parallel() for seed in range(200))
    assert alarms == pytest.approx(10, abs=8)


def test_late_teams_on_another_trend_are_noticed():
    found = [rollout_effect(rollout(extra_slope=0.8, seed=seed)) for seed in range(40)]
    mean = math.fsum(result.pre_trend.value for result in found) / 40
    assert mean == pytest.approx(0.4, abs=0.04)  # 0.8 per period over two periods of delay
    assert not any(result.runs_parallel() for result in found)


# -- matching


def test_standardised_differences_follow_austin():
    # Austin 2009: (10 - 9) / sqrt((4 + 9) / 2); shares (.5 - .4) / sqrt((.25 + .24) / 2)
    assert standardised_difference(Summary(10, 2, 50), Summary(9, 3, 50)) == pytest.approx(0.392232, abs=1e-6)
    assert standardised_difference(Share(50, 100), Share(40, 100)) == pytest.approx(0.202031, abs=1e-6)
    assert variance_ratio(Summary(10, 2, 50), Summary(9, 4, 50)) == 0.25


def test_balance_names_what_is_not_balanced():
    alike = Covariate("tenure", Summary(4.0, 2.0, 100), Summary(4.1, 2.1, 100))
    apart = Covariate("region", Share(60, 100), Share(40, 100))
    spread = Covariate("volume", Summary(5.0, 1.0, 100), Summary(5.0, 3.0, 100))
    judged = balance([alike, apart, spread], matched=Share(90, 100))
    assert (judged.unbalanced, judged.is_balanced) == (("region", "volume"), False)
    assert balance([alike], matched=Share(80, 100)).is_balanced
    assert not balance([alike], matched=Share(79, 100)).is_balanced


def test_pairs_agree_with_agrestis_approval_ratings():
    # Agresti, Categorical Data Analysis, table 10.1 (794, 150, 86, 570): difference .04, 95 % interval (.02, .06)
    found = paired_difference(Pairs(794, 150, 86, 570))
    assert [round(x, 2) for x in (found.value, found.low, found.high)] == [0.04, 0.02, 0.06]
    # his chi-square 17.36 on one degree of freedom; the exact p is near its tail of .00003
    assert found.p_value == pytest.approx(0.00003, abs=0.00002)


def test_pairs_that_never_differ_show_no_effect():
    found = paired_difference(Pairs(40, 0, 0, 60))
    assert (found.value, found.p_value) == (0.0, 1.0)
    assert found.low < 0 < found.high


def test_the_e_value_is_the_published_one():
    found = e_value(inputs("EVAL-1")["rr"], inputs("EVAL-1")["ci_limit"], 8.7)
    assert (found.estimate, found.limit) == pytest.approx(
        (expected("EVAL-1")["e"], expected("EVAL-1")["e_ci"]), abs=1e-6
    )


def test_a_protective_ratio_is_inverted_and_an_interval_over_one_needs_nothing():
    assert e_value(1 / 3.9, 1 / 8.7, 1 / 1.8).estimate == pytest.approx(7.263034344, abs=1e-6)
    assert e_value(1.2, 0.9, 1.6).limit == 1.0


# -- indicators, edits

EARLY = [2.1, 2.4, 1.9, 2.8, 3.1, 2.6, 2.2, 3.4, 2.9, 2.0, 2.5, 3.0, 2.7, 2.3]
LATE = [1.02, 1.15, 0.90, 1.36, 1.49, 1.25, 1.08, 1.62, 1.42, 0.95, 1.21, 1.43, 1.33, 1.10]


def test_a_leading_indicator_qualifies_on_the_lower_limit_of_r():
    found = leading_indicator(EARLY, LATE)
    reach = 1.959964 / math.sqrt(14 - 3)  # Fisher 1921
    assert (found.low, found.high) == pytest.approx(
        (math.tanh(math.atanh(found.r) - reach), math.tanh(math.atanh(found.r) + reach)), abs=1e-6
    )
    assert (found.qualifies, found.vintages) == (True, 14)
    assert not leading_indicator(EARLY[:11], LATE[:11]).qualifies


def test_a_prediction_has_the_textbook_interval():
    x, y, n = np.array(EARLY), np.array(LATE), 14
    slope, level = np.polyfit(x, y, 1)
    s = math.sqrt(((y - level - slope * x) ** 2).sum() / (n - 2))
    reach = (
        2.178813 * s * math.sqrt(1 + 1 / n + (2.95 - x.mean()) ** 2 / ((x - x.mean()) ** 2).sum())
    )  # t(.975, 12)
    found = predict_outcome(EARLY, LATE, new=2.95)
    assert (found.value, found.low) == pytest.approx(
        (level + slope * 2.95, level + slope * 2.95 - reach), abs=1e-6
    )


def test_edits_are_counted_as_published():
    pairs = inputs("RET-ED-1")["pairs"]
    assert [levenshtein(*pair) for pair in pairs] == expected("RET-ED-1")["levenshtein"]
    assert [edit_distance(*pair) for pair in pairs] == pytest.approx(
        expected("RET-ED-1")["normalised"], abs=1e-6
    )
    assert edit_distance("", "") == 0.0


# -- what cannot be computed


@pytest.mark.parametrize(
    ("compute", "missing"),
    [
        (lambda: difference_of_shares(Share(0, 0), Share(1, 10)), ("changed",)),
        (lambda: difference_of_shares(Share(1, 10), Share(11, 10)), ("comparison",)),
        (lambda: wilson_share(Share(1, 1)), ("observed",)),
        (lambda: wilson_share(Share(1, 10), level=1.0), ("level",)),
        (lambda: non_inferiority(Share(1, 10), Share(1, 10), margin=0.0), ("margin",)),
        (lambda: sample_ratio([0, 0], [0.5, 0.5]), ("observed",)),
        (lambda: sample_ratio([10], [1.0]), ("groups",)),
        (lambda: sample_ratio([10, 10], [1.0, 0.0]), ("planned",)),
        (lambda: difference_of_means(Summary(1, 1, 1), Summary(1, 1, 9)), ("changed",)),
        (lambda: difference_of_means(Summary(1, 0, 9), Summary(2, 0, 9)), ("sd",)),
        (lambda: difference_of_means(Summary(math.nan, 1, 9), Summary(2, 1, 9)), ("changed_mean",)),
        (lambda: difference_of_means(Summary(1, -1, 9), Summary(2, 1, 9)), ("changed",)),
        (lambda: holm([0.1, math.nan]), ("p_values",)),
        (lambda: novelty([PeriodEffect(1, 1)] * 2), ("periods",)),
        (lambda: novelty([PeriodEffect(1, 0)] * 3), ("standard_error",)),
        (lambda: interrupted_series([1.0, 2.0, 4.0, 3.0], launch=2), ("periods",)),
        (lambda: interrupted_series([1.0, math.inf] * 6, launch=6), ("value",)),
        (lambda: interrupted_series([5.0] * 24, launch=12), ("variation",)),
        (lambda: interrupted_series([2.0 * t for t in range(24)], launch=12), ("variation",)),
        (lambda: staggered_effect(wedge()[:10]), ("clusters",)),
        (lambda: staggered_effect([r for r in wedge() if r.period == 1]), ("periods",)),
        (lambda: staggered_effect([ClusterReading(r.cluster, r.period, True, r.value) for r in wedge()]), ("steps",)),
        (lambda: staggered_effect([ClusterReading(r.cluster, r.period, r.is_treated, 1.0) for r in wedge()]), ("variation",)),
        (lambda: rollout_effect([r for r in rollout() if r.period >= 3]), ("periods",)),
        (lambda: rollout_effect([r for r in rollout() if not r.is_treated]), ("periods",)),
        (lambda: rollout_effect([r for r in rollout() if r.cluster == "team 0"]), ("clusters",)),
        (lambda: balance([], matched=Share(9, 10)), ("covariates",)),
        (lambda: standardised_difference(Summary(1, 0, 9), Summary(2, 0, 9)), ("sd",)),
        (lambda: variance_ratio(Summary(1, 1, 9), Summary(2, 0, 9)), ("comparison",)),
        (lambda: paired_difference(Pairs(0, 0, 0, 0)), ("pairs",)),
        (lambda: e_value(2.0, 2.5, 3.0), ("risk_ratio",)),
        (lambda: leading_indicator([1, 2, 3], [1, 2, 3]), ("vintages",)),
        (lambda: leading_indicator([1, 1, 1, 1], [1, 2, 3, 4]), ("early",)),
        (lambda: predict_outcome([1, 2, 3, 4], [1, 3, 2, 4], new=math.nan), ("new",)),
    ],
)  # fmt: skip
def test_what_is_missing_is_said_in_place_of_a_number(compute, missing):
    with pytest.raises(NotComputable) as caught:
        compute()
    assert caught.value.missing == missing
    assert caught.value.sentence.endswith(".")


# -- laws


@given(shares, shares)
def test_every_interval_of_two_shares_encloses_its_estimate(changed, comparison):
    for estimate in (difference_of_shares(changed, comparison), miettinen_nurminen(changed, comparison)):
        assert -1 <= estimate.low <= estimate.value <= estimate.high <= 1
        assert 0 <= estimate.p_value <= 1


@given(shares, shares)
def test_swapping_two_groups_turns_the_interval_round(one, other):
    forth, back = miettinen_nurminen(one, other), miettinen_nurminen(other, one)
    assert (forth.low, forth.high) == pytest.approx((-back.high, -back.low), abs=1e-6)


@given(shares, shares, st.floats(0.001, 0.5))
def test_non_inferiority_says_what_its_interval_says(changed, comparison, margin):
    found = non_inferiority(changed, comparison, margin=margin)
    if abs(found.estimate.high - margin) > 1e-6:
        assert found.is_shown == (found.estimate.high < margin)


@given(shares)
def test_a_share_lies_within_its_interval(share):
    found = wilson_share(share)
    assert found.low - 1e-12 <= found.value <= found.high + 1e-12


@given(summaries, summaries)
def test_a_difference_of_means_lies_within_its_interval(changed, comparison):
    found = difference_of_means(changed, comparison)
    assert found.low <= found.value <= found.high


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_adjusting_does_not_depend_on_the_order(p_values, chance):
    order = list(range(len(p_values)))
    chance.shuffle(order)
    adjusted = holm(p_values)
    assert holm([p_values[i] for i in order]) == tuple(adjusted[i] for i in order)
    assert all(a >= p for a, p in zip(adjusted, p_values, strict=True))


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_edits_are_a_distance(a, b, c):
    assert levenshtein(a, b) == levenshtein(b, a)
    assert levenshtein(a, c) <= levenshtein(a, b) + levenshtein(b, c)
    assert (levenshtein(a, b) == 0) == (a == b)
    assert 0 <= edit_distance(a, b) <= 1


@given(st.builds(Pairs, *(st.integers(0, 400),) * 4).filter(lambda pairs: pairs.total > 1))
def test_a_paired_difference_lies_within_its_interval(pairs):
    found = paired_difference(pairs)
    assert -1 <= found.low <= found.value <= found.high <= 1
    assert 0 <= found.p_value <= 1
