"""What a result says: every code of the decision rule, its words, and the signs of gaming."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.estimation.gaming import is_cherry_picked, is_heaped, is_moved_with_harm
from metrics.estimation.inputs import Estimate, NotComputable, Share
from metrics.estimation.means import Novelty
from metrics.estimation.proportions import difference_of_shares
from metrics.estimation.verdict import (
    Context,
    Counter,
    Measured,
    Validity,
    counter_verdict,
    overall_verdict,
)

HANDLING = Measured("Handling time", 1.70, 1.5109, 1.8891, unit="minutes")
SAME_CONTACT = Measured("repeat contact", -0.0019, -0.0117, 0.0079, is_share=True)
MORE_CONTACT = Measured("repeat contact", 0.014891, 0.004768, 0.025017, is_share=True)
OPEN_CONTACT = Measured("repeat contact", 0.004, -0.006, 0.014, is_share=True)


def guard(worsening, **more):
    return Counter("repeat contact", 0.01, worsening, **more)


def judge(primary=HANDLING, worsening=SAME_CONTACT, *, claimed=1.3, **more):
    return overall_verdict(primary, claimed=claimed, counters=[guard(worsening)], **more)


@pytest.mark.parametrize(
    ("worsening", "low", "high", "code"),
    [
        (0.020, 0.011, 0.029, "HARM_BEYOND_MARGIN"),
        (0.0149, 0.0048, 0.0250, "HARM"),
        (0.006, 0.002, 0.010, "HARM"),
        (0.005, 0.001, 0.009, "NON_INFERIOR_BUT_WORSE"),
        (-0.005, -0.009, -0.001, "BETTER"),
        (0.000, -0.005, 0.005, "NON_INFERIOR"),
        (0.000, -0.010, 0.010, "INCONCLUSIVE"),
        (0.000, -0.020, 0.020, "INCONCLUSIVE"),
        (0.005, 0.000, 0.009, "NON_INFERIOR"),
    ],
)
def test_a_counter_metric_gets_the_first_code_that_applies(worsening, low, high, code):
    assert counter_verdict(worsening, low, high, 0.01) == code


def test_scenario_a_of_the_retailer_is_a_win_with_harm():
    contact = difference_of_shares(Share(1141, 8388), Share(1019, 8412))
    measured = replace(MORE_CONTACT, value=contact.value, low=contact.low, high=contact.high)
    verdict = judge(worsening=measured)
    assert (verdict.code, verdict.is_win_with_harm, verdict.counts_as_win) == (
        "R1_WIN_WITH_HARM",
        True,
        False,
    )
    assert verdict.sentence == (
        "Handling time improved by 1.70 minutes, but repeat contact got worse by 1.49 percentage points "
        "(0.48 to 2.50). Do not expand."
    )


def test_scenario_b_of_the_retailer_is_a_win():
    contact = difference_of_shares(Share(1000, 8388), Share(1019, 8412))
    measured = replace(SAME_CONTACT, value=contact.value, low=contact.low, high=contact.high)
    verdict = judge(worsening=measured)
    assert (verdict.code, verdict.counts_as_win) == ("R5_WIN", True)
    assert contact.high == pytest.approx(0.007920, abs=5e-7)
    assert verdict.sentence == (
        "Handling time improved by 1.70 minutes (1.51 to 1.89 minutes); no harm beyond the agreed margins."
    )


@pytest.mark.parametrize(
    "validity",
    [
        Validity(sample_ratio_p=0.0009),
        Validity(sample_ratio_p=math.nan),
        Validity(is_balanced=False),
        Validity(log_completeness=0.979),
        Validity(log_completeness=math.nan),
    ],
)
def test_groups_that_are_not_comparable_leave_nothing_to_read(validity):
    verdict = judge(validity=validity, context=Context(is_randomised=False))
    assert (verdict.code, verdict.modifiers) == ("R0_INVALID", ())
    assert verdict.sentence == (
        "We cannot read this result: the groups were not comparable. Fix and run again."
    )


def test_checks_that_just_hold_let_the_result_be_read():
    validity = Validity(sample_ratio_p=0.001, is_balanced=True, log_completeness=0.98)
    assert judge(validity=validity).code == "R5_WIN"


def test_harm_without_a_win_is_harm():
    flat = replace(HANDLING, value=0.1, low=-0.2, high=0.4)
    verdict = judge(flat, MORE_CONTACT)
    assert verdict.code == "R2_HARM"
    assert verdict.sentence == (
        "It made things worse: repeat contact got worse by 1.49 percentage points (0.48 to 2.50)."
    )


def test_a_primary_that_fell_is_harm():
    verdict = judge(replace(HANDLING, value=-0.5, low=-0.8, high=-0.2))
    assert verdict.code == "R2_HARM"
    assert verdict.sentence == "It made things worse: Handling time got worse by 0.50 minutes (0.20 to 0.80)."


def test_a_win_with_an_open_guard_says_how_many_more_cases():
    verdict = overall_verdict(HANDLING, claimed=1.3, counters=[guard(OPEN_CONTACT, more_cases=8177)])
    assert verdict.code == "R3_WIN_GUARD_OPEN"
    assert verdict.sentence == (
        "Handling time improved; we cannot yet rule out harm to repeat contact beyond 1.00 percentage points. "
        "Need about 8,177 more cases. They would give a chance of 80% of ruling it out, if the worsening stays as "
        "measured."
    )


def test_a_guard_that_was_not_read_stays_open():
    verdict = judge(worsening=None)
    assert (verdict.code, verdict.counters[0].code) == ("R3_WIN_GUARD_OPEN", "INCONCLUSIVE")
    assert verdict.sentence.endswith("we cannot yet rule out harm to repeat contact, which was not read.")


def test_a_win_without_any_guard_is_not_a_win():
    verdict = overall_verdict(HANDLING, claimed=1.3, counters=[])
    assert verdict.code == "R3_WIN_GUARD_OPEN"
    assert (
        verdict.sentence == "Handling time improved; no counter-metric was read, so harm cannot be ruled out."
    )


def test_a_win_below_the_promise_says_so():
    verdict = judge(claimed=2.0)
    assert (verdict.code, verdict.counts_as_win) == ("R4_WIN_SMALLER", False)
    assert verdict.sentence == "Real, but smaller than promised (1.70 minutes against 2.00 minutes)."


def test_a_worsening_inside_the_margin_does_not_stop_a_win():
    assert judge(worsening=replace(SAME_CONTACT, value=0.005, low=0.001, high=0.009)).code == "R5_WIN"


def test_no_effect_of_the_promised_size():
    verdict = judge(replace(HANDLING, value=0.1, low=-0.2, high=0.4))
    assert (verdict.code, verdict.sentence) == ("R6_NULL", "No effect of the promised size.")


def test_too_little_data_gives_the_range():
    verdict = judge(replace(HANDLING, value=0.9, low=-0.2, high=2.0))
    assert verdict.code == "R7_INCONCLUSIVE"
    assert verdict.sentence == "Too early or too little data: could be anything from −0.20 to 2.00 minutes."


def test_what_qualifies_a_result_is_appended():
    def third(value):
        return Estimate(value, value - 0.1, value + 0.1, None, 2, "mean of periods")

    context = Context(
        planned_until=date(2027, 3, 31),
        novelty=Novelty(third(2.4), third(0.9), is_fading=True, is_growing=False),
        provisional_until=date(2027, 5, 31),
        is_randomised=False,
        e_value=2.85,
    )
    assert judge(context=context).modifiers == (
        "Read before its plan ends on 31 March 2027: who looks early finds effects that are not there more often.",
        "The effect is fading: first third 2.40, last third 0.90; we count only the last.",
        "Provisional until 31 May 2027.",
        "Not randomised: moderate confidence.",
        "Something unmeasured would have to be tied to both group and outcome by a risk ratio of 2.85 to explain this away.",
    )


@pytest.mark.parametrize(
    ("call", "missing"),
    [
        (lambda: counter_verdict(0.0, 0.1, 0.2, 0.01), ("interval",)),
        (lambda: counter_verdict(0.0, -0.1, 0.1, 0.0), ("margin",)),
        (lambda: counter_verdict(math.nan, -0.1, 0.1, 0.01), ("worsening",)),
        (lambda: judge(claimed=0.0), ("claimed",)),
        (lambda: judge(replace(HANDLING, high=math.inf)), ("high",)),
        (lambda: judge(replace(HANDLING, low=5.0)), ("interval",)),
        (lambda: is_moved_with_harm(1.0, claimed=0.0, counter_signals_up=True, counter_p=None), ("claimed",)),
        (lambda: is_heaped(3, 0.0), ("expected",)),
    ],
)
def test_a_verdict_is_never_given_on_missing_numbers(call, missing):
    with pytest.raises(NotComputable) as caught:
        call()
    assert caught.value.missing == missing


def test_half_the_claim_with_a_worse_guard_is_a_win_with_harm():
    def watch(moved, p, *, signal=False):
        return is_moved_with_harm(moved, claimed=1.3, counter_signals_up=signal, counter_p=p)

    assert [watch(0.65, 0.024), watch(0.65, None, signal=True)] == [True, True]
    assert [watch(0.64, 0.024), watch(0.65, 0.025), watch(0.65, None)] == [False, False, False]


def test_a_better_share_of_far_fewer_cases_may_be_picked():
    before = Share(600, 1000)
    assert is_cherry_picked(before, Share(620, 899))
    assert not is_cherry_picked(before, Share(620, 900))
    assert not is_cherry_picked(before, Share(500, 850))
    assert is_cherry_picked(before, Share(400, 850), more_is_better=False)


def test_twice_the_cases_just_inside_a_target_are_heaped():
    assert [is_heaped(20, 10.0), is_heaped(19, 10.0)] == [True, False]


intervals = st.lists(st.floats(-100, 100), min_size=3, max_size=3).map(sorted)


@given(intervals, intervals, st.floats(0.01, 50), st.floats(0.01, 50))
def test_a_result_counts_only_with_a_gain_and_no_harm(gain, harm, claimed, margin):
    primary = Measured("primary", gain[1], gain[0], gain[2])
    counter = Counter("guard", margin, Measured("guard", harm[1], harm[0], harm[2]))
    verdict = overall_verdict(primary, claimed=claimed, counters=[counter])
    assert verdict.counts_as_win == (gain[0] > 0 and harm[2] < margin and gain[2] >= claimed)


@given(intervals, intervals, st.floats(0.01, 50))
def test_one_more_harmed_guard_never_improves_the_verdict(gain, harm, claimed):
    primary = Measured("primary", gain[1], gain[0], gain[2])
    counter = Counter("guard", 1.0, Measured("guard", harm[1], harm[0], harm[2]))
    harmed = Counter("harmed", 1.0, Measured("harmed", 3.0, 2.0, 4.0))
    alone = overall_verdict(primary, claimed=claimed, counters=[counter])
    both = overall_verdict(primary, claimed=claimed, counters=[counter, harmed])
    assert both.code <= alone.code
    assert both.code[:2] in {"R1", "R2"}
