"""Signing in and out."""

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from alignment_portal.accounts.models import RoleGrant, User
from alignment_portal.accounts.services import note_visit
from alignment_portal.accounts.sign_in import forget_failures, is_paused, note_failure
from alignment_portal.http.requests import address_of
from alignment_portal.pages.forms import SignInForm


@login_not_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        if request.user.is_authenticated:
            return _onwards(request)
        return _form(request, SignInForm(request))
    email, address = request.POST.get("username", ""), address_of(request)
    # The same pause for accounts that exist and for those that do not: the answer gives nothing away.
    pause = _pause() if is_paused(email=email, address=address) else ""
    form = SignInForm(request, data=request.POST, pause=pause)
    if not form.is_valid():
        if not pause:
            note_failure(email=email, address=address)
        return _form(request, form, status=429 if pause else 422)
    person = form.get_user()
    login(request, person)
    forget_failures(email=email)
    if isinstance(person, User):
        note_visit(person=person)
    return _onwards(request)


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign-in")


def _pause() -> str:
    minutes = int(settings.SIGN_IN_PAUSE.total_seconds() // 60)
    return _("There were too many attempts. Wait %(minutes)s minutes, then try again.") % {"minutes": minutes}


def _wanted(request: HttpRequest) -> str:
    return request.POST.get("next") or request.GET.get("next") or ""


def _onwards(request: HttpRequest) -> HttpResponseRedirect:
    """To the page asked for, when it is one of ours."""
    wanted = _wanted(request)
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(wanted if safe else "/")


def _form(request: HttpRequest, form: SignInForm, *, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "next": _wanted(request),
        "demo_people": _demo_people() if settings.DEMO else [],
        "demo_password": settings.DEMO_PASSWORD,
    }
    return render(request, "registration/login.html", context, status=status)


def _demo_people() -> list[dict[str, str]]:
    grants = RoleGrant.objects.filter(revoked_at__isnull=True, user__is_active=True).select_related("user")
    people: dict[str, list[str]] = {}
    for grant in grants.order_by("role", "user__email"):
        people.setdefault(grant.user.email, []).append(str(grant))
    return [{"email": email, "role": ", ".join(roles)} for email, roles in people.items()]
