"""What a request carries for us: who acts, and from where."""

from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import User
from alignment_portal.logs import without_keys

KEYED = frozenset({"calendar"})  # routes whose address is a secret
TOLD_PATH = "portal.path"  # where a request carries the path that may be told


def actor_of(request: HttpRequest | Request) -> Actor:
    """The person behind the request; nobody behind it is a fault of the caller, answered with 401."""
    actor = getattr(request, "actor", None)
    if not isinstance(actor, Actor):
        raise NotAuthenticated
    return actor


def signed_in(request: HttpRequest) -> User:
    """The account of the person behind a page."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def told_path(request: HttpRequest) -> str:
    """The path as logs and traces tell it: where a part of it is a key, the route stands in its place.

    In one line, whatever was asked for: nobody writes lines of their own into a log.
    """
    match = request.resolver_match
    if match is not None and match.view_name in KEYED:
        return f"/{match.route}"
    return without_keys("".join(sign if sign.isprintable() else quote(sign) for sign in request.path))


def address_of(request: HttpRequest) -> str:
    """The caller's address, believing as many proxies as we run and no more."""
    if settings.PROXY_COUNT:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
        if hops:
            return str(hops[max(0, len(hops) - settings.PROXY_COUNT)])
    return str(request.META.get("REMOTE_ADDR", ""))
