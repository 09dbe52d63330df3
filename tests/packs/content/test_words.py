import datetime as dt

import pytest

from packs.content.members import standing_words
from packs.content.words import change, counted, period, reading, sentence, spread


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [
        (11.8, "minutes per case", "11.8 minutes per case"),
        (0.121, "share of tickets", "12.1% of tickets"),
        (0.0042, "share of tickets", "0.42% of tickets"),
        (0.03333, "PSI", "0.0333 PSI"),
        (18400, "cases", "18,400 cases"),
        (-451810, "euro", "−451,810 euro"),
        (-0.00001234, "PSI", "−1.23e-05 PSI"),
        (0.00001234, "PSI", "1.23e-05 PSI"),
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


@pytest.mark.parametrize(
    ("levels", "told"),
    [
        (["blocked"], "The member may not scale yet; it is blocked."),
        (["aligned"], "The member may not scale yet; it is not blocked."),
        (["scale_ready"], "The member may scale; it is not blocked."),
        (["blocked", "aligned"], "None of the 2 members may scale yet; 1 is blocked."),
        (["scale_ready", "blocked", "blocked"], "1 of the 3 members may scale; 2 are blocked."),
        (["scale_ready", "scale_ready"], "All 2 members may scale; none is blocked."),
    ],
)
def test_how_several_stand_is_said_as_people_would_say_it(levels, told):
    assert standing_words(levels, "member") == told
