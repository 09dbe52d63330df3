"""Whether people would choose it: more than training, and an answer to the bad day."""

from __future__ import annotations

from typing import Literal

import msgspec

from gates.engine import mending
from gates.engine.checking import Ledger, Outcome, check
from gates.engine.checks.change import record
from gates.engine.facts import Facts
from gates.engine.policy import NoParams, Params
from gates.engine.stand_ins import with_somebody
from gates.engine.view import Case
from gates.engine.words import some
from initiatives.dossier.change import AdoptionMeasure, BadDay, Group


class Levers(Params, frozen=True):
    """What counts beside training, and how much of it."""

    levers: tuple[Literal["incentive", "usability", "trust"], ...]
    at_least: int


# -- adoption -------------------------------------------------------------------------------------------------


@check("change.adoption_is_more_than_training", Levers)
def adoption_is_more_than_training(case: Case, params: Levers) -> Outcome:
    """People are not only told to use it: incentives, usability or trust change too."""
    ledger = Ledger()
    measures = case.dossier.change_impact.adoption_measures
    beyond = [measure for measure in measures if measure.lever in params.levers]
    if len(beyond) >= params.at_least:
        ledger.note("Adoption", f"beside training: {some([m.description.rstrip('.') for m in beyond])}")
        return ledger.settle()
    what = {0: "no adoption measure works", 1: "only one adoption measure works"}.get(
        len(beyond), f"only {len(beyond)} adoption measures work"
    )
    found = f"{what} on {', '.join(params.levers[:-1])} or {params.levers[-1]}"
    move = record("Plan what makes people choose it beside training: incentive, usability or trust")
    ledger.lack("Adoption", found, move, needed=f"at least {params.at_least}", unknown=not measures)
    return ledger.settle()


@adoption_is_more_than_training.mend
def mend_adoption_is_more_than_training(case: Case, params: Levers) -> Facts:
    """Plan measures beside training."""
    measures = case.dossier.change_impact.adoption_measures
    codes = tuple(measure.code for measure in measures)
    fresh: list[AdoptionMeasure] = []
    while sum(m.lever in params.levers for m in (*measures, *fresh)) < params.at_least:
        code = mending.free_code("adoption", (*codes, *(m.code for m in fresh)))
        lever = params.levers[len(fresh) % len(params.levers)]
        fresh.append(AdoptionMeasure(code=code, lever=lever, description=mending.STAND_IN))
    return mending.with_part(case.facts, "change_impact", adoption_measures=(*measures, *fresh))


# -- the bad day ----------------------------------------------------------------------------------------------


@check("change.bad_day_is_answered", NoParams)
def bad_day_is_answered(case: Case, _: NoParams) -> Outcome:
    """For each affected group its lead says why it would be chosen on a bad day."""
    ledger, impact = Ledger(), case.dossier.change_impact
    if not impact.groups:
        _lack_groups(ledger)
    answers = {one.group: one for one in impact.bad_day if one.answer.strip()}
    for index, group in enumerate(impact.groups):
        answer, lead = answers.get(group.code), case.view.name(group.lead)
        place = f"/change_impact/groups/{index}"
        if group.lead is None:
            move = record(f"Name who leads {group.name}")
            ledger.lack(
                group.name, f"nobody is named who leads {group.name}", move, place=place, unknown=True
            )
            continue
        move = record(f"Ask {lead}: why would {group.name} choose this on a bad day?", person=group.lead)
        if answer is None:
            ledger.lack(
                group.name,
                f"{lead} has not said why {group.name} would choose it on a bad day",
                move,
                place=place,
                unknown=True,
            )
        elif answer.answered_by != group.lead:
            by = case.view.name(answer.answered_by)
            ledger.lack(
                group.name, f"for {group.name} {by} answered, not {lead}, who leads them", move, place=place
            )
        else:
            ledger.note(group.name, f"{lead} answered for {group.name}", place=place)
    return ledger.settle()


def _lack_groups(ledger: Ledger) -> None:
    move = record("Name the groups of people it affects, and who leads them")
    ledger.lack("Groups", "no affected group is recorded", move, unknown=True)


@bad_day_is_answered.mend
def mend_bad_day_is_answered(case: Case, _: NoParams) -> Facts:
    """Let each group's lead answer."""
    facts, lead = with_somebody(case.facts)
    impact = facts.dossier.change_impact
    groups = tuple(
        msgspec.structs.replace(group, lead=group.lead or lead)
        for group in impact.groups or (Group(code="group", name=mending.STAND_IN, frontline=True),)
    )
    given = {one.group: one.answer for one in impact.bad_day if one.answer.strip()}
    answers = tuple(
        BadDay(group=g.code, answer=given.get(g.code, mending.STAND_IN), answered_by=g.lead) for g in groups
    )
    return mending.with_part(facts, "change_impact", groups=groups, bad_day=answers)
