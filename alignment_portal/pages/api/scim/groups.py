"""Groups: those of PORTAL_SSO_ROLES, whose members hold the roles that come with them."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal.accounts.models import GroupMember
from alignment_portal.accounts.provisioning import change_members
from alignment_portal.http.requests import actor_of
from alignment_portal.pages.api.scim import protocol
from alignment_portal.pages.api.scim import shapes as docs
from alignment_portal.pages.api.scim.filters import Path, Term, terms_of
from alignment_portal.pages.api.scim.patching import Operation, operations_of
from alignment_portal.pages.api.scim.protocol import (
    GROUP,
    Body,
    ScimFault,
    ScimView,
    asks_for,
    cut,
    given,
    list_response,
    text,
)
from alignment_portal.refusals import NotFound

ALWAYS = ("displayName",)
PASSED_OVER = frozenset({"schemas", "id", "meta", "externalid"})
_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:alignment-portal:group")


def id_of(group: str) -> str:
    """The same for the same name, in every portal and after every start."""
    return str(uuid.uuid5(_SPACE, group))


def body_of(request: Request, group: str, members: Sequence[GroupMember]) -> Body:
    return {
        "schemas": [GROUP],
        "id": id_of(group),
        "displayName": group,
        "members": [
            {
                "value": str(member.user_id),
                "display": member.user.name,
                "$ref": protocol.address(request, "Users", member.user_id),
            }
            for member in members
        ],
        "meta": {"resourceType": "Group", "location": protocol.address(request, "Groups", id_of(group))},
    }


def bodies_of(request: Request, groups: Sequence[str]) -> list[Body]:
    members: dict[str, list[GroupMember]] = {}
    if asks_for(request, "members"):
        rows = GroupMember.objects.filter(group__in=groups).select_related("user").order_by("pk")
        for row in rows:
            members.setdefault(row.group, []).append(row)
    return [body_of(request, group, members.get(group, [])) for group in groups]


def _matching(groups: Sequence[str], term: Term) -> list[str]:
    value = str(term.value)
    match term.name:
        case "displayname":
            return [group for group in groups if group.lower() == value.strip().lower()]
        case "id":
            return [group for group in groups if id_of(group) == value.lower()]
        case "members" | "members.value":
            key = member_key(value)
            within = GroupMember.objects.filter(user_id=key).values_list("group", flat=True)
            return [group for group in groups if group in set(within)]
    sentence = f"Groups are not looked up by {term.name}, but by displayName, id or members."
    raise ScimFault(sentence, "invalidFilter")


def found(group_id: str) -> str:
    for group in settings.SSO_ROLES:
        if id_of(group) == group_id.lower():
            return str(group)
    raise NotFound(f"There is no group {group_id[:40]}.")


class Groups(ScimView):
    @extend_schema(
        operation_id="scim_groups_list", parameters=[docs.ListQuery], responses=docs.ScimGroupListOut
    )
    def get(self, request: Request) -> Response:
        """The groups that give roles, with who was put into them; those told at sign-in alone are not kept."""
        groups = sorted(settings.SSO_ROLES)
        for term in terms_of(asked) if (asked := request.query_params.get("filter", "").strip()) else ():
            groups = _matching(groups, term)

        def page(start: int, end: int) -> Sequence[Body]:
            return bodies_of(request, groups[start:end])

        return list_response(request, len(groups), page, always=ALWAYS)

    @extend_schema(
        operation_id="scim_groups_create",
        request=docs.ScimGroupIn,
        responses={400: docs.ErrorOut, 409: docs.ErrorOut},
    )
    def post(self, request: Request) -> Response:
        """Always refused: a setting names the groups. One that is there already answers 409, to be linked."""
        name = text(given(request).get("displayName"), "displayName")
        if name in settings.SSO_ROLES:
            raise ScimFault(f"The group “{name}” is here already. Link it, and fill it.", "uniqueness")
        raise ScimFault(f"No role comes with a group “{name[:80]}”: PORTAL_SSO_ROLES names those that do.")


class OneGroup(ScimView):
    @extend_schema(operation_id="scim_groups_read", parameters=[docs.CutQuery], responses=docs.ScimGroupOut)
    def get(self, request: Request, group_id: str) -> Response:
        """One group with its members."""
        return self._told(request, found(group_id))

    @extend_schema(operation_id="scim_groups_replace", request=docs.ScimGroupIn, responses=docs.ScimGroupOut)
    def put(self, request: Request, group_id: str) -> Response:
        """The whole group: who is not named is taken out. Its name stays."""
        group, body = found(group_id), given(request)
        operations = [
            Operation("replace", Path(name.lower()), value)
            for name, value in body.items()
            if not name.lower().startswith("urn:")
        ]
        self._change(request, group, operations)
        return self._told(request, group)

    @extend_schema(operation_id="scim_groups_change", request=docs.PatchIn, responses={204: None})
    def patch(self, request: Request, group_id: str) -> Response:
        """Put people in and take people out, all or none; the roles follow at once."""
        self._change(request, found(group_id), list(operations_of(given(request))))
        return Response(status=204)

    def _change(self, request: Request, group: str, operations: Sequence[Operation]) -> None:
        within = set(GroupMember.objects.filter(group=group).values_list("user_id", flat=True))
        then = set(within)
        for operation in operations:
            then = _after(group, then, operation)
        change_members(by=actor_of(request), group=group, add=then - within, remove=within - then)

    def _told(self, request: Request, group: str) -> Response:
        return Response(cut(request, bodies_of(request, [group])[0], always=ALWAYS))


def _after(group: str, members: set[UUID], operation: Operation) -> set[UUID]:
    name = operation.path.name
    if name == "members":
        return _members_after(members, operation)
    if name == "displayname":
        if operation.deed == "remove" or text(operation.value, "displayName") != group:
            raise ScimFault(f"The group “{group}” keeps its name: a setting gives it.", "mutability")
        return members
    if name in PASSED_OVER:
        return members
    raise ScimFault(f"A group has no attribute “{name}”.", "invalidPath")


def _members_after(members: set[UUID], operation: Operation) -> set[UUID]:
    only = operation.path.only
    if only:
        if operation.deed != "remove" or [term.name for term in only] != ["value"]:
            raise ScimFault("Members are chosen by value, to be removed.", "invalidPath")
        return members - {member_key(str(only[0].value))}
    named = None if operation.value is None else set(_keys(operation.value))
    if operation.deed == "add":
        return members | (named or set())
    if operation.deed == "replace":
        return named or set()
    return set() if named is None else members - named


def _keys(value: Any) -> Iterator[UUID]:
    for row in value if isinstance(value, list) else [value]:
        if not isinstance(row, Mapping) or not isinstance(row.get("value"), str):
            raise ScimFault("A member is an object whose value is the id of a user.")
        yield member_key(row["value"])


def member_key(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError as error:
        raise ScimFault(f"“{value[:40]}” is not the id of a user.") from error
