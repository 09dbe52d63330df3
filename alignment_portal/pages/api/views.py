"""People, roles, tokens and the record, for programs."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal.accounts import services, tokens
from alignment_portal.accounts.models import ApiToken, RoleGrant, User
from alignment_portal.accounts.permissions import Action, may, require
from alignment_portal.audit.models import Entry
from alignment_portal.audit.selectors import HistoryFilter, history
from alignment_portal.audit.words import in_words
from alignment_portal.http.etags import etag_of, require_match, with_etag
from alignment_portal.http.idempotency import idempotent
from alignment_portal.http.pagination import CursorPage, paged
from alignment_portal.http.requests import actor_of
from alignment_portal.pages.api import serializers as shapes
from alignment_portal.refusals import NotFound

LINKS = (
    "initiatives",
    "observations",
    "signals",
    "reviews",
    "packs",
    "portfolio/summary",
    "people",
    "service-accounts",
    "tokens",
    "sessions",
    "history",
    "webhooks",
    "events",
    "operations",
)


@extend_schema(
    operation_id="root", responses={200: {"type": "object", "additionalProperties": {"type": "string"}}}
)
@api_view(["GET"])
def root(request: Request) -> Response:
    """Where everything is."""
    here = request.build_absolute_uri(reverse("api:root"))
    links = {name.replace("/", "_").replace("-", "_"): f"{here}{name}/" for name in LINKS}
    return Response({**links, "schema": f"{here}schema/", "docs": f"{here}docs/"})


@extend_schema(methods=["GET"], operation_id="people_list", responses=shapes.PersonOut(many=True))
@extend_schema(
    methods=["POST"], operation_id="people_open", request=shapes.PersonIn, responses={201: shapes.PersonOut}
)
@api_view(["GET", "POST"])
def people(request: Request) -> Response:
    """The people of the portal, and opening an account."""
    return _open_person(request) if request.method == "POST" else _people(request)


def _people(request: Request) -> Response:
    require(actor_of(request), Action.PEOPLE_MANAGE)
    return paged(request, User.objects.with_roles(), _person_body, ordering=("email",))


@idempotent
def _open_person(request: Request) -> Response:
    given = shapes.valid(shapes.PersonIn(data=request.data))
    person = services.open_person(by=actor_of(request), **given)
    address = reverse("api:person", args=[person.pk])
    headers = {"Location": address, "ETag": etag_of(person.version)}
    return Response(_person_body(person), status=201, headers=headers)


def _person_body(person: User) -> Mapping[str, Any]:
    return shapes.PersonOut(person).data


def _person(request: Request, person_id: UUID) -> User:
    actor = actor_of(request)
    if actor.user_id != person_id:
        require(actor, Action.PEOPLE_MANAGE)
    return get_object_or_404(User, pk=person_id)


@extend_schema(methods=["GET"], operation_id="service_accounts_list", responses=shapes.PersonOut(many=True))
@extend_schema(
    methods=["POST"],
    operation_id="service_accounts_open",
    request=shapes.ServiceAccountIn,
    responses={201: shapes.PersonOut},
)
@api_view(["GET", "POST"])
def service_accounts(request: Request) -> Response:
    """Accounts for programs: they work by tokens that end, and judge nothing. Roles and ending as with people."""
    require(actor_of(request), Action.PEOPLE_MANAGE)
    if request.method == "POST":
        return _open_service(request)
    rows = User.objects.with_roles().filter(is_service=True)
    return paged(request, rows, _person_body, ordering=("email",))


@idempotent
def _open_service(request: Request) -> Response:
    given = shapes.valid(shapes.ServiceAccountIn(data=request.data))
    account = services.open_service_account(by=actor_of(request), **given)
    address = reverse("api:person", args=[account.pk])
    headers = {"Location": address, "ETag": etag_of(account.version)}
    return Response(_person_body(account), status=201, headers=headers)


@extend_schema(methods=["GET"], operation_id="people_read", responses=shapes.PersonOut)
@extend_schema(
    methods=["PATCH"], operation_id="people_change", request=shapes.PersonChange, responses=shapes.PersonOut
)
@api_view(["GET", "PATCH"])
@with_etag
def person(request: Request, person_id: UUID) -> Response:
    """One account; `active: false` with a reason deactivates it."""
    someone = _person(request, person_id)
    if request.method == "PATCH":
        someone = _change_person(request, someone)
    return Response(_person_body(someone))


def _change_person(request: Request, someone: User) -> User:
    by = actor_of(request)
    require(by, Action.PEOPLE_MANAGE)
    require_match(request, someone.version, body=_person_body(someone))
    given = dict(shapes.valid(shapes.PersonChange(data=request.data)))
    active, reason = given.pop("active", None), given.pop("reason", "")
    return services.revise_person(
        by=by, person=someone, version=someone.version, changes=given, active=active, reason=reason
    )


@extend_schema(methods=["GET"], operation_id="roles_list", responses=shapes.GrantOut(many=True))
@extend_schema(
    methods=["POST"], operation_id="roles_grant", request=shapes.RoleIn, responses={201: shapes.GrantOut}
)
@api_view(["GET", "POST"])
def roles(request: Request, person_id: UUID) -> Response:
    """The roles a person holds or held, and giving one."""
    someone = _person(request, person_id)
    if request.method == "POST":
        return _grant(request, someone)
    return paged(request, someone.grants.all(), lambda grant: shapes.GrantOut(grant).data, ordering=("id",))


@idempotent
def _grant(request: Request, someone: User) -> Response:
    given = shapes.valid(shapes.RoleIn(data=request.data))
    grant = services.grant_role(by=actor_of(request), person=someone, **given)
    return Response(shapes.GrantOut(grant).data, status=201)


@extend_schema(operation_id="roles_revoke", responses={204: None})
@api_view(["DELETE"])
def role(request: Request, person_id: UUID, grant_id: int) -> Response:
    """Take a role away; that it was held stays on record."""
    someone = _person(request, person_id)
    grant = get_object_or_404(RoleGrant, pk=grant_id, user=someone)
    services.revoke_role(by=actor_of(request), grant=grant)
    return Response(status=204)


@extend_schema(methods=["GET"], operation_id="tokens_list", responses=shapes.TokenOut(many=True))
@extend_schema(
    methods=["POST"],
    operation_id="tokens_issue",
    request=shapes.TokenIn,
    responses={201: shapes.IssuedTokenOut},
)
@api_view(["GET", "POST"])
def own_tokens(request: Request) -> Response:
    """One's own tokens (an administrator sees everybody's), and issuing one. The secret is shown once."""
    return _issue(request) if request.method == "POST" else _tokens(request)


def _tokens(request: Request) -> Response:
    by = actor_of(request)
    rows = (
        ApiToken.objects.all()
        if may(by, Action.TOKEN_MANAGE)
        else ApiToken.objects.filter(user__pk__in=[by.user_id])
    )
    return paged(request, rows, lambda token: shapes.TokenOut(token).data, ordering=("-id",))


def _issue(request: Request) -> Response:
    # Not kept under an Idempotency-Key: an answer with a secret in it is stored nowhere.
    given = dict(shapes.valid(shapes.TokenIn(data=request.data)))
    owner = given.pop("person", None) or actor_of(request).user_id
    person = User.objects.filter(pk__in=[owner]).first()
    if person is None or (
        owner != actor_of(request).user_id and not may(actor_of(request), Action.TOKEN_MANAGE)
    ):
        raise NotFound("There is no such person, or the account is not yours to see.")
    return _issued(tokens.issue_token(by=actor_of(request), user=person, **given))


def _issued(issued: tokens.IssuedToken) -> Response:
    body = {**shapes.TokenOut(issued.token).data, "token": issued.plain}
    return Response(body, status=201, headers={"Cache-Control": "no-store"})


@extend_schema(operation_id="tokens_revoke", responses={204: None})
@api_view(["DELETE"])
def token(request: Request, token_id: int) -> Response:
    """Revoke a token; it stops at once."""
    tokens.revoke_token(by=actor_of(request), token=_token(request, token_id))
    return Response(status=204)


def _token(request: Request, token_id: int) -> ApiToken:
    by = actor_of(request)
    found = ApiToken.objects.filter(pk=token_id).first()
    if found is None or (found.user_id != by.user_id and not may(by, Action.TOKEN_MANAGE)):
        raise NotFound("There is no such token, or it is not yours to see.")
    return found


@extend_schema(operation_id="tokens_rotate", request=None, responses={201: shapes.IssuedTokenOut})
@api_view(["POST"])
def token_rotation(request: Request, token_id: int) -> Response:
    """A successor with the same scopes, shown once; the former token works for another day."""
    return _issued(tokens.rotate_token(by=actor_of(request), token=_token(request, token_id)))


class HistoryPage(CursorPage):
    """Rows are put into words a page at a time, so that names cost one query."""

    ordering = "-seq"

    def lines(self, request: Request, rows: Any) -> Response:
        page: list[Entry] = self.paginate_queryset(rows, request) or []
        return self.get_paginated_response([shapes.EntryOut(line).data for line in in_words(page)])


@extend_schema(
    operation_id="history_list", parameters=[shapes.HistoryQuery], responses=shapes.EntryOut(many=True)
)
@api_view(["GET"])
def history_list(request: Request) -> Response:
    """Who did what, when: the audit record, newest first."""
    require(actor_of(request), Action.HISTORY_READ)
    asked = dict(shapes.valid(shapes.HistoryQuery(data=request.query_params.dict())))
    asked.pop("cursor", None)
    asked.pop("limit", None)
    return HistoryPage().lines(request, history(HistoryFilter(**asked)))
