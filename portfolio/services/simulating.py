"""Asking a what-if, answering it in a job that may be lost and taken up again, and stopping it."""

import datetime as dt
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded

from alignment_portal import clock
from alignment_portal.accounts.actors import SYSTEM, Actor
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.http.references import next_reference
from alignment_portal.outbox.events import announce
from alignment_portal.refusals import Conflict, Fault, Invalid
from portfolio.actions import Actions
from portfolio.models import JobState, Simulation
from portfolio.models.simulations import ATTEMPTS, LEASE
from portfolio.selectors.answering import answer_to
from portfolio.selectors.levers import levers_of
from portfolio.selectors.whatif import facts_now, plain

MOST_RUNS, LONGEST_TITLE = 10_000, 200
MOST_SEED = 2**31 - 1
TOLD_EVERY_SECONDS = 1.0
LONGEST_SECONDS = (
    900  # of one answer: hundreds of initiatives a thousand times, and the ranking of investments
)


@dataclass(frozen=True)
class Held:
    pk: int
    token: uuid.UUID


class LostHold(Exception):
    """Somebody else holds it now, or it was cancelled: what was computed is dropped."""


def request_simulation(
    *, by: Actor, title: str, levers: Mapping[str, Any], runs: int = 1000, seed: int = 1
) -> Simulation:
    """Keep the question with the facts of now; a job answers it. Reading the facts comes before the transaction."""
    require(by, Action.SCENARIO_RUN)
    faults = []
    if not 1 <= len(title.strip()) <= LONGEST_TITLE:
        faults.append(Fault("/title", "A title has 1 to 200 characters.", "required"))
    if not 1 <= runs <= MOST_RUNS:
        faults.append(Fault("/runs", f"Run it from 1 to {MOST_RUNS:,} times.", "out_of_range"))
    if not 0 <= seed <= MOST_SEED:
        faults.append(Fault("/seed", "The seed is a whole number that is not negative.", "out_of_range"))
    if faults:
        raise Invalid(faults[0].sentence, faults=faults, code="invalid")
    facts = facts_now()
    chosen = levers_of(levers, facts)
    return _keep(by=by, title=title.strip(), levers=plain(chosen), facts=facts, runs=runs, seed=seed)


@service
def _keep(*, by: Actor, title: str, runs: int, seed: int, **kept: Any) -> Simulation:
    row = Simulation.objects.create(
        ref=next_reference("SM"), title=title, runs=runs, seed=seed, as_of=clock.now(), requested_by_id=by.user_id,
        **kept,
    )  # fmt: skip
    record(by=by, action=Actions.SIMULATION_ASKED, subject=row.ref, after={"runs": runs, "seed": seed})
    announce("portfolio.simulation_requested", simulation=row.pk)
    return row


@service
def cancel_simulation(*, by: Actor, simulation: Simulation) -> Simulation:
    """Stop one that is not over; stopping it twice does nothing."""
    require(by, Action.SCENARIO_RUN)
    row = Simulation.objects.select_for_update().get(pk=simulation.pk)
    if row.state == JobState.CANCELLED:
        return row
    if row.is_over:
        raise Conflict(f"{row.ref} is {row.get_state_display()} already.", code="over")
    _end(row, JobState.CANCELLED)
    record(by=by, action=Actions.SIMULATION_CANCELLED, subject=row.ref)
    return row


# --- the job -----------------------------------------------------------------------------------------------


def run_simulation(pk: int) -> str:
    """Answer it, if it waits to be answered; the state it is in afterwards. Safe to run twice, and at once."""
    held = claim(pk)
    if held is None:
        return "nothing to do"
    row = Simulation.objects.get(pk=pk)
    try:
        result = answer_to(row.facts, row.levers, runs=row.runs, seed=row.seed, tell=_teller(held))
        return finish(held, result)
    except LostHold:
        return "lost"
    except SoftTimeLimitExceeded:
        return fail(
            held, f"It took longer than {LONGEST_SECONDS} seconds and was stopped. Ask for fewer runs."
        )
    except MemoryError:
        return fail(held, "The worker ran out of memory. Ask for fewer runs.")


def _teller(held: Held) -> Callable[[float], None]:
    """Note progress and hold on, at most once a second; a row that is no longer ours ends the work."""
    last = time.monotonic()

    def tell(share: float) -> None:
        nonlocal last
        if time.monotonic() - last >= TOLD_EVERY_SECONDS:
            last = time.monotonic()
            note_progress(held, min(99, int(share * 100)))

    return tell


@service
def claim(pk: int) -> Held | None:
    """Take one that waits or was left behind; None when another has it, or it was tried too often."""
    now = clock.wall()
    row = Simulation.objects.to_claim(now).select_for_update().filter(pk=pk).first()
    if row is None:
        return None
    if row.attempts >= ATTEMPTS:
        row.error = f"The worker was lost {ATTEMPTS} times while it ran. Ask for fewer runs."
        _end(row, JobState.FAILED)
        return None
    row.state, row.token, row.lease_until = JobState.RUNNING, uuid.uuid4(), now + LEASE
    row.attempts, row.percent = row.attempts + 1, 0
    row.save(update_fields=["state", "token", "lease_until", "attempts", "percent"])
    return Held(row.pk, row.token)


@service
def note_progress(held: Held, percent: int) -> None:
    ours = Simulation.objects.filter(pk=held.pk, token=held.token, state=JobState.RUNNING)
    if not ours.update(percent=percent, lease_until=clock.wall() + LEASE):
        raise LostHold


@service
def finish(held: Held, result: Mapping[str, Any]) -> str:
    """INVARIANT: only the holder of the token finishes."""
    row = _ours(held)
    row.result = dict(result)
    _end(row, JobState.DONE)
    record(by=SYSTEM, action=Actions.SIMULATION_DONE, subject=row.ref)
    return row.state


@service
def fail(held: Held, sentence: str) -> str:
    row = _ours(held)
    row.error = sentence
    _end(row, JobState.FAILED)
    record(by=SYSTEM, action=Actions.SIMULATION_FAILED, subject=row.ref, reason=sentence)
    return row.state


def _ours(held: Held) -> Simulation:
    row = Simulation.objects.select_for_update().filter(pk=held.pk, token=held.token).first()
    if row is None or row.state != JobState.RUNNING:
        raise LostHold
    return row


def _end(row: Simulation, state: JobState) -> None:
    row.state, row.token, row.lease_until, row.finished_at = state, None, None, clock.now()
    row.percent = 100 if state == JobState.DONE else row.percent
    row.save(update_fields=["state", "token", "lease_until", "finished_at", "percent", "error", "result"])


def waiting(now: dt.datetime) -> list[int]:
    """What waits to be answered, or was left behind."""
    return list(Simulation.objects.to_claim(now).order_by("id").values_list("pk", flat=True))
