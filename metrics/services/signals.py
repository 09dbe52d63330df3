"""Signals that somebody looked at."""

import datetime as dt

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.outbox.events import announce
from alignment_portal.refusals import Conflict, Forbidden, Invalid
from initiatives.models import Deployment, Initiative
from initiatives.selectors import require_on
from metrics.actions import Actions
from metrics.models import Acknowledgement, Metric


@service
def acknowledge_signal(
    *, by: Actor, initiative: Initiative, metric: str, rule: str, period_end: dt.date, cause: str
) -> Acknowledgement:
    """Write down why a reading stood out; `period_end` names the reading, which must have been recorded."""
    initiative = Initiative.objects.select_for_update(no_key=True).get(pk=initiative.pk)
    require_on(by, Action.INCIDENT_RECORD, initiative)
    if by.user_id is None:
        raise Forbidden("A cause is written down by a person.", code="people_only")
    if not cause.strip():
        raise Invalid("Write down the cause.", pointer="/cause", code="required")
    if not rule.strip():
        raise Invalid("Name the rule that called the signal.", pointer="/rule", code="required")
    row = Metric.objects.filter(initiative=initiative, code=metric).first()
    if row is None:
        raise Invalid(f"{initiative.key} has no metric {metric}.", pointer="/metric", code="unknown_metric")
    if not _has_reading(row, period_end):
        raise Conflict(
            f"{row.title} has no reading for a period that ends on {period_end}.", code="no_reading"
        )
    acknowledgement = Acknowledgement.objects.create(
        metric=row,
        rule=rule.strip(),
        period_end=period_end,
        cause=cause.strip(),
        at=clock.now(),
        by_id=by.user_id,
    )
    record(
        by=by,
        action=Actions.SIGNAL_ACKNOWLEDGED,
        subject=metric,
        initiative=initiative.key,
        after={"rule": rule.strip(), "period_end": period_end, "acknowledgement": acknowledgement.pk},
    )
    announce("metrics.readings_recorded", keys=[initiative.key])
    return acknowledgement


def _has_reading(metric: Metric, period_end: dt.date) -> bool:
    """Looked for first where signals come from, which is one look-up a deployment however many readings there are."""
    of_all_cases = metric.observations.filter(
        segment="", deployment__in=["", *_deployments(metric)], period_end=period_end
    )
    return of_all_cases.exists() or metric.observations.filter(period_end=period_end).exists()


def _deployments(metric: Metric) -> list[str]:
    found = Deployment.objects.filter(initiative=metric.initiative_id)
    return list(found.values_list("code", flat=True))
