import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_portal.http.drawing.scale import Scale, reading


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0"),
        (12400, "12,400"),
        (8.4, "8.4"),
        (0.0624, "0.0624"),
        (-1.25, "−1.25"),
        (100, "100"),
        (99.96, "100"),
    ],
)
def test_numbers_are_written_for_reading(value, words):
    assert reading(value) == words


def test_ticks_are_round_and_hold_the_values():
    assert Scale.around([6.9, 10.6], 0, 100).ticks() == [6, 7, 8, 9, 10, 11]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20))
def test_every_value_lies_on_the_sheet(values):
    scale = Scale.around(values, 0, 100)
    assert [value for value in values if not -0.01 <= scale(value) <= 100.01] == []
    assert 2 <= len(scale.ticks()) <= 7
