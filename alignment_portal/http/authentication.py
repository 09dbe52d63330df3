"""Who calls the API: a bearer token, or the session of somebody signed in to the pages."""

from typing import Any

from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import APIException, AuthenticationFailed, Throttled
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from alignment_portal.accounts import proof
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import ApiToken, User
from alignment_portal.accounts.roles import Scope
from alignment_portal.accounts.sign_in import note_wrong_token
from alignment_portal.accounts.tokens import note_use, token_of
from alignment_portal.http.requests import actor_of, address_of
from alignment_portal.refusals import Forbidden

HEADER_PARTS = 2


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer ap_…`; a token in the address or the body is never looked at."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"bearer":
            return None
        token = token_of(parts[1].decode("latin-1")) if len(parts) == HEADER_PARTS else None
        if token is None:
            raise _wrong_token(request)
        note_use(token)
        request._request.actor = Actor.of(token.user, "api", token)  # type: ignore[attr-defined]  # noqa: SLF001 — DRF's name for the inner request
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="alignment portal"'


class TooManyWrong(Throttled):
    """The framework's own sentence would be added to ours, were the time given to it."""

    def __init__(self, seconds: int) -> None:
        super().__init__(detail="Too many wrong tokens came from this address. Wait before you try another.")
        self.wait = seconds  # told in Retry-After


def _wrong_token(request: Request) -> APIException:
    seconds = note_wrong_token(address=address_of(request._request))  # noqa: SLF001 — DRF's name for the inner request
    if not seconds:
        return AuthenticationFailed("This token is not known, has ended, or was revoked.")
    return TooManyWrong(seconds)


class PageSession(SessionAuthentication):
    """The session cookie, with CSRF protection, for the portal's own scripts and the browsable documentation."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        found = super().authenticate(request)
        if found is not None and getattr(found[0], "is_service", False):
            raise AuthenticationFailed("A service account works by tokens alone.")
        if found is not None and isinstance(found[0], User):
            inner = request._request  # noqa: SLF001 — DRF's name for the inner request
            proven = proof.is_fresh(inner.session)
            inner.actor = Actor.of(found[0], "api", is_proven=proven)  # type: ignore[attr-defined]  # ours
        return found


class SignedInWithScope(BasePermission):
    """Everybody is signed in, and a token needs the scope `read` to read; the services judge all the rest."""

    def has_permission(self, request: Request, view: Any) -> bool:
        scopes = actor_of(request).scopes
        if request.method in SAFE_METHODS and scopes is not None and Scope.READ not in scopes:
            raise Forbidden("This token lacks the scope “read”. Issue one that has it.", code="scope_missing")
        return True
