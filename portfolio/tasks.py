"""Reactions of the portfolio: each takes ids, calls one service, and may run twice."""

from collections.abc import Sequence

from celery import shared_task

from alignment_portal import clock
from portfolio.services.simulating import LONGEST_SECONDS, run_simulation, waiting
from portfolio.services.work import take_up


@shared_task
def follow_dossiers(*, key: str = "", keys: Sequence[str] = (), **_: object) -> int:
    """Queue what dossiers ask of shared functions, and withdraw what they ask no longer."""
    return take_up(keys=[key] if key else list(keys))


@shared_task(soft_time_limit=LONGEST_SECONDS, time_limit=LONGEST_SECONDS + 60)
def simulate(*, simulation: int, **_: object) -> str:
    """Answer one what-if."""
    return run_simulation(simulation)


@shared_task
def sweep() -> int:
    """Hand out again what waits and what a worker left behind; answer how many were sent."""
    sent = waiting(clock.wall())
    for pk in sent:
        simulate.delay(simulation=pk)
    return len(sent)
