"""Rows of the register, by an executive."""

from alignment_portal import clock
from alignment_portal.audit.guard import writes_allowed
from initiatives.models import Initiative
from portfolio.models import Bottleneck, WorkItem, WorkMove
from portfolio.services.register import register_bottleneck, register_dependency
from tests.factories.metrics import initiative
from tests.people import actor


def dependency(code="decision-log", **values):
    given = {"title": "Decision log", "kind": "platform", **values}
    return register_dependency(by=actor("executive"), code=code, **given)


def bottleneck(code="legal", **values):
    given = {"title": "Legal", "people": 1, "cap": 2, **values}
    return register_bottleneck(by=actor("executive"), code=code, **given)


def queued(count, *, cap=1, code="legal", about=None):
    """So many pieces of work of one initiative in the queue of a function with that cap."""
    about = about or Initiative.objects.filter(key="AI-0001").first() or initiative()
    pool = Bottleneck.objects.filter(code=code).first() or bottleneck(code, cap=cap)
    now = clock.now()
    with writes_allowed():
        items = [
            WorkItem.objects.create(initiative=about, bottleneck=pool, gate=f"gate-{number}", queued_at=now,
                                    days_low=2, days_likely=5, days_high=9)
            for number in range(count)
        ]  # fmt: skip
        WorkMove.objects.bulk_create(WorkMove(item=item, number=1, state="queued", at=now) for item in items)
    return items
