"""The gates' own records as the judge's facts, for many initiatives at once, as they were known at one moment.

One `values_list` query a table; no model instances: a whole portfolio passes through here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import cast

from django.db.models import Q, QuerySet

from alignment_portal.portions import About, rows_about
from gates.engine.facts import Breach, Endorsement, Evidence, EvidenceState, Form, Move, Status, Waiver
from gates.models import Endorsement as EndorsementRow
from gates.models import Evaluation, StatusMove
from gates.models import Evidence as EvidenceRow
from gates.models import Waiver as WaiverRow


def _known(moment: datetime | None, at: datetime) -> datetime | None:
    """The time, if it had come by then."""
    return moment if moment is not None and moment <= at else None


# What was known of each kind at a moment.


def _evidence(at: datetime | None) -> QuerySet[EvidenceRow]:
    return EvidenceRow.objects.filter(submitted_at__lte=at)


def _endorsements(at: datetime | None) -> QuerySet[EndorsementRow]:
    return EndorsementRow.objects.filter(Q(withdrawal__isnull=True) | Q(withdrawal__at__gt=at), at__lte=at)


def _waivers(at: datetime | None) -> QuerySet[WaiverRow]:
    return WaiverRow.objects.filter(requested_at__lte=at)


def _moves(at: datetime | None) -> QuerySet[StatusMove]:
    return StatusMove.objects.filter(at__lte=at)


def _turns(at: datetime | None) -> QuerySet[Evaluation]:
    """Verdicts with which what suspends began or ended to fail."""
    return Evaluation.objects.filter(at__lte=at, suspenders_changed=True)


def evidence_of(about: About, at: datetime) -> Mapping[str, tuple[Evidence, ...]]:
    columns = (
        "id", "first_id", "version", "ref", "question", "form", "kind", "title",
        "statement", "deployment", "control", "measures", "blob_id", "observed_on", "expires_on",
        "submitted_by__email", "submitted_at", "review__accepted", "review__by__email", "review__at",
        "withdrawal__at", "superseded_by__submitted_at",
    )  # fmt: skip
    found: defaultdict[str, list[Evidence]] = defaultdict(list)
    makers: defaultdict[int, frozenset[str]] = defaultdict(frozenset)
    for (
        key, id_, first, version, ref, question, form, kind, title, statement, deployment, control, measures,
        sha256, observed_on, expires_on, maker, submitted_at, accepted, reviewer, review_at, withdrawn_at,
        superseded_at,
    ) in rows_about(about, _evidence, "initiative__key", columns, ["id"], at=at):  # fmt: skip
        # Versions come in order, so everybody who touched this one has been seen by now.
        makers[first or id_] |= {maker}
        reviewed_at = _known(review_at, at)
        found[key].append(
            Evidence(
                ref=ref,
                question=question,
                form=cast(Form, form),
                kind=kind,
                state=_state(
                    accepted=accepted if reviewed_at else None,
                    withdrawn_at=_known(withdrawn_at, at),
                    superseded_at=_known(superseded_at, at),
                ),
                submitted_by=maker,
                submitted_at=submitted_at,
                # A claimed day later than receipt (a zone ahead of ours) counts from receipt.
                observed_on=min(observed_on, submitted_at.astimezone(UTC).date()),
                touched_by=makers[first or id_],
                title=title,
                statement=statement,
                deployment=deployment or None,
                control=control or None,
                measures=measures,
                sha256=sha256,
                reviewed_by=reviewer if reviewed_at else None,
                reviewed_at=reviewed_at,
                expires_on=expires_on,
                version=version,
            )
        )
    return {key: tuple(items) for key, items in found.items()}


def _state(
    *, accepted: bool | None, withdrawn_at: datetime | None, superseded_at: datetime | None
) -> EvidenceState:
    if withdrawn_at is not None:
        return "withdrawn"
    if superseded_at is not None:
        return "superseded"
    if accepted is None:
        return "in_review"
    return "accepted" if accepted else "rejected"


def endorsements_of(about: About, at: datetime) -> Mapping[str, tuple[Endorsement, ...]]:
    """Endorsements that were given and not withdrawn by then; the judge decides which still hold."""
    columns = ("ref", "gate", "by__email", "at", "seen")
    found: defaultdict[str, list[Endorsement]] = defaultdict(list)
    for key, ref, gate, by, given_at, seen in rows_about(
        about, _endorsements, "initiative__key", columns, ["id"], at=at
    ):
        found[key].append(Endorsement(ref=ref, gate=gate, by=by, at=given_at, seen=seen))
    return {key: tuple(items) for key, items in found.items()}


def waivers_of(about: About, at: datetime) -> Mapping[str, tuple[Waiver, ...]]:
    """Waivers asked for by then; one that was declined counts no more than one never answered."""
    columns = (
        "ref", "rule", "reason", "compensating_control", "requested_by__email", "until", "horizon",
        "renewals", "answer__accepted", "answer__by__email", "answer__at", "withdrawal__at",
    )  # fmt: skip
    found: defaultdict[str, list[Waiver]] = defaultdict(list)
    for (
        key,
        ref,
        rule,
        reason,
        control,
        asker,
        until,
        horizon,
        renewals,
        accepted,
        by,
        answered_at,
        gone,
    ) in rows_about(about, _waivers, "initiative__key", columns, ["id"], at=at):
        holds = bool(accepted) and answered_at <= at
        found[key].append(
            Waiver(
                ref=ref,
                rule=rule,
                reason=reason,
                compensating_control=control,
                requested_by=asker,
                accepted_by=by if holds else None,
                accepted_at=answered_at if holds else None,
                until=until,
                horizon=horizon,
                renewals=renewals,
                withdrawn_at=_known(gone, at),
            )
        )
    return {key: tuple(items) for key, items in found.items()}


class Course:
    """How the status of one initiative went, and the policy its present status was decided under."""

    __slots__ = ("moves", "policy_id")

    def __init__(self) -> None:
        self.moves: list[Move] = []
        self.policy_id: int | None = None


def courses_of(about: About, at: datetime) -> Mapping[str, Course]:
    columns = ("to_status", "at", "by_id", "reason", "evaluation__policy_id")
    found: defaultdict[str, Course] = defaultdict(Course)
    for key, to, moved_at, by, reason, policy_id in rows_about(
        about, _moves, "initiative__key", columns, ["id"], at=at
    ):
        course = found[key]
        course.moves.append(Move(to=cast(Status, to), at=moved_at, by_system=by is None, reason=reason))
        course.policy_id = policy_id if to in {"learning_only", "aligned", "scale_ready"} else None
    return found


def is_unmoved(at: datetime) -> bool:
    """Whether every initiative still has the status it had then."""
    return not StatusMove.objects.filter(at__gt=at).exists()


def statuses_at(at: datetime) -> Mapping[str, str]:
    """The status every initiative had then; those that had not moved yet are left out."""
    rows = StatusMove.objects.filter(at__lte=at).order_by("id").values_list("initiative__key", "to_status")
    return dict(rows)


def breaches_of(about: About, at: datetime) -> Mapping[str, tuple[Breach, ...]]:
    """Spans of recorded verdicts in which a suspender failed."""
    changes: defaultdict[str, list[tuple[datetime, list[str]]]] = defaultdict(list)
    for key, changed_at, suspenders in rows_about(
        about, _turns, "initiative__key", ["at", "suspenders"], ["id"], at=at
    ):
        changes[key].append((changed_at, suspenders))
    return {key: tuple(_spans(series)) for key, series in changes.items()}


def _spans(changes: Iterable[tuple[datetime, list[str]]]) -> Iterable[Breach]:
    begun: datetime | None = None
    rules: set[str] = set()
    for changed_at, suspenders in changes:
        if suspenders:
            begun = begun or changed_at
            rules |= set(suspenders)
        elif begun is not None:
            yield Breach(started_at=begun, ended_at=changed_at, rules=tuple(sorted(rules)))
            begun, rules = None, set()
    if begun is not None:
        yield Breach(started_at=begun, ended_at=None, rules=tuple(sorted(rules)))
