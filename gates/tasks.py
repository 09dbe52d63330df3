"""Reactions and the beat's own: each takes ids, calls one service, and may run twice."""

from collections.abc import Sequence

from celery import shared_task

from alignment_portal.refusals import NotFound
from gates.services.evaluations import record_evaluation
from gates.services.notices import mail_due
from gates.services.sweeps import evaluate_keys, tell_of_expiries
from initiatives.models import Initiative

LONG = 3600  # seconds: a whole portfolio takes longer than one initiative


@shared_task
def evaluate(key: str, **_: object) -> str:
    """Judge one initiative after a change; tell who has the next move."""
    initiative = Initiative.objects.filter(key=key).first()
    if initiative is None:
        raise NotFound(f"There is no initiative {key}.")
    level = record_evaluation(initiative=initiative).level
    mail_due()
    return level


@shared_task
def evaluate_many(keys: Sequence[str], **_: object) -> int:
    recorded = evaluate_keys(keys)
    mail_due()
    return recorded


@shared_task(soft_time_limit=LONG, time_limit=LONG + 60)
def evaluate_all(**_: object) -> int:
    """Judge everything again: time alone ends evidence, rotas and waivers."""
    recorded = evaluate_keys()
    mail_due()
    return recorded


@shared_task(soft_time_limit=LONG, time_limit=LONG + 60)
def notify_expiring() -> int:
    told = tell_of_expiries()
    mail_due()
    return told
