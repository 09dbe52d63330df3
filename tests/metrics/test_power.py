"""Power against published values; sources stand in checks.json or beside the number."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.power import formulae
from metrics.power.plan import NotComputable, Plan, chance
from metrics.power.planning import plan_power, power_curve, required_n, simulate_series_power
from tests.metrics.checks import expected, inputs

REPEAT_CONTACT = Plan(
    method="ab_test", measure="proportion", baseline_value=0.12, effect=0.01, n_per_arm=8400
)
HANDLING_TIME = Plan(method="ab_test", measure="mean", spread=1.0, effect=1.0, n_per_arm=20)
DECISION_TIME = Plan(
    method="interrupted_time_series", measure="mean", effect=-9.0, spread=3.0, autocorrelation=0.25,
    periods_before=24, periods_after=24,
)  # fmt: skip
TEAMS = Plan(
    method="stepped_wedge", measure="mean", effect=-9.0, clusters=8, steps=4, sd_cluster_period=3.0, tau=4.0
)


def test_two_proportions_need_the_n_that_r_prints():
    given = inputs("POW-4")
    n = formulae.proportions_required_n(given["p1"], given["p2"], alpha=given["alpha"], power=given["power"])
    assert n == pytest.approx(expected("POW-4")["n_per_group"], abs=1e-6)


def test_two_proportions_have_the_power_that_r_prints():
    # R documentation, power.prop.test(n = 50, p1 = .50, p2 = .75): power = 0.740
    assert formulae.proportions_power(0.5, 0.75, 50) == pytest.approx(0.740, abs=5e-4)


def test_two_proportions_use_the_closed_form_and_not_the_arcsine():
    # worked example POW-6 of the domain notes: 6 964.7 in closed form, 6 958.6 by arcsine
    assert formulae.proportions_required_n(0.12, 0.105) == pytest.approx(6964.7, abs=0.05)


CONTACTS = Plan(method="ab_test", measure="count", baseline_value=0.3, effect=-0.05, n_per_arm=2000)


@pytest.mark.parametrize(
    ("rate1", "rate2", "n1", "ratio", "power"),
    # statsmodels 0.15, power_poisson_diff_2indep(…, method_var="score"), which counts the far tail too
    [
        (0.3, 0.25, 2000, 1.0, 0.8543218),
        (1.2, 1.4, 500, 2.0, 0.8913143),
        (0.05, 0.04, 9000, 0.5, 0.7248224),
    ],
)
def test_two_rates_have_the_power_that_statsmodels_prints(rate1, rate2, n1, ratio, power):
    assert formulae.rates_power(rate1, rate2, n1, ratio=ratio) == pytest.approx(power, abs=3e-6)


def test_a_plan_of_counts_is_judged_as_poisson_unless_its_spread_is_known():
    found = plan_power(CONTACTS)
    assert found.power == pytest.approx(0.854322, abs=3e-6)
    assert found.basis == "two Poisson rates, pooled null"
    assert (
        plan_power(replace(CONTACTS, n_per_arm=found.required_n)).power
        >= 0.8
        > plan_power(replace(CONTACTS, n_per_arm=found.required_n - 1)).power
    )
    assert plan_power(replace(CONTACTS, effect=-found.mde)).power == pytest.approx(0.8, abs=1e-9)
    clumped = plan_power(replace(CONTACTS, spread=1.0))  # customers who call again and again
    assert (clumped.basis, clumped.power < 0.5) == ("two-sample t test", True)


def test_a_guard_that_counts_varies_as_poisson_says():
    guard = replace(CONTACTS, effect=None, margin=0.05)
    as_mean = replace(guard, measure="mean", spread=math.sqrt(0.3))
    assert plan_power(guard).power == pytest.approx(plan_power(as_mean).power)


@pytest.mark.parametrize("changes", [{"baseline_value": None}, {"baseline_value": 0.0}, {"effect": -0.31}])
def test_counts_that_cannot_be_are_named(changes):
    with pytest.raises(NotComputable):
        plan_power(replace(CONTACTS, **changes))


def test_two_means_need_the_n_that_r_prints():
    n = formulae.means_required_n(1.0, power=0.9)
    assert n == pytest.approx(expected("POW-2")["n_per_group"], abs=1e-4)
    assert n == pytest.approx(22.02110, abs=1e-4)  # R power.t.test(power = .90, delta = 1)


def test_two_means_have_the_power_of_both_tails():
    assert formulae.means_power(1.0, 20) == pytest.approx(expected("POW-3")["power"], abs=1e-6)


@given(
    effect=st.floats(1e-4, 30), n=st.floats(2.5, 1e6), alpha=st.floats(0.001, 0.2), ratio=st.floats(0.25, 4)
)
def test_two_means_have_the_power_that_statsmodels_finds_where_it_finds_one(effect, n, alpha, ratio):
    from statsmodels.stats.power import TTestIndPower  # noqa: PLC0415 — slow import

    theirs = float(TTestIndPower().power(effect, n, alpha, ratio=ratio))
    ours = formulae.means_power(effect, n, alpha=alpha, ratio=ratio)
    assert 0 <= ours <= 1 + 1e-12
    assert math.isnan(theirs) or ours == pytest.approx(theirs, abs=1e-12)


def test_a_huge_effect_on_four_cases_is_certain_and_not_nan():
    assert formulae.means_power(50, 2) == pytest.approx(1.0)


def test_groups_are_inflated_by_the_design_effect():
    # Donner & Klar 2000: m = 20, ICC = .05 gives 1.95
    assert formulae.design_effect(20, 0.05) == pytest.approx(1.95)
    plain, grouped = (
        required_n(REPEAT_CONTACT),
        required_n(replace(REPEAT_CONTACT, cluster_size=20, icc=0.05)),
    )
    assert grouped == pytest.approx(plain * 1.95, abs=2)


def test_the_smallest_detectable_rise_is_that_of_the_worked_example():
    # worked example POW-5: 8 400 per arm at 12 % can show 1.4403 points
    assert plan_power(REPEAT_CONTACT).mde == pytest.approx(0.014403, abs=5e-7)


def test_a_guard_with_a_one_point_margin_needs_the_n_of_the_worked_example():
    guard = replace(REPEAT_CONTACT, effect=None, margin=0.01)
    answer = plan_power(guard)
    assert (answer.required_n, answer.shortfall, answer.is_enough) == (16_577, 8_177, False)  # POW-9
    assert answer.sentence == (
        "With 8,400 cases per group the chance of showing the effect is 51%; 80% needs 16,577, 8,177 more than planned."
    )


def test_a_missed_target_is_not_rounded_up_in_words():
    almost = plan_power(replace(REPEAT_CONTACT, n_per_arm=17_100))
    assert (almost.is_enough, almost.shortfall) == (False, 69)
    assert almost.sentence.startswith("With 17,100 cases per group the chance of showing the effect is 79%;")


@pytest.mark.parametrize(
    ("power", "words"),
    [
        (0.0, "under 1%"),
        (0.0099, "under 1%"),
        (0.01, "1%"),
        (0.7999, "79%"),
        (0.8, "80%"),
        (0.99, "99%"),
        (0.9999, "over 99%"),
        (1 - 1e-16, "100%"),
        (1.0, "100%"),
    ],
)
def test_a_chance_is_neither_rounded_up_nor_called_none(power, words):
    assert chance(power) == words


def test_a_share_of_none_still_has_a_smallest_detectable_rise():
    silent = plan_power(replace(REPEAT_CONTACT, baseline_value=0.0))
    assert silent.mde == pytest.approx(0.000929, abs=5e-5)
    assert plan_power(replace(REPEAT_CONTACT, baseline_value=0.0, effect=silent.mde)).power == pytest.approx(
        0.8
    )


def test_a_guard_on_a_mean_follows_the_normal_form():
    # Julious 2004: (1.959964 + .841621)^2 * 2 * (2 / 1)^2 = 62.79 -> 63
    assert required_n(Plan(method="ab_test", measure="mean", spread=2.0, margin=1.0)) == 63


def test_matched_cohorts_need_a_fifth_more_than_randomised_groups():
    randomised = formulae.proportions_required_n(0.12, 0.13)
    assert required_n(replace(REPEAT_CONTACT, method="matched_cohorts")) == math.ceil(1.2 * randomised)


def test_a_total_is_shared_out_by_the_ratio():
    by_arm = plan_power(replace(REPEAT_CONTACT, n_per_arm=6000, ratio=2.0))
    by_total = plan_power(replace(REPEAT_CONTACT, n_per_arm=None, total=18_000, ratio=2.0))
    assert by_total == by_arm


def brute_force_wedge_error(clusters: int, steps: int, sigma: float, tau: float) -> float:
    """Generalised least squares on cluster-period means, every matrix written out."""
    periods = steps + 1
    starts = [1 + c * steps // clusters for c in range(clusters)]
    rows = [
        [float(t == p) for p in range(periods)] + [float(t >= start)]
        for start in starts
        for t in range(periods)
    ]
    x = np.array(rows)
    block = sigma**2 * np.eye(periods) + tau**2 * np.ones((periods, periods))
    inverse = np.linalg.inv(np.kron(np.eye(clusters), block))
    return math.sqrt(np.linalg.inv(x.T @ inverse @ x)[-1, -1])


@pytest.mark.parametrize(("clusters", "steps", "tau"), [(8, 4, 4.0), (7, 3, 0.5), (12, 12, 0.0), (5, 4, 9.0)])
def test_the_wedge_formula_equals_generalised_least_squares(clusters, steps, tau):
    closed = formulae.wedge_standard_error(clusters=clusters, steps=steps, sigma=3.0, tau=tau)
    assert closed == pytest.approx(brute_force_wedge_error(clusters, steps, 3.0, tau), abs=1e-10)


def test_a_wedge_may_be_described_by_spread_and_icc():
    spread, icc, size = 20.0, 0.1, 30.0
    direct = replace(
        TEAMS, sd_cluster_period=spread * math.sqrt((1 - icc) / size), tau=spread * math.sqrt(icc)
    )
    derived = replace(TEAMS, sd_cluster_period=None, tau=None, spread=spread, icc=icc, cluster_size=size)
    assert plan_power(derived).power == pytest.approx(plan_power(direct).power, abs=1e-12)


def test_independent_periods_give_the_error_of_ordinary_least_squares():
    rows, contrast = formulae.series_design(12, 12, 8)
    x = np.array(rows)
    expected_error = 5 * math.sqrt(np.array(contrast) @ np.linalg.inv(x.T @ x) @ np.array(contrast))
    error = formulae.series_standard_error(before=12, after=12, horizon=8, spread=5, autocorrelation=0)
    assert error == pytest.approx(expected_error, abs=1e-10)


def test_simulated_power_repeats_with_its_seed_and_lies_near_the_analytic_one():
    plan = replace(DECISION_TIME, periods_before=60, periods_after=60)
    simulated = simulate_series_power(plan, draws=200, seed=7)
    assert simulated == simulate_series_power(plan, draws=200, seed=7)
    assert simulated == pytest.approx(plan_power(plan).power, abs=0.12)


def test_twelve_periods_each_side_are_usually_too_few():
    answer = plan_power(replace(DECISION_TIME, spread=5.0, periods_before=12, periods_after=12))
    assert (answer.is_enough, answer.required_n) == (False, None)
    assert answer.sentence.endswith("80% cannot be reached by adding periods after launch alone.")


@pytest.mark.parametrize(
    ("plan", "missing"),
    [
        (replace(REPEAT_CONTACT, baseline_value=None), ("baseline_value",)),
        (replace(REPEAT_CONTACT, baseline_value=1.2), ("baseline_value",)),
        (replace(REPEAT_CONTACT, effect=0.95), ("effect",)),
        (replace(REPEAT_CONTACT, baseline_value=0.0, effect=1.0), ("effect",)),
        (replace(REPEAT_CONTACT, effect=0.0), ("effect",)),
        (replace(REPEAT_CONTACT, effect=None), ("effect",)),
        (replace(REPEAT_CONTACT, effect=math.nan), ("effect",)),
        (replace(REPEAT_CONTACT, n_per_arm=math.inf), ("n_per_arm",)),
        (replace(REPEAT_CONTACT, n_per_arm=1), ("n_per_arm",)),
        (replace(REPEAT_CONTACT, n_per_arm=None), ("n_per_arm",)),
        (replace(REPEAT_CONTACT, ratio=0.0), ("ratio",)),
        (replace(REPEAT_CONTACT, alpha=1.0), ("alpha",)),
        (replace(REPEAT_CONTACT, target_power=0.01), ("target_power",)),
        (replace(REPEAT_CONTACT, icc=0.1), ("cluster_size",)),
        (replace(REPEAT_CONTACT, effect=0.02, margin=0.01), ("margin", "effect")),
        (replace(HANDLING_TIME, spread=0.0), ("spread",)),
        (replace(HANDLING_TIME, spread=None), ("spread",)),
        (replace(DECISION_TIME, autocorrelation=1.0), ("autocorrelation",)),
        (replace(DECISION_TIME, periods_before=1), ("periods_before",)),
        (replace(TEAMS, clusters=1), ("clusters",)),
        (replace(TEAMS, steps=None), ("steps",)),
        (replace(TEAMS, tau=None), ("tau",)),
    ],
)
def test_a_plan_that_lacks_something_says_what(plan, missing):
    with pytest.raises(NotComputable) as caught:
        plan_power(plan)
    assert caught.value.missing == missing
    assert caught.value.sentence.endswith(".")


@pytest.mark.parametrize("plan", [REPEAT_CONTACT, HANDLING_TIME, DECISION_TIME, TEAMS])
def test_the_required_n_is_the_first_that_is_enough(plan):
    field = {"ab_test": "n_per_arm", "stepped_wedge": "clusters"}.get(plan.method, "periods_after")
    needed = required_n(plan)
    horizon = {"horizon": 8} if field == "periods_after" else {}
    assert plan_power(replace(plan, **{field: needed}, **horizon)).is_enough
    assert needed == 2 or not plan_power(replace(plan, **{field: needed - 1}, **horizon)).is_enough


@pytest.mark.parametrize("plan", [REPEAT_CONTACT, HANDLING_TIME, TEAMS])
def test_a_curve_rises_and_passes_the_target(plan):
    powers = [point.power for point in power_curve(plan, points=12)]
    assert powers == sorted(powers)
    assert powers[-1] >= plan.target_power


@given(
    baseline=st.floats(0.01, 0.98),
    share=st.floats(0.01, 1.0),
    n=st.integers(2, 10**6),
    more=st.integers(1, 10**6),
)
def test_power_never_falls_with_more_cases(baseline, share, n, more):
    plan = replace(REPEAT_CONTACT, baseline_value=baseline, effect=share * (1 - baseline))
    assert (
        plan_power(replace(plan, n_per_arm=n + more)).power
        >= plan_power(replace(plan, n_per_arm=n)).power - 1e-12
    )


@given(baseline=st.floats(0.01, 0.98), n=st.integers(50, 10**6), rising=st.booleans())
def test_the_smallest_detectable_effect_has_exactly_the_target_power(baseline, n, rising):
    plan = replace(REPEAT_CONTACT, baseline_value=baseline, effect=0.001 if rising else -0.001, n_per_arm=n)
    mde = plan_power(plan).mde
    if mde is not None:
        assert plan_power(replace(plan, effect=mde if rising else -mde)).power == pytest.approx(0.8, abs=1e-6)


@given(
    phi=st.floats(-0.9, 0.9), before=st.integers(3, 40), after=st.integers(3, 40), spread=st.floats(0.01, 1e3)
)
def test_series_power_is_a_probability(phi, before, after, spread):
    plan = replace(
        DECISION_TIME, autocorrelation=phi, periods_before=before, periods_after=after, spread=spread
    )
    assert 0 <= plan_power(plan).power <= 1
