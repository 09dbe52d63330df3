"""Reviews for the judge, for lists, and for whoever takes part."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Prefetch, Q, QuerySet

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.permissions import sees_everything
from alignment_portal.portions import rows_about
from alignment_portal.prepared import Prepared
from alignment_portal.refusals import NotFound
from initiatives.models import Initiative
from initiatives.selectors import LoadedDossier, all_initiatives, load_dossiers
from reviews.models import Condition, Delegation, Participant, Review, SubjectKind
from reviews.selectors.changes import Changes, earlier_documents
from reviews.selectors.packages import PORTFOLIO, packages_of
from reviews.selectors.standings import (
    ConditionRow,
    Given,
    Row,
    Standing,
    affirmed_until,
    gate_asking,
    is_due,
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
    affirmed_until: dt.datetime | None


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
        said = (stance.packages for standing in self._standings.values() for stance in standing.stances)
        self._earlier = earlier_documents(said)

    def rows(self, dossiers: Mapping[str, LoadedDossier]) -> dict[str, ReviewRow]:
        """How those of these dossiers that stand under a review were agreed."""
        current = packages_of({key: dossiers[key] for key in sorted(dossiers) if key in self.chosen})
        changes = Changes(self._earlier, current, dossiers)
        return {
            key: _review_row(self.chosen[key], self._standings[self.chosen[key].pk], key, package, changes)
            for key, package in current.items()
        }


def _chosen(keys: Sequence[str] | None, moment: dt.datetime) -> dict[str, Review]:
    subjects = list(rows_about(keys, all_initiatives, "key", ["pk", "cluster_id"]))
    about: defaultdict[object, list[Review]] = defaultdict(list)
    for review in _reviews_about(keys, subjects, moment):
        about[review.initiative_id or f"cluster {review.cluster_id}"].append(review)
    chosen = {}
    for key, pk, cluster in subjects:
        candidates = about[pk] + (about[f"cluster {cluster}"] if cluster is not None else [])
        if candidates:
            chosen[key] = max(candidates, key=lambda review: _precedence(review, moment))
    return chosen


def _reviews_about(
    keys: Sequence[str] | None, subjects: Sequence[Sequence[Any]], moment: dt.datetime
) -> Iterable[Review]:
    """Reviews that were opened by then, of these initiatives or their clusters. One query."""
    if keys is None:
        return _opened(moment)
    if len(subjects) == 1:
        rows = _about_one.rows(subjects[0][0], moment)
        return [Review.from_db(DEFAULT_DB_ALIAS, _COLUMNS, row) for row in rows]
    clusters = [cluster for _, _, cluster in subjects if cluster is not None]
    return _opened(moment).filter(Q(initiative__in=[pk for _, pk, _ in subjects]) | Q(cluster__in=clusters))


def _opened(moment: dt.datetime) -> QuerySet[Review]:
    return Review.objects.filter(opened_at__lte=moment).exclude(subject_kind=SubjectKind.PORTFOLIO)


_COLUMNS = [field.attname for field in Review._meta.concrete_fields]
_about_one = Prepared(
    lambda key, moment: (
        _opened(moment)
        .filter(
            Q(initiative__in=Initiative.objects.filter(key=key).values("pk"))
            | Q(cluster__in=Initiative.objects.filter(key=key).values("cluster"))
        )
        .values_list(*_COLUMNS)
    )
)


def _precedence(review: Review, moment: dt.datetime) -> tuple[bool, dt.datetime, int]:
    was_concluded = review.concluded_at is not None and review.concluded_at <= moment
    return was_concluded, review.opened_at, review.pk


def _review_row(
    review: Review, standing: Standing, key: str, current: Mapping[str, Any], changes: Changes
) -> ReviewRow:
    changed = {stance.id: changes.sections(stance.packages, key) for stance in standing.stances}
    stale = {name for names in changed.values() for name in names}
    agreed = (standing.concluded_packages or {}).get(key, {}).get("material", "")
    said = standing.open_to_all()
    conditions = tuple(row for stance in said for row in standing.conditions.get(stance.origin, ()))
    return ReviewRow(
        ref=review.ref,
        state=standing.state,
        outcome=standing.outcome,
        concluded_at=review.concluded_at if standing.outcome else None,
        fingerprint=agreed if stale or not agreed else current["material"],
        required_roles=frozenset(review.required_roles),
        participants={seat.email: seat.role for seat in standing.seats},
        present=standing.present(),
        trade_offs=standing.trade_offs,
        stances=tuple(
            _stance_row(review, stance, standing, stale=bool(changed[stance.id])) for stance in said
        ),
        conditions=(*conditions, *standing.commitments),
        stale=tuple(name for name in current["sections"] if name in stale),
    )


def _stance_row(review: Review, stance: Given, standing: Standing, *, stale: bool) -> StanceRow:
    seat = standing.seat_of(stance.email)
    return StanceRow(
        person=stance.email,
        role=seat.role if seat else "",
        trade_off=stance.trade_off,
        answer=stance.answer,
        at=stance.given_at,
        sealed=stance.first_sealed,
        stale=stale,
        resolved=is_resolved(stance, standing),
        affirmed_until=affirmed_until(review, stance),
    )


def visible_reviews(actor: Actor) -> Any:
    """Reviews about what the actor may see, and those they were invited to, newest first."""
    about = Review.objects.visible(Initiative.objects.visible_to(actor), everything=sees_everything(actor))
    return (
        Review.objects.filter(Q(pk__in=about.values("pk")) | seated(actor))
        .select_related("initiative", "cluster", "opened_by")
        .order_by("-opened_at", "-id")
    )


def review_or_404(actor: Actor, ref: str) -> Review:
    review = visible_reviews(actor).filter(ref=ref).first()
    if review is None:
        raise NotFound("There is no such review, or it is not yours to see.")
    found: Review = review
    return found


def visible_stances(actor: Actor, review: Review) -> Any:
    """Every version of the stances the actor may see: always those of their seat, others' once open to them."""
    related = ("user", "deputy", "trade_off")
    conditions = Prefetch("conditions", Condition.objects.annotate(gate=gate_asking(clock.now())))
    stances = review.stances.select_related(*related).prefetch_related(conditions).order_by("id")
    standing = standing_of(review)
    seat = standing.seat_of(actor.email)
    shown = Q(user__email=seat.email if seat else actor.email)
    if standing.is_open_to(actor.email):
        shown |= Q(part="")
    if standing.is_open_to(actor.email, parts=True):
        shown |= ~Q(part="")
    return stances.filter(shown)


def seated(actor: Actor) -> Q:
    """Reviews in which the actor answers: for a seat of their own, or as somebody's deputy."""
    own = Participant.objects.filter(user__email=actor.email, left_at__isnull=True)
    others = Delegation.objects.filter(
        deputy__email=actor.email, withdrawn_at__isnull=True, seat__left_at__isnull=True
    )
    return Q(pk__in=own.values("review")) | Q(pk__in=others.values("review"))


def stances_owed_by(actor: Actor) -> list[Review]:
    """Open reviews that were sent to the actor and on which they have not answered every trade-off."""
    mine = Review.objects.filter(
        seated(actor), sent_at__isnull=False, concluded_at__isnull=True, lapsed_at__isnull=True
    ).select_related("initiative", "cluster")
    found = standings(list(mine))
    return [review for review in mine if _owes(found[review.pk], actor)]


def _owes(standing: Standing, actor: Actor) -> bool:
    seat = standing.seat_of(actor.email)
    return seat is not None and seat.email not in standing.present()


class Reaffirmation(Row):
    """Somebody has to say again what they agreed on: because the package changed, or by a day."""

    review: Review
    changed: bool
    by_when: dt.datetime | None


def reaffirmations_owed_by(actor: Actor) -> list[Reaffirmation]:
    """Concluded reviews in which the actor's stances are stale, or will soon be too old. A fixed number of queries."""
    mine = list(
        Review.objects.filter(
            seated(actor), concluded_at__isnull=False, lapsed_at__isnull=True
        ).select_related("initiative", "cluster")
    )
    found = standings(mine)
    own = {review.pk: _own(found[review.pk], actor) for review in mine}
    earlier = earlier_documents(stance.packages for said in own.values() for stance in said)
    keys = sorted({key for said in own.values() for stance in said for key in stance.packages} - {PORTFOLIO})
    loaded = load_dossiers(keys) if keys else {}
    changes = Changes(earlier, packages_of(loaded), loaded)
    owed = []
    for review in mine:
        changed = any(changes.all_sections(stance.packages) for stance in own[review.pk])
        due = [
            until
            for stance in own[review.pk]
            if is_due(review, stance) and (until := affirmed_until(review, stance))
        ]
        if changed or due:
            owed.append(Reaffirmation(review=review, changed=changed, by_when=min(due, default=None)))
    return owed


def _own(standing: Standing, actor: Actor) -> list[Given]:
    seat = standing.seat_of(actor.email)
    return [stance for stance in standing.stances if seat is not None and stance.email == seat.email]
