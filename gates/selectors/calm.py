"""Whether what broke a rule has been clean for two periods: the rule holds now, and held before the last reading."""

from datetime import UTC, datetime, time, timedelta

import msgspec

from gates.engine import Facts, Policy, Verdict, evaluate
from gates.engine.facts import Series


def unquiet_rules(
    policy: Policy, facts: Facts, breached: frozenset[str], now: datetime
) -> tuple[tuple[str, str], ...]:
    """Code and reason of every breached rule that rests on series and was not clean for two periods."""
    here = evaluate(policy, facts, now)
    before = _before_last_reading(facts)
    if before is None:
        return ()
    earlier_facts, earlier = before
    then = {finding.code: finding for finding in evaluate(policy, earlier_facts, earlier).findings}
    rest_on_series = _differing(here, evaluate(policy, msgspec.structs.replace(facts, series=()), now))
    found = []
    for finding in here.findings:
        if finding.code not in breached or finding.code not in rest_on_series:
            continue
        if finding.is_failing:
            found.append((finding.code, finding.reason))
        elif then[finding.code].is_failing:
            found.append((finding.code, f"One period before: {then[finding.code].reason}"))
    return tuple(found)


def _before_last_reading(facts: Facts) -> tuple[Facts, datetime] | None:
    """The facts without the last reading of each series, and the end of the period it was read for."""
    ends = [series.readings[-1].period_end for series in facts.series if series.readings]
    if not ends:
        return None
    shorter = tuple(
        Series(metric=series.metric, readings=series.readings[:-1], deployment=series.deployment)
        for series in facts.series
    )
    moment = datetime.combine(max(ends) + timedelta(days=1), time(), UTC)
    return msgspec.structs.replace(facts, series=shorter), moment


def _differing(one: Verdict, other: Verdict) -> frozenset[str]:
    reasons = {finding.code: (finding.outcome, finding.reason) for finding in other.findings}
    return frozenset(
        finding.code for finding in one.findings if reasons[finding.code] != (finding.outcome, finding.reason)
    )
