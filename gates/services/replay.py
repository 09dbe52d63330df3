"""Loading a portfolio's past: only into a portal in which nothing was judged yet, and only once."""

from alignment_portal import clock
from alignment_portal.accounts.actors import SYSTEM, Actor
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from gates.actions import Actions
from gates.models import ReplayWindow


@service
def open_replay(*, by: Actor = SYSTEM) -> ReplayWindow:
    """From here on a verdict need only have been valid at its own moment; refused when anything was judged already."""
    window = ReplayWindow(opened_at=clock.wall())
    window.save(force_insert=True)
    record(by=by, action=Actions.REPLAY_OPENED, subject="replay")
    return window


@service
def close_replay(*, by: Actor = SYSTEM) -> None:
    """For good. Doing it twice is a success that does nothing."""
    if ReplayWindow.objects.filter(closed_at__isnull=True).update(closed_at=clock.wall()):
        record(by=by, action=Actions.REPLAY_CLOSED, subject="replay")
