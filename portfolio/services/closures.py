"""The calendar of shared functions: the days on which nobody of one works."""

import datetime as dt

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, require
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.refusals import Conflict, Invalid, NotFound
from portfolio.actions import Actions
from portfolio.models import Bottleneck, Closure

LONGEST = dt.timedelta(days=366)
FARTHEST = dt.timedelta(days=3653)


@service
def keep_closure(
    *, by: Actor, bottleneck: Bottleneck, starts_on: dt.date, ends_on: dt.date, reason: str
) -> Closure:
    require(by, Action.PORTFOLIO_EDIT)
    Bottleneck.objects.select_for_update().get(pk=bottleneck.pk)
    if ends_on < starts_on:
        raise Invalid("It ends on the day it begins, or later.", pointer="/ends_on", code="out_of_order")
    if ends_on - starts_on > LONGEST:
        raise Invalid("A closure lasts at most a year.", pointer="/ends_on", code="out_of_range")
    if abs(starts_on - clock.now().date()) > FARTHEST:
        raise Invalid("A closure lies within ten years of today.", pointer="/starts_on", code="out_of_range")
    if not reason.strip():
        raise Invalid("Say why nobody is there.", pointer="/reason", code="required")
    known = bottleneck.closures.filter(starts_on__lte=ends_on, ends_on__gte=starts_on).first()
    if known is not None:
        raise Conflict(
            f"It is closed from {known.starts_on:%-d %B %Y} to {known.ends_on:%-d %B %Y} already.",
            code="overlap",
            pointer="/starts_on",
        )
    closure = bottleneck.closures.create(starts_on=starts_on, ends_on=ends_on, reason=reason.strip())
    record(by=by, action=Actions.CLOSURE_KEPT, subject=bottleneck.title, before=None, after=_told(closure))
    return closure


@service
def remove_closure(*, by: Actor, bottleneck: Bottleneck, closure: int) -> None:
    require(by, Action.PORTFOLIO_EDIT)
    row = bottleneck.closures.select_for_update().filter(pk=closure).first()
    if row is None:
        raise NotFound("There is no such closure.", code="closure_not_found")
    record(by=by, action=Actions.CLOSURE_KEPT, subject=bottleneck.title, before=_told(row), after=None)
    row.delete()


def _told(closure: Closure) -> dict[str, str]:
    return {"from": str(closure.starts_on), "to": str(closure.ends_on), "reason": closure.reason}
