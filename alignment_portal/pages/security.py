"""How one signs in: the second factors one has, and the browsers one is signed in with."""

import json
from typing import Any
from uuid import UUID

import segno
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from alignment_portal.accounts import ending, factors
from alignment_portal.accounts.models import User
from alignment_portal.accounts.permissions import Action, require, require_proof
from alignment_portal.accounts.sessions import SIGN_IN, living_sessions
from alignment_portal.accounts.sign_in import attempt_succeeded, begin_attempt
from alignment_portal.http.forms import add_refusal
from alignment_portal.http.requests import actor_of, address_of, signed_in
from alignment_portal.http.sessions import owes_second_factor
from alignment_portal.http.settings_tabs import settings_tabs
from alignment_portal.pages.forms import CodeForm, PasskeyForm
from alignment_portal.pages.proving import credential_in, pause_words
from alignment_portal.refusals import Refusal

APP_SECRET = "app_secret"  # noqa: S105 — where the session keeps it until the app has shown a right code


def _page(request: HttpRequest, template: str, status: int = 200, **context: Any) -> HttpResponse:
    given = {"tabs": settings_tabs(request), **context}
    return render(request, f"pages/settings/{template}.html", given, status=status)


@require_GET
def sign_in(request: HttpRequest) -> HttpResponse:
    me = signed_in(request)
    return _page(
        request,
        "sign_in",
        held=factors.factors_of(me),
        owes=owes_second_factor(request),
        sessions=living_sessions(me),
        here=request.session.get(SIGN_IN),
    )


def _codes(request: HttpRequest, codes: list[str], sentence: str) -> HttpResponse:
    """The codes on a page of their own, shown this once; without any, back to where one came from."""
    messages.success(request, sentence)
    if not codes:
        return redirect("settings-sign-in")
    response = _page(request, "recovery_codes", codes=codes)
    response["Cache-Control"] = "no-store"
    return response


@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def app(request: HttpRequest) -> HttpResponse:
    """Set an authenticator app up: a picture to photograph, and a first code to show that it worked."""
    me, by = signed_in(request), actor_of(request)
    require_proof(by)
    secret = request.session.setdefault(APP_SECRET, factors.new_app_secret())
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        attempt = begin_attempt(account=f"app:{me.pk}", address=address_of(request))
        if attempt is None:
            form.add_error("code", pause_words())
        else:
            try:
                codes = factors.add_app(by=by, person=me, secret=secret, code=form.cleaned_data["code"])
            except Refusal as refusal:
                add_refusal(form, refusal)
            else:
                attempt_succeeded(attempt)
                del request.session[APP_SECRET]
                return _codes(request, codes, _("Your authenticator app is set up."))
    picture = segno.make(factors.app_address(me, secret), error="m").svg_data_uri(scale=5, border=2)
    return _page(
        request,
        "app",
        status=422 if form.errors else 200,
        form=form,
        secret=_grouped(secret),
        picture=picture,
    )


def _grouped(secret: str) -> str:
    return " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))


@sensitive_post_parameters("credential")
@require_http_methods(["GET", "POST"])
def passkeys(request: HttpRequest) -> HttpResponse:
    """Make a passkey with this device or a key, and give it a name."""
    me, by = signed_in(request), actor_of(request)
    require_proof(by)
    form = PasskeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            codes = factors.add_passkey(
                by=by, person=me, name=form.cleaned_data["name"], credential=credential_in(request)
            )
        except Refusal as refusal:
            form.add_error(None, getattr(refusal, "faults", (refusal,))[0].sentence)
        else:
            return _codes(request, codes, _("The passkey is ready."))
    options = json.dumps(factors.begin_new_passkey(me))
    return _page(request, "passkey", status=422 if form.errors else 200, form=form, options=options)


@require_POST
def codes(request: HttpRequest) -> HttpResponse:
    made = factors.renew_codes(by=actor_of(request), person=signed_in(request))
    return _codes(request, made, _("The codes you had before open nothing any more."))


@require_POST
def remove(request: HttpRequest, factor_id: int) -> HttpResponse:
    factors.remove_factor(by=actor_of(request), person=signed_in(request), factor=factor_id)
    messages.success(request, _("It is removed and opens nothing any more."))
    return redirect("settings-sign-in")


@require_POST
def end_one(request: HttpRequest, session_id: int) -> HttpResponse:
    row = signed_in(request).sign_ins.filter(pk=session_id).first()
    if row is None:
        raise Http404
    ending.end_session(by=actor_of(request), sign_in=row)
    messages.success(request, _("That browser is signed out."))
    return redirect("settings-sign-in")


@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    ending.end_sessions(by=actor_of(request), person=signed_in(request), keeping=request.session.get(SIGN_IN))
    messages.success(request, _("Every other browser is signed out."))
    return redirect("settings-sign-in")


@require_POST
def reset_person(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """For somebody who lost their device: no second factor any more, and signed out everywhere."""
    by = actor_of(request)
    require(by, Action.PEOPLE_MANAGE)
    person = get_object_or_404(User, pk=person_id)
    factors.reset_factors(by=by, person=person)
    ending.end_sessions(by=by, person=person)
    messages.success(request, _("Their second factors are removed, and they are signed out everywhere."))
    return redirect("settings-person", person.pk)
