"""What every change to a review begins and ends with: its lock, its editor, and the news of it."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import F, Q

from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import User
from alignment_portal.accounts.permissions import Action, may, require
from alignment_portal.accounts.roles import Role
from alignment_portal.outbox.events import announce
from alignment_portal.refusals import Conflict, Forbidden, Invalid
from initiatives.models import Initiative, Membership
from reviews.models import Participant, Review, SubjectKind
from reviews.selectors.packages import subject_keys


def initiatives_of(review: Review) -> list[Initiative]:
    if review.subject_kind == SubjectKind.INITIATIVE:
        return [review.initiative] if review.initiative else []
    if review.subject_kind == SubjectKind.CLUSTER:
        return list(Initiative.objects.filter(cluster=review.cluster_id).order_by("key"))
    return []


def locked(review: Review) -> Review:
    """The review as it is now, nobody else changing it. The initiatives are locked first, always in this order."""
    for_update = Initiative.objects.select_for_update(no_key=True).order_by("key")
    list(for_update.filter(pk__in=[initiative.pk for initiative in initiatives_of(review)]))
    return (
        Review.objects.select_for_update(of=("self",))
        .select_related("initiative", "cluster")
        .get(pk=review.pk)
    )


WRITERS = (Membership.Kind.OWNER, Membership.Kind.TEAM)


def _members(initiatives: Iterable[Initiative], kinds: Iterable[str]) -> frozenset[object]:
    rows = Membership.objects.filter(initiative__in=list(initiatives), kind__in=list(kinds))
    return frozenset(rows.values_list("user_id", flat=True))


def authors(initiatives: Iterable[Initiative]) -> frozenset[object]:
    """Ids of those who write the dossiers: owners and team."""
    return _members(initiatives, WRITERS)


def is_own(by: Actor, initiatives: Iterable[Initiative]) -> bool:
    """Whether the actor belongs to the team of an initiative under review; of a cluster any one will do."""
    return by.user_id in _members(initiatives, Membership.OWN)


def require_editor(by: Actor, initiatives: Iterable[Initiative]) -> None:
    require(by, Action.REVIEW_OPEN, own=is_own(by, initiatives))


def require_running(review: Review) -> None:
    if review.concluded_at is not None:
        raise Conflict(
            f"{review.ref} is concluded. Open a new review to decide again.", code="review_concluded"
        )
    if review.lapsed_at is not None:
        raise Conflict(f"{review.ref} has lapsed. Open a new review.", code="review_lapsed")


def acting(by: Actor) -> UUID:
    """The person who acts: a review is between people, the portal itself takes no part."""
    if by.user_id is None:
        raise Forbidden("Only a person takes part in a review.", code="people_only")
    return by.user_id


def seat_of(by: Actor, review: Review) -> Participant:
    """The seat somebody answers for: their own, or the one whose deputy they are."""
    seats = review.participants.filter(left_at__isnull=True).select_related("user")
    as_deputy = Q(delegations__deputy_id=acting(by), delegations__withdrawn_at__isnull=True)
    seat = seats.filter(Q(user_id=acting(by)) | as_deputy).first()
    if seat is None:
        raise Forbidden(
            f"You do not take part in {review.ref}. Ask whoever opened it to invite you.", code="not_invited"
        )
    found: Participant = seat
    return found


def person(email: str, pointer: str) -> User:
    found = User.objects.filter(email=email.strip().lower()).first()
    if found is None or not found.is_active:
        raise Invalid(
            f"Nobody active in the portal has the e-mail {email}.", pointer=pointer, code="unknown_person"
        )
    return found


def require_voice(review: Review, user: User) -> None:
    """Refuse whoever cannot take a stance: no executive, or an author of the dossier under review."""
    acts = Actor.of(user)
    if Role.EXECUTIVE not in acts.roles or not may(acts, Action.REVIEW_STANCE):
        raise Invalid(
            f"{user.name} is not an executive, so cannot take a stance.",
            pointer="/email",
            code="not_executive",
        )
    if user.pk in authors(initiatives_of(review)):
        raise Invalid(
            f"{user.name} writes the dossier under review, so cannot take a stance on it.",
            pointer="/email",
            code="own_work",
        )


def announce_change(review: Review) -> None:
    """Every change moves the review's version on, whichever of its rows it touched."""
    Review.objects.filter(pk=review.pk).update(version=F("version") + 1)
    review.refresh_from_db(fields=["version"])
    for key in subject_keys(review):
        announce("reviews.review_changed", key=key, review=review.ref)


def audit_key(review: Review) -> str:
    return review.initiative.key if review.initiative else ""
