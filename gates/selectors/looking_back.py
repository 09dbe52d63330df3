"""One initiative week by week, as its readings would have had it judged on the evening each week ended."""

import datetime as dt
from dataclasses import dataclass

from alignment_portal import clock
from gates.engine import evaluate, explain
from gates.engine import facts as judged
from gates.engine.weeks import EVENING, Week, known_on, week_to, weeks_of
from gates.selectors.facts import Case
from gates.selectors.judging import case_of
from metrics.selectors import drift_history

BEFORE_LAUNCH = dt.timedelta(days=14)


@dataclass(frozen=True)
class Review:
    """What a review two weeks before launch would have been told."""

    on: dt.date
    level: str
    blockers: tuple[str, ...]
    next_move: str


def weeks_for(key: str, at: dt.datetime | None = None) -> tuple[Week, ...]:
    return weeks_in(case_of(key, at), key, at)


def weeks_in(case: Case, key: str, at: dt.datetime | None = None) -> tuple[Week, ...]:
    return weeks_of(case.policy, case.facts, _drifts(key, at), at or clock.now())


def last_week(key: str, ends: dt.date, before: Week | None) -> Week:
    """The week that ends on this day, beside the one before it."""
    case = case_of(key)
    kinds = {flag.kind for flag in before.flags} if before else set()
    return week_to(case.policy, case.facts, _drifts(key, None), ends, kinds)


def review_before_launch(key: str) -> Review | None:
    """None when nothing has gone live."""
    case = case_of(key)
    starts = [place.live_from for place in case.facts.dossier.deployments if place.live_from is not None]
    if not starts:
        return None
    on = min(starts) - BEFORE_LAUNCH
    evening = dt.datetime.combine(on, EVENING, dt.UTC)
    facts = known_on(case.facts, _drifts(key, None), on)
    verdict = evaluate(case.policy, facts, evening)
    moves = explain(case.policy, facts, evening, verdict).moves
    first = next((move for move in moves if not move.after), None)
    told = "" if first is None else f"{first.person_name or first.role}: {first.deed}"
    return Review(on, verdict.level, tuple(found.code for found in verdict.failing("blocker")), told)


def _drifts(key: str, at: dt.datetime | None) -> tuple[judged.Drift, ...]:
    names = judged.Drift.__struct_fields__
    rows = drift_history(key, at)
    return tuple(judged.Drift(**{name: getattr(row, name) for name in names}) for row in rows)
