"""Clean for two periods: the counter-metric is watched weekly in the complete dossier, its limit is 15 %."""

import msgspec
import pytest

from gates.selectors.calm import unquiet_rules
from tests.gates.engine.builders import NOW, complete_facts
from tests.gates.engine.policies import policy

GOOD, BAD = 0.12, 0.16


def with_last(*values):
    """Complete facts in which the counter-metric last read these values."""
    facts = complete_facts()
    series = tuple(_ending(one, values) if one.metric == "repeat-contact" else one for one in facts.series)
    return msgspec.structs.replace(facts, series=series)


def _ending(series, values):
    kept, changed = series.readings[: -len(values)], series.readings[-len(values) :]
    ending = tuple(
        msgspec.structs.replace(reading, value=value, numerator=None, denominator=None)
        for reading, value in zip(changed, values, strict=True)
    )
    return msgspec.structs.replace(series, readings=kept + ending)


@pytest.mark.parametrize(
    ("values", "unquiet"),
    [((BAD, BAD), ("CO-06",)), ((BAD, GOOD), ("CO-06",)), ((GOOD, BAD), ("CO-06",)), ((BAD, GOOD, GOOD), ())],
)
def test_a_breached_series_must_be_clean_for_two_periods(values, unquiet):
    found = unquiet_rules(policy(), with_last(*values), frozenset({"CO-06"}), NOW)
    assert tuple(code for code, _ in found) == unquiet


def test_what_was_not_breached_need_not_be_calm():
    assert unquiet_rules(policy(), with_last(BAD, GOOD), frozenset({"CO-07"}), NOW) == ()


def test_without_series_there_is_nothing_to_wait_for():
    facts = msgspec.structs.replace(complete_facts(), series=())
    assert unquiet_rules(policy(), facts, frozenset({"CO-06"}), NOW) == ()
