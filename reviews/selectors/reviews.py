"""Reviews for the judge, for lists, and for whoever takes part."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import sees_everything
from alignment_portal.refusals import NotFound
from initiatives.dossier.canonical import material_section_fingerprints
from initiatives.models import Initiative
from initiatives.selectors import LoadedDossier, load_dossiers
from reviews.models import Participant, Review, SubjectKind
from reviews.selectors.standings import (
    ConditionRow,
    Given,
    Packages,
    Row,
    Standing,
    is_resolved,
    standing_of,
    standings,
)


class StanceRow(Row):
    person: str
    role: str
    trade_off: str
    answer: str
    at: dt.datetime
    sealed: bool
    stale: bool
    resolved: bool


class ReviewRow(Row):
    ref: str
    state: str
    outcome: str
    concluded_at: dt.datetime | None
    fingerprint: str
    required_roles: frozenset[str]
    participants: Mapping[str, str]
    present: frozenset[str]
    trade_offs: tuple[str, ...]
    stances: tuple[StanceRow, ...]
    conditions: tuple[ConditionRow, ...]
    stale: tuple[str, ...]


def packages_of(dossiers: Mapping[str, LoadedDossier]) -> dict[str, dict[str, Any]]:
    """What an agreement rests on, by initiative: the material fingerprint, and one a section."""
    return {
        key: {
            "material": loaded.material_fingerprint,
            "sections": material_section_fingerprints(loaded.dossier),
        }
        for key, loaded in dossiers.items()
    }


def reviews_for(
    keys: Sequence[str] | None,
    at: dt.datetime | None = None,
    dossiers: Mapping[str, LoadedDossier] | None = None,
) -> dict[str, ReviewRow]:
    """The review each initiative stands under, in a fixed number of queries.

    That is the latest one concluded about the initiative or its cluster, else the latest one opened: a review that
    is still running does not undo what was agreed before it. Hand in `dossiers` when they are loaded already.
    While a review is sealed, its stances and conditions are left out, so that no verdict can give them away.
    """
    under = ReviewsUnder(keys, at)
    if not under.chosen:
        return {}
    return under.rows(load_dossiers(sorted(under.chosen), at) if dossiers is None else dossiers)


class ReviewsUnder:
    """The review each of these initiatives stands under, or stood under at a moment; of all when no keys are given."""

    def __init__(self, keys: Sequence[str] | None, at: dt.datetime | None = None) -> None:
        moment = at or clock.now()
        self.chosen = _chosen(keys, moment)
        self._standings = (
            standings(list({review.pk: review for review in self.chosen.values()}.values()), moment)
            if self.chosen
            else {}
        )

    def rows(self, dossiers: Mapping[str, LoadedDossier]) -> dict[str, ReviewRow]:
        """How those of these dossiers that stand under a review were agreed."""
        current = packages_of({key: dossiers[key] for key in sorted(dossiers) if key in self.chosen})
        return {
            key: _review_row(self.chosen[key], self._standings[self.chosen[key].pk], key, package)
            for key, package in current.items()
        }


def _chosen(keys: Sequence[str] | None, moment: dt.datetime) -> dict[str, Review]:
    initiatives = Initiative.objects.all() if keys is None else Initiative.objects.filter(key__in=keys)
    subjects: list[tuple[str, UUID, int | None]] = list(initiatives.values_list("key", "pk", "cluster_id"))
    reviews = Review.objects.filter(opened_at__lte=moment).exclude(subject_kind=SubjectKind.PORTFOLIO)
    if keys is not None:
        reviews = reviews.filter(
            Q(initiative__in=[pk for _, pk, _ in subjects])
            | Q(cluster__in=[cluster for _, _, cluster in subjects if cluster is not None])
        )
    about: defaultdict[object, list[Review]] = defaultdict(list)
    for review in reviews:
        about[review.initiative_id or f"cluster {review.cluster_id}"].append(review)
    chosen = {}
    for key, pk, cluster in subjects:
        candidates = about[pk] + (about[f"cluster {cluster}"] if cluster is not None else [])
        if candidates:
            chosen[key] = max(candidates, key=lambda review: _precedence(review, moment))
    return chosen


def _precedence(review: Review, moment: dt.datetime) -> tuple[bool, dt.datetime, int]:
    was_concluded = review.concluded_at is not None and review.concluded_at <= moment
    return was_concluded, review.opened_at, review.pk


def changed_sections(given: Packages, key: str, current: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the material sections of an initiative that differ from those a stance was given on."""
    then = given.get(key)
    if then is not None and then["material"] == current["material"]:
        return ()
    sections: Mapping[str, str] = {} if then is None else then["sections"]
    return tuple(name for name, now in current["sections"].items() if sections.get(name) != now)


def _review_row(review: Review, standing: Standing, key: str, current: Mapping[str, Any]) -> ReviewRow:
    changed = {stance.id: changed_sections(stance.packages, key, current) for stance in standing.stances}
    stale = {name for names in changed.values() for name in names}
    agreed = (standing.concluded_packages or {}).get(key, {}).get("material", "")
    is_open = standing.is_open_to_all()
    conditions = tuple(
        row for stance in standing.stances for row in standing.conditions.get(stance.origin, ())
    )
    roles = {seat.email: seat.role for seat in standing.seats}
    return ReviewRow(
        ref=review.ref,
        state=standing.state,
        outcome=standing.outcome,
        concluded_at=review.concluded_at if standing.outcome else None,
        fingerprint=agreed if stale or not agreed else current["material"],
        required_roles=frozenset(review.required_roles),
        participants=roles,
        present=standing.present(),
        trade_offs=standing.trade_offs,
        stances=tuple(
            _stance_row(stance, role=roles[stance.email], stale=bool(changed[stance.id]), standing=standing)
            for stance in standing.stances
            if is_open
        ),
        conditions=(*conditions, *standing.commitments) if is_open else standing.commitments,
        stale=tuple(name for name in current["sections"] if name in stale),
    )


def _stance_row(stance: Given, *, role: str, stale: bool, standing: Standing) -> StanceRow:
    return StanceRow(
        person=stance.email,
        role=role,
        trade_off=stance.trade_off,
        answer=stance.answer,
        at=stance.given_at,
        sealed=stance.first_sealed,
        stale=stale,
        resolved=is_resolved(stance, standing),
    )


def visible_reviews(actor: Actor) -> Any:
    """Reviews about what the actor may see, and those they were invited to, newest first."""
    about = Review.objects.visible(Initiative.objects.visible_to(actor), everything=sees_everything(actor))
    seats = Participant.objects.filter(user__email=actor.email, left_at__isnull=True)
    return (
        Review.objects.filter(Q(pk__in=about.values("pk")) | Q(pk__in=seats.values("review")))
        .select_related("initiative", "cluster", "opened_by")
        .order_by("-opened_at", "-id")
    )


def review_or_404(actor: Actor, ref: str) -> Review:
    review = visible_reviews(actor).filter(ref=ref).first()
    if review is None:
        raise NotFound("There is no such review, or it is not yours to see.")
    found: Review = review
    return found


def subject_keys(review: Review) -> list[str]:
    """Keys of the initiatives a review is about; a review of the portfolio binds none of them."""
    if review.subject_kind == SubjectKind.INITIATIVE:
        return [review.initiative.key] if review.initiative else []
    if review.subject_kind == SubjectKind.CLUSTER:
        return list(
            Initiative.objects.filter(cluster=review.cluster_id).order_by("key").values_list("key", flat=True)
        )
    return []


def visible_stances(actor: Actor, review: Review) -> Any:
    """Every version of the stances the actor may see: always their own, others' once the seal is open to them."""
    stances = review.stances.select_related("user", "trade_off").prefetch_related("conditions").order_by("id")
    if standing_of(review).is_open_to(actor.email):
        return stances
    return stances.filter(user__email=actor.email)


def stances_owed_by(actor: Actor) -> list[Review]:
    """Open reviews that were sent to the actor and on which they have not answered every trade-off."""
    seats = Participant.objects.filter(user__email=actor.email, left_at__isnull=True)
    mine = Review.objects.filter(
        pk__in=seats.values("review"),
        sent_at__isnull=False,
        concluded_at__isnull=True,
        lapsed_at__isnull=True,
    ).select_related("initiative", "cluster")
    found = standings(list(mine))
    return [review for review in mine if actor.email not in found[review.pk].present()]
