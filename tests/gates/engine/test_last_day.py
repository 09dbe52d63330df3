"""The last day there is lapses like any other, at a moment that every zone can show."""

import datetime as dt
import zoneinfo

import pytest

from gates.engine.view import midnight_after

pytestmark = pytest.mark.unit


def test_a_day_lapses_at_the_midnight_after_it():
    assert midnight_after(dt.date(2026, 6, 30)) == dt.datetime(2026, 7, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_the_last_day_there_is_lapses_as_well(zone):
    assert midnight_after(dt.date.max).astimezone(zoneinfo.ZoneInfo(zone)).year == 9999
