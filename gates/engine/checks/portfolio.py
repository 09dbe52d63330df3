"""What it shares with others: bottlenecks, dependencies, and what the affected groups must absorb in all."""

from __future__ import annotations

import datetime as dt

import msgspec

from gates.engine import mending
from gates.engine.checking import Ledger, Outcome, check, deed
from gates.engine.facts import Bottleneck, Facts, GroupLoad, SharedDependency
from gates.engine.policy import NoParams, Params
from gates.engine.stand_ins import with_somebody
from gates.engine.verdict import NextMove
from gates.engine.view import Case
from gates.engine.words import day, listing, percent
from initiatives.dossier.change import Group
from initiatives.dossier.document import Dependency

FUNDING = {"unfunded": "not funded", "requested": "asked for but not funded", "funded": "funded"}


class Bands(Params, frozen=True):
    """Shares of a group's capacity for change: from where it is high, too much, and a reason to stop."""

    high: float
    over: float
    stop: float

    def faults(self) -> tuple[str, ...]:
        """Bands out of order."""
        return () if self.high <= self.over <= self.stop else ("high, over and stop are not in order",)


def _settle_at(text: str, place: str, *, role: str = "sponsor", person: str = "", key: str = "") -> NextMove:
    return deed(text, role=role, place=place, kind="portfolio", person=person, key=key, days=10.0)


# -- bottlenecks ----------------------------------------------------------------------------------------------


@check("portfolio.bottlenecks_have_room", NoParams)
def bottlenecks_have_room(case: Case, _: NoParams) -> Outcome:
    """No shared function it needs has more in flight than its cap."""
    ledger = Ledger()
    for code in _needed_functions(case):
        known = case.facts.bottlenecks.get(code)
        place = f"/portfolio/bottlenecks/#{code}"
        if known is None:
            move = _settle_at(f"Register the shared function {code} with its cap", place)
            ledger.lack(code, f"{code} is not in the register of shared functions", move, unknown=True)
            continue
        found = f"{known.title} has {known.in_flight} in flight, with a cap of {known.cap}"
        if known.in_flight > known.cap:
            ledger.lack(
                known.title, found, _settle_at(f"Finish or pause work in flight at {known.title}", place)
            )
        else:
            ledger.note(known.title, found)
    if not _needed_functions(case):
        ledger.note("Shared functions", "it needs no shared function")
    return ledger.settle()


def _needed_functions(case: Case) -> tuple[str, ...]:
    return tuple(dict.fromkeys(demand.bottleneck for demand in case.dossier.bottleneck_demand))


@bottlenecks_have_room.mend
def mend_bottlenecks_have_room(case: Case, _: NoParams) -> Facts:
    """Let work in flight come down to the cap."""
    known = dict(case.facts.bottlenecks)
    for code in _needed_functions(case):
        one = known.get(code) or Bottleneck(code=code, title=mending.STAND_IN, cap=1, in_flight=0)
        known[code] = msgspec.structs.replace(one, in_flight=min(one.in_flight, one.cap))
    return msgspec.structs.replace(case.facts, bottlenecks=known)


# -- shared dependencies --------------------------------------------------------------------------------------


@check("portfolio.dependencies_are_owned_and_funded", NoParams)
def dependencies_are_owned_and_funded(case: Case, _: NoParams) -> Outcome:
    """Every shared dependency it needs is registered, owned by somebody who is here, and funded or delivered."""
    ledger = Ledger()
    for index, needed in enumerate(case.dossier.dependencies):
        known = case.facts.dependencies.get(needed.code)
        place = f"/dependencies/{index}"
        if known is None:
            move = _settle_at(
                f"Register the shared dependency {needed.code} with owner and funding", _link(needed.code)
            )
            ledger.lack(
                needed.code,
                f"{needed.code} is not in the register of shared dependencies",
                move,
                place=place,
                unknown=True,
            )
        elif missing := _missing(case, known):
            by = f", and it is needed by {day(needed.needed_by)}" if needed.needed_by else ""
            ledger.lack(
                known.title, f"{known.title} {listing(missing)}{by}", *_moves(case, known), place=place
            )
        else:
            ledger.note(
                known.title,
                f"{known.title} is {_standing(known)}, owned by {case.view.name(known.owner)}",
                place=place,
            )
    if not case.dossier.dependencies:
        ledger.note("Shared dependencies", "it waits for nothing that it shares with others")
    return ledger.settle()


def _link(code: str) -> str:
    return f"/portfolio/dependencies/#{code}"


def _standing(known: SharedDependency) -> str:
    return "delivered" if known.state == "delivered" else FUNDING[known.funding]


def _missing(case: Case, known: SharedDependency) -> list[str]:
    missing = []
    if known.state == "dropped":
        missing.append("was dropped")
    if known.owner is None:
        missing.append("has no owner")
    elif not case.view.is_active(known.owner):
        gone = "who has left" if known.owner in case.facts.people else "whom nobody knows"
        missing.append(f"is owned by {case.view.name(known.owner)}, {gone}")
    if known.state != "delivered" and known.funding != "funded":
        missing.append(f"is {FUNDING[known.funding]}")
    return missing


def _moves(case: Case, known: SharedDependency) -> list[NextMove]:
    place, moves = _link(known.code), []
    if known.state == "dropped":
        moves.append(
            _settle_at(f"Take up {known.title} again, or do without it", place, key=f"take-up:{known.code}")
        )
    if known.owner is None or not case.view.is_active(known.owner):
        moves.append(_settle_at(f"Name an owner for {known.title}", place, key=f"own:{known.code}"))
    if known.state != "delivered" and known.funding != "funded":
        moves.append(
            _settle_at(f"Fund {known.title}", place, role="executive:finance", key=f"fund:{known.code}")
        )
    return moves


@dependencies_are_owned_and_funded.mend
def mend_dependencies_are_owned_and_funded(case: Case, _: NoParams) -> Facts:
    """Register, own and fund what it waits for."""
    facts, owner = with_somebody(case.facts)
    known = dict(facts.dependencies)
    for needed in case.dossier.dependencies:
        known[needed.code] = _provided(case, needed, known.get(needed.code), owner)
    return msgspec.structs.replace(facts, dependencies=known)


def _provided(case: Case, needed: Dependency, known: SharedDependency | None, owner: str) -> SharedDependency:
    if known is None:
        return SharedDependency(
            code=needed.code, title=mending.STAND_IN, owner=owner, funding="funded", state="in_progress"
        )
    return msgspec.structs.replace(
        known,
        owner=known.owner if case.view.is_active(known.owner) else owner,
        funding=known.funding if known.state == "delivered" else "funded",
        state="in_progress" if known.state == "dropped" else known.state,
    )


# -- what groups must absorb ----------------------------------------------------------------------------------


@check("portfolio.groups_can_absorb_it", Bands)
def groups_can_absorb_it(case: Case, params: Bands) -> Outcome:
    """No affected group is asked for more than its capacity for change, all initiatives together, in any month to come."""
    ledger = Ledger()
    groups = {group.code: group for group in case.dossier.change_impact.groups}
    if not groups:
        move = deed("Name the groups of people it affects", role="change", place="change/", key="groups")
        ledger.lack("Groups", "no affected group is recorded", move, unknown=True)
    loads = _loads(case, frozenset(groups))
    for code, group in groups.items():
        mine = loads.get(code)
        if mine is None:
            move = deed(f"State go-live and adoption hours of {group.name}", role="change", place="change/")
            ledger.lack(group.name, f"the change load of {group.name} is not known", move, unknown=True)
        else:
            heaviest = max(mine, key=lambda load: (load.share, -load.month.toordinal()))
            _line_of_load(group, heaviest, params, ledger, today=case.today)
    return ledger.settle()


def _loads(case: Case, codes: frozenset[str]) -> dict[str, list[GroupLoad]]:
    """Loads of these groups, from this month on; of a group whose months have all passed, those."""
    found: dict[str, list[GroupLoad]] = {}
    for load in case.facts.group_loads:
        if load.group in codes:
            found.setdefault(load.group, []).append(load)
    first = case.today.replace(day=1)
    return {
        code: [load for load in mine if load.month >= first] or [_quiet(code, first)]
        for code, mine in found.items()
    }


def _quiet(code: str, month: dt.date) -> GroupLoad:
    return GroupLoad(group=code, month=month, share=0.0)


def _line_of_load(group: Group, load: GroupLoad, params: Bands, ledger: Ledger, *, today: dt.date) -> None:
    share, month = percent(round(load.share, 3)), f"{load.month:%B %Y}"
    found = f"{group.name} carry {share} of their capacity for change in {month}"
    if load.share > params.over:
        stop = load.share > params.stop
        if group.go_live_on is not None and group.go_live_on > today:
            text = f"Move a go-live of {group.name} out of {month}" + (": stop until then" if stop else "")
        else:
            text = f"Relieve {group.name} in {month}, or give them more capacity"
        move = _settle_at(text, "/portfolio/change-load/", role="change")
        ledger.lack(group.name, found, move, needed=f"at most {percent(params.over)}")
    else:
        high = ", which is high" if load.share >= params.high else ""
        ledger.note(group.name, f"{found}{high}")


@groups_can_absorb_it.mend
def mend_groups_can_absorb_it(case: Case, params: Bands) -> Facts:
    """Bring every group's load down to its capacity."""
    groups = case.dossier.change_impact.groups or (
        Group(code="group", name=mending.STAND_IN, frontline=True),
    )
    facts = mending.with_part(case.facts, "change_impact", groups=groups)
    codes = {group.code for group in groups}
    lower = tuple(
        msgspec.structs.replace(load, share=min(load.share, params.over)) if load.group in codes else load
        for load in facts.group_loads
    )
    known = {load.group for load in lower}
    month = case.today.replace(day=1)
    fresh = tuple(_quiet(group.code, month) for group in groups if group.code not in known)
    return msgspec.structs.replace(facts, group_loads=(*lower, *fresh))
