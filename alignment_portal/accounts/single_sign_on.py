"""Who comes from the organisation's own sign-in: which account is theirs, and which roles their groups give.

One person has one account: it is found by the provider's lasting id, else by an address the provider vouches
for. Roles given by a group come and go with the group; roles given by hand are left alone.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from allauth.socialaccount.models import SocialAccount
from django.conf import settings

from alignment_portal.accounts.actions import Actions
from alignment_portal.accounts.actors import SYSTEM, Actor
from alignment_portal.accounts.models import GroupMember, RoleGrant, Source, User
from alignment_portal.accounts.permissions import Action
from alignment_portal.accounts.services import grant_role, locked, open_person, revoke_role, tell
from alignment_portal.refusals import Conflict, Forbidden, Refusal
from alignment_portal.writing import service

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Arrival:
    """What a provider says of somebody who signed in there."""

    provider: str
    uid: str
    email: str
    is_vouched_for: bool  # the provider says that the address is theirs
    name: str
    groups: frozenset[str]


@service
def arrive(arrival: Arrival) -> SocialAccount:
    """The link between the provider's person and ours, with the roles as their groups are now."""
    link = SocialAccount.objects.filter(provider=arrival.provider, uid=arrival.uid).first()
    link = link or _linked(arrival)
    if not link.user.is_active:
        raise _no_account(arrival)
    # What else the provider told is not kept: it is neither needed nor ours.
    SocialAccount.objects.filter(pk=link.pk).update(extra_data={})
    if settings.SSO_ROLES:
        follow_groups(by=SYSTEM, person=link.user, groups=arrival.groups)
    return link


def _no_account(arrival: Arrival) -> Refusal:
    who = arrival.email or "you"
    sentence = f"There is no account for {who} here. Ask an administrator of the portal to open one."
    return Forbidden(sentence, code="no_account", next_mover="administrator")


def not_asked_again(provider: str) -> Refusal:
    logger.warning(
        "A confirmation by %s was refused: it does not say that it asked its person again (docs/sign-in.md).",
        provider,
    )
    sentence = (
        "Your organisation’s sign-in let you pass without asking again who you are, so nothing is confirmed."
        " Confirm by a passkey or an authenticator app, or ask an administrator."
    )
    return Forbidden(sentence, code="not_asked_again", next_mover="administrator")


def _not_vouched_for(arrival: Arrival) -> Refusal:
    """Says nothing of whether there is an account: the address may be somebody else's."""
    what = (
        f"that {arrival.email} is your verified address" if arrival.email else "what your e-mail address is"
    )
    logger.warning(
        "A sign-in by %s was refused: it does not say %s (PORTAL_SSO_DOMAINS).", arrival.provider, what
    )
    sentence = f"Your organisation’s sign-in does not say {what}, so no account can be found by it. Ask an administrator."
    return Forbidden(sentence, code="address_not_verified", next_mover="administrator")


def _linked(arrival: Arrival) -> SocialAccount:
    if not arrival.email or not arrival.is_vouched_for:
        raise _not_vouched_for(arrival)
    person = User.objects.filter(email=arrival.email.strip().lower()).first() or _opened(arrival)
    if SocialAccount.objects.filter(provider=arrival.provider, user=person).exists():
        # The address was given to somebody new, or somebody has two identities: either way not the same person.
        raise Conflict(
            f"The account of {person.email} belongs to another identity of your sign-in. Ask an administrator.",
            code="identity_differs",
            next_mover="administrator",
        )
    link = SocialAccount.objects.create(provider=arrival.provider, uid=arrival.uid, user=person)
    tell(by=SYSTEM, action=Actions.IDENTITY_LINKED, person=person, provider=arrival.provider)
    return link


def _opened(arrival: Arrival) -> User:
    if not settings.SSO_CREATE:
        raise _no_account(arrival)
    name = arrival.name.strip()[:120] or arrival.email.partition("@")[0]
    return open_person(by=SYSTEM, email=arrival.email, name=name)


@service
def follow_groups(*, by: Actor, person: User, groups: Iterable[str]) -> None:
    """Give and take the roles that come from groups; one that cannot be had is left out, and logged.

    Groups into which the directory put the person over SCIM count beside those told at sign-in.
    """
    person = locked(person)
    due = roles_of({*groups, *provisioned_groups(person)})
    held = list(RoleGrant.objects.filter(user=person, revoked_at__isnull=True))
    for grant in held:
        if grant.source == Source.GROUP and (grant.role, grant.function) not in due:
            take_role(by, grant)
    for role, function in sorted(due - {(grant.role, grant.function) for grant in held}):
        give_role(by, person, role, function)


def roles_of(groups: Iterable[str]) -> set[tuple[str, str]]:
    """The roles, each with its function, that the groups give together."""
    return {role for group in groups for role in settings.SSO_ROLES.get(group, ())}


def provisioned_groups(person: User) -> set[str]:
    return set(GroupMember.objects.filter(user=person).values_list("group", flat=True))


def take_role(by: Actor, grant: RoleGrant) -> None:
    try:
        revoke_role(by=by, grant=grant, under=Action.PEOPLE_PROVISION)
    except Refusal as refusal:
        logger.warning("A role of a group was not taken from %s: %s", grant.user_id, refusal)


def give_role(by: Actor, person: User, role: str, function: str) -> None:
    try:
        grant_role(
            by=by,
            person=person,
            role=role,
            function=function,
            source=Source.GROUP,
            under=Action.PEOPLE_PROVISION,
        )
    except Refusal as refusal:
        logger.warning("A role of a group was not given to %s: %s", person.pk, refusal)
