"""Settings: people and roles for administrators; one's own profile and tokens for everybody."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.db.models import Q
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from alignment_portal.accounts import services, tokens
from alignment_portal.accounts.models import ApiToken, RoleGrant, User
from alignment_portal.accounts.permissions import Action, may, require
from alignment_portal.accounts.sessions import SIGN_IN, note_seen
from alignment_portal.http.forms import add_refusal
from alignment_portal.http.requests import actor_of, address_of
from alignment_portal.http.settings_tabs import settings_tabs
from alignment_portal.pages import forms
from alignment_portal.pages.proving import tried
from alignment_portal.refusals import Refusal


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    return redirect("settings-people" if may(actor_of(request), Action.PEOPLE_MANAGE) else "settings-profile")


def _page(request: HttpRequest, template: str, status: int = 200, **context: object) -> HttpResponse:
    return render(
        request, f"pages/settings/{template}.html", {"tabs": settings_tabs(request), **context}, status=status
    )


# --- people ------------------------------------------------------------------------------------------------


@require_GET
def people(request: HttpRequest) -> HttpResponse:
    require(actor_of(request), Action.PEOPLE_MANAGE)
    sought = request.GET.get("q", "").strip()
    rows = User.objects.with_roles().order_by("-is_active", "name")
    if sought:
        rows = rows.filter(Q(name__icontains=sought) | Q(email__icontains=sought))
    return _page(request, "people", people=rows, sought=sought)


@require_http_methods(["GET", "POST"])
def open_person(request: HttpRequest) -> HttpResponse:
    by = actor_of(request)
    require(by, Action.PEOPLE_MANAGE)
    form = forms.NewPersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = services.open_person(by=by, **form.cleaned_data)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The account of %(name)s is open.") % {"name": person.name})
            return redirect("settings-person", person.pk)
    return _page(request, "open_person", status=_status(form), form=form)


@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, person_id: UUID) -> HttpResponse:
    by = actor_of(request)
    require(by, Action.PEOPLE_MANAGE)
    someone = _person(person_id)
    form = forms.ChangedPersonForm(request.POST or None, initial=_values(someone))
    if request.method == "POST" and form.is_valid():
        try:
            services.change_person(by=by, person=someone, **form.cleaned_data)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("settings-person", someone.pk)
    return _person_page(request, someone, form=form, status=_status(form))


def _values(someone: User) -> dict[str, object]:
    return {
        name: getattr(someone, name)
        for name in ("name", "email", "title", "function", "time_zone", "version")
    }


def _status(form: BaseForm) -> int:
    return 422 if form.errors else 200


def _person(person_id: UUID) -> User:
    return get_object_or_404(User, pk=person_id)


def _person_page(request: HttpRequest, someone: User, status: int = 200, **given: object) -> HttpResponse:
    context = {
        "person": someone,
        "form": forms.ChangedPersonForm(initial=_values(someone)),
        "role_form": forms.RoleForm(prefix="role"),
        "deactivation_form": forms.DeactivationForm(prefix="end"),
        "grants": someone.current_grants(),
        "former": someone.grants.filter(revoked_at__isnull=False).select_related("granted_by"),
        **given,
    }
    return _page(request, "person", status=status, **context)


@require_POST
def grant_role(request: HttpRequest, person_id: UUID) -> HttpResponse:
    someone = _managed(request, person_id)
    form = forms.RoleForm(request.POST, prefix="role")
    if form.is_valid():
        try:
            services.grant_role(by=actor_of(request), person=someone, **form.cleaned_data)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("settings-person", someone.pk)
    return _person_page(request, someone, role_form=form, status=422)


def _managed(request: HttpRequest, person_id: UUID) -> User:
    require(actor_of(request), Action.PEOPLE_MANAGE)
    return _person(person_id)


@require_POST
def revoke_role(request: HttpRequest, person_id: UUID, grant_id: int) -> HttpResponse:
    someone = _managed(request, person_id)
    grant = get_object_or_404(RoleGrant, pk=grant_id, user=someone)
    services.revoke_role(by=actor_of(request), grant=grant)
    messages.success(request, _("The role was taken away."))
    return redirect("settings-person", someone.pk)


@require_POST
def deactivate(request: HttpRequest, person_id: UUID) -> HttpResponse:
    someone = _managed(request, person_id)
    form = forms.DeactivationForm(request.POST, prefix="end")
    if form.is_valid():
        try:
            services.deactivate_person(by=actor_of(request), person=someone, **form.cleaned_data)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The account is deactivated and its tokens are revoked."))
            return redirect("settings-person", someone.pk)
    return _person_page(request, someone, deactivation_form=form, status=422)


@require_POST
def reactivate(request: HttpRequest, person_id: UUID) -> HttpResponse:
    someone = _managed(request, person_id)
    services.reactivate_person(by=actor_of(request), person=someone)
    messages.success(request, _("The account is open again. Its tokens stay revoked."))
    return redirect("settings-person", someone.pk)


# --- oneself -----------------------------------------------------------------------------------------------


def _self(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user


@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    me = _self(request)
    form = forms.ProfileForm(request.POST or None, initial={"time_zone": me.time_zone, "theme": me.theme})
    if request.method == "POST" and form.is_valid():
        services.change_profile(by=actor_of(request), person=me, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("settings-profile")
    return _page(
        request, "profile", status=_status(form), form=form, password_form=forms.PasswordForm(prefix="new")
    )


@require_POST
def password(request: HttpRequest) -> HttpResponse:
    me, status = _self(request), 422
    form = forms.PasswordForm(request.POST, prefix="new")
    if form.is_valid():
        given, wrong = form.cleaned_data["current"], _("This is not your password.")
        # Counted as at the door, or an open screen would be a place to guess at.
        sentence, status = tried(request, me.email, lambda: me.check_password(given), wrong)
        if sentence:
            form.add_error("current", sentence)
        else:
            try:
                changed = services.set_password(
                    by=actor_of(request),
                    person=me,
                    password=form.cleaned_data["password"],
                    keeping=request.session.get(SIGN_IN),
                )
            except Refusal as refusal:
                add_refusal(form, refusal)
            else:
                _carry_on(request, changed)
                messages.success(request, _("Your new password is set. Other sessions are signed out."))
                return redirect("settings-profile")
    profile_form = forms.ProfileForm(initial={"time_zone": me.time_zone, "theme": me.theme})
    return _page(request, "profile", status=max(status, 422), form=profile_form, password_form=form)


def _carry_on(request: HttpRequest, me: User) -> None:
    """This session goes on under a new name, by which it can be ended from elsewhere at once."""
    update_session_auth_hash(request, me)
    note_seen(
        sign_in=request.session.get(SIGN_IN, 0),
        session_key=str(request.session.session_key),
        address=address_of(request),
    )


@require_http_methods(["GET", "POST"])
def own_tokens(request: HttpRequest) -> HttpResponse:
    me, issued = _self(request), None
    form = forms.TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            issued = tokens.issue_token(
                by=actor_of(request),
                user=me,
                name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"],
                expires_at=end_of(form.cleaned_data["expires_on"]),
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            form = forms.TokenForm()
    answer = _page(request, "tokens", status=_status(form), form=form, issued=issued, tokens=me.tokens.all())
    if issued is not None:
        answer["Cache-Control"] = "no-store"
    return answer


def end_of(day: datetime | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), UTC) + timedelta(days=1)


@require_POST
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    token = get_object_or_404(ApiToken, pk=token_id, user=_self(request))
    tokens.revoke_token(by=actor_of(request), token=token)
    messages.success(request, _("The token is revoked: nothing can use it any more."))
    return redirect("settings-tokens")
