"""Work in the queues: taken up from dossiers, begun only under the cap, moved with a reason, excepted by executives."""

import datetime as dt
from collections.abc import Collection, Iterable

from django.utils import timezone

from alignment_portal import clock
from alignment_portal.accounts.actors import SYSTEM, Actor
from alignment_portal.accounts.models import User
from alignment_portal.accounts.permissions import Action, next_mover, require
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.refusals import Conflict, Invalid, Stale
from initiatives.models import Demand, Initiative, Status
from portfolio.actions import Actions
from portfolio.models import IN_FLIGHT, Bottleneck, CapException, WorkItem, WorkMove, WorkState

# What may follow what; a state that follows itself changes nothing.
NEXT = {
    WorkState.QUEUED: {WorkState.STARTED},
    WorkState.STARTED: {WorkState.BLOCKED, WorkState.DONE, WorkState.QUEUED},
    WorkState.BLOCKED: {WorkState.STARTED, WorkState.DONE, WorkState.QUEUED},
    WorkState.DONE: {WorkState.QUEUED},
    WorkState.WITHDRAWN: set[WorkState](),
}
NEEDS_A_REASON = frozenset({WorkState.BLOCKED, WorkState.QUEUED})
ACTION = {
    WorkState.STARTED: Actions.WORK_STARTED,
    WorkState.BLOCKED: Actions.WORK_BLOCKED,
    WorkState.DONE: Actions.WORK_DONE,
    WorkState.QUEUED: Actions.WORK_PUT_BACK,
}
LONGEST_EXCEPTION = dt.timedelta(days=90)
NOT_ASKED = frozenset({Status.DRAFT, Status.RETIRED})


@service
def move_work(
    *, by: Actor, item: WorkItem, to: str, reason: str = "", expected: int | None = None
) -> WorkItem:
    """Start, block, finish or put back one item. Moving it to where it is succeeds and does nothing."""
    require(by, Action.WORK_MOVE)
    row = _locked(item)
    if expected is not None and expected != row.version:
        raise Stale("Somebody moved this after you opened it. Look again, then decide.", code="stale")
    if to not in WorkState.values or to == WorkState.WITHDRAWN:
        words = ", ".join(state for state in WorkState.values if state != WorkState.WITHDRAWN)
        raise Invalid(f"The state is one of {words}.", pointer="/to", code="unknown_choice")
    if to == row.state:
        return row
    if to not in NEXT[WorkState(row.state)]:
        raise Conflict(f"What is {row.state} cannot become {to}.", code="wrong_state", pointer="/to")
    if to in NEEDS_A_REASON and not reason.strip():
        raise Invalid("Say why.", pointer="/reason", code="required")
    if to == WorkState.STARTED and row.state == WorkState.QUEUED:
        _require_room(row)
    return _move(by, row, WorkState(to), reason.strip())


@service
def except_from_cap(*, by: Actor, item: WorkItem, reason: str, until: dt.date) -> WorkItem:
    """Start an item above the cap, or keep it there, until a day: an executive's decision, kept with its reason."""
    require(by, Action.CAP_EXCEPT)
    row = _locked(item)
    today = timezone.localdate(clock.now(), dt.UTC)
    if not reason.strip():
        raise Invalid("Say why this may go before the rest.", pointer="/reason", code="required")
    if not today <= until <= today + LONGEST_EXCEPTION:
        sentence = f"An exception ends within {LONGEST_EXCEPTION.days} days, today or later."
        raise Invalid(sentence, pointer="/until", code="out_of_range")
    if row.state not in {WorkState.QUEUED, *IN_FLIGHT}:
        raise Conflict(f"What is {row.state} needs no exception.", code="wrong_state")
    before = {"state": row.state, "exception": row.exception_id}
    row.exception = CapException.objects.create(
        item=row,
        reason=reason.strip(),
        until=until,
        decided_by=User.objects.get(email=by.email),
        decided_at=clock.now(),
    )
    if row.state == WorkState.QUEUED:
        _step(by, row, WorkState.STARTED, reason.strip())
    else:
        row.version += 1
        row.save(update_fields=["exception", "version"])
    record(
        by=by,
        action=Actions.CAP_EXCEPTED,
        subject=row.bottleneck.title,
        initiative=row.initiative.key,
        reason=reason.strip(),
        before=before,
        after={"state": row.state, "until": str(until)},
    )
    return row


@service
def take_up(*, keys: Collection[str]) -> int:
    """Queue what these initiatives ask of functions, and withdraw what they no longer ask. Safe to run twice."""
    initiatives = {row.pk: row for row in Initiative.objects.filter(key__in=keys).only("key", "status")}
    functions = dict(Bottleneck.objects.values_list("code", "pk"))
    asked = {
        (demand.initiative_id, functions[demand.bottleneck], demand.gate): demand
        for demand in Demand.objects.filter(initiative__in=initiatives, bottleneck__in=functions)
        if initiatives[demand.initiative_id].status not in NOT_ASKED
    }
    held = {
        (item.initiative_id, item.bottleneck_id, item.gate): item
        for item in WorkItem.objects.select_for_update().filter(initiative__in=initiatives)
    }
    fresh = _queue(demand for place, demand in asked.items() if place not in held)
    moved = 0
    for place, item in held.items():
        moved += _follow(item, asked.get(place))
    if fresh or moved:
        subject = f"{len(initiatives)} initiatives" if len(initiatives) > 1 else next(iter(keys))
        record(
            by=SYSTEM, action=Actions.WORK_TAKEN_UP, subject=subject, after={"new": fresh, "changed": moved}
        )
    return fresh + moved


def _queue(demands: Iterable[Demand]) -> int:
    functions = dict(Bottleneck.objects.values_list("code", "pk"))
    items = [
        WorkItem(
            initiative_id=demand.initiative_id,
            bottleneck_id=functions[demand.bottleneck],
            gate=demand.gate,
            days_low=demand.days_low,
            days_likely=demand.days_likely,
            days_high=demand.days_high,
            needed_by=demand.needed_by,
            queued_at=clock.now(),
        )
        for demand in demands
    ]
    WorkItem.objects.bulk_create(items, batch_size=500)
    WorkMove.objects.bulk_create(
        (WorkMove(item=item, number=1, state=WorkState.QUEUED, at=item.queued_at) for item in items),
        batch_size=500,
    )
    return len(items)


def _follow(item: WorkItem, demand: Demand | None) -> int:
    """Bring one item in line with the dossier; 1 when that changed something."""
    if demand is None:
        if item.state in {WorkState.DONE, WorkState.WITHDRAWN}:
            return 0
        _step(SYSTEM, item, WorkState.WITHDRAWN, "The dossier no longer asks for it.")
        return 1
    estimate = {name: getattr(demand, name) for name in ("days_low", "days_likely", "days_high", "needed_by")}
    changed = {name: value for name, value in estimate.items() if getattr(item, name) != value}
    for name, value in changed.items():
        setattr(item, name, value)
    if changed:
        item.save(update_fields=[*changed])
    if item.state == WorkState.WITHDRAWN:
        _step(SYSTEM, item, WorkState.QUEUED, "The dossier asks for it again.")
        return 1
    return 1 if changed else 0


def _locked(item: WorkItem) -> WorkItem:
    """INVARIANT: the bottleneck is locked before its item, here and in the guard, so that nobody waits in a circle."""
    bottleneck = Bottleneck.objects.select_for_update().get(pk=item.bottleneck_id)
    row = WorkItem.objects.select_for_update(of=("self",)).select_related("initiative").get(pk=item.pk)
    row.bottleneck = bottleneck
    return row


def _require_room(item: WorkItem) -> None:
    """The sentence for people; the guard holds the cap itself."""
    taken = WorkItem.objects.filter(bottleneck=item.bottleneck, state__in=IN_FLIGHT, exception=None).count()
    if taken >= item.bottleneck.cap:
        raise Conflict(
            f"{item.bottleneck.title} has {taken} in flight, with a cap of {item.bottleneck.cap}. Finish or put back"
            " one of them first, or ask an executive for an exception.",
            code="cap_reached",
            next_mover=next_mover(Action.CAP_EXCEPT),
        )


def _move(by: Actor, item: WorkItem, to: WorkState, reason: str) -> WorkItem:
    before = {"state": item.state}
    _step(by, item, to, reason)
    record(
        by=by,
        action=ACTION[to],
        subject=item.bottleneck.title,
        initiative=item.initiative.key,
        reason=reason,
        before=before,
        after={"state": item.state},
    )
    return item


def _step(by: Actor, item: WorkItem, to: WorkState, reason: str) -> None:
    now = clock.now()
    if to == WorkState.STARTED and item.state == WorkState.QUEUED:
        item.started_at = max(now, item.queued_at)
    if to in {WorkState.QUEUED, WorkState.WITHDRAWN}:
        item.started_at, item.exception = None, None
    if to == WorkState.QUEUED and item.state == WorkState.WITHDRAWN:
        item.queued_at = now
    item.finished_at = max(now, item.started_at or now) if to == WorkState.DONE else None
    item.state = to
    item.version += 1
    item.save(update_fields=["state", "queued_at", "started_at", "finished_at", "exception", "version"])
    number = item.moves.count() + 1
    WorkMove.objects.create(item=item, number=number, state=to, reason=reason, at=now, by_id=by.user_id)
