"""The stability index: closed form, sampling noise and bands."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.drift import NotComputable, judge_drift, population_stability_index

histograms = st.integers(2, 12).flatmap(
    lambda bins: st.tuples(*(st.lists(st.integers(0, 5000), min_size=bins, max_size=bins),) * 2)
).filter(lambda pair: sum(pair[0]) > 0 and sum(pair[1]) > 0)  # fmt: skip


def test_the_index_is_the_sum_over_bins():
    # .4 -> .5 and .6 -> .5 by hand: .1 ln(5/4) + (-.1) ln(5/6) = .0405465
    assert population_stability_index([400, 600], [500, 500]) == pytest.approx(0.0405465, abs=1e-7)


def test_the_same_mix_has_not_moved():
    assert population_stability_index([10, 20, 70], [100, 200, 700]) == pytest.approx(0, abs=1e-12)


def test_an_emptied_bin_counts_with_the_floor():
    # shares .5/.5 -> 1/0: .5 ln 2 + (.0001 - .5) ln(.0001 / .5)
    wanted = 0.5 * math.log(2) + (0.0001 - 0.5) * math.log(0.0001 / 0.5)
    assert population_stability_index([50, 50], [100, 0]) == pytest.approx(wanted, abs=1e-9)


def test_noise_is_the_chi_square_bound():
    # chi-square(9), .999 quantile 27.877 (any table): (1/10 000 + 1/1 000) * 27.877
    drift = judge_drift([1000] * 10, [100] * 10)
    assert drift.noise == pytest.approx(0.0306647, abs=1e-6)
    assert (drift.psi, drift.band) == (0.0, "steady")


@pytest.mark.parametrize(
    ("current", "band"),
    [
        ([2550, 2500, 2500, 2450], "steady"),
        ([3600, 2600, 2200, 1600], "steady"),
        ([4200, 2500, 1900, 1400], "amber"),
        ([5500, 2300, 1200, 1000], "red"),
    ],
)
def test_bands_follow_the_thresholds_when_cases_are_many(current, band):
    assert judge_drift([2500] * 4, current).band == band


def test_a_moved_mix_of_few_cases_is_too_few_to_say():
    drift = judge_drift([500] * 4, [40, 25, 20, 15])
    assert (round(drift.psi, 3), drift.band) == (0.133, "too_few")
    assert drift.sentence == (
        "The mix has moved by 0.133 (population stability index, 100 cases): too few cases to say, "
        "chance alone can reach 0.171."
    )


def test_a_bin_empty_in_both_adds_no_freedom():
    assert judge_drift([50, 50, 0], [40, 60, 0]).noise == judge_drift([50, 50], [40, 60]).noise


@pytest.mark.parametrize(
    ("baseline", "current", "missing"),
    [
        ([1, 2], [1, 2, 3], ("bins",)),
        ([5], [5], ("bins",)),
        ([0, 0], [1, 2], ("baseline",)),
        ([1, 2], [0, 0], ("current",)),
        ([1, math.nan], [1, 2], ("baseline",)),
        ([1, 2], [1, math.inf], ("current",)),
        ([1, 2], [3, -1], ("current",)),
    ],
)
def test_histograms_that_cannot_be_compared_say_why(baseline, current, missing):
    with pytest.raises(NotComputable) as caught:
        judge_drift(baseline, current)
    assert caught.value.missing == missing


@given(histograms)
def test_the_index_is_never_negative_and_symmetric(pair):
    baseline, current = pair
    index = population_stability_index(baseline, current)
    assert index >= 0
    assert index == pytest.approx(population_stability_index(current, baseline), abs=1e-9)


@given(histograms, st.randoms())
def test_the_order_of_bins_does_not_matter(pair, chance):
    order = list(range(len(pair[0])))
    chance.shuffle(order)
    shuffled = [[counts[i] for i in order] for counts in pair]
    assert population_stability_index(*shuffled) == pytest.approx(population_stability_index(*pair), abs=1e-9)


@given(histograms)
def test_parts_add_up_to_the_index(pair):
    drift = judge_drift(*pair)
    assert math.fsum(drift.parts) == drift.psi
