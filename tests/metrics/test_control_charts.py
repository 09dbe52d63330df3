"""Charts, sums and run rules against the tables that print them; sources stand in checks.json."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.control_charts import (
    NotComputable,
    RateLimits,
    Reading,
    ValueLimits,
    cusum,
    ewma,
    p_chart_limits,
    rate_limits,
    run_rules,
    value_limits,
    watch_rate,
    watch_values,
)
from metrics.run_lengths import cusum_run_length, shewhart_run_length
from tests.metrics.checks import expected, inputs

# The opening scenario: twelve pilot weeks, 414 overrides in 2 907 decisions, then five weeks after launch.
PILOT = RateLimits(414 / 2907, 1.0, 12)
AFTER_LAUNCH = [Reading(420, 71), Reading(430, 96), Reading(425, 131), Reading(423, 160), Reading(420, 170)]

finite = st.floats(-1e6, 1e6)
rates = st.lists(
    st.integers(1, 5000).flatmap(lambda n: st.builds(Reading, st.just(n), st.integers(0, n))), min_size=12
)


def test_individuals_have_the_limits_that_nist_prints():
    limits, wanted = value_limits(inputs("XMR-1")["x"]), expected("XMR-1")
    low, high = limits.bounds
    assert limits.centre == pytest.approx(wanted["mean"], abs=1e-6)
    assert limits.mean_range == pytest.approx(wanted["mr_bar"], abs=1e-6)
    assert (low, high) == pytest.approx((wanted["lnpl_266"], wanted["unpl_266"]), abs=1e-6)
    assert limits.range_upper == pytest.approx(wanted["url_3267"], abs=1e-6)
    assert limits.centre + 3 * limits.mean_range / 1.128 == pytest.approx(wanted["ucl_1128"], abs=1e-6)


def test_a_p_chart_has_the_limits_that_montgomery_prints():
    given_, wanted = inputs("PCHART-1"), expected("PCHART-1")
    readings = [Reading(given_["n"], x) for x in given_["defectives"]]
    limits = p_chart_limits(readings)
    low, high = limits.bounds(given_["n"])
    outside = [i for i, r in enumerate(readings, 1) if not low <= r.x / r.n <= high]
    assert limits.centre == pytest.approx(wanted["p_bar"], abs=1e-6)
    assert limits.sigma(given_["n"]) == pytest.approx(wanted["sigma"], abs=1e-6)
    assert (low, high) == pytest.approx((wanted["lcl"], wanted["ucl"]), abs=1e-6)
    assert outside == wanted["out"]


def test_a_moving_average_is_the_one_that_nist_prints():
    given_, wanted = inputs("EWMA-1"), expected("EWMA-1")
    found = ewma(
        given_["x"], target=given_["target"], sigma=given_["sigma"], weight=given_["lam"], width=given_["L"]
    )
    assert found.averages == pytest.approx(wanted["ewma"], abs=1e-6)
    assert (found.lower, found.upper) == pytest.approx((wanted["lcl"], wanted["ucl"]), abs=1e-6)
    assert list(found.outside) == wanted["signals"]


@pytest.mark.parametrize("code", ["CUSUM-1", "CUSUM-2"])
def test_a_cusum_adds_up_as_the_handbook_prints(code):
    given_, wanted = inputs(code), expected(code)
    found = cusum(given_["x"], target=given_["target"], k=given_["k"], h=given_["h"])
    first = None if found.first_signal is None else found.first_signal + 1
    assert found.up == pytest.approx(wanted["s_hi"], abs=1e-6)
    assert found.down == pytest.approx(wanted["s_lo"], abs=1e-6)
    assert first == wanted["first_signal"]


@pytest.mark.parametrize("h", [4, 5])
def test_a_cusum_cries_wolf_as_often_as_published(h):
    for shift, length in expected("ARL-1")[str(h)].items():
        assert cusum_run_length(float(shift), k=0.5, h=h) == pytest.approx(length, abs=1e-4)


def test_three_sigma_limits_cry_wolf_as_often_as_published():
    wanted = expected("ARL-2")
    lengths = [shewhart_run_length(shift) for shift in (0, 1, 2)]
    assert lengths == pytest.approx([wanted["arl0"], wanted["arl_shift1"], wanted["arl_shift2"]], abs=1e-6)


@pytest.mark.parametrize("code", [f"RULES-{i}" for i in range(1, 9)])
def test_a_run_rule_completes_where_the_definition_says(code):
    found: dict[str, list[int]] = {}
    for pattern in run_rules(inputs(code)["z"]):
        found.setdefault(pattern.rule, []).append(pattern.index + 1)
    assert found == expected(code)


def test_a_rate_that_varies_more_than_chance_gets_wider_limits():
    # Laney 2002: sigma_z = mean |dz| / 1.128; here z alternates about the centre
    readings = [Reading(10_000, 1_000 + (100 if i % 2 else -100)) for i in range(20)]
    limits = rate_limits(readings)
    assert limits.sigma_z == pytest.approx((200 / 10_000) / math.sqrt(0.09 / 10_000) / 1.128)
    assert watch_rate(readings, phase_one=20).signals == ()
    assert watch_rate(readings, phase_one=0, limits=p_chart_limits(readings)).signals_at(1)[0].rule == "R1"


def test_a_rate_that_varies_less_than_chance_keeps_binomial_limits():
    assert rate_limits([Reading(200, 28 + i % 2) for i in range(12)]).sigma_z == 1.0


def test_the_override_spike_is_called_in_the_second_week():
    watch = watch_rate(AFTER_LAUNCH, phase_one=0, limits=PILOT)
    week = watch.points[1]
    called = [(s.rule, s.consequence) for s in watch.signals_at(1)]
    assert watch.signals_at(0) == ()
    assert (week.z, week.cusum_up) == (pytest.approx(4.797, abs=5e-4), pytest.approx(5.359, abs=5e-4))
    assert called == [("CUSUM", "suspend"), ("R1", "suspend")]
    assert watch.signals_at(1)[1].sentence == "22.3% (96 of 430) lies above the control limit of 19.3%."


def test_the_spike_then_completes_the_longer_runs():
    watch = watch_rate(AFTER_LAUNCH, phase_one=0, limits=PILOT)
    rules = [[s.rule for s in watch.signals_at(i)] for i in range(5)]
    assert rules == [
        [],
        ["CUSUM", "R1"],
        ["CUSUM", "R1", "R2"],
        ["CUSUM", "R1", "R2", "R3"],
        ["CUSUM", "R1", "R2", "R3"],
    ]
    assert watch.is_provisional


def test_runs_reach_back_into_the_pilot_but_never_end_there():
    pilot = [Reading(300, 42 + (i % 3)) for i in range(10)] + [Reading(300, 43), Reading(300, 44)]
    rising = [Reading(300, x) for x in (45, 46, 47, 48)]
    watch = watch_rate(pilot + rising, phase_one=12)
    assert [(s.rule, s.index, s.consequence) for s in watch.signals] == [
        ("R5", 14, "display"),
        ("R5", 15, "display"),
    ]


def test_overrides_that_vanish_are_a_question_and_not_a_suspension():
    watch = watch_rate([Reading(430, 8)], phase_one=0, limits=PILOT)
    assert [(s.rule, s.direction, s.consequence) for s in watch.signals] == [
        ("CUSUM", "down", "advisory"),
        ("R1", "down", "advisory"),
    ]


def test_a_falling_coverage_suspends_when_down_is_worse():
    watch = watch_rate([Reading(430, 8)], phase_one=0, limits=PILOT, worse="down")
    assert {s.consequence for s in watch.signals} == {"suspend"}


def test_a_value_beyond_its_printed_limit_and_only_then_signals():
    limits = ValueLimits(centre=50.0, mean_range=2.0, points=25)
    watch = watch_values([55.31, 55.33], phase_one=0, limits=limits, h=99)
    assert [(s.rule, s.index) for s in watch.signals] == [("R1", 1), ("R2", 1)]
    assert watch.signals[0].sentence == "55.33 lies above the control limit of 55.32."
    assert not watch.is_provisional


@pytest.mark.parametrize(
    ("readings", "missing"),
    [
        ([Reading(100, 14)] * 11, ("phase_one",)),
        ([Reading(100, 0)] * 12, ("variation",)),
        ([Reading(100, 100)] * 12, ("variation",)),
        ([Reading(100, 14)] * 11 + [Reading(0, 0)], ("readings[11].n",)),
        ([Reading(100, 14)] * 11 + [Reading(10, 11)], ("readings[11].x",)),
        ([], ("phase_one",)),
    ],
)
def test_a_rate_without_a_basis_says_what_is_missing(readings, missing):
    with pytest.raises(NotComputable) as caught:
        watch_rate(readings)
    assert caught.value.missing == missing


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        ([1.0] * 11, ("phase_one",)),
        ([1.0] * 12, ("variation",)),
        ([1.0, math.nan, *range(10)], ("readings[1]",)),
        ([1.0, 2.0, math.inf, *range(10)], ("readings[2]",)),
    ],
)
def test_values_without_a_basis_say_what_is_missing(values, missing):
    with pytest.raises(NotComputable) as caught:
        watch_values(values)
    assert caught.value.missing == missing


def test_a_chart_of_one_value_or_no_readings_is_refused():
    with pytest.raises(NotComputable, match="at least two"):
        value_limits([3.0])
    with pytest.raises(NotComputable, match="do not vary"):
        p_chart_limits([])
    with pytest.raises(NotComputable, match="spread above 0"):
        ewma([1.0], target=0.0, sigma=0.0)


@given(rates)
def test_limits_enclose_the_mean_share(readings):
    try:
        limits = rate_limits(readings)
    except NotComputable:
        return
    low, high = limits.bounds(readings[0].n)
    assert 0 <= low <= limits.centre <= high <= 1
    assert limits.sigma_z >= 1


@given(st.lists(finite, min_size=1, max_size=60))
def test_turning_a_series_upside_down_turns_its_patterns(z):
    flip = {"up": "down", "down": "up"}
    mirrored = {(p.rule, p.index, flip[p.direction]) for p in run_rules([-value for value in z])}
    assert {(p.rule, p.index, p.direction) for p in run_rules(z)} == mirrored


@given(st.lists(finite, min_size=1, max_size=60))
def test_a_later_reading_never_changes_an_earlier_signal(z):
    earlier = [p for p in run_rules(z) if p.index < len(z) - 1]
    assert earlier == list(run_rules(z[:-1]))


@given(st.lists(finite, min_size=2, max_size=40))
def test_the_order_of_readings_does_not_move_the_pooled_share(values):
    readings = [Reading(100, 1 + abs(int(value)) % 99) for value in values]
    backwards = p_chart_limits(list(reversed(readings)))
    assert p_chart_limits(readings) == backwards


@given(st.floats(0.0, 3.0), st.floats(0.05, 1.0))
def test_a_larger_shift_is_found_sooner(shift, more):
    assert cusum_run_length(shift + more, states=60) < cusum_run_length(shift, states=60)
