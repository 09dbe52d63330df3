"""How long a session lasts, where it is used, and whether its person still owes a second factor."""

from collections.abc import Callable

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth import logout, user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from alignment_portal import clock
from alignment_portal.accounts import proof
from alignment_portal.accounts.factors import has_second_factor
from alignment_portal.accounts.models import User
from alignment_portal.accounts.sessions import (
    SEEN_AT,
    SEEN_EVERY,
    SIGN_IN,
    STARTED_AT,
    moment_in,
    note_seen,
    note_sign_in,
)
from alignment_portal.http.problems import refusal_response
from alignment_portal.http.requests import actor_of, address_of, is_api
from alignment_portal.refusals import Forbidden
from alignment_portal.writing import by_the_way

GetResponse = Callable[[HttpRequest], HttpResponse]
FACTOR_ELSEWHERE = "factor_elsewhere"


@receiver(user_logged_in, dispatch_uid="sessions of people")
def on_signed_in(*, request: HttpRequest, user: User, **_: object) -> None:
    session = request.session
    if session.session_key is None:
        session.save()
    now = clock.wall().isoformat()
    session[STARTED_AT], session[SEEN_AT] = now, now
    ways = {record["method"] for record in get_authentication_records(request, user)}
    if "socialaccount" in ways:
        # How many factors the organisation's own sign-in asks for is its business.
        session[FACTOR_ELSEWHERE] = True
    proof.prove(session)
    session[SIGN_IN] = note_sign_in(
        person=user,
        session_key=str(session.session_key),
        agent=request.META.get("HTTP_USER_AGENT", ""),
        address=address_of(request),
    ).pk


class SessionLimitMiddleware:
    """Ends a session that was not used for long, or has lasted long enough, and notes once a minute that it lives."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            if _has_ended(request):
                logout(request)
            else:
                _note_seen(request)
        return self.get_response(request)


def _has_ended(request: HttpRequest) -> bool:
    now = clock.wall()
    started, seen = (moment_in(request.session, name) for name in (STARTED_AT, SEEN_AT))
    if started is None or seen is None:
        return True  # from before sessions were noted, or made by hand
    if seen - now > settings.SESSION_IDLE:
        return True  # noted before the clock was set back: it would outlast both limits by as much
    return now - seen > settings.SESSION_IDLE or (now - started).total_seconds() > settings.SESSION_COOKIE_AGE


def _note_seen(request: HttpRequest) -> None:
    now, seen = clock.wall(), moment_in(request.session, SEEN_AT)
    if seen is not None and now - seen < SEEN_EVERY:
        return
    with by_the_way():
        note_seen(
            sign_in=request.session.get(SIGN_IN, 0),
            session_key=str(request.session.session_key),
            address=address_of(request),
        )
        request.session[SEEN_AT] = now.isoformat()


class SecondFactorMiddleware:
    """Holders of the roles in SECOND_FACTOR_ROLES set a second factor up before they do anything else."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated or _is_open(request) or not owes_second_factor(request):
            return self.get_response(request)
        if is_api(request):
            sentence = "Your role needs a second factor. Set one up under Settings, Sign-in."
            return refusal_response(request, Forbidden(sentence, code="second_factor_required"))
        return redirect("settings-sign-in")


def owes_second_factor(request: HttpRequest) -> bool:
    """Whether a role of the reader asks for a second factor they do not have; it may have been removed since."""
    if not settings.SECOND_FACTOR_ROLES or request.session.get(FACTOR_ELSEWHERE):
        return False
    if not actor_of(request).roles & set(settings.SECOND_FACTOR_ROLES):
        return False
    return not (isinstance(request.user, User) and has_second_factor(request.user))


def _is_open(request: HttpRequest) -> bool:
    """What can be reached without: setting the factor up, confirming, and signing out."""
    doors = (reverse("settings-sign-in"), reverse("confirm"), reverse("sign-out"))
    return request.path.startswith(doors)
