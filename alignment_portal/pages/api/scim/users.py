"""Users: the accounts of people, as a directory opens, finds, changes and closes them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal.accounts.models import User
from alignment_portal.accounts.provisioning import provision_person, reprovision_person
from alignment_portal.http.requests import actor_of
from alignment_portal.pages.api.scim import protocol
from alignment_portal.pages.api.scim import shapes as docs
from alignment_portal.pages.api.scim.filters import Term, terms_of
from alignment_portal.pages.api.scim.groups import id_of
from alignment_portal.pages.api.scim.patching import operations_of
from alignment_portal.pages.api.scim.protocol import (
    USER,
    Body,
    ScimFault,
    ScimView,
    cut,
    given,
    list_response,
)
from alignment_portal.pages.api.scim.wishes import Wish, wish_of, wished
from alignment_portal.refusals import NotFound

ALWAYS = ("userName",)


def people() -> QuerySet[User]:
    """A program's account is the portal's own business, and an erased person is nobody's."""
    return User.objects.filter(is_service=False, erased_at__isnull=True).order_by("date_joined", "pk")


def body_of(request: Request, person: User) -> Body:
    optional = {"externalId": person.external_id, "title": person.title}
    return {
        "schemas": [USER],
        "id": str(person.pk),
        **{name: value for name, value in optional.items() if value},
        "userName": person.email,
        "displayName": person.name,
        "name": {"formatted": person.name},
        "timezone": person.time_zone,
        "emails": [{"value": person.email, "type": "work", "primary": True}],
        "active": person.is_active,
        "groups": [
            {
                "value": id_of(place.group),
                "display": place.group,
                "$ref": protocol.address(request, "Groups", id_of(place.group)),
            }
            for place in person.provisioned_groups.all()
        ],
        "meta": {
            "resourceType": "User",
            "created": person.date_joined.isoformat(),
            "location": protocol.address(request, "Users", person.pk),
        },
    }


def _matching(rows: QuerySet[User], term: Term) -> QuerySet[User]:
    value = term.value
    if term.name == "active":
        return rows.filter(is_active=protocol.truth(value, "active"))
    if not isinstance(value, str):
        raise ScimFault(f"{term.name} is compared with a text.", "invalidFilter")
    match term.name:
        case "username" | "emails" | "emails.value":
            return rows.filter(email=value.strip().lower())
        case "externalid":
            return rows.filter(external_id=value) if value else rows.none()
        case "displayname":
            return rows.filter(name__iexact=value)
        case "id":
            key = key_of(value)
            return rows.none() if key is None else rows.filter(pk=key)
    sentence = f"Users are not looked up by {term.name}, but by userName, emails.value, externalId, displayName, id or active."
    raise ScimFault(sentence, "invalidFilter")


def key_of(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None


def found(person_id: str) -> User:
    key = key_of(person_id)
    person = None if key is None else people().filter(pk=key).first()
    if person is None:
        raise NotFound(f"There is no user {person_id[:40]}.")
    return person


class Users(ScimView):
    @extend_schema(operation_id="scim_users_list", parameters=[docs.ListQuery], responses=docs.UserListOut)
    def get(self, request: Request) -> Response:
        """People, found by `filter` (eq, and) and a page at a time; programs' accounts are not among them."""
        rows = people()
        for term in terms_of(asked) if (asked := request.query_params.get("filter", "").strip()) else ():
            rows = _matching(rows, term)
        many = rows.prefetch_related("provisioned_groups")

        def page(start: int, end: int) -> Sequence[Body]:
            return [body_of(request, person) for person in many[start:end]]

        return list_response(request, rows.count(), page, always=ALWAYS)

    @extend_schema(
        operation_id="scim_users_create",
        request=docs.UserIn,
        responses={201: docs.UserOut, 409: docs.ErrorOut},
    )
    def post(self, request: Request) -> Response:
        """Open an account. `userName` is the e-mail address, by which single sign-on finds it."""
        wish = wish_of(given(request))
        if wish.email is None:
            raise ScimFault("userName is required: the person’s e-mail address.")
        fields = {"name": wish.whole_name or wish.given or wish.family, **_changes(wish, None)}
        person = provision_person(by=actor_of(request), active=wish.active is not False, **fields)
        body = body_of(request, person)
        return Response(
            cut(request, body, always=ALWAYS), status=201, headers={"Location": body["meta"]["location"]}
        )


class OneUser(ScimView):
    @extend_schema(operation_id="scim_users_read", parameters=[docs.CutQuery], responses=docs.UserOut)
    def get(self, request: Request, person_id: str) -> Response:
        """One person."""
        return self._told(request, found(person_id))

    @extend_schema(operation_id="scim_users_replace", request=docs.UserIn, responses=docs.UserOut)
    def put(self, request: Request, person_id: str) -> Response:
        """Change what is named; what is left out stays as it is."""
        return self._changed(request, found(person_id), wish_of(given(request)))

    @extend_schema(operation_id="scim_users_change", request=docs.PatchIn, responses=docs.UserOut)
    def patch(self, request: Request, person_id: str) -> Response:
        """Operations, all or none. `active` false closes the account: no sign-in, no token, no session."""
        person = found(person_id)
        return self._changed(request, person, wished(operations_of(given(request))))

    @extend_schema(operation_id="scim_users_close", responses={204: None})
    def delete(self, request: Request, person_id: str) -> Response:
        """Close the account. It can still be read, as closed: what the person did stays theirs."""
        reprovision_person(by=actor_of(request), person=found(person_id), changes={}, active=False)
        return Response(status=204)

    def _changed(self, request: Request, person: User, wish: Wish) -> Response:
        changes = _changes(wish, person)
        changed = reprovision_person(by=actor_of(request), person=person, changes=changes, active=wish.active)
        return self._told(request, changed)

    def _told(self, request: Request, person: User) -> Response:
        return Response(cut(request, body_of(request, person), always=ALWAYS))


def _changes(wish: Wish, person: User | None) -> Mapping[str, Any]:
    """The columns to change. The portal keeps one address, so both that a directory knows must be the same."""
    email = wish.email or (person.email if person else "")
    if wish.mail is not None and wish.mail.lower() != email.lower():
        raise ScimFault(
            f"One address is kept: userName ({email}) and the e-mail ({wish.mail}) must be the same. Map both to it."
        )
    columns = {
        "email": wish.email,
        "name": wish.whole_name or None,
        "title": wish.title,
        "time_zone": wish.time_zone,
        "external_id": wish.external_id,
    }
    return {name: value for name, value in columns.items() if value is not None}
