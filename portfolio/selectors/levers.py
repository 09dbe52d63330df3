"""What a scenario changes: starting rules, people, dependencies, order, what is dropped and what is moved."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from alignment_portal.refusals import Fault, Invalid
from alignment_portal.shapes import shape_fault
from portfolio.selectors.whatif import OWNER_PRICE, work_days_between
from portfolio.simulation import (
    Assumptions,
    Initiative,
    Investment,
    Policy,
    Portfolio,
    with_investments,
)

RULES = ("start_all", "capped", "register")
MOST_PEOPLE = 1000


class Levers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One scenario. `rule` is how work is begun; `cap` counts initiatives at once where the rule is `capped`."""

    rule: str = "capped"
    cap: int | None = None
    skip_blocked: bool = False
    order: tuple[str, ...] = ()
    people: dict[str, int] = {}
    own: tuple[str, ...] = ()
    fund: tuple[str, ...] = ()
    deliver: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    move: dict[str, dt.date] = {}  # not begun before
    launch: dict[str, dt.date] = {}  # begun so that, were nothing in the way, it is ready on that day
    switching_loss: float = 0.1
    cv: float = 0.5
    pickup_days: float = 40.0
    funding_days: float = 60.0

    @property
    def assumptions(self) -> Assumptions:
        return Assumptions(
            switching_loss=self.switching_loss,
            cv=self.cv,
            pickup_days=self.pickup_days,
            funding_days=self.funding_days,
        )


BOUNDS: Mapping[str, tuple[float, float]] = {
    "switching_loss": (0, 1), "cv": (0, 3), "pickup_days": (0, 1000), "funding_days": (0, 1000)
}  # fmt: skip


def levers_of(given: Mapping[str, Any], facts: Mapping[str, Any]) -> Levers:
    """Read a scenario and hold it against the portfolio; every fault at once."""
    try:
        levers = msgspec.convert(given, Levers, strict=False)
    except msgspec.ValidationError as error:
        fault = shape_fault(error, "/levers")
        raise Invalid(
            f"The scenario is not understood. {fault.sentence}", pointer=fault.pointer, code="invalid"
        ) from error
    faults = [*_name_faults(levers, facts), *_figure_faults(levers)]
    if faults:
        raise Invalid(faults[0].sentence, faults=faults, code="invalid")
    return levers


def _name_faults(levers: Levers, facts: Mapping[str, Any]) -> list[Fault]:
    kinds = {
        "order": ("initiatives", levers.order),
        "drop": ("initiatives", levers.drop),
        "move": ("initiatives", levers.move),
        "launch": ("initiatives", levers.launch),
        "people": ("functions", levers.people),
        "own": ("dependencies", levers.own),
        "fund": ("dependencies", levers.fund),
        "deliver": ("dependencies", levers.deliver),
    }
    return [
        Fault(f"/levers/{name}", f"“{code}” is not one of the open {kind} of the portfolio.", "unknown_name")
        for name, (kind, codes) in kinds.items()
        for code in codes
        if code not in facts[kind]
    ]


def _figure_faults(levers: Levers) -> list[Fault]:
    faults = []
    if levers.rule not in RULES:
        faults.append(Fault("/levers/rule", f"The rule is one of {', '.join(RULES)}.", "unknown_choice"))
    if levers.rule == "capped" and (levers.cap is None or not 1 <= levers.cap <= MOST_PEOPLE):
        faults.append(
            Fault("/levers/cap", "Say how many initiatives may be on their way at once.", "required")
        )
    if any(not 0 <= more <= MOST_PEOPLE for more in levers.people.values()):
        faults.append(Fault("/levers/people", f"Add from 0 to {MOST_PEOPLE} people.", "out_of_range"))
    faults.extend(
        Fault(f"/levers/{name}", f"This is a number from {low} to {high}.", "out_of_range")
        for name, (low, high) in BOUNDS.items()
        if not low <= getattr(levers, name) <= high
    )
    return faults


def policy_of(levers: Levers) -> Policy:
    if levers.rule == "start_all":
        return Policy(order=levers.order)
    if levers.rule == "register":
        return Policy(limit="register", order=levers.order)
    return Policy(cap=levers.cap, limit="people", order=levers.order, skip_blocked=levers.skip_blocked)


def changed_by(portfolio: Portfolio, levers: Levers, today: dt.date) -> Portfolio:
    """The portfolio as the scenario would have it."""
    kept = {
        key: replace(one, earliest=_earliest(key, one, levers, today))
        for key, one in portfolio.initiatives.items()
        if key not in levers.drop
    }
    invested = Investment(
        "scenario", 0.0, own=levers.own, fund=levers.fund, deliver=levers.deliver, people=levers.people
    )
    return with_investments(replace(portfolio, initiatives=kept), [invested])


def _earliest(key: str, one: Initiative, levers: Levers, today: dt.date) -> float:
    """The work day before which it is not begun: the day asked for, or a launch less the work that is left."""
    if key in levers.move:
        return float(max(0, work_days_between(today, levers.move[key])))
    if key in levers.launch:
        work = sum(task.days for task in one.tasks)
        return max(0.0, work_days_between(today, levers.launch[key]) - work)
    return one.earliest


def investments_in(facts: Mapping[str, Any]) -> tuple[list[Investment], list[str]]:
    """What could be invested in, with a price; and the codes of what has none in the register."""
    found, unpriced = [], []
    for code, row in facts["dependencies"].items():
        if not row["owned"]:
            found.append(Investment(f"own:{code}", OWNER_PRICE, own=(code,)))
        if not row["funded"]:
            if row["price"]:
                found.append(Investment(f"fund:{code}", row["price"], fund=(code,)))
            else:
                unpriced.append(f"fund:{code}")
    for code, row in facts["functions"].items():
        if row["price_per_person"]:
            found.append(Investment(f"people:{code}", row["price_per_person"], people={code: 1}))
        else:
            unpriced.append(f"people:{code}")
    return found, unpriced
