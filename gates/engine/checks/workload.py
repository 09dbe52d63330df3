"""The net workload: what is saved, what is added elsewhere, for whom, and who at the front line confirmed it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from gates.engine import mending
from gates.engine.checking import Ledger, Outcome, check
from gates.engine.checks.change import record
from gates.engine.checks.claims import saves_time
from gates.engine.facts import Facts
from gates.engine.policy import Params
from gates.engine.verdict import NextMove
from gates.engine.view import Case
from gates.engine.words import listing, some
from initiatives.dossier.change import Group, WorkloadShift
from initiatives.dossier.document import Dossier
from initiatives.dossier.metrics import Metric

FRONT_LINE = "front.line@mended.invalid"
MINUTES = 60  # in an hour
MINUS = "−"


class WorkloadTerms(Params, frozen=True):
    """Units in which less means time saved, and what is worth saying of the balance."""

    units: tuple[str, ...]
    leakage_above: float
    hours_per_person_above: float


class Net(NamedTuple):
    """Hours a week: claimed as saved (negative), added elsewhere, and the net by group in the order of the groups."""

    claimed: float
    added: float
    by_group: dict[str, float]

    @property
    def total(self) -> float:
        """What is left: negative saves."""
        return self.claimed + self.added

    @property
    def leakage(self) -> float | None:
        """The share of the saving that reappears elsewhere; none where nothing is saved."""
        return self.added / -self.claimed if self.claimed else None


def hours_of(shift: WorkloadShift) -> float:
    """Hours a week that one shift adds, or saves when negative."""
    return shift.minutes_per_case * shift.cases_per_week * shift.exposed_share / MINUTES


def net_workload(dossier: Dossier) -> Net:
    """The balance of all shifts."""
    shifts = dossier.change_impact.workload_shifts
    hours = [(shift.group, hours_of(shift)) for shift in shifts]
    known = [group.code for group in dossier.change_impact.groups]
    codes = [*known, *(code for code, _ in hours if code not in known)]
    totals = {code: sum(h for group, h in hours if group == code) for code in codes}
    return Net(
        claimed=sum(h for _, h in hours if h < 0),
        added=sum(h for _, h in hours if h > 0),
        by_group={code: total for code, total in totals.items() if any(group == code for group, _ in hours)},
    )


def signed(hours: float) -> str:
    """Hours with their sign: +1.02, −35.5."""
    return f"{hours:+,.2f}".rstrip("0").rstrip(".").replace("-", MINUS)


def in_words(dossier: Dossier, net: Net, params: WorkloadTerms) -> str:
    """The balance as one clause: claimed, added, net, leakage, by group, and who gets more than a little more."""
    groups = {group.code: group for group in dossier.change_impact.groups}
    names = [f"{groups[c].name if c in groups else c} {signed(h)}" for c, h in net.by_group.items()]
    heads = [
        (groups[c], h / groups[c].headcount)
        for c, h in net.by_group.items()
        if c in groups and groups[c].headcount
    ]
    worse = [
        f"{g.name} {signed(h)} h a person and week" for g, h in heads if h > params.hours_per_person_above
    ]
    leakage = f", {_leakage(net.leakage, params)}" if net.leakage else ""
    return (
        f"{signed(net.claimed)} h/week claimed, {signed(net.added)} h/week added, net {signed(net.total)} h/week"
        f"{leakage} ({listing(names)})" + (f"; more work for {some(worse)}" if worse else "")
    )


def _leakage(share: float, params: WorkloadTerms) -> str:
    shown = f"{share * 100:.1f}%"
    if share > params.leakage_above:
        return f"most of the saving reappears elsewhere ({shown})"
    return f"{shown} of the saving reappears elsewhere"


@check("workload.net_is_confirmed", WorkloadTerms)
def net_is_confirmed(case: Case, params: WorkloadTerms) -> Outcome:
    """Workload by group and step with what is added, confirmed at the front line; no time is claimed that is not saved."""
    ledger, shifts = Ledger(), case.dossier.change_impact.workload_shifts
    if not shifts:
        _without_shifts(case, params, ledger)
        return ledger.settle()
    net = net_workload(case.dossier)
    balance = in_words(case.dossier, net, params)
    for index, lack in enumerate(_lacks(case, net, params)):
        found = f"{lack.found}: {balance}" if index == 0 else lack.found
        ledger.lack(
            lack.label, found, lack.move, place="/change_impact/workload_shifts", unknown=lack.unknown
        )
    if not ledger.has_failed:
        ledger.note("Net workload", f"{balance}; confirmed by {_confirmers(case)}")
    return ledger.settle()


class Lack(NamedTuple):
    """Something the workload does not show."""

    label: str
    found: str
    move: NextMove
    unknown: bool


def _lacks(case: Case, net: Net, params: WorkloadTerms) -> Iterator[Lack]:
    claims = _time_claims(case, params)
    if claims and net.total >= 0:
        move = record(
            "Take work out until the net is a saving, or withdraw the claim of saved time", role="owner"
        )
        yield Lack(
            "Net workload",
            f"{claims[0].title} claims saved time, and the net saves none",
            move,
            unknown=False,
        )
    if net.claimed and not net.added:
        move = record("Add the work that appears elsewhere: checking, rework, exceptions, explaining")
        yield Lack("Added work", "no added work is recorded beside what is saved", move, unknown=True)
    shifts = case.dossier.change_impact.workload_shifts
    unconfirmed = [f"“{shift.step}”" for shift in shifts if not is_confirmed(case, shift)]
    if unconfirmed:
        move = record(
            "Have the workload by step confirmed by somebody at the front line", person=_front_line(case)
        )
        yield Lack(
            "Confirmation", f"nobody at the front line confirmed {some(unconfirmed)}", move, unknown=True
        )


def _without_shifts(case: Case, params: WorkloadTerms, ledger: Ledger) -> None:
    assessed = {one.impact: one for one in case.dossier.change_impact.assessments}
    workload = assessed.get("workload")
    reason = workload.summary.strip() if workload and workload.extent == "none" else ""
    if reason and not _time_claims(case, params):
        ledger.note("Net workload", f"nobody's work changes: {reason.rstrip('.')}")
        return
    move = record("Record the minutes each step gains or loses, by group, with what is added")
    ledger.lack("Workload", "no step is recorded that gains or loses work", move, unknown=True)


def _time_claims(case: Case, params: WorkloadTerms) -> list[Metric]:
    return [claim for claim in case.view.claims if saves_time(claim, params.units)]


def _leads(case: Case) -> set[str]:
    return {g.lead for g in case.dossier.change_impact.groups if g.frontline and g.lead is not None}


def is_confirmed(case: Case, shift: WorkloadShift) -> bool:
    """Whether somebody who does the work confirmed it: a front-line lead, or anybody but those who ask for it."""
    initiative = case.dossier.initiative
    by = shift.confirmed_by
    return by is not None and (by in _leads(case) or by not in {initiative.owner, initiative.sponsor})


def _front_line(case: Case) -> str:
    return next((email for email in sorted(_leads(case)) if case.view.is_active(email)), "")


def _confirmers(case: Case) -> str:
    people = dict.fromkeys(shift.confirmed_by for shift in case.dossier.change_impact.workload_shifts)
    return some([case.view.name(email) for email in people])


@net_is_confirmed.mend
def mend_net_is_confirmed(case: Case, params: WorkloadTerms) -> Facts:
    """Record what is added, have it all confirmed, and take work out while a claim of saved time needs it."""
    impact = case.dossier.change_impact
    groups = impact.groups or (Group(code="group", name=mending.STAND_IN, frontline=True),)
    shifts: list[WorkloadShift] = list(impact.workload_shifts)
    if not shifts:
        shifts.append(_shift(shifts, groups[0].code, -2.0))
    if all(hours_of(shift) <= 0 for shift in shifts):
        shifts.append(_shift(shifts, groups[0].code, 1.0))
    if sum(hours_of(shift) for shift in shifts) >= 0 and _time_claims(case, params):
        shifts.append(_shift(shifts, groups[0].code, -2.0 - sum(hours_of(s) for s in shifts) * MINUTES))
    confirmed = tuple(
        shift
        if is_confirmed(case, shift)
        else msgspec.structs.replace(shift, confirmed_by=FRONT_LINE, confirmed_on=case.today)
        for shift in shifts
    )
    return mending.with_part(case.facts, "change_impact", groups=groups, workload_shifts=confirmed)


def _shift(shifts: list[WorkloadShift], group: str, minutes: float) -> WorkloadShift:
    code = mending.free_code("shift", tuple(shift.code for shift in shifts))
    return WorkloadShift(
        code=code, group=group, step=mending.STAND_IN, minutes_per_case=minutes, cases_per_week=1.0
    )
