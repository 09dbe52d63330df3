from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch, Q

from alignment_portal.accounts.models import RoleGrant, User


@dataclass(frozen=True)
class PersonRow:
    email: str
    name: str
    title: str
    active: bool
    inactive_since: datetime | None
    roles: frozenset[str]
    functions: frozenset[str]


def people_directory(at: datetime, emails: Iterable[str] | None = None) -> dict[str, PersonRow]:
    """Who everybody was at a moment, by e-mail, in two queries. Who joined later is not in it."""
    held = Q(granted_at__lte=at) & (Q(revoked_at__isnull=True) | Q(revoked_at__gt=at))
    grants = Prefetch("grants", queryset=RoleGrant.objects.filter(held), to_attr="grants_then")
    people = User.objects.filter(date_joined__lte=at)
    if emails is not None:
        people = people.filter(email__in=set(emails))
    return {person.email: _row(person, at) for person in people.prefetch_related(grants)}


def _row(person: User, at: datetime) -> PersonRow:
    left = person.deactivated_at is not None and person.deactivated_at <= at
    grants: list[RoleGrant] = person.grants_then  # type: ignore[attr-defined]  # put there by the prefetch
    functions = {person.function} | {grant.function for grant in grants}
    return PersonRow(
        email=person.email,
        name=person.name,
        title=person.title,
        active=not left,
        inactive_since=person.deactivated_at if left else None,
        roles=frozenset(grant.role for grant in grants),
        functions=frozenset(functions - {""}),
    )


def names_of(ids: Iterable[UUID]) -> Mapping[UUID, str]:
    return dict(User.objects.filter(pk__in=set(ids)).values_list("pk", "name"))


def people_with_role(role: str, function: str = "") -> list[User]:
    """Active people who hold the role now, and for that function when one is given."""
    grants = RoleGrant.objects.filter(role=role, revoked_at__isnull=True, user__is_active=True)
    if function:
        grants = grants.filter(Q(function=function) | Q(function="", user__function=function))
    return list(User.objects.filter(pk__in=grants.values("user_id")))
