"""An initiative of the cast with a saved dossier, and files and evidence to offer for it."""

from datetime import timedelta

from django.core.files.base import ContentFile
from django.db import transaction

from alignment_portal import clock
from alignment_portal.audit.guard import writes_allowed
from gates.selectors.judging import case_of, current_seen
from gates.services.endorsements import endorse_gate
from gates.services.evaluations import record_evaluation
from gates.services.evidence import review_evidence, submit_evidence
from gates.services.moves import write_move
from gates.services.status import move_status
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


REVIEWERS = {"DR-01": "legal_assurer", "GC-01": "assurer", "CO-01": "assurer"}
NEEDED = {
    "blocked": (),
    "learning_only": ("DR-01", "GC-01", "CO-01"),
    "aligned": ("DR-01", "GC-01", "CO-01", "ME-01"),
    "scale_ready": ("DR-01", "GC-01", "CO-01", "ME-01", "ME-12"),
}


def answered(initiative, question, who="programme_manager", **changes):
    """Evidence for a question of the small policy, accepted by a reviewer of its gate."""
    item = offered(initiative, who, **{"question": question, "kind": "document", **changes})
    reviewer = actor(REVIEWERS.get(question, "data_assurer"))
    review_evidence(by=reviewer, evidence=item, accepted=True, reason="It shows it.")
    return item


def endorsed(initiative, gate, who="risk_executive"):
    return endorse_gate(
        by=actor(who),
        initiative=initiative,
        gate=gate,
        statement="I stand behind it.",
        seen=current_seen(case_of(initiative.key), gate),
    )


def brought_to(level, initiative):
    """All evidence and endorsements that the small policy asks for that verdict; returns the evidence by question."""
    items = {question: answered(initiative, question) for question in NEEDED[level]}
    if items:
        for gate in ("data_rights", "governance"):
            endorsed(initiative, gate)
    return items


LEARNING = {
    "learning_question": "Do agents accept the drafts?",
    "learning_ends_on": (clock.now().date() + timedelta(weeks=8)).isoformat(),
}
WAYS = {
    "learning_only": ("learning_only",),
    "aligned": ("aligned",),
    "scale_ready": ("aligned", "scale_ready"),
}


def standing_at(status, initiative):
    """Moved there by an executive, on a verdict that carries it; returns the evidence by question."""
    items = brought_to(status, initiative)
    submitted(initiative)
    for step in WAYS[status]:
        move_status(by=actor("executive"), initiative=initiative, to=step, reason="The package carries it.")
    initiative.refresh_from_db()
    return items


def submitted(initiative):
    """In review, whatever the dossier still lacks: written past the completeness check that has its own test."""
    with writes_allowed(), transaction.atomic():
        write_move(by=actor("programme_manager"), initiative=initiative, to="in_review", reason="Ready.")


def judged(initiative):
    evaluation = record_evaluation(initiative=initiative)
    initiative.refresh_from_db()
    return evaluation
