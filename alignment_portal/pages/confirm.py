"""Confirming that it is you, on the way to a decision that carries your name."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from alignment_portal.accounts import factors, proof
from alignment_portal.accounts.models import User
from alignment_portal.http.detours import kept_request, resume
from alignment_portal.http.requests import signed_in
from alignment_portal.pages.proving import (
    credential_in,
    passkey_options,
    tried,
    try_code,
    wrong_passkey,
)
from alignment_portal.pages.single_sign_on import providers_of
from alignment_portal.pages.targets import onwards, target


@sensitive_post_parameters("password", "code", "credential")
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest) -> HttpResponseBase:
    me = signed_in(request)
    if request.method == "GET":
        return _page(request, me)
    carries_on = "carry_on" in request.POST and proof.is_fresh(request.session)
    sentence, status = ("", 200) if carries_on else _shown(request, me)
    if sentence:
        return _page(request, me, sentence=sentence, status=status)
    proof.prove(request.session)
    kept = kept_request(request)
    return onwards(request) if kept is None else resume(request, kept)


def _shown(request: HttpRequest, me: User) -> tuple[str, int]:
    """What is wrong with the proof that was sent, in a sentence; empty when it is right."""
    if "credential" in request.POST:
        given = credential_in(request)
        opened = factors.passkey_opens(credential=given, person=me) is not None
        return ("", 200) if opened else (wrong_passkey(), 422)
    if "code" in request.POST:
        return try_code(request, me)
    given_password = request.POST.get("password", "")
    wrong = _("This is not your password.")
    return tried(request, me.email, lambda: me.check_password(given_password), wrong)


def _page(request: HttpRequest, me: User, *, sentence: str = "", status: int = 200) -> HttpResponse:
    held = factors.factors_of(me)
    context = {
        "next": target(request),
        "has_password": me.has_usable_password(),
        "has_code": held.app is not None or held.codes_left > 0,
        "options": passkey_options(me) if held.passkeys else "",
        "keeps": kept_request(request) is not None,
        "is_proven": proof.is_fresh(request.session),
        "providers": providers_of(request),
        "faults": [{"sentence": sentence}] if sentence else [],
    }
    return render(request, "registration/confirm.html", context, status=status)
