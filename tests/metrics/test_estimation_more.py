"""Rates, pairs, clusters and relative effects, against published output."""

import math
import statistics

import pytest
from statsmodels.stats.rates import confint_poisson_2indep

from metrics.estimation.clusters import combined, difference_of_clusters, summary_of
from metrics.estimation.inputs import NotComputable, Share, Summary
from metrics.estimation.means import difference_of_means, paired_means
from metrics.estimation.rates import Rate, difference_of_rates, ratio_of_rates
from metrics.estimation.relative import (
    as_change,
    e_value_of_means,
    e_value_of_shares,
    ratio_of_means,
    ratio_of_shares,
)

pytestmark = pytest.mark.unit
# SOURCE: R datasets::sleep (Student 1908): extra hours of sleep under two drugs, ten patients.
FIRST = (0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0)
SECOND = (1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4)


def test_paired_means_agree_with_t_test_of_r():
    """SOURCE: R help page of t.test, paired: -1.58 (-2.4598858 to -0.7001142), p = 0.002833."""
    found = paired_means(summary_of([a - b for a, b in zip(FIRST, SECOND, strict=True)]))
    assert (found.value, found.low, found.high) == pytest.approx((-1.58, -2.4598858, -0.7001142), abs=1e-7)
    assert found.p_value == pytest.approx(0.00283289, abs=1e-8)


def test_clusters_agree_with_welch_of_r_on_their_means():
    """SOURCE: R help page of t.test, two samples: (-3.3654832 to 0.2054832), p = 0.07939."""
    found = difference_of_clusters(FIRST, SECOND)
    assert (found.low, found.high) == pytest.approx((-3.3654832, 0.2054832), abs=1e-7)
    assert found.p_value == pytest.approx(0.07939, abs=1e-5)


def test_rates_agree_with_poisson_test_of_r():
    """SOURCE: R help page of poisson.test: ratio 1.971488 (0.8584264 to 4.2772659), p = 0.07967."""
    found = ratio_of_rates(Rate(11, 800), Rate(21, 3011))
    assert (found.value, found.low, found.high) == pytest.approx((1.971488, 0.8584264, 4.2772659), abs=1e-6)
    assert difference_of_rates(Rate(11, 800), Rate(21, 3011)).p_value == pytest.approx(0.07967, abs=1e-5)


def test_the_difference_of_rates_agrees_with_statsmodels():
    low, high = confint_poisson_2indep(
        60, 514.775, 30, 543.087, method="mover", compare="diff", method_mover="score"
    )
    found = difference_of_rates(Rate(60, 514.775), Rate(30, 543.087))
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-9)
    assert found.value == pytest.approx(60 / 514.775 - 30 / 543.087)


def test_a_ratio_of_shares_agrees_with_the_aspirin_study():
    """SOURCE: Agresti 2002, Categorical Data Analysis, 2.2.4: 189 of 11,034 to 104 of 11,037 is 1.82 (1.43 to 2.31)."""
    found = ratio_of_shares(Share(189, 11034), Share(104, 11037))
    assert [round(part, 2) for part in (found.value, found.low, found.high)] == [1.82, 1.43, 2.31]
    assert as_change(found).value == pytest.approx(found.value - 1)


def test_a_ratio_of_means_lies_in_its_interval():
    found = ratio_of_means(Summary(10.1, 6.2, 8388), Summary(11.8, 6.2, 8412))
    error = math.sqrt(6.2**2 / (8388 * 10.1**2) + 6.2**2 / (8412 * 11.8**2))
    assert math.log(found.high / found.value) == pytest.approx(1.959963985 * error, rel=1e-9)


def test_e_values_are_of_the_estimate_and_of_the_nearer_limit():
    shares = e_value_of_shares(Share(189, 11034), Share(104, 11037))
    risk = (189 / 11034) / (104 / 11037)
    assert shares.estimate == pytest.approx(risk + math.sqrt(risk * (risk - 1)), rel=1e-12)
    changed, comparison = Summary(10.1, 6.2, 400), Summary(11.8, 6.2, 400)
    means = e_value_of_means(changed, comparison, difference_of_means(changed, comparison))
    ratio = math.exp(0.91 * 1.7 / 6.2)
    assert means.estimate == pytest.approx(ratio + math.sqrt(ratio * (ratio - 1)), rel=1e-9)
    assert 1 < means.limit < means.estimate


def test_summaries_put_together_are_those_of_all_cases():
    parts = [FIRST[:3], FIRST[3:4] + SECOND[:2], SECOND[2:]]
    cases = [case for part in parts for case in part]
    whole = combined([summary_of(part) for part in parts])
    assert (whole.mean, whole.sd, whole.n) == pytest.approx(
        (statistics.mean(cases), statistics.stdev(cases), len(cases))
    )


@pytest.mark.parametrize(
    ("compute", "sentence"),
    [
        (lambda: difference_of_rates(Rate(0, 10), Rate(0, 10)), "No event was counted in either group"),
        (lambda: difference_of_rates(Rate(1, 0), Rate(1, 10)), "needs an exposure above 0"),
        (lambda: difference_of_rates(Rate(-1, 10), Rate(1, 10)), "which cannot be"),
        (lambda: difference_of_rates(Rate(1, math.inf), Rate(1, 10)), "not a finite number"),
        (lambda: ratio_of_rates(Rate(1, 10), Rate(0, 10)), "a ratio has no base"),
        (lambda: paired_means(Summary(1.0, 0.0, 5)), "Every pair differs by the same"),
        (lambda: paired_means(Summary(1.0, 1.0, 1)), "at least two are needed"),
        (lambda: difference_of_clusters([1.0], [1.0, 2.0]), "has 1 cluster; at least two"),
        (lambda: difference_of_clusters([1.0, math.nan], [1.0, 2.0]), "not a finite number"),
        (lambda: difference_of_clusters([1.0, 1.0], [1.0, 1.0]), "Neither group varies"),
        (lambda: ratio_of_shares(Share(0, 10), Share(1, 10)), "has no event"),
        (lambda: ratio_of_means(Summary(-1.0, 1.0, 5), Summary(1.0, 1.0, 5)), "is not above 0"),
        (lambda: combined([Summary(1.0, 0.0, 1)]), "There is 1 case;"),
    ],
)
def test_what_does_not_determine_a_number_gets_a_sentence(compute, sentence):
    with pytest.raises(NotComputable, match=sentence):
        compute()
