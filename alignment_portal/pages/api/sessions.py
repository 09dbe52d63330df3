"""The browsers one is signed in with, for programs: as the page has them, one's own alone."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from alignment_portal.accounts import ending
from alignment_portal.accounts.models import SignIn, User
from alignment_portal.accounts.sessions import SIGN_IN, living_sessions
from alignment_portal.http.pagination import paged
from alignment_portal.http.requests import actor_of
from alignment_portal.refusals import NotFound


class SessionOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    device = serializers.CharField(help_text="Such as “Firefox on Linux”; empty where nothing was told")
    address = serializers.CharField(help_text="Where it was last used from")
    started_at = serializers.DateTimeField()
    seen_at = serializers.DateTimeField(help_text="Noted once a minute")
    here = serializers.BooleanField(help_text="Whether it is the one that asks")


class EndedSessionsOut(serializers.Serializer[Any]):
    ended = serializers.IntegerField()


@extend_schema(methods=["GET"], operation_id="sessions_list", responses=SessionOut(many=True))
@extend_schema(methods=["DELETE"], operation_id="sessions_end_all", responses={200: EndedSessionsOut})
@api_view(["GET", "DELETE"])
def sessions(request: Request) -> Response:
    """One's own sessions that can still be used, and ending them: all, but for the one that asks."""
    me, here = _me(request), _here(request)
    if request.method == "DELETE":
        ended = ending.end_sessions(by=actor_of(request), person=me, keeping=here)
        return Response({"ended": ended})
    return paged(request, living_sessions(me), lambda row: _body(row, here), ordering=("-id",))


@extend_schema(operation_id="sessions_end", responses={204: None})
@api_view(["DELETE"])
def session(request: Request, session_id: int) -> Response:
    """Sign that browser out; one that is out already stays out."""
    row = _me(request).sign_ins.filter(pk=session_id).first()
    if row is None:
        raise NotFound("There is no such session, or it is not yours.")
    ending.end_session(by=actor_of(request), sign_in=row)
    return Response(status=204)


def _me(request: Request) -> User:
    return User.objects.get(pk__in=[actor_of(request).user_id])


def _here(request: Request) -> int | None:
    """The session that asks; a token has none."""
    found: int | None = None if request.auth is not None else request.session.get(SIGN_IN)
    return found


def _body(row: SignIn, here: int | None) -> dict[str, Any]:
    return dict(SessionOut({**vars(row), "here": row.pk == here}).data)
