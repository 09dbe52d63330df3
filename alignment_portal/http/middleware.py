"""Before and after every request: its id, who acts, their time zone, refusals and headers."""

import contextlib
import logging
import re
import time
import uuid
import zoneinfo
from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware
from django.urls import reverse
from django.utils import timezone

from alignment_portal.accounts import proof
from alignment_portal.accounts.actors import Actor
from alignment_portal.accounts.models import User
from alignment_portal.http.detours import detour
from alignment_portal.http.parsing import CONTROLS
from alignment_portal.http.problems import refusal_behind, refusal_response
from alignment_portal.http.requests import TOLD_PATH, is_api, told_path
from alignment_portal.logs import request_id
from alignment_portal.refusals import LengthRequired, NotFound, ProofRequired, TooLarge

GetResponse = Callable[[HttpRequest], HttpResponse]
_LINE_OF_A_SLIDE = re.compile("[\x0b\x0c]")
_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
logger = logging.getLogger("alignment_portal.requests")

PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()"


class SameRequestElsewhere(HttpResponsePermanentRedirect):
    """Sends a client on with its method and body, which a 301 lets it drop."""

    status_code = 308


class SlashMiddleware(CommonMiddleware):
    """Adds a missing slash; a POST that is sent on stays a POST, and does not come back as a list that was read."""

    response_redirect_class = SameRequestElsewhere


class RequestIdMiddleware:
    """Gives every request an id, or keeps the caller's, so that one story can be followed through the logs."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        began = time.perf_counter()
        name = given if _SAFE_ID.fullmatch(given) else uuid.uuid4().hex
        request.request_id = name  # type: ignore[attr-defined]  # ours, read by logs.py
        token = request_id.set(name)
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id.get()
            path = request.META[TOLD_PATH] = told_path(request)  # gunicorn's own line reads it there
            if logger.isEnabledFor(logging.INFO):
                logger.info(
                    "%s %s %s",
                    request.method,
                    path,
                    response.status_code,
                    extra={"figures": _figures(request, response, time.perf_counter() - began)},
                )
            return response
        finally:
            request_id.reset(token)


def _figures(request: HttpRequest, response: HttpResponse, seconds: float) -> dict[str, object]:
    """What is counted of a request: its route, and who acted by their id, never by a name."""
    match = request.resolver_match
    user = vars(request).get("user")  # a program's; looking at a page's would ask the database
    actor = vars(request).get("actor")
    acting = user.pk if type(user) is User else getattr(actor, "user_id", None)
    return {
        "method": request.method,
        "route": match.view_name if match else None,
        "status": response.status_code,
        "milliseconds": round(seconds * 1000, 1),
        "actor_id": str(acting) if acting else None,
    }


class HeadersMiddleware:
    """Headers that hold for every answer; what is said in confidence is not kept by caches in between."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "private, no-cache")
        for name, value in getattr(request, "rate", {}).items():
            response.headers[name] = value
        return response


class HeadMiddleware:
    """Answers HEAD as GET without what it holds (RFC 9110, section 9.3.2), so that no view has to."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "HEAD":
            return self.get_response(request)
        request.method = "GET"
        response = _without_content(self.get_response(request))
        request.method = "HEAD"  # as the log tells it
        return response


def _without_content(response: HttpResponse) -> HttpResponse:
    if response.streaming:
        empty = HttpResponse(status=response.status_code, headers=dict(response.headers))
        response.close()
        return empty
    response.headers.setdefault("Content-Length", str(len(response.content)))
    response.content = b""
    return response


class BodyLimitMiddleware:
    """Refuses what is too large from its announced length, before a byte of it is kept."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.headers.get("Content-Length", "")
        limit: int = settings.UPLOAD_MAX_REQUEST_BYTES
        if length.isdigit() and int(length) > limit:
            sentence = f"This is larger than the {limit // 2**20} MB one request may hold. Send fewer or smaller files."
            return refusal_response(request, TooLarge(sentence))
        if "Transfer-Encoding" in request.headers and not length:
            # The framework would take such a body for an empty one.
            return refusal_response(request, LengthRequired("Send the body whole, with its Content-Length."))
        return self.get_response(request)


class AddressMiddleware:
    """An address with a NUL in it names nothing; PostgreSQL could not even be asked."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info:
            return refusal_response(request, NotFound("There is nothing at this address."))
        return self.get_response(request)


class PlainTextMiddleware:
    """Takes control characters out of what is typed or pasted into a form; slides paste line ends as one of them.

    No page, workbook, calendar or PDF can show one, and a program that read it could not send it back.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: object, _args: object, _kwargs: object) -> None:
        """After the token against forged forms was looked for, which reads the form and answers a broken one."""
        if request.method != "POST" or is_api(request):
            return
        fields = request.POST.lists()
        plain = {name: [_plain(value) for value in values] for name, values in fields if not _is_secret(name)}
        if any(values != request.POST.getlist(name) for name, values in plain.items()):
            form = request.POST.copy()
            for name, values in plain.items():
                form.setlist(name, values)
            request.POST = form  # type: ignore[assignment]  # the stubs know no setter


def _plain(text: str) -> str:
    return CONTROLS.sub("", _LINE_OF_A_SLIDE.sub("\n", text))


def _is_secret(name: str) -> bool:
    """A password is what was typed."""
    return "password" in name


class ActorMiddleware:
    """Sets `request.actor` for whoever is signed in, and their time zone while the request lasts."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if getattr(request.user, "is_service", False):
            request.user = AnonymousUser()  # a program works by tokens alone
        user = request.user
        request.actor = (  # type: ignore[attr-defined]  # ours
            Actor.of(user, is_proven=proof.is_fresh(request.session)) if isinstance(user, User) else None
        )
        with _zone_of(user):
            return self.get_response(request)


def _zone_of(user: object) -> contextlib.AbstractContextManager[None]:
    if isinstance(user, User):
        with contextlib.suppress(zoneinfo.ZoneInfoNotFoundError):
            return timezone.override(zoneinfo.ZoneInfo(user.time_zone))
    return contextlib.nullcontext()


class RefusalMiddleware:
    """A refusal raised by a page becomes a page; the API has its own handler."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, ProofRequired) and not is_api(request):
            return detour(request)
        refusal = refusal_behind(exception)
        return None if refusal is None else refusal_response(request, refusal)


class SignInMiddleware(LoginRequiredMiddleware):
    """Every page needs a sign-in unless it says otherwise; the address asked for is kept in `next`."""

    def handle_no_permission(  # type: ignore[override]  # the stubs know the redirect only
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        if is_api(request):
            return HttpResponse(status=401)
        if not getattr(request, "htmx", False):
            return super().handle_no_permission(request, view_func)
        # A part of a page cannot be swapped for the sign-in page: the whole page goes there, and comes back.
        here = request.htmx.current_url_abs_path or "/"  # type: ignore[attr-defined]  # set by django-htmx
        address = f"{reverse('sign-in')}?{urlencode({'next': here})}"
        return HttpResponse(status=401, headers={"HX-Redirect": address})
