"""What a directory does to accounts of its own accord: it opens and closes them, and fills the groups that give roles."""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.conf import settings

from alignment_portal import clock
from alignment_portal.accounts.actions import Actions
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import GroupMember, RoleGrant, Source, User
from alignment_portal.accounts.permissions import Action, require, require_proof
from alignment_portal.accounts.services import deactivate_person, locked, open_person, revise_person, tell
from alignment_portal.accounts.single_sign_on import give_role, provisioned_groups, roles_of, take_role
from alignment_portal.refusals import Fault, Invalid, NotFound
from alignment_portal.writing import service

UNDER = Action.PEOPLE_PROVISION
CLOSED_BY_DIRECTORY = "Closed by the directory that provisions accounts."


@service
def provision_person(*, by: Actor, active: bool, **fields: str) -> User:
    person = open_person(by=by, under=UNDER, **fields)
    if active:
        return person
    return deactivate_person(by=by, person=person, reason=CLOSED_BY_DIRECTORY, under=UNDER)


@service
def reprovision_person(*, by: Actor, person: User, changes: Mapping[str, str], active: bool | None) -> User:
    """Change fields and open or close the account, all of it or nothing."""
    return revise_person(
        by=by,
        person=person,
        version=person.version,
        changes=changes,
        active=active,
        reason=CLOSED_BY_DIRECTORY,
        under=UNDER,
    )


@service
def change_members(
    *, by: Actor, group: str, add: Collection[UUID] = (), remove: Collection[UUID] = ()
) -> None:
    """Put people into a group and take others out, with the roles that this gives and takes; all of it or nothing.

    Who is in already stays in, who is out stays out. Raises NotFound where no role comes with the group, and
    Invalid with every person there is not.
    """
    require(by, UNDER)
    require_proof(by)
    if group not in settings.SSO_ROLES:
        raise NotFound(f"No role comes with a group “{group}” here: PORTAL_SSO_ROLES names those that do.")
    people = _people({*add, *remove})
    within = set(GroupMember.objects.filter(group=group, user__in=people).values_list("user_id", flat=True))
    for key in sorted(set(remove) & within):
        _leave(by, people[key], group)
    for key in sorted(set(add) - within - set(remove)):
        _join(by, people[key], group)


def _people(keys: Collection[UUID]) -> dict[UUID, User]:
    found = User.objects.filter(is_service=False, erased_at__isnull=True).in_bulk(list(keys))
    unknown = sorted(set(keys) - set(found))
    if unknown:
        faults = [Fault("/members", f"There is no person {key} here.", "unknown") for key in unknown]
        raise Invalid("Some of these people are not known here.", faults=faults)
    return found


def _join(by: Actor, person: User, group: str) -> None:
    person = locked(person)
    GroupMember.objects.create(user=person, group=group, since=clock.now())
    tell(by=by, action=Actions.GROUP_JOINED, person=person, group=group)
    held = set(RoleGrant.objects.filter(user=person, revoked_at__isnull=True).values_list("role", "function"))
    for role, function in sorted(roles_of([group]) - held):
        give_role(by, person, role, function)


def _leave(by: Actor, person: User, group: str) -> None:
    """Only what this group gave goes: a role given by hand, or by another of their groups, stays."""
    person = locked(person)
    GroupMember.objects.filter(user=person, group=group).delete()
    tell(by=by, action=Actions.GROUP_LEFT, person=person, group=group)
    going = roles_of([group]) - roles_of(provisioned_groups(person))
    for grant in RoleGrant.objects.filter(user=person, revoked_at__isnull=True, source=Source.GROUP):
        if (grant.role, grant.function) in going:
            take_role(by, grant)
