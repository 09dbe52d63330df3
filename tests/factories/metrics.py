"""Initiatives with metrics, and readings of them, by the cast of tests/people.py."""

import datetime as dt
import json

from initiatives.services.dossiers import save_dossier
from tests.factories.initiatives import DEPUTY, OWNER, SPONSOR, TEAM, full_document
from tests.people import CAST, actor, everybody

CAST_OF_DOSSIER = {
    OWNER: "programme_manager",
    SPONSOR: "executive",
    TEAM: "contributor",
    DEPUTY: "assurer",
}


def document_of(key="AI-0001", **initiative):
    """The full document with the cast of the tests in its parts."""
    text = json.dumps(full_document(key, **initiative))
    for email, who in CAST_OF_DOSSIER.items():
        text = text.replace(email, CAST[who].email)
    return json.loads(text)


def initiative(key="AI-0001", document=None, **changes):
    """Save an initiative with the metrics handling-time (claimed) and repeat-contact (its guard)."""
    everybody()
    given = document or document_of(key, **changes)
    return save_dossier(by=actor("programme_manager"), document=given).initiative


def reading(week=0, **changes):
    """One weekly reading of repeat-contact in AI-0001 as it is sent."""
    start = dt.date(2026, 1, 5) + dt.timedelta(weeks=week)
    row = {
        "initiative": "AI-0001",
        "metric": "repeat-contact",
        "period_start": start.isoformat(),
        "period_end": (start + dt.timedelta(days=6)).isoformat(),
        "numerator": 120,
        "denominator": 1000,
        "source": "ticket log",
    }
    return {**row, **changes}
