"""How far answers lie apart, against published and hand-worked values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.consensus import Opinion, agenda, consensus, divergence_on, interquartile_range, place_of

PLACES = st.lists(st.integers(1, 5), min_size=1, max_size=30)


def said(person, answer="agree", point="log-first", **more):
    return Opinion(person=person, point=point, answer=answer, **more)


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        # SOURCE: Tastle & Wierman 2007, section 3: unanimity is 1, an even split between the ends 0.
        ([3, 3, 3, 3], 1.0),
        ([1, 1, 5, 5], 0.0),
        # 1 + (3·log₂(1 − 1/4) + log₂(1 − 3/4)) / 4 = 1 + (3·(−0.415037) − 2) / 4
        ([5, 5, 5, 1], 0.188722),
        # Evenly over all five: 1 + (2·log₂(1/2) + 2·log₂(3/4)) / 5
        ([1, 2, 3, 4, 5], 0.433985),
    ],
)
def test_consensus_has_the_published_values(places, expected):
    assert consensus(places) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    # As numpy.percentile(places, [25, 75]) with its default, linear.
    ("places", "expected"),
    [([4], 0.0), ([1, 5], 2.0), ([1, 2, 3, 4], 1.5), ([4, 4, 4, 5, 3], 0.0), ([2, 4, 4, 5], 0.75)],
)
def test_the_middle_half_is_measured_as_numpy_does(places, expected):
    assert interquartile_range(sorted(places)) == pytest.approx(expected)


@given(PLACES)
def test_consensus_lies_between_nought_and_one(places):
    assert -1e-9 <= consensus(places) <= 1 + 1e-9


@given(PLACES)
def test_consensus_is_the_same_seen_from_the_other_end(places):
    assert consensus([6 - place for place in places]) == pytest.approx(consensus(places))


@pytest.mark.parametrize(
    ("opinion", "place"),
    [
        (said("a"), 5),
        (said("a", "agree_with_conditions"), 4),
        (said("a", "disagree", commits=True), 2),
        (said("a", "disagree"), 1),
        (said("a", "abstain"), None),
        (said("a", "agree", rating=3), 3),
    ],
)
def test_each_answer_has_its_place(opinion, place):
    assert place_of(opinion) == place


def test_three_for_and_one_against_must_be_discussed():
    voices = [said("a"), said("b"), said("c"), said("d", "disagree")]
    found = divergence_on("log-first", "abcd", voices)
    assert (found.median, found.middle, found.share, found.reasons) == (5.0, 1.0, 0.75, ("range",))


def test_agreement_with_conditions_need_not_be_discussed():
    found = divergence_on("log-first", "ab", [said("a"), said("b", "agree_with_conditions")])
    assert (found.reasons, found.answers) == ((), {"agree": 1, "agree_with_conditions": 1})


def test_silence_and_abstention_are_named_and_not_counted():
    found = divergence_on("log-first", "abc", [said("a"), said("b", "abstain")])
    assert (found.silent, found.abstained, found.places) == (("c",), ("b",), (5,))


def test_nobody_took_a_side_so_there_is_no_figure():
    found = divergence_on("log-first", "ab", [said("a", "abstain")])
    assert (found.median, found.consensus, found.reasons) == (None, None, ())


def test_what_divides_most_is_discussed_first_and_silence_before_agreement():
    voices = [
        *(said(who, point="agreed") for who in "abc"),
        said("a", point="quiet"),
        said("a", point="split"), said("b", "disagree", point="split"), said("c", point="split"),
        said("a", point="torn"), said("b", "disagree", point="torn"),
    ]  # fmt: skip
    order = [row.point for row in agenda(["agreed", "quiet", "split", "torn"], "abc", voices)]
    assert order == ["torn", "split", "quiet", "agreed"]


def test_whoever_does_not_take_part_is_not_counted():
    assert divergence_on("log-first", "a", [said("a"), said("z", "disagree")]).places == (5,)


def test_the_front_line_apart_from_the_others_must_be_discussed():
    voices = [said("a", rating=5), said("b", rating=4), said("c", rating=3, role="front_line")]
    found = divergence_on("log-first", "abc", voices)
    assert found.gap == pytest.approx(1.5)
    assert "gap" in found.reasons
    nearer = divergence_on("log-first", "abc", [*voices[:2], said("c", rating=4, role="front_line")])
    assert (nearer.gap, "gap" in nearer.reasons) == (pytest.approx(0.5), False)


def test_without_both_sides_there_is_no_gap():
    assert divergence_on("log-first", "ab", [said("a"), said("b", "disagree")]).gap is None
    assert divergence_on("log-first", "a", [said("a", role="front_line")]).gap is None
