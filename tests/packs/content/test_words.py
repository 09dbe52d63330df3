import datetime as dt

import pytest

from packs.content.words import change, counted, period, reading, sentence, spread


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [
        (11.8, "minutes per case", "11.8 minutes per case"),
        (0.121, "share of tickets", "12.1% of tickets"),
        (0.0042, "share of tickets", "0.42% of tickets"),
        (0.03333, "PSI", "0.0333 PSI"),
        (18400, "cases", "18,400 cases"),
    ],
)
def test_a_reading_has_its_unit(value, unit, told):
    assert reading(value, unit) == told


def test_a_change_has_its_sign_and_shares_change_by_points():
    assert change(-1.3, "minutes") == "−1.3 minutes"
    assert change(0.01, "share of tickets") == "+1 percentage points"


def test_an_interval_says_its_unit_once():
    assert spread(1.5, 1.9, "minutes per case") == "+1.5 to +1.9 minutes per case"


def test_small_counts_open_a_sentence_in_words():
    assert (counted(1, "rule"), counted(3, "rule"), counted(34, "rule")) == (
        "One rule",
        "Three rules",
        "34 rules",
    )


def test_a_period_may_be_open():
    assert period(dt.date(2026, 6, 1), None) == "from 1 June 2026"


def test_a_sentence_ends_once():
    assert (sentence("Done"), sentence("Done."), sentence("")) == ("Done.", "Done.", "")
