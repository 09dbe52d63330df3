"""The people a dossier names: they must exist, and being named makes them belong."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from alignment_portal import clock
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import User
from alignment_portal.accounts.permissions import Action
from alignment_portal.audit.chain import record
from alignment_portal.audit.guard import service
from alignment_portal.outbox.events import announce
from alignment_portal.refusals import Fault, Invalid
from initiatives.actions import Actions
from initiatives.dossier.document import Dossier
from initiatives.dossier.references import people_named
from initiatives.models import Initiative, Membership
from initiatives.selectors import require_on


@dataclass(frozen=True)
class People:
    """Everybody a save has to do with, by e-mail."""

    ids: Mapping[str, uuid.UUID]
    inactive: frozenset[str]


def people_called(emails: Iterable[str]) -> People:
    rows = list(User.objects.filter(email__in=set(emails)).values_list("email", "id", "is_active"))
    return People(
        ids={email: pk for email, pk, _ in rows},
        inactive=frozenset(email for email, _, is_active in rows if not is_active),
    )


def people_of(before: Dossier | None, after: Dossier) -> People:
    """Look up everybody whom the new document names. Raises Invalid with one fault for each unknown place.

    Somebody who has left may stay where an earlier version named them: the judge asks for a new owner, and until
    then the rest of the dossier can still be edited.
    """
    named = people_named(after)
    earlier = {email for _, email in people_named(before)} if before is not None else set()
    people = people_called({email for _, email in named} | earlier)
    faults = [
        fault
        for pointer, email in named
        if (fault := _fault(pointer, email, people, known_before=email in earlier)) is not None
    ]
    if faults:
        raise Invalid("The dossier names people who cannot be named.", faults=faults, code="unknown_person")
    return people


def _fault(pointer: str, email: str, people: People, *, known_before: bool) -> Fault | None:
    if email not in people.ids:
        return Fault(pointer, f"Nobody in the portal has the e-mail {email}.", "unknown_person")
    if email in people.inactive and not known_before:
        return Fault(pointer, f"{email} has left and can no longer be named.", "inactive_person")
    return None


def belonging(dossier: Dossier) -> set[tuple[str, str]]:
    """(e-mail, kind) of everybody who belongs to an initiative by its dossier."""
    initiative = dossier.initiative
    named = {email for owner in dossier.operating_model.owners for email in (owner.owner, owner.deputy)}
    kinds = {(initiative.owner, "owner"), (initiative.sponsor, "sponsor")}
    kinds |= {(email, "team") for email in initiative.team} | {(email, "named") for email in named}
    return {(email, kind) for email, kind in kinds if email}


def write_memberships(initiative: Initiative, before: Dossier | None, after: Dossier, people: People) -> None:
    """Bring the memberships that come from the dossier in line with it; invitations stay."""
    old = belonging(before) if before is not None else set()
    new = belonging(after)
    gone = [(people.ids[email], kind) for email, kind in old - new if email in people.ids]
    if gone:
        rows = Membership.objects.filter(initiative=initiative).exclude(kind="invited")
        ids = [pk for pk, user, kind in rows.values_list("pk", "user_id", "kind") if (user, kind) in gone]
        Membership.objects.filter(pk__in=ids).delete()
    Membership.objects.bulk_create(memberships(initiative, new - old, people), ignore_conflicts=True)


def memberships(initiative: Initiative, kinds: set[tuple[str, str]], people: People) -> list[Membership]:
    now = clock.now()
    return [
        Membership(initiative=initiative, user_id=people.ids[email], kind=kind, since=now)
        for email, kind in sorted(kinds)
    ]


@service
def invite(*, by: Actor, initiative: Initiative, email: str) -> Membership:
    """Ask somebody to help with an initiative, for instance to submit evidence. Asking twice changes nothing."""
    require_on(by, Action.INITIATIVE_EDIT, initiative)
    person = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if person is None:
        raise Invalid(
            f"Nobody active in the portal has the e-mail {email}.", pointer="/email", code="unknown_person"
        )
    membership, created = Membership.objects.get_or_create(
        initiative=initiative,
        user=person,
        kind=Membership.Kind.INVITED,
        defaults={"since": clock.now(), "invited_by_id": by.user_id},
    )
    if created:
        record(
            by=by,
            action=Actions.PERSON_INVITED,
            subject=initiative.key,
            initiative=initiative.key,
            after={"person": person.pk},
        )
        announce("initiatives.person_invited", key=initiative.key, person=person.pk)
    return membership
