"""What the illustrative portfolio shows of working with other programs: an account for one, and a webhook with its log.

Nothing leaves this machine: the address is of a domain that leads nowhere, what came back is part of the story, and
the webhook is stopped at its end. The secrets of both are made at random and shown to nobody.
"""

import datetime as dt
import json

from alignment_portal import clock, feed
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import User
from alignment_portal.accounts.roles import Role, Scope
from alignment_portal.accounts.services import grant_role, open_service_account
from alignment_portal.accounts.tokens import issue_token
from alignment_portal.outbox import deliveries, webhooks
from alignment_portal.outbox.models import Delivery, Event
from alignment_portal.outbox.sending import Answer
from alignment_portal.writing import service

MOVED = "gates.status_moved"
TOKEN_DAYS = 180
ADDRESS = "https://hooks.aldermoor.example/risk-register"
TAKEN, BUSY = (204, ""), (503, "Try again later.")


@service
def show_integration(*, by: Actor, owner: User) -> None:
    """`by` administers the portal; `owner` is with whose eyes the webhook sees."""
    _open_account(by)
    hook = webhooks.open_webhook(
        by=by, owner=owner, name="Group risk register", url=ADDRESS, events=[MOVED], known=feed.WORDS
    ).webhook
    told = [
        delivery
        for event in Event.objects.filter(name=MOVED, place__isnull=True).order_by("at", "id")
        for delivery in deliveries.publish(event)
    ]
    for delivery in told[:-1]:
        _answered(delivery, TAKEN)
    for delivery in told[-1:]:
        _answered(delivery, BUSY)
        deliveries.replay(by=by, delivery=delivery)
        _answered(delivery, TAKEN)
    webhooks.stop_webhook(by=by, webhook=hook, reason="Its address is illustrative and leads nowhere.")


def _open_account(by: Actor) -> None:
    account = open_service_account(
        by=by, email="readings.loader@aldermoor.example", name="Weekly readings loader"
    )
    grant_role(by=by, person=account, role=Role.CONTRIBUTOR)
    issue_token(
        by=by,
        user=account,
        name="Data warehouse, Mondays",
        scopes=[Scope.READ, Scope.OBSERVATIONS],
        expires_at=clock.now() + dt.timedelta(days=TOKEN_DAYS),
    )


def _answered(delivery: Delivery, answer: tuple[int, str]) -> None:
    """As the job that tells webhooks does it, but for the sending."""
    claimed = deliveries.claim(delivery.pk)
    if claimed is None:
        return
    status, excerpt = answer
    sent = json.dumps(feed.shown_to_owner(claimed), ensure_ascii=False, separators=(",", ":"))
    fault = "" if status == TAKEN[0] else f"The receiver refused it with {status}."
    outcome = deliveries.Outcome(sent=sent, answer=Answer(status, excerpt, milliseconds=120), fault=fault)
    deliveries.finish(claimed, outcome)
