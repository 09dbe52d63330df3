"""Choosing which what-ifs the paper of the portfolio shows, and leaving one out again."""

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.outbox.events import announce
from alignment_portal.refusals import Conflict
from portfolio.actions import Actions
from portfolio.models import JobState, ScenarioChoice, Simulation
from portfolio.selectors.scenarios import scenarios_chosen

MOST_SHOWN = 4  # stand side by side on paper


@service
def choose_scenario(*, by: Actor, simulation: Simulation, shown: bool) -> Simulation:
    """Choosing what is chosen already does nothing; each choice stays on record."""
    require(by, Action.PORTFOLIO_EDIT)
    row = Simulation.objects.select_for_update().get(pk=simulation.pk)
    chosen = scenarios_chosen()
    if any(one.pk == row.pk for one in chosen) == shown:
        return row
    if shown and row.state != JobState.DONE:
        raise Conflict(f"{row.ref} has no answer to show.", code="not_answered")
    if shown and len(chosen) >= MOST_SHOWN:
        sentence = f"The paper shows {MOST_SHOWN} what-ifs side by side. Leave one out first."
        raise Conflict(sentence, code="paper_full")
    ScenarioChoice.objects.create(simulation=row, shown=shown, at=clock.now(), by_id=by.user_id)
    record(
        by=by,
        action=Actions.SIMULATION_SHOWN,
        subject=row.ref,
        before={"in_pack": not shown},
        after={"in_pack": shown},
    )
    announce("portfolio.scenario_chosen", simulation=row.pk)
    return row
