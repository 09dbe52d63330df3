"""What the page of a launch says of the model's own figures, from how they stood."""

import datetime as dt

import pytest

from gates.engine.weeks import Told, Week
from gates.web.weeks import _lead

FIRST = dt.date(2026, 3, 6)


def week(number, **tones):
    """A week since launch in which the model reported these figures of itself, by title and how they stood."""
    readings = tuple(
        Told(metric=title.lower(), title=title, is_model=True, unit="", value="0.1", tone=tone)
        for title, tone in tones.items()
    )
    return Week(
        ends=FIRST + dt.timedelta(days=7 * (number - 1)),
        since_launch=number,
        level="blocked",
        readings=readings,
        flags=(),
        blockers=(),
    )


@pytest.mark.parametrize(
    ("weeks", "told"),
    [
        (
            [week(1, Accuracy="met"), week(2, Accuracy="met")],
            "every figure the model reports of itself stayed within its limits.",
        ),
        (
            [
                week(1, Accuracy="met", Drift="met"),
                week(2, Accuracy="met", Drift="watch"),
                week(3, Drift="watch"),
            ],
            "none of the model’s own figures crossed its limit to stop at; Drift was to be watched from week 2.",
        ),
        (
            [week(1, Accuracy="watch"), week(2, Accuracy="broken")],
            "the model’s own figures did not all hold.",
        ),
        (
            [week(1, Accuracy="met", Recall="unjudged")],
            "none of the model’s own figures was found beyond a limit; not all of them have one.",
        ),
        ([week(1)], "the model reported no figure of itself."),
    ],
)
def test_the_lead_says_how_the_figures_of_the_model_stood(weeks, told):
    said = _lead(weeks)
    assert said.startswith("In the ")
    assert told in said
