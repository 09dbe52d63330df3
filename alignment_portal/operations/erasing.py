"""Erasing a person: who they were is gone, what they did stays under a pseudonym, and the record stays whole.

The record names people by an id only, so nothing in it has to change. What still hangs on the person is handed over
first; what was recorded for good (earlier versions of dossiers, verdicts, conclusions, packs that were built) keeps
their name and is said.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import F
from django.urls import reverse

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import (
    ApiToken,
    CalendarFeed,
    GroupMember,
    RoleGrant,
    SignIn,
    User,
)
from alignment_portal.accounts.permissions import Action, require, require_proof
from alignment_portal.accounts.services import deactivate_person, locked, revoke_role
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.http.models import IdempotencyKey
from alignment_portal.operations.actions import Actions
from alignment_portal.operations.person_data import (
    attempts_telling_of,
    documents_naming,
    label_of,
    packs_naming,
    records_naming,
    rows_about,
    tables_of_people,
)
from alignment_portal.outbox.models import Event, Webhook
from alignment_portal.refusals import Conflict, Invalid
from gates.models import Notice
from initiatives.models import Draft, Initiative, Membership, PartRow, SavedView
from initiatives.models.initiative import Status
from portfolio.models import DependencyState, SharedDependency
from reviews.models import Commitment, Delegation, Participant, Review

OURS = frozenset(
    {
        "accounts",
        "audit",
        "outbox",
        "http",
        "initiatives",
        "metrics",
        "portfolio",
        "reviews",
        "gates",
        "packs",
    }
)
DOMAIN = "erased.invalid"  # a domain that no letter can ever reach


@dataclass(frozen=True)
class Holding:
    """Something that still rests on the person, and where it is handed over."""

    sentence: str
    address: str


@dataclass(frozen=True)
class Erased:
    """What became of the person, and what keeps their former name because it is never rewritten."""

    person: User
    dossier_versions: int
    packs: int
    records: int  # verdicts, snapshots, conclusions and signatures


def pseudonym_of(person: User) -> tuple[str, str]:
    """A name and an address that are always the same for this person, and say nothing about them."""
    return f"Erased person {person.pk.hex[:8]}", f"erased-{person.pk.hex}@{DOMAIN}"


# --- what has to be handed over first ----------------------------------------------------------------------


def holdings_of(person: User, *, thorough: bool = True) -> list[Holding]:
    """Not thorough, for a page: dossiers by their tables, which are indexed, and not by reading each document."""
    dossiers = _dossiers(person, _documents_with if thorough else _tables_with)
    return [*dossiers, *_promises(person), *_reviews(person), *_registers(person)]


def _documents_with(person: User) -> set[UUID]:
    current = documents_naming(person.email).filter(number=F("initiative__version"))
    return set(current.values_list("initiative_id", flat=True))


def _tables_with(person: User) -> set[UUID]:
    found: set[UUID] = set()
    for model, names in tables_of_people():
        if issubclass(model, PartRow):
            found |= set(rows_about(model, names, person).values_list("initiative_id", flat=True))
    named = Membership.objects.filter(user=person).exclude(kind=Membership.Kind.INVITED)
    return found | set(named.values_list("initiative_id", flat=True))


def _dossiers(person: User, named_in: Callable[[User], set[UUID]]) -> Iterator[Holding]:
    for initiative in Initiative.objects.exclude(status=Status.RETIRED).filter(pk__in=named_in(person)):
        deed = "is owned by them" if initiative.owner_id == person.pk else "names them in its dossier"
        yield Holding(
            f"{initiative.key} “{initiative.title}” {deed}.",
            reverse("initiatives:overview", args=[initiative.key]),
        )


def _promises(person: User) -> Iterator[Holding]:
    rows = Commitment.objects.filter(
        owner=person,
        fulfilment__isnull=True,
        condition__settlement__isnull=True,
        review__lapsed_at__isnull=True,
    ).select_related("review")
    for promise in rows:
        yield Holding(
            f"Commitment {promise.ref}, due on {promise.due_on}, is still open.", _review_page(promise.review)
        )


def _reviews(person: User) -> Iterator[Holding]:
    going = Review.objects.filter(concluded_at__isnull=True, lapsed_at__isnull=True)
    seats = Participant.objects.filter(user=person, left_at__isnull=True, review__in=going)
    deputies = Delegation.objects.filter(deputy=person, withdrawn_at__isnull=True, review__in=going)
    concerned = {
        *seats.values_list("review_id", flat=True),
        *deputies.values_list("review_id", flat=True),
    }
    for review in going.filter(pk__in=concerned).order_by("ref"):
        yield Holding(f"Review {review.ref} is open and they take part in it.", _review_page(review))


def _review_page(review: Review) -> str:
    return reverse("reviews:review", args=[review.ref])


def _registers(person: User) -> Iterator[Holding]:
    settled = (DependencyState.DELIVERED, DependencyState.DROPPED)
    for owned in SharedDependency.objects.filter(owner=person).exclude(state__in=settled):
        yield Holding(
            f"The shared dependency “{owned.title}” is owned by them.",
            reverse("portfolio:dependency", args=[owned.code]),
        )
    for webhook in Webhook.objects.filter(owner=person, retired_at__isnull=True):
        yield Holding(
            f"The webhook “{webhook.name}” speaks in their name.",
            reverse("settings-webhook", args=[webhook.pk]),
        )


# --- erasing -----------------------------------------------------------------------------------------------


@service
def erase_person(*, by: Actor, person: User, reason: str) -> Erased:
    """Name, address, sign-in, tokens, sessions, factors and roles go. Raises Conflict while something hangs on them."""
    require(by, Action.PEOPLE_MANAGE)
    require_proof(by)
    person = locked(person)
    if person.erased_at is not None:
        return _told(person, person)
    _check(by, person, reason.strip())
    former = User(pk=person.pk, name=person.name, email=person.email)
    _rename(person)
    deactivate_person(by=by, person=person, reason=reason)
    for grant in RoleGrant.objects.filter(user=person, revoked_at__isnull=True):
        revoke_role(by=by, grant=grant)
    _forget_sign_in(person)
    _forget_own(person, former.email)
    record(by=by, action=Actions.PERSON_ERASED, subject=f"person:{person.pk}", reason=reason.strip())
    _forget_answers(former, person)
    return _told(User.objects.get(pk=person.pk), former)


def _told(person: User, former: User) -> Erased:
    return Erased(
        person,
        dossier_versions=documents_naming(former.email).count(),
        packs=packs_naming(former).count(),
        records=sum(count for _, count in records_naming(former)),
    )


def _check(by: Actor, person: User, reason: str) -> None:
    if not reason:
        raise Invalid(
            "Say on what ground the person is erased, without naming them.",
            pointer="/reason",
            code="required",
        )
    if by.user_id == person.pk:
        raise Conflict("Nobody erases themselves. Ask another administrator.", code="not_oneself")
    held = holdings_of(person)
    if held:
        listed = " ".join(holding.sentence for holding in held)
        raise Conflict(
            f"Hand over first what still rests on {person.name}: {listed}",
            code="still_held",
            blockers=[{"sentence": holding.sentence, "url": holding.address} for holding in held],
        )


def _rename(person: User) -> None:
    """The function stays: earlier verdicts rest on which function somebody spoke for, and it names nobody."""
    person.name, person.email = pseudonym_of(person)
    person.title, person.time_zone, person.theme = "", "UTC", "system"
    person.external_id = ""
    person.visited_at = person.visited_before_at = None
    person.erased_at = clock.now()
    person.version += 1
    person.set_unusable_password()
    person.save()


def _forget_sign_in(person: User) -> None:
    tokens = ApiToken.objects.filter(user=person)
    callers = [f"user:{person.pk}", *(f"token:{token.pk}" for token in tokens)]
    IdempotencyKey.objects.filter(caller__in=callers).delete()
    tokens.delete()
    SignIn.objects.filter(user=person).delete()
    CalendarFeed.objects.filter(user=person).delete()
    GroupMember.objects.filter(user=person).delete()
    for model, names in tables_of_people():  # the sign-in library's: factors, addresses, linked accounts
        if apps.get_app_config(label_of(model).partition(".")[0]).label not in OURS:
            rows_about(model, names, person).delete()


def _forget_own(person: User, email: str) -> None:
    """What was theirs alone and decides nothing, and their address in what the feed still tells."""
    Draft.objects.filter(user=person).delete()
    SavedView.objects.filter(owner=person).delete()
    Notice.objects.filter(recipient=person).delete()
    Membership.objects.filter(user=person, kind=Membership.Kind.INVITED).delete()
    for event in Event.objects.filter(payload__email=email):
        event.payload = {**event.payload, "email": person.email}
        event.save(update_fields=["payload"])


def _forget_answers(former: User, person: User) -> None:
    """What was told of them and kept a while: to webhooks, and to programs that may ask for the same answer again."""
    for attempt in attempts_telling_of(former.email):
        attempt.sent = attempt.sent.replace(former.email, person.email)
        attempt.received = attempt.received.replace(former.email, person.email)
        attempt.save(update_fields=["sent", "received"])
    for kept in IdempotencyKey.objects.filter(body__contains=former.email):
        kept.body = json.dumps(_told_anew(json.loads(kept.body), former, person))
        kept.save(update_fields=["body"])


def _told_anew(told: Any, former: User, person: User) -> Any:
    """An answer with the pseudonym wherever the person stood in it."""
    if isinstance(told, list):
        return [_told_anew(one, former, person) for one in told]
    if not isinstance(told, dict):
        return person.email if told == former.email else told
    anew = {name: _told_anew(value, former, person) for name, value in told.items()}
    if told.get("email") == former.email:
        anew |= {name: getattr(person, name) for name in ("name", "title") if name in told}
    return anew
