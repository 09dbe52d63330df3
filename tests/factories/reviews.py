"""Reviews of AI-0001 with the four executives of the cast, one a required role."""

import datetime as dt

from alignment_portal import clock
from initiatives.models import Initiative
from reviews.services.opening import open_review
from reviews.services.stances import give_stance
from tests.factories.metrics import initiative
from tests.people import CAST, actor

ROLES = {
    "executive": "business",
    "risk_executive": "risk_legal",
    "operations_executive": "operations",
    "technology_executive": "technology",
}
TRADE_OFF = "log-first"


def review(subject=None, *, people=ROLES, hours=-1, send=True, **values):
    """Open a review and send it; its pre-read ended an hour ago unless `hours` says otherwise."""
    about = subject or Initiative.objects.filter(key="AI-0001").first() or initiative()
    return open_review(
        by=actor("executive"),
        subject=about,
        purpose="Agree on what we give up for a safe start.",
        required_roles=sorted(set(ROLES.values())),
        policy_version="2026.1",
        pre_read_at=clock.now() + dt.timedelta(hours=hours),
        participants=[(CAST[who].email, role) for who, role in people.items()],
        send=send,
        **values,
    )


def stance(about, who, answer="agree", trade_off=TRADE_OFF, **values):
    reason = {"disagree": "We lose the summer.", "abstain": "I was away."}.get(answer, "")
    given = {"reason": reason, **values}
    return give_stance(by=actor(who), review=about, trade_off=trade_off, answer=answer, **given)


def agreed(about, but=()):
    """Everybody agrees, but those named."""
    for who in ROLES:
        if who not in but:
            stance(about, who)
    return about
