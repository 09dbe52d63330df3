"""Middleware of the frameworks, spared the work of which the outcome is known before it begins."""

from collections.abc import Callable

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.middleware import MessageMiddleware
from django.http import HttpRequest, HttpResponseBase

from alignment_portal.http.requests import is_api


class PolicyMiddleware(CSPMiddleware):
    """The content security policy, written once: it is the same for every answer that does not ask for its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        super().__init__(get_response)
        self.policy = build_policy()

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if settings.DEBUG or _has_its_own_policy(request, response):
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self.policy)
        return response


def _has_its_own_policy(request: HttpRequest, response: HttpResponseBase) -> bool:
    """The decorators of the library leave a mark on the answer, a nonce leaves one on the request."""
    return hasattr(request, "_csp_nonce") or any(name.startswith("_csp_") for name in vars(response))


class SessionUserMiddleware(AuthenticationMiddleware):
    """Without the cookie of a session nobody is signed in, and no session has to be opened to see that."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            request.user = AnonymousUser()
            request.session.accessed = True  # who is signed in was asked: `Vary` says so


class PageMessageMiddleware(MessageMiddleware):
    """Messages are shown on pages; programs are told everything in their answer."""

    def process_request(self, request: HttpRequest) -> None:
        if not is_api(request):
            super().process_request(request)
