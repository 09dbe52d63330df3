"""Signing in and out: a password and, where one is set up, a second step; or a passkey alone."""

from http import HTTPStatus

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.account.stages import LoginStageController
from allauth.mfa.stages import AuthenticateStage
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from alignment_portal.accounts import factors
from alignment_portal.accounts.models import RoleGrant, SignIn, User
from alignment_portal.accounts.services import note_visit
from alignment_portal.accounts.sessions import SIGN_IN, end_session
from alignment_portal.accounts.sign_in import attempt_succeeded, begin_attempt
from alignment_portal.http.requests import address_of
from alignment_portal.pages.forms import SignInForm
from alignment_portal.pages.proving import (
    credential_in,
    passkey_options,
    pause_words,
    try_code,
    wrong_passkey,
)
from alignment_portal.pages.single_sign_on import providers_of
from alignment_portal.pages.targets import onwards, target, wanted


@login_not_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        if request.user.is_authenticated:
            return onwards(request)
        return _form(request, SignInForm(request))
    email, address = request.POST.get("username", ""), address_of(request)
    # The same pause for accounts that exist and for those that do not: the answer gives nothing away.
    attempt = begin_attempt(account=email, address=address)
    form = SignInForm(request, data=request.POST, pause="" if attempt else pause_words())
    if attempt is None or not form.is_valid():
        return _form(request, form, status=422 if attempt else 429)
    attempt_succeeded(attempt)
    return _let_in(request, form.get_user(), "password")


def _let_in(request: HttpRequest, person: object, method: str, **how: object) -> HttpResponse:
    """Through the second step, where one is set up, to the page that was asked for."""
    assert isinstance(person, User)  # noqa: S101 — the only kind of account there is
    record_authentication(request, person, method, **how)
    response: HttpResponse = perform_login(request, Login(user=person, redirect_url=target(request)))
    if request.user.is_authenticated:
        note_visit(person=person)
    return response


@login_not_required
@sensitive_post_parameters("code", "credential")
@require_http_methods(["GET", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """The code of an app, a recovery code or a passkey, after the password."""
    stage = LoginStageController.enter(request, AuthenticateStage.key)
    if stage is None:
        return redirect("sign-in")
    person = stage.login.user
    if request.method == "GET":
        return _step(request, person)
    sentence, status = _second_factor(request, person)
    if sentence:
        return _step(request, person, sentence=sentence, status=status)
    record_authentication(request, person, "mfa")
    response: HttpResponse = stage.exit()
    if request.user.is_authenticated:
        note_visit(person=person)
    return response


def _second_factor(request: HttpRequest, person: User) -> tuple[str, int]:
    if "credential" not in request.POST:
        return try_code(request, person)
    row = factors.passkey_opens(credential=credential_in(request), person=person)
    return (wrong_passkey(), 422) if row is None else ("", 200)


def _step(request: HttpRequest, person: User, *, sentence: str = "", status: int = 200) -> HttpResponse:
    held = factors.factors_of(person)
    context = {
        "has_code": held.app is not None or held.codes_left > 0,
        "options": passkey_options(person) if held.passkeys else "",
        "faults": [{"sentence": sentence}] if sentence else [],
    }
    return _paused(render(request, "registration/second_step.html", context, status=status))


def _paused(response: HttpResponse) -> HttpResponse:
    """The page; where somebody has to wait, with the wait that its words name."""
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        response["Retry-After"] = str(int(settings.SIGN_IN_PAUSE.total_seconds()))
    return response


@login_not_required
@sensitive_post_parameters("credential")
@require_http_methods(["GET", "POST"])
def passkey(request: HttpRequest) -> HttpResponse:
    """Signing in with a passkey alone: GET says what to sign, POST brings it signed."""
    if request.method == "GET":
        return JsonResponse(factors.begin_passkey(None))
    # Nobody is named before the passkey has opened, so only the address can be counted.
    attempt = begin_attempt(account=f"passkey:{address_of(request)}", address=address_of(request))
    row = factors.passkey_opens(credential=credential_in(request)) if attempt else None
    if attempt is None or row is None or not row.user.is_active:
        form = SignInForm(request)
        sentence = wrong_passkey() if attempt else pause_words()
        return _form(request, form, status=422 if attempt else 429, sentence=sentence)
    attempt_succeeded(attempt)
    return _let_in(request, row.user, "mfa", type="webauthn", passwordless=True)


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    row = SignIn.objects.filter(pk=request.session.get(SIGN_IN) or 0).first()
    logout(request)
    if row is not None:
        end_session(row)
    return redirect("sign-in")


def _form(request: HttpRequest, form: SignInForm, *, status: int = 200, sentence: str = "") -> HttpResponse:
    context = {
        "form": form,
        "next": wanted(request),
        "faults": [{"sentence": sentence}] if sentence else [],
        "providers": providers_of(request),
        "demo_people": _demo_people() if settings.DEMO else [],
        "demo_password": settings.DEMO_PASSWORD,
    }
    return _paused(render(request, "registration/login.html", context, status=status))


def _demo_people() -> list[dict[str, str]]:
    grants = RoleGrant.objects.filter(revoked_at__isnull=True, user__is_active=True).select_related("user")
    people: dict[str, list[str]] = {}
    for grant in grants.order_by("role", "user__email"):
        people.setdefault(grant.user.email, []).append(str(grant))
    return [{"email": email, "role": ", ".join(roles)} for email, roles in people.items()]
