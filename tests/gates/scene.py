"""An initiative of the cast with a saved dossier, and files and evidence to offer for it."""

from datetime import timedelta

from django.core.files.base import ContentFile

from alignment_portal import clock
from gates.services.evidence import submit_evidence
from initiatives.services.dossiers import save_dossier
from tests.factories.initiatives import small_document
from tests.people import actor, person

CSV = b"case,reason\n1,limit too low\n"


def saved(key="AI-0001", **initiative):
    """Priya's initiative, sponsored by Eleanor; Callum is on the team."""
    for who in ("programme_manager", "executive", "contributor"):
        person(who)
    document = small_document(
        key,
        **{
            "owner": "priya@example.org",
            "sponsor": "eleanor@example.org",
            "team": ["callum@example.org"],
            **initiative,
        },
    )
    return save_dossier(by=actor("programme_manager"), document=document).initiative


def upload(content=CSV, name="sample.csv"):
    return ContentFile(content, name=name)


def offered(initiative, who="programme_manager", **changes):
    """Evidence for the first question, attested by its submitter unless told otherwise."""
    offer = {
        "question": "DR-01",
        "form": "attestation",
        "kind": "legal_clearance",
        "title": "Clearance memo",
        "statement": "The data may be used for this.",
        "observed_on": clock.now().date() - timedelta(days=1),
    }
    return submit_evidence(by=actor(who), initiative=initiative, **{**offer, **changes})
