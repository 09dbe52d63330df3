from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from alignment_portal.accounts.models import RoleGrant, User
from alignment_portal.prepared import PreparedAmong


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
    named = None if emails is None else set(emails)
    people = _joined(at) if named is None else _JOINED.rows(named, at)
    held = _held(at) if named is None else _HELD.rows(named, at)
    roles: defaultdict[UUID, set[str]] = defaultdict(set)
    functions: defaultdict[UUID, set[str]] = defaultdict(set)
    for pk, role, function in held:
        roles[pk].add(role)
        functions[pk].add(function)
    found = {}
    for pk, email, name, title, function, left_at in people:
        left = left_at is not None and left_at <= at
        found[email] = PersonRow(
            email=email,
            name=name,
            title=title,
            active=not left,
            inactive_since=left_at if left else None,
            roles=frozenset(roles[pk]),
            functions=frozenset((functions[pk] | {function}) - {""}),
        )
    return found


def _joined(at: datetime) -> QuerySet[User, tuple[Any, ...]]:
    columns = ("pk", "email", "name", "title", "function", "deactivated_at")
    return User.objects.filter(date_joined__lte=at).values_list(*columns)


def _held(at: datetime) -> QuerySet[RoleGrant, tuple[Any, ...]]:
    held = RoleGrant.objects.filter(Q(revoked_at__isnull=True) | Q(revoked_at__gt=at), granted_at__lte=at)
    return held.order_by().values_list("user_id", "role", "function")


_JOINED = PreparedAmong(lambda emails, at: _joined(at).filter(email__in=emails))
_HELD = PreparedAmong(lambda emails, at: _held(at).filter(user__email__in=emails))


def names_of(ids: Iterable[UUID]) -> Mapping[UUID, str]:
    return dict(User.objects.filter(pk__in=set(ids)).values_list("pk", "name"))


def people_with_role(role: str, function: str = "") -> list[User]:
    """Active people who hold the role now, and for that function when one is given."""
    grants = RoleGrant.objects.filter(role=role, revoked_at__isnull=True, user__is_active=True)
    if function:
        grants = grants.filter(Q(function=function) | Q(function="", user__function=function))
    return list(User.objects.filter(pk__in=grants.values("user_id")))
