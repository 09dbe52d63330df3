"""Which weeks a series is told in."""

import datetime as dt
from types import SimpleNamespace

from gates.engine.weeks import _ends


def facts(*days):
    readings = [SimpleNamespace(period_end=dt.date.fromisoformat(day)) for day in days]
    return SimpleNamespace(series=[SimpleNamespace(readings=readings)])


def ends(*days, now="2026-10-01"):
    return [str(one) for one in _ends(facts(*days), (), dt.datetime.fromisoformat(f"{now}T12:00:00"))]


def test_weeks_end_on_the_day_on_which_most_readings_end():
    # Weekly readings end on Thursdays; one of a month ends on a Saturday and belongs to the week after.
    assert ends("2026-09-03", "2026-09-10", "2026-09-12", "2026-09-17") == [
        "2026-09-03",
        "2026-09-10",
        "2026-09-17",
    ]


def test_a_week_that_has_not_ended_is_told_as_of_today():
    assert ends("2026-09-10", "2026-09-17", "2026-09-19", now="2026-09-21")[-1] == "2026-09-21"


def test_nothing_read_makes_no_week():
    assert ends() == []
    assert ends("2026-11-01") == []  # after the moment asked for
