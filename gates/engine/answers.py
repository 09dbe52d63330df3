"""Which evidence answers a question: of an accepted kind, accepted by somebody else, still fresh, numbers in bounds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from gates.engine.facts import Evidence
from gates.engine.policy import Conditional, Evidenced, Measure, Rule
from gates.engine.view import UTC, View
from gates.engine.words import MOST_CLAUSES, NEEDED, a, count, day, listing, number, percent, span, spelled


class Slot(NamedTuple):
    """For what a question is asked: once, for a deployment, or for an added control at a deployment."""

    deployment: str | None
    control: str | None
    label: str

    @property
    def key(self) -> str:
        """A stable name."""
        return "/".join(part for part in (self.control, self.deployment) if part)


SHARE = "share"  # the unit of a number from 0 to 1, shown as per cent
ONCE = Slot(None, None, "")


def slots(view: View, asks: Evidenced) -> tuple[Slot, ...]:
    """What needs an answer; nothing when the question goes by deployment and none is recorded."""
    if asks.each == "once":
        return (ONCE,)
    places = view.deployments
    if asks.each == "deployment":
        return tuple(Slot(place.code, None, place.title or place.code) for place in places)
    controls = view.dossier.non_negotiables.added
    return tuple(
        Slot(place.code, control.code, f"{control.title} at {place.title or place.code}")
        for control in controls
        for place in places
    )


def is_for(view: View, item: Evidence, slot: Slot) -> bool:
    """Whether the item speaks of that slot; without a deployment it speaks of the only one there is."""
    if item.control != slot.control:
        return False
    if slot.deployment is None or item.deployment == slot.deployment:
        return True
    return item.deployment is None and len(view.deployments) == 1


def last_day(item: Evidence, asks: Evidenced) -> dt.date:
    """The last day on which the item still counts."""
    fresh = item.observed_on + dt.timedelta(days=asks.fresh_days)
    return fresh if item.expires_on is None else min(fresh, item.expires_on)


def answers_to(view: View, rule: Rule, asks: Evidenced, slot: Slot) -> tuple[Evidence, ...]:
    """Accepted evidence that answers the question for the slot, longest lasting first."""
    key = f"{rule.code}/{slot.key}"
    if key not in view.answers:
        found = [
            item
            for item in view.accepted.get(rule.code, ())
            if is_for(view, item, slot) and not fault_of_accepted(view, asks, item)
        ]
        found.sort(key=lambda item: (-last_day(item, asks).toordinal(), item.ref))
        view.answers[key] = tuple(found)
    return view.answers[key]


def fault_of_accepted(view: View, asks: Evidenced, item: Evidence) -> str:
    """Why accepted evidence does not answer the question, as a clause; empty when it does."""
    if item.reviewed_by is None or item.reviewed_by in item.touched_by | {item.submitted_by}:
        return f"{item.ref} was accepted by the person who submitted it"
    return fault_of(view, asks, item)


def fault_of(view: View, asks: Evidenced, item: Evidence) -> str:
    """Why the item itself would not answer the question, whoever accepts it."""
    if item.kind not in asks.kinds:
        return f"{item.ref} is {a(_kind(view, item.kind))}; {NEEDED} {_kinds(view, asks)}"
    if item.observed_on > view.today:
        return f"{item.ref} is dated {day(item.observed_on)}, in the future"
    if view.today > last_day(item, asks):
        return f"{item.title or _kind(view, item.kind)} ({item.ref}) expired on {day(last_day(item, asks))}"
    if asks.recent_days is not None:
        age = (item.submitted_at.astimezone(UTC).date() - item.observed_on).days
        if age > asks.recent_days:
            return (
                f"{item.ref} was {count(age, 'day')} old when submitted; {NEEDED} at most {asks.recent_days}"
            )
    return next((fault for measure in asks.measures if (fault := _fault_of_number(view, measure, item))), "")


def _kind(view: View, code: str) -> str:
    try:
        return view.policy.kind(code).title.lower()
    except KeyError:
        return code


def _kinds(view: View, asks: Evidenced) -> str:
    if isinstance(asks, Conditional):
        return "evidence of any kind"
    titles = [view.policy.kind(code).title.lower() for code in asks.kinds]
    return titles[0] if len(titles) == 1 else f"{', '.join(titles[:-1])} or {titles[-1]}"


def needed(view: View, asks: Evidenced) -> str:
    """What the question asks for, as one clause."""
    bounds = [words for measure in asks.measures if (words := bound_in_words(view, measure))]
    several = f"{spelled(len(bounds))} numbers within their marks"
    with_bounds = f" with {listing(bounds) if len(bounds) <= MOST_CLAUSES else several}" if bounds else ""
    return f"{_kinds(view, asks)}{with_bounds}, not older than {span(asks.fresh_days)}"


# -- numbers --------------------------------------------------------------------------------------------------


def stated(view: View, measure: Measure) -> float | None:
    """The first of the dossier's fields that states the bound."""
    for path in measure.at_most_stated:
        value: object = view.dossier
        for step in path.split("."):
            value = getattr(value, step)
        if isinstance(value, int | float):
            return float(value)
    return None


def bounds_of(view: View, measure: Measure, item: Evidence) -> Iterator[tuple[str, float]]:
    """The bounds the number must keep in this item; NaN where the bound itself is missing."""
    nan = float("nan")
    if measure.at_least is not None:
        yield "at least", measure.at_least
    if measure.at_most is not None:
        yield "at most", measure.at_most
    if measure.at_most_measure:
        yield "at most", item.measures.get(measure.at_most_measure, nan)
    if measure.equals_measure:
        yield "exactly", item.measures.get(measure.equals_measure, nan)
    if measure.at_most_stated:
        limit = stated(view, measure)
        yield "at most", float("inf") if limit is None else limit  # the missing limit is a line of its own


def _fault_of_number(view: View, measure: Measure, item: Evidence) -> str:
    value = item.measures.get(measure.name)
    if value is None:
        return f"{item.ref} does not state the {measure.title}"
    for word, bound in bounds_of(view, measure, item):
        holds = (
            value >= bound if word == "at least" else value <= bound if word == "at most" else value == bound
        )
        if not holds:
            return f"{item.ref} states {said_of(value, measure)}; {NEEDED} {word} {with_unit(bound, measure)}"
    return ""


def with_unit(value: float, measure: Measure) -> str:
    """The number with its unit."""
    if value != value:  # noqa: PLR0124 — NaN is the one number unlike itself
        return "a stated number"
    if measure.unit == SHARE:
        return percent(value)
    unit = measure.unit.removesuffix("s") if value == 1 else measure.unit
    return f"{number(value)} {unit}".strip()


def said_of(value: float, measure: Measure) -> str:
    """The number with what it is: 60 events, recall 97%."""
    said = with_unit(value, measure)
    return (
        said
        if measure.unit not in {"", SHARE} and measure.unit in measure.title
        else f"{measure.title} {said}"
    )


def bound_in_words(view: View, measure: Measure) -> str:
    """A bound as people read it: recall of at least 0.99, at least 500 items."""
    limit = stated(view, measure) if measure.at_most_stated else measure.at_most
    words, bound = ("at least", measure.at_least) if measure.at_least is not None else ("at most", limit)
    if bound is None or (measure.at_least is not None and measure.at_least <= 0):
        return ""
    what = f"{words} {with_unit(bound, measure)}"
    return (
        what
        if measure.unit not in {"", SHARE} and measure.unit in measure.title
        else f"{measure.title} of {what}"
    )
