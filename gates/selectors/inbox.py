"""What waits for one person: evidence to review, gates to endorse, waivers to answer, deeds that are theirs next."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import Action, may, sees_everything
from gates.engine import Policy
from gates.models import (
    REINSTATEMENT_LIFE,
    Evaluation,
    Evidence,
    Notice,
    NoticeQuerySet,
    Reinstatement,
    Waiver,
)
from gates.selectors.policies import current_policy
from initiatives.models import Initiative, Status
from reviews.selectors.promises import conditions_at_gates


@dataclass(frozen=True)
class AwaitedEndorsement:
    """A gate whose evidence is complete, as last judged, and that no executive stands behind yet."""

    initiative: Initiative
    gate: str
    title: str


def _visible(by: Actor) -> QuerySet[Initiative]:
    return Initiative.objects.visible_to(by).current()


def _of_visible(by: Actor) -> Q:
    """What is about an initiative that the actor sees and that is not retired; who sees all need not be told which."""
    if sees_everything(by):
        return ~Q(initiative__status=Status.RETIRED)
    return Q(initiative__in=_visible(by))


def _reviewed_by(by: Actor, policy: Policy) -> Q:
    """The questions whose evidence the actor may review by function."""
    gates = {
        gate.code
        for gate in policy.gates
        if any(may(by, Action.EVIDENCE_REVIEW, function=function) for function in gate.reviewers)
    }
    of_policy = [rule.code for rule in policy.rules if rule.asks is not None and rule.gate in gates]
    return Q(question__in=of_policy) | Q(question__in=conditions_at_gates(gates).values("ref"))


def evidence_in_review() -> QuerySet[Evidence]:
    return Evidence.objects.filter(review__isnull=True, withdrawal__isnull=True, superseded_by__isnull=True)


def evidence_awaiting_review(by: Actor) -> QuerySet[Evidence]:
    """What the actor may accept or reject: of their function, and no version of it their own. Oldest first."""
    questions = _reviewed_by(by, current_policy())
    touched = Evidence.objects.filter(submitted_by=by.user_id).values(lineage=Coalesce("first_id", "pk"))
    return (
        evidence_in_review()
        .filter(questions, _of_visible(by))
        .annotate(lineage=Coalesce("first_id", "pk"))
        .exclude(lineage__in=touched)
        .select_related("initiative", "submitted_by")
        .order_by("submitted_at", "pk")
    )


def latest_evaluations(initiatives: QuerySet[Initiative]) -> QuerySet[Evaluation]:
    newest = (
        Evaluation.objects.filter(initiative__in=initiatives).values("initiative").annotate(last=Max("pk"))
    )
    return Evaluation.objects.filter(pk__in=newest.values("last"))


def gates_awaiting_endorsement(by: Actor) -> list[AwaitedEndorsement]:
    """For executives, where they submitted nothing that the gate rests on. Three queries."""
    if not may(by, Action.GATE_ENDORSE):
        return []
    policy = current_policy()
    titles = {gate.code: gate.title for gate in policy.gates}
    gate_of = {rule.code: rule.gate for rule in policy.rules}
    asked = conditions_at_gates().filter(ref=OuterRef("question")).values("gate")
    own = Evidence.objects.filter(submitted_by=by.user_id).annotate(gate=Subquery(asked))
    mine = {
        (initiative, gate or gate_of.get(question))
        for initiative, question, gate in own.values_list("initiative_id", "question", "gate")
    }
    waiting = latest_evaluations(_visible(by).exclude(status="draft")).exclude(awaiting_endorsement=[])
    return [
        AwaitedEndorsement(row.initiative, gate, titles[gate])
        for row in waiting.select_related("initiative").order_by("initiative__key")
        for gate in row.awaiting_endorsement
        if gate in titles and (row.initiative_id, gate) not in mine
    ]


def waivers_awaiting_answer(by: Actor) -> QuerySet[Waiver]:
    """For executives who neither asked, nor sponsor, nor submitted the evidence. Oldest first."""
    if not may(by, Action.WAIVER_ACCEPT):
        return Waiver.objects.none()
    own = Evidence.objects.filter(
        submitted_by=by.user_id, initiative=OuterRef("initiative"), question=OuterRef("rule")
    )
    return (
        Waiver.objects.filter(
            _of_visible(by),
            ~Exists(own),
            answer__isnull=True,
            withdrawal__isnull=True,
            until__gte=clock.now().date(),
        )
        .exclude(requested_by=by.user_id)
        .exclude(initiative__sponsor=by.user_id)
        .select_related("initiative", "requested_by")
        .order_by("requested_at", "pk")
    )


def reinstatements_awaiting(by: Actor) -> list[Reinstatement]:
    """Proposals to lift a suspension that a second person, an executive, may confirm."""
    if not may(by, Action.STATUS_MOVE):
        return []
    rows = (
        Reinstatement.objects.filter(
            _of_visible(by),
            initiative__status=Status.SUSPENDED,
            move__isnull=True,
            proposed_at__gte=F("initiative__status_since"),
            proposed_at__gt=clock.now() - REINSTATEMENT_LIFE,
        )
        .exclude(proposed_by=by.user_id)
        .select_related("initiative", "proposed_by")
        .order_by("initiative", "-pk")
    )
    newest: dict[Any, Reinstatement] = {}
    for row in rows:
        newest.setdefault(row.initiative_id, row)
    return sorted(newest.values(), key=lambda row: row.proposed_at)


def notices_for(by: Actor) -> NoticeQuerySet:
    """Open notices about what the actor may still see, newest first."""
    if by.user_id is None:
        return Notice.objects.none()
    return (
        Notice.objects.open_for(by.user_id)
        .filter(initiative__in=Initiative.objects.visible_to(by))
        .select_related("initiative")
    )


def next_moves_for(by: Actor) -> NoticeQuerySet:
    """Deeds that wait for the actor and for nobody before them, the longest waiting first."""
    return notices_for(by).filter(kind=Notice.Kind.NEXT_MOVE).order_by("at", "pk")


def expiring_for(by: Actor) -> NoticeQuerySet:
    return notices_for(by).filter(kind=Notice.Kind.EXPIRY).order_by("at", "pk")


def unread_count(by: Actor) -> int:
    return notices_for(by).filter(Q(read_at__isnull=True)).count()
