"""What must hold of a portfolio that was taken in with the guards off: hashes, makers and checkers, moves of status.

What a guard asks of a row when it is new is asked here as of that moment. A verdict is not proved: the portal judges
again by itself, and lowers what does not hold.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import msgspec
from django.db.models import F, Model

from alignment_portal.refusals import Fault
from gates.actions import MOVES, REAFFIRMATIONS, Move, Mover
from gates.models import (
    LEVELS,
    WAIVER_DAYS,
    EndorsedEvidence,
    Evaluation,
    Evidence,
    EvidenceReview,
    FindingSet,
    Form,
    PolicyVersion,
    StatusMove,
    Waiver,
    WaiverAnswer,
)
from gates.services.offers import is_link
from initiatives.models import DossierVersion, Initiative
from initiatives.models.initiative import RUNNING, Status

CHUNK = 500
OWN = "somebody judges what they submitted themselves"


def proved() -> list[Fault]:
    """Everything that does not hold; empty when all of it does."""
    return [
        *_hashes(PolicyVersion, "version", "text", "sha256"),
        *_hashes(FindingSet, "sha256", "body", "sha256"),
        *_hashes(DossierVersion, "pk", "document", "fingerprint"),
        *_policies(),
        *_versions(),
        *_evidence(),
        *_waivers(),
        *_moves(),
    ]


def _fault(model: type[Model], name: object, sentence: str) -> Fault:
    return Fault(f"/tables/{model._meta.label_lower}", f"{model._meta.verbose_name} {name}: {sentence}.")


def _hashes(model: type[Model], name: str, text: str, digest: str) -> Iterator[Fault]:
    rows = model._base_manager.order_by("pk").values_list(name, text, digest)
    for key, body, told in rows.iterator(chunk_size=CHUNK):
        if hashlib.sha256(body.encode()).hexdigest() != told:
            yield _fault(model, key, f"its {text} does not have the hash that is told")


def _policies() -> Iterator[Fault]:
    if PolicyVersion.objects.filter(is_current=True).count() != 1:
        yield Fault(f"/tables/{PolicyVersion._meta.label_lower}", "Exactly one policy is in force.")


# --- dossiers ----------------------------------------------------------------------------------------------


class _Named(msgspec.Struct):
    key: str


class _Headed(msgspec.Struct):
    initiative: _Named


def _versions() -> Iterator[Fault]:
    numbers: dict[UUID, list[int]] = defaultdict(list)
    rows = DossierVersion.objects.order_by("initiative_id", "number")
    for key, about, number, text in rows.values_list(
        "initiative__key", "initiative_id", "number", "document"
    ).iterator(chunk_size=CHUNK):
        numbers[about].append(number)
        if msgspec.json.decode(text, type=_Headed).initiative.key != key:
            yield _fault(DossierVersion, f"{number} of {key}", "it speaks of another initiative")
    for row in Initiative.objects.order_by("key"):
        if numbers[row.pk] != list(range(1, row.version + 1)):
            yield _fault(DossierVersion, f"of {row.key}", f"they do not count from 1 to {row.version}")
    current = DossierVersion.objects.filter(number=F("initiative__version"))
    differing = current.exclude(fingerprint=F("initiative__fingerprint"))
    for key in differing.values_list("initiative__key", flat=True):
        yield _fault(Initiative, key, "it is not what its current version says")


# --- evidence ----------------------------------------------------------------------------------------------


def _evidence() -> Iterator[Fault]:
    items = {row.pk: row for row in Evidence.objects.all()}
    versions: dict[int, list[Evidence]] = defaultdict(list)
    for item in items.values():
        versions[item.first_id or item.pk].append(item)
        earlier = items.get(item.supersedes_id or 0)
        if earlier is not None and (
            (earlier.initiative_id, earlier.question, earlier.version + 1, earlier.first_id or earlier.pk)
            != (item.initiative_id, item.question, item.version, item.first_id)
        ):
            yield _fault(Evidence, item.ref, "it does not follow the item that it replaces")
        if (
            item.observed_on > item.submitted_at.date()
            and (item.observed_on - item.submitted_at.date()).days > 1
        ):
            yield _fault(Evidence, item.ref, "it was true later than it was submitted")
        if item.form == Form.LINK and not is_link(item.link):
            yield _fault(Evidence, item.ref, "its link is no address that begins with https:// or http://")

    def made_by(item: Evidence, person: UUID, moment: datetime) -> bool:
        whole = versions[item.first_id or item.pk]
        return any(one.submitted_by_id == person and one.submitted_at <= moment for one in whole)

    accepted = set()
    for review in EvidenceReview.objects.all():
        item = items[review.evidence_id]
        if review.submitted_by_id != item.submitted_by_id or made_by(item, review.by_id, review.at):
            yield _fault(EvidenceReview, f"of {item.ref}", OWN)
        if review.accepted:
            accepted.add(item.pk)
    for rest in EndorsedEvidence.objects.select_related("endorsement"):
        item, endorsement = items[rest.evidence_id], rest.endorsement
        if made_by(item, endorsement.by_id, endorsement.at):
            yield _fault(EndorsedEvidence, endorsement.ref, OWN)
        if item.pk not in accepted or item.initiative_id != endorsement.initiative_id:
            yield _fault(EndorsedEvidence, endorsement.ref, f"{item.ref} is not accepted evidence for it")


def _waivers() -> Iterator[Fault]:
    waivers = {row.pk: row for row in Waiver.objects.all()}
    for waiver in waivers.values():
        days = (waiver.until - waiver.requested_at.date()).days
        if not 0 <= days <= WAIVER_DAYS:
            yield _fault(Waiver, waiver.ref, f"it lasts {days} days")
    first: dict[tuple[UUID, str, UUID], datetime] = {}
    for about, question, person, at in Evidence.objects.order_by("-submitted_at").values_list(
        "initiative_id", "question", "submitted_by_id", "submitted_at"
    ):
        first[about, question, person] = at
    for answer in WaiverAnswer.objects.all():
        waiver = waivers[answer.waiver_id]
        if answer.requested_by_id != waiver.requested_by_id or answer.at.date() > waiver.until:
            yield _fault(WaiverAnswer, waiver.ref, "it does not answer what was asked")
        submitted_at = first.get((waiver.initiative_id, waiver.rule, answer.by_id))
        if submitted_at is not None and submitted_at <= answer.at:
            yield _fault(WaiverAnswer, waiver.ref, OWN)


# --- status ------------------------------------------------------------------------------------------------

_KNOWN: dict[tuple[str, str], Move] = {
    (move.from_status, move.to_status): move for move in (*MOVES, *REAFFIRMATIONS)
}


def _moves() -> Iterator[Fault]:
    found: dict[UUID, list[StatusMove]] = defaultdict(list)
    for move in StatusMove.objects.select_related("evaluation", "reinstatement").order_by("number"):
        found[move.initiative_id].append(move)
        if (sentence := _unfounded(move)) is not None:
            yield _fault(StatusMove, f"{move} of {move.initiative_id}", sentence)
    for row in Initiative.objects.order_by("key"):
        if not _leads_to(row, found[row.pk]):
            yield _fault(Initiative, row.key, f"its moves do not lead to the status {row.status}")


def _unfounded(move: StatusMove) -> str | None:
    known = _KNOWN.get((move.from_status, move.to_status))
    if known is None:
        return "the table of moves does not allow it"
    if move.by_id is None and Mover.SYSTEM not in known.movers:
        return "only people may make it"
    if known.level and not _rests(move, move.evaluation):
        return "it rests on no verdict that is good enough"
    if Mover.TWO_PEOPLE in known.movers:
        asked = move.reinstatement
        if asked is None or asked.proposed_by_id == move.by_id or asked.initiative_id != move.initiative_id:
            return "it takes two people"
    return None


def _rests(move: StatusMove, verdict: Evaluation | None) -> bool:
    return (
        verdict is not None
        and verdict.initiative_id == move.initiative_id
        and verdict.at <= move.at
        and LEVELS.index(verdict.level) >= LEVELS.index(move.to_status)
    )


def _leads_to(initiative: Initiative, moves: list[StatusMove]) -> bool:
    status: str = Status.DRAFT
    for number, move in enumerate(moves, start=1):
        if (move.number, move.from_status) != (number, status):
            return False
        status = move.to_status
    last = moves[-1] if moves else None
    rests_on = last.evaluation_id if last is not None and status in RUNNING else None
    return (
        initiative.status == status
        and initiative.verdict_evaluation_id == rests_on
        and (last is None or last.at == initiative.status_since)
    )
